// One bed: who, what is wrong, waves, numbers. Redrawn only for its own device and once a second for the ages.
import { memo, type MouseEvent } from "react";
import { Link } from "react-router-dom";
import { use_codes } from "../api/codes";
import type { News2, Sector } from "../api/types";
import { use_words } from "../i18n/language";
import { use_link, use_now, use_sector } from "../live/ward_feed";
import type { Reading } from "../live/store";
import { PriorityMark, use_alarm_text } from "./alarm_text";
import { LimitsOff } from "./limits_off";
import { name_shown } from "./mask";
import { BigNumber } from "./number";
import { is_breath } from "./painter";
import { in_force, PauseMark } from "./pauses";
import { use_view } from "./view_settings";
import { WaveCanvas } from "./wave_canvas";

const news2_gone_ms = 30 * 60_000;

export function NewsScore({ news2, now, brief }: { news2: News2 | null; now: number; brief?: boolean }) {
  const { t, age } = use_words();
  const codes = use_codes();
  const gone = news2 === null || now - news2.t > news2_gone_ms;
  const hint = news2 && news2.missing.length > 0 ? t.missing_inputs(news2.missing.map(codes.name).join(", ")) : undefined;
  return (
    <span className="news2" title={hint} data-code="news2">
      NEWS2 <b>{gone ? "---" : `${news2.at_least ? "≥" : ""}${news2.score}`}</b>
      {!gone && !brief && <small> · {age(Math.max(0, now - news2.t))}</small>}
    </span>
  );
}

// The first of several sources of a vital that has a reading; the first of all when none has.
export function source(readings: ReadonlyMap<string, Reading>, codes: readonly [string, ...string[]]): string {
  return codes.find((code) => readings.has(code)) ?? codes[0];
}

// ECG first, then pleth, pressures and respiration, as many as there is room for.
export function shown_waves(waves: readonly string[], room: number): string[] {
  const weight = (code: string) => (code === "ecg_ii" ? 0 : code.startsWith("ecg") ? 1 : code === "pleth" ? 2 : is_breath(code) ? 4 : 3);
  const sorted = [...waves].sort((a, b) => weight(a) - weight(b));
  const ecg = sorted.find((code) => code.startsWith("ecg"));
  const rest = sorted.filter((code) => !code.startsWith("ecg"));
  return [...(ecg ? [ecg] : []), ...rest].slice(0, room);
}

// Spreads the redrawing of ages over the second, the same for a device every time.
const phase_ms = (device: string) => [...device].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1000, 7);

function Who({ sector, brief }: { sector: Sector; brief: boolean }) {
  const { t } = use_words();
  const { view } = use_view();
  const name = name_shown(sector.patient?.label || sector.patient?.id || "", view.names);
  const age_class = t.age_class[sector.age_class];
  const pacing = t.pacing[sector.paced === null ? "unknown" : sector.paced ? "paced" : "not_paced"];
  return (
    <span className="patient" title={`${age_class} · ${pacing}`}>
      <b>{name || t.no_patient}</b>
      {!brief && <small className="kinds"><span>{age_class}</span><span>{pacing}</span></small>}
    </span>
  );
}

interface Props {
  device: string;
  chosen: boolean;
  kind: "large" | "small";
  waves_max: number;
  on_open: (device: string) => void;
}

// A click on the bed is a click on its sector, which opens it; with a modifier the link opens beside the ward.
const to_new_tab_only = (event: MouseEvent) => (event.ctrlKey || event.metaKey || event.shiftKey ? event.stopPropagation() : event.preventDefault());

export const SectorView = memo(function SectorView({ device, chosen, kind, waves_max, on_open }: Props) {
  const state = use_sector(device);
  const now = use_now(1_000, phase_ms(device));
  const silent = use_link().state !== "live";
  const { t } = use_words();
  const codes = use_codes();
  const alarm_text = use_alarm_text();
  if (!state) return null;
  const { sector, readings, alarms } = state;
  const top = alarms[0];
  const off = in_force(sector.pauses, now).some((one) => one.what === "alarm");
  const flash = top ? `alarm ${top.priority} ${top.acknowledged || off ? "answered" : "unanswered"}` : "";
  const brief = kind === "small";
  const common = { now, silent, brief };
  const rate = source(readings, ["hr", "hr_ecg", "pulse"]);
  const breath = source(readings, ["rr", "rr_imp", "rr_co2"]);
  const temp = source(readings, ["temp", "temp_core", "temp_body", "temp_tymp", "temp_rect"]);
  const waves = shown_waves(sector.waves, waves_max);
  // Small sectors give it the place of the name, large ones a place that is always there.
  const line = (
    <div className="alarm-line" data-alarm={top?.id ?? ""} data-provisional={top?.provisional ? "yes" : "no"} data-acknowledged={top?.acknowledged ? "yes" : "no"} data-state={top?.state ?? ""}>
      {top ? (
        <>
          <PriorityMark priority={top.priority} quiet={top.acknowledged !== null} />
          <span className="alarm-words" title={alarm_text(top)}>{alarm_text(top, brief)}</span>
          {top.state === "latched" && <em title={t.latched_hint}>{t.latched}</em>}
          {top.reminders > 0 && !top.acknowledged && <em title={t.heard_again(top.acknowledged_before?.by ?? "–")}>↻{!brief && ` ${top.reminders}`}</em>}
          {top.provisional && !brief && <em>{t.provisional}</em>}
          {top.acknowledged && <em title={t.acknowledged_by(top.acknowledged.by)}>✓{!brief && ` ${t.acknowledged}`}</em>}
          {alarms.length > 1 && <em>+{alarms.length - 1}</em>}
        </>
      ) : (
        !sector.connected && <span className="disconnected">⚠ {t.disconnected}</span>
      )}
    </div>
  );
  return (
    <section
      className={`sector ${kind} ${flash} ${chosen ? "chosen" : ""} ${silent ? "silent" : ""}`}
      data-device={device}
      data-bed={sector.bed ?? ""}
      aria-label={sector.bed ?? device}
      onClick={() => on_open(device)}
    >
      <header>
        <Link className="bed" tabIndex={-1} onClick={to_new_tab_only} to={`/bed/${encodeURIComponent(device)}`}>{sector.bed ?? device}</Link>
        {brief && (top || !sector.connected) ? line : <Who sector={sector} brief={brief} />}
        <PauseMark pauses={sector.pauses} now={now} />
        <LimitsOff off={sector.limits_off} />
        {sector.simulated && !brief && <span className="simulated" title={t.simulated}>{t.simulated_short}</span>}
        {!(brief && top) && <NewsScore news2={sector.news2} now={now} brief={brief} />}
      </header>
      {!brief && line}
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
