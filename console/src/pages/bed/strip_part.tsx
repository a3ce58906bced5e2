// A strip for paper: ten seconds at 25 mm/s and 10 mm/mV in millimetres that are millimetres, with what must stand beside it.
import { Button, Segmented } from "antd";
import { useMemo } from "react";
import { Link, useSearchParams } from "react-router-dom";
import { query } from "../../api/client";
import { use_codes } from "../../api/codes";
import { use_words } from "../../i18n/language";
import { use_link, use_sector } from "../../live/ward_feed";
import { error_text } from "../../shell/use_doing";
import { is_ecg, use_wave } from "../../strip/strip_view";
import { mm_per_mv, paper_of, path_of } from "../../strip/wave";
import { use_zone } from "../../time/use_zone";
import { date_text, offset_text, second_text } from "../../time/zone";
import { name_shown, type Names } from "../../ward/mask";
import { use_view } from "../../ward/view_settings";
import { use_bound } from "./bed_data";

const strip_ms = 10_000;
const mm_per_s = 25;
const paper_mm = { width: (strip_ms / 1000) * mm_per_s, height: 50 };
const squares = (each: number) => {
  const upright = Array.from({ length: Math.floor(paper_mm.width / each) + 1 }, (_, i) => `M${i * each} 0V${paper_mm.height}`);
  const level = Array.from({ length: Math.floor(paper_mm.height / each) + 1 }, (_, i) => `M0 ${i * each}H${paper_mm.width}`);
  return [...upright, ...level].join("");
};
const fine = squares(1);
const coarse = squares(5);

export function StripPart({ device }: { device: string }) {
  const { t } = use_words();
  const codes = use_codes();
  const zone = use_zone();
  const { view } = use_view();
  const link = use_link();
  const [search, set_search] = useSearchParams();
  const sector = use_sector(device)?.sector;
  const at = Date.parse(search.get("at") ?? "");
  const lead = search.get("lead") ?? `${device} ecg_ii`;
  const channel = useMemo(() => ({ device: lead.slice(0, lead.lastIndexOf(" ")), code: lead.slice(lead.lastIndexOf(" ") + 1) }), [lead]);
  // As the screen shows it, unless somebody chose otherwise here.
  const names: Names = search.get("name") === "full" ? "full" : search.get("name") === "masked" ? "masked" : view.names;
  const { wave, error } = use_wave(channel, at, strip_ms);
  const ecg = is_ecg(channel.code);
  const paper = useMemo(() => wave && paper_of(wave, ecg, mm_per_s, paper_mm.height), [wave, ecg]);
  const bound = use_bound(device, sector?.patient ?? null, (label) => label);
  const is_other = bound.others.some((one) => one.from < at + strip_ms && one.to > at);
  const name = is_other ? t.strip_other_patient : name_shown(sector?.patient?.label || sector?.patient?.id || "", names) || t.no_patient;
  if (Number.isNaN(at)) return <div className="sight" data-sight="empty">{t.no_strip}</div>;
  const back = `/bed/${encodeURIComponent(device)}/waves${query({ at: new Date(at).toISOString(), lead })}`;
  const middle = paper_mm.height / 2;
  return (
    <div className="strip-page">
      <div className="time-bar not-printed">
        <Link to={back}>{t.disclosure}</Link>
        <label className="quiet">{t.names}</label>
        <Segmented<Names>
          value={names} options={[{ value: "masked", label: t.names_masked }, { value: "full", label: t.names_full }]}
          onChange={(next) => set_search((old) => ({ ...Object.fromEntries(old), name: next }), { replace: true })}
        />
        <Button type="primary" onClick={() => window.print()} disabled={!wave}>{t.print}</Button>
        <span className="quiet">{t.print_hint}</span>
      </div>
      {error && <p role="alert">{t.failed}: {error_text(error, t)}</p>}
      <article className="sheet" data-ready={wave ? "yes" : "no"}>
        <header>
          <b className="sheet-bed">{sector?.bed ?? device}</b>
          <span>{name}{sector?.ward && !is_other && ` · ${sector.ward}`}</span>
          <span>{t.device}: {channel.device}</span>
          {(sector?.simulated || link.simulated) && <b className="sheet-simulated">{t.simulated_data}</b>}
        </header>
        <p><b>{date_text(at, zone)} {second_text(at, zone)} {offset_text(at, zone)}</b> ({zone}) · {t.strip_seconds(strip_ms / 1000)}</p>
        {wave && paper && (
          <svg viewBox={`0 0 ${paper_mm.width} ${paper_mm.height}`} style={{ width: `${paper_mm.width}mm`, height: `${paper_mm.height}mm` }} role="img" aria-label={codes.name(channel.code)}>
            <path d={fine} className="grid-fine" />
            <path d={coarse} className="grid-coarse" />
            {ecg && <path d={`M1 ${middle - mm_per_mv / 2}h2m-1 0v${mm_per_mv}m-1 0h2`} className="paper-wave" />}
            <path d={path_of(wave, at, paper)} className="paper-wave" />
          </svg>
        )}
        {wave?.times.length === 0 && <p>{t.no_signal}</p>}
        <p>
          <b>{codes.name(channel.code)}</b> · 25 mm/s · {ecg ? "10 mm/mV" : t.gain_fitted} · {t.filters_none}
          {wave && wave.period_ms > 0 && ` · ${Math.round(1000 / wave.period_ms)} Hz`}
        </p>
        <footer>{t.purpose}</footer>
      </article>
    </div>
  );
}
