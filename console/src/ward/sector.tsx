// One bed: who, what is wrong, waves, numbers. Redrawn only for its own device and once a second for the ages.
import { memo } from "react";
import { use_codes } from "../api/codes";
import type { News2 } from "../api/types";
import { use_words } from "../i18n/language";
import { use_link, use_now, use_sector } from "../live/ward_feed";
import type { Reading } from "../live/store";
import { PriorityMark, use_alarm_text } from "./alarm_text";
import { BigNumber } from "./number";
import { WaveCanvas } from "./wave_canvas";

const news2_gone_ms = 30 * 60_000;

export function NewsScore({ news2, now }: { news2: News2 | null; now: number }) {
  const { t, age } = use_words();
  const codes = use_codes();
  const gone = news2 === null || now - news2.t > news2_gone_ms;
  const hint = news2 && news2.missing.length > 0 ? t.missing_inputs(news2.missing.map(codes.name).join(", ")) : undefined;
  return (
    <span className="news2" title={hint} data-code="news2">
      NEWS2 <b>{gone ? "---" : `${news2.at_least ? "≥" : ""}${news2.score}`}</b>
      {!gone && <small> · {age(Math.max(0, now - news2.t))}</small>}
    </span>
  );
}

// The first of several sources of a vital that has a reading; the first of all when none has.
export function source(readings: ReadonlyMap<string, Reading>, codes: readonly [string, ...string[]]): string {
  return codes.find((code) => readings.has(code)) ?? codes[0];
}

// ECG first, pleth second; a sector has room for two.
export function shown_waves(waves: readonly string[]): string[] {
  const weight = (code: string) => (code === "ecg_ii" ? 0 : code.startsWith("ecg") ? 1 : code === "pleth" ? 2 : 3);
  const sorted = [...waves].sort((a, b) => weight(a) - weight(b));
  const ecg = sorted.find((code) => code.startsWith("ecg"));
  const rest = sorted.filter((code) => !code.startsWith("ecg"));
  return [...(ecg ? [ecg] : []), ...rest].slice(0, 2);
}

interface Props {
  device: string;
  chosen: boolean;
  dense: boolean; // many sectors: one wave each
  on_choose: (device: string) => void;
  on_open: (device: string) => void;
}

export const SectorView = memo(function SectorView({ device, chosen, dense, on_choose, on_open }: Props) {
  const state = use_sector(device);
  const now = use_now();
  const silent = use_link().state !== "live";
  const { t } = use_words();
  const codes = use_codes();
  const alarm_text = use_alarm_text();
  if (!state) return null;
  const { sector, readings, alarms } = state;
  const top = alarms[0];
  const flash = top ? `alarm ${top.priority} ${top.acknowledged ? "answered" : "unanswered"}` : "";
  const common = { now, silent };
  const rate = source(readings, ["hr", "pulse"]);
  const breath = source(readings, ["rr", "rr_imp", "rr_co2"]);
  const temp = source(readings, ["temp", "temp_core", "temp_body", "temp_tymp", "temp_rect"]);
  const waves = shown_waves(sector.waves).slice(0, dense ? 1 : 2);
  return (
    <section
      className={`sector ${flash} ${chosen ? "chosen" : ""} ${silent ? "silent" : ""}`}
      data-device={device}
      data-bed={sector.bed ?? ""}
      aria-label={sector.bed ?? device}
      onClick={() => on_choose(device)}
      onDoubleClick={() => on_open(device)}
    >
      <header>
        <b className="bed">{sector.bed ?? device}</b>
        <span className="patient">{sector.patient?.label || t.no_patient}</span>
        {sector.simulated && <span className="simulated">{t.simulated}</span>}
        <NewsScore news2={sector.news2} now={now} />
      </header>
      <div className="alarm-line" data-alarm={top?.id ?? ""} data-acknowledged={top?.acknowledged ? "yes" : "no"}>
        {top ? (
          <>
            <PriorityMark priority={top.priority} quiet={top.acknowledged !== null} />
            <span className="alarm-words">{alarm_text(top)}</span>
            {top.provisional && <em>{t.provisional}</em>}
            {top.acknowledged && <em title={t.acknowledged_by(top.acknowledged.by)}>✓ {t.acknowledged}</em>}
            {alarms.length > 1 && <em>+{alarms.length - 1}</em>}
          </>
        ) : (
          !sector.connected && <span className="disconnected">⚠ {t.disconnected}</span>
        )}
      </div>
      <div className="sector-body">
        <div className="waves">
          {waves.map((code) => (
            <WaveCanvas key={code} device={device} code={code} label={codes.name(code)} />
          ))}
          {waves.length === 0 && <span className="no-wave">{t.no_signal}</span>}
        </div>
        <div className="numbers">
          <BigNumber label={rate === "pulse" ? "PR" : "HR"} code={rate} reading={readings.get(rate)} size="huge" tone="hr" {...common} />
          <BigNumber label="SpO₂" code="spo2" reading={readings.get("spo2")} size="large" tone="spo2" {...common} />
        </div>
      </div>
      <footer>
        <BigNumber label="RR" code={breath} reading={readings.get(breath)} size="small" tone="plain" {...common} />
        <BigNumber
          label="NIBP" code="nibp_sys" reading={readings.get("nibp_sys")} size="small" tone="plain"
          second={{ code: "nibp_dia", reading: readings.get("nibp_dia") }} {...common}
        />
        <BigNumber label="T" code={temp} reading={readings.get(temp)} size="small" tone="plain" {...common} />
      </footer>
    </section>
  );
});
