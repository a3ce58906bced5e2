// The trends of a bed: time controls, lanes or table, the alarms in sight, and what stands at the bed now.
import { Button, Segmented } from "antd";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useSearchParams } from "react-router-dom";
import { query } from "../../api/client";
import { use_codes } from "../../api/codes";
import type { Alarm, Page } from "../../api/types";
import { use_call } from "../../api/use_call";
import { use_words } from "../../i18n/language";
import { use_alarms, use_now, use_sector, use_store } from "../../live/ward_feed";
import { error_text } from "../../shell/use_doing";
import { around, follows, length, span_ms_max, span_ms_min, until_now, zoom_step, type Span } from "../../time/span";
import { moment_text } from "../../time/zone";
import { use_zone } from "../../time/use_zone";
import { TrendBoard, type Loading, type Options } from "../../trends/board";
import { key_action } from "../../trends/input";
import { lanes_of } from "../../trends/lanes";
import { Rail, use_marks } from "../../trends/rail";
import { TrendTable } from "../../trends/trend_table";
import { TrendView } from "../../trends/trend_view";
import { LimitsOff } from "../../ward/limits_off";
import { name_shown } from "../../ward/mask";
import { use_view } from "../../ward/view_settings";
import { alarms_within, AlarmsInView } from "./alarms_in_view";
import { use_bound, use_limits, use_stored } from "./bed_data";
import { BedPauses } from "./bed_pauses";
import { BedScores } from "./bed_scores";
import { BedAlarms, BedLimits } from "./bed_state";
import { is_typing } from "./is_typing";

const hour = 3_600_000;
const lengths = { second: 1_000, minute: 60_000, ten: 600_000, hour, six: 6 * hour, day: 24 * hour, week: 168 * hour, month: 30 * 24 * hour, year: 365 * 24 * hour };
type Length = keyof typeof lengths;
const jump_ms = 10 * 60_000; // shown around an alarm that is jumped to

// The time shown stands in the address, so that it can be sent, and going back brings it back.
function use_board(): { board: TrendBoard; span: Span; loading: Loading } {
  const [search, set_search] = useSearchParams();
  const store = use_store();
  const codes = use_codes();
  const zone = use_zone();
  const { clock } = use_words();
  const [loading, set_loading] = useState<Loading>("loading");
  const now = useCallback(() => Date.now() + store.link().server_minus_us_ms, [store]);
  const first = useRef<Span>();
  first.current ??= ((): Span => {
    const [from, to, last] = [Date.parse(search.get("from") ?? ""), Date.parse(search.get("to") ?? ""), Number(search.get("last"))];
    return from < to ? { from, to } : until_now(last >= span_ms_min && last <= span_ms_max ? last : hour, now());
  })();
  const [span, set_span] = useState(first.current);
  const address = useRef(set_search);
  address.current = set_search;
  const options = useMemo<Options>(
    () => ({
      zone,
      now,
      shown: codes.seen.number,
      text: (code, low, high, time, is_latest) => {
        const [a, b] = [codes.seen.text(code, low), codes.seen.text(code, high)];
        return `${a === b ? a : `${a}–${b}`} ${codes.seen.unit(code)}${is_latest ? ` · ${clock(time)}` : ""}`;
      },
      on_rest: (rest) => {
        set_span(rest);
        const place: Record<string, string> = follows(rest, now()) ? { last: String(Math.round(length(rest))) } : { from: new Date(Math.round(rest.from)).toISOString(), to: new Date(Math.round(rest.to)).toISOString() };
        address.current(place, { replace: true });
      },
      on_loading: set_loading,
    }),
    [zone, now, codes, clock],
  );
  const [board] = useState(() => new TrendBoard(first.current ?? until_now(hour, now()), options));
  useEffect(() => board.use(options), [board, options]);
  useEffect(() => () => board.end(), [board]);
  return { board, span, loading };
}

interface Props {
  device: string;
  devices: readonly string[];
}

export function TrendsPart({ device, devices }: Props) {
  const { t } = use_words();
  const { view } = use_view();
  const codes = use_codes();
  const zone = use_zone();
  const state = use_sector(device);
  const stored = use_stored(devices);
  const limits = use_limits(devices);
  const live = use_alarms();
  const now = use_now(10_000);
  const { board, span, loading } = use_board();
  const [shape, set_shape] = useState<"trend" | "table">("trend");
  const bound = use_bound(device, state?.sector.patient ?? null, (label) => name_shown(label, view.names));
  const alarms = use_call<Page<Alarm>>(`/api/alarms${query({ device, limit: 1000 })}`);
  const { reload } = alarms;
  useEffect(() => reload(), [live, reload]);

  const rows = stored.rows;
  const channels = rows?.filter((row) => !codes.is_wave(row.code) && row.count > 0).map(({ device, code }) => `${device} ${code}`).join("\n");
  const lanes = useMemo(
    () => (channels ? lanes_of(channels.split("\n").map((one) => ({ device: one.slice(0, one.lastIndexOf(" ")), code: one.slice(one.lastIndexOf(" ") + 1) }))) : []),
    [channels],
  );
  const oldest = rows && rows.length > 0 ? Math.min(...rows.map((row) => Date.parse(row.first))) : null;
  const limits_of = useCallback((one: string) => limits.get(one) ?? [], [limits]);
  const all = use_marks(alarms.data?.items ?? [], bound.marks, now, zone);
  const key = JSON.stringify(all);
  const marks = useMemo(() => JSON.parse(key) as typeof all, [key]);
  const jump = useCallback(
    (at: number) => {
      board.show(around(at, Math.min(length(board.span), jump_ms)));
      board.point(at);
    },
    [board],
  );
  useEffect(() => {
    const on_key = (event: KeyboardEvent) => {
      if (is_typing(event)) return;
      const action = key_action(event, board, oldest);
      if (!action) return;
      event.preventDefault();
      action();
    };
    window.addEventListener("keydown", on_key);
    return () => window.removeEventListener("keydown", on_key);
  }, [board, oldest]);

  if (stored.error && !rows) return <p role="alert">{t.failed}: {error_text(stored.error, t)} <Button onClick={stored.reload}>{t.retry}</Button></p>;
  if (!rows || codes.all.length === 0) return <div className="sight" data-sight="loading">{t.loading}</div>;
  const in_view = alarms_within(alarms.data?.items ?? [], span);
  const chosen = (Object.keys(lengths) as Length[]).find((one) => Math.abs(lengths[one] / length(span) - 1) < 0.01);
  return (
    <>
      <div className="time-bar" role="toolbar" aria-label={t.shown_time}>
        <span className="time-moves">
          <Button onClick={() => oldest !== null && board.show({ from: oldest, to: oldest + length(board.span) })} disabled={oldest === null} aria-label={t.to_begin} title={t.to_begin}>⇤</Button>
          <Button onClick={() => board.pan(-0.5)} aria-label={t.earlier} title={t.earlier}>←</Button>
          <Button onClick={() => board.zoom(zoom_step)} aria-label={t.zoom_out} title={t.zoom_out}>−</Button>
          <Button onClick={() => board.zoom(1 / zoom_step)} aria-label={t.zoom_in} title={t.zoom_in}>+</Button>
          <Button onClick={() => board.pan(0.5)} aria-label={t.later} title={t.later}>→</Button>
          <Button onClick={() => board.to_now()} aria-label={t.to_now} title={t.to_now}>⇥</Button>
        </span>
        <Segmented<Length | "">
          value={chosen ?? ""}
          options={(Object.keys(lengths) as Length[]).map((one) => ({ value: one, label: t.spans[one] }))}
          onChange={(one) => one !== "" && board.zoom(lengths[one] / length(board.span))}
        />
        <Segmented<"trend" | "table"> value={shape} options={[{ value: "trend", label: t.show_trend }, { value: "table", label: t.show_table }]} onChange={set_shape} />
        <span className="quiet shown-time" data-from={Math.round(span.from)} data-to={Math.round(span.to)} data-loading={loading instanceof Error ? "failed" : loading}>
          {moment_text(span.from, zone)} – {moment_text(span.to, zone)} · {t.times_in(zone)}
        </span>
      </div>
      {loading instanceof Error && <p role="alert" className="load-failed">{t.failed_old}: {error_text(loading, t)}</p>}
      {lanes.length === 0 ? (
        <div className="sight" data-sight="empty">{t.no_numbers}</div>
      ) : shape === "trend" ? (
        <TrendView board={board} lanes={lanes} limits={limits_of} others={bound.others} rail={<Rail board={board} marks={marks} on_jump={(mark) => jump(mark.at)} />} />
      ) : (
        <TrendTable lanes={lanes} span={span} zone={zone} />
      )}
      <p className="keys-hint">{t.trend_keys}<br />{t.limits_band} {bound.others.length > 0 && t.other_patient}</p>
      <div className="bed-parts">
        <section>
          <h3>{t.bed_alarms}</h3>
          <BedAlarms alarms={state?.alarms ?? []} />
          {state && <BedPauses sector={state.sector} />}
        </section>
        <AlarmsInView alarms={in_view} zone={zone} on_jump={jump} />
        <section>
          <h3>{t.bed_limits}</h3>
          <LimitsOff off={state?.sector.limits_off ?? []} words />
          <BedLimits device={device} />
        </section>
        <section>
          <h3>{t.scores}</h3>
          <BedScores device={device} />
        </section>
      </div>
    </>
  );
}
