// Full disclosure: every second of a wave that was stored, in lines; the chosen ten seconds at 25 mm/s with calipers.
import { Button, Segmented, Select } from "antd";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Link, useSearchParams } from "react-router-dom";
import { ApiError, query } from "../../api/client";
import { use_codes } from "../../api/codes";
import type { Alarm, Page } from "../../api/types";
import { use_call } from "../../api/use_call";
import { Jump } from "../../disclosure/jump";
import { aligned, end_of, minutes_per_row, page_with, time_at_point, type Layout } from "../../disclosure/rows";
import { RowsBoard, type Event, type Shown } from "../../disclosure/rows_board";
import { use_words } from "../../i18n/language";
import { use_sector, use_store } from "../../live/ward_feed";
import { error_text } from "../../shell/use_doing";
import { use_theme } from "../../shell/theme";
import { is_ecg, StripView } from "../../strip/strip_view";
import { use_zone } from "../../time/use_zone";
import { moment_text } from "../../time/zone";
import { symbol } from "../../ward/alarm_text";
import { name_shown } from "../../ward/mask";
import { shown_waves } from "../../ward/sector";
import { use_view } from "../../ward/view_settings";
import { wave_colour } from "../../ward/wave_canvas";
import { alarms_within, AlarmsInView } from "./alarms_in_view";
import { use_bound, use_stored } from "./bed_data";
import { is_typing } from "./is_typing";

export const strip_ms = 10_000;
const row_px = 48;
const rows_on_page = 12; // so that the chosen seconds below are in sight as well

function use_width(): [(element: HTMLElement | null) => void, number] {
  const [element, set_element] = useState<HTMLElement | null>(null);
  const [width, set_width] = useState(0);
  useEffect(() => {
    if (!element) return;
    const sizes = new ResizeObserver(() => set_width(element.clientWidth));
    sizes.observe(element);
    return () => sizes.disconnect();
  }, [element]);
  return [set_element, width];
}

interface RowsProps {
  shown: Shown;
  on_choose: (time: number) => void;
}
function Rows({ shown, on_choose }: RowsProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const board = useRef<RowsBoard | null>(null);
  const store = use_server_now();
  const { t } = use_words();
  const { theme } = use_theme();
  const { view } = use_view();
  const [loading, set_loading] = useState<"loading" | "ready" | ApiError>("loading");
  useEffect(() => {
    if (!canvas.current) return;
    board.current = new RowsBoard(canvas.current, store, set_loading);
    return () => {
      board.current?.end();
      board.current = null;
    };
  }, [store]);
  useEffect(() => board.current?.show(shown), [shown, store]);
  useEffect(() => board.current?.draw_soon(), [theme, view.night]);
  const choose = (event: React.MouseEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    on_choose(time_at_point(event.clientX - box.left, event.clientY - box.top, shown.layout));
  };
  return (
    <>
      {loading instanceof Error && <p role="alert">{t.failed_old}: {error_text(loading, t)}</p>}
      <canvas
        ref={canvas} className="wave-rows" style={{ height: shown.layout.rows * row_px }} onClick={choose} role="img" aria-label={t.disclosure}
        data-start={shown.layout.start} data-row-ms={shown.layout.row_ms} data-loading={loading instanceof Error ? "failed" : loading}
      />
    </>
  );
}

function use_server_now(): () => number {
  const store = use_store();
  return useCallback(() => Date.now() + store.link().server_minus_us_ms, [store]);
}

export function WavesPart({ device, devices }: { device: string; devices: readonly string[] }) {
  const { t } = use_words();
  const codes = use_codes();
  const zone = use_zone();
  const { view } = use_view();
  const state = use_sector(device);
  const now = use_server_now();
  const [search, set_search] = useSearchParams();
  const [frame, width] = use_width();
  const stored = use_stored(devices);
  const bound = use_bound(device, state?.sector.patient ?? null, (label) => name_shown(label, view.names));
  const waves = (stored.rows ?? []).filter((row) => codes.is_wave(row.code) && row.count > 0);
  const keys = waves.map((row) => `${row.device} ${row.code}`);
  const first = shown_waves(waves.filter((row) => row.device === device).map((row) => row.code), 1)[0];
  const lead = keys.find((one) => one === search.get("lead")) ?? (first ? `${device} ${first}` : keys[0]);
  const minutes = minutes_per_row.find((one) => String(one) === search.get("minutes")) ?? 1;
  const row_ms = minutes * 60_000;
  const opened = useRef(0);
  opened.current ||= now() - strip_ms;
  const at = Number.isFinite(Date.parse(search.get("at") ?? "")) ? Date.parse(search.get("at") ?? "") : opened.current; // the strip's beginning
  const [start, set_start] = useState(() => page_with(at, row_ms, rows_on_page, now()));

  const change = useCallback((next: Record<string, string>) => set_search((old) => ({ ...Object.fromEntries(old), ...next }), { replace: true }), [set_search]);
  const layout = useMemo<Layout>(() => ({ start, row_ms, rows: rows_on_page, width, row_px }), [start, row_ms, width]);
  // The strip begins at `time`; the page is turned only when it is not on it.
  const go = useCallback(
    (time: number) => {
      const begin = Math.round(Math.min(time, now()));
      change({ at: new Date(begin).toISOString() });
      if (begin < layout.start || begin >= end_of(layout)) set_start(page_with(begin, row_ms, rows_on_page, now()));
    },
    [change, layout, row_ms, now],
  );
  const turn = useCallback((pages: number) => set_start((old) => Math.min(old + pages * rows_on_page * row_ms, page_with(now(), row_ms, rows_on_page, now()))), [row_ms, now]);
  const set_minutes = (next: number) => {
    change({ minutes: String(next) });
    set_start(page_with(at, next * 60_000, rows_on_page, now()));
  };
  const oldest = waves.length > 0 ? Math.min(...waves.map((row) => Date.parse(row.first))) : null;
  useEffect(() => {
    const on_key = (event: KeyboardEvent) => {
      if (is_typing(event) || (event.target as HTMLElement).closest(".ant-select")) return;
      const step = event.shiftKey ? 1_000 : strip_ms;
      const action = {
        ArrowLeft: () => go(at - step), ArrowRight: () => go(at + step), ArrowUp: () => go(at - row_ms), ArrowDown: () => go(at + row_ms),
        PageUp: () => turn(-1), PageDown: () => turn(1), Home: () => oldest !== null && go(oldest), End: () => go(now() - strip_ms), n: () => go(now() - strip_ms),
      }[event.key];
      if (!action) return;
      event.preventDefault();
      action();
    };
    window.addEventListener("keydown", on_key);
    return () => window.removeEventListener("keydown", on_key);
  });

  const page = { from: start, to: end_of(layout) };
  // Asked for by the hour, so that turning a page does not ask anew each time.
  const hour = 3_600_000;
  const asked = { from: new Date(aligned(page.from, hour) - hour).toISOString(), to: new Date(aligned(page.to, hour) + hour).toISOString() };
  const alarms = use_call<Page<Alarm>>(`/api/alarms${query({ device, ...asked, limit: 1000 })}`, 10_000);
  const items = alarms.data?.items;
  const split = lead?.lastIndexOf(" ") ?? -1;
  const channel = useMemo(() => (lead ? { device: lead.slice(0, split), code: lead.slice(split + 1) } : null), [lead, split]);
  const shown = useMemo<Shown | null>(() => {
    if (!channel) return null;
    const events = (items ?? []).map((one): Event => ({ from: Date.parse(one.raised), to: one.ended ? Date.parse(one.ended) : now(), symbol: symbol[one.priority], colour: `--${one.priority}` }));
    return { channel, layout, is_ecg: is_ecg(channel.code), colour: wave_colour(channel.code), zone, chosen: { from: at, to: at + strip_ms }, events, others: bound.others };
  }, [channel, layout, zone, at, items, bound.others, now]);

  if (!stored.rows || codes.all.length === 0)
    return stored.error ? <p role="alert">{t.failed}: {error_text(stored.error, t)} <Button onClick={stored.reload}>{t.retry}</Button></p> : <div className="sight" data-sight="loading">{t.loading}</div>;
  if (!channel || !shown) return <div className="sight" data-sight="empty">{t.no_waves}</div>;
  const print = `/bed/${encodeURIComponent(device)}/strip${query({ at: new Date(at).toISOString(), lead: lead ?? null })}`;
  return (
    <div className="disclosure" ref={frame}>
      <div className="time-bar" role="toolbar" aria-label={t.shown_time}>
        <Select
          aria-label={t.lead} value={lead ?? null} onChange={(next) => change({ lead: String(next) })} popupMatchSelectWidth={false}
          options={keys.map((one) => ({ value: one, label: codes.name(one.slice(one.lastIndexOf(" ") + 1)) + (devices.length > 1 ? ` · ${one.slice(0, one.lastIndexOf(" "))}` : "") }))}
        />
        <label className="quiet">{t.row_minutes}</label>
        <Segmented<number> value={minutes} options={minutes_per_row.map((n) => ({ value: n, label: n === 0.5 ? "½" : String(n) }))} onChange={set_minutes} />
        <span className="time-moves">
          <Button onClick={() => turn(-1)} title={t.page_back} aria-label={t.page_back}>⇞</Button>
          <Button onClick={() => go(at - hour)}>−1 h</Button>
          <Button onClick={() => go(at + hour)}>+1 h</Button>
          <Button onClick={() => turn(1)} title={t.page_on} aria-label={t.page_on}>⇟</Button>
          <Button onClick={() => go(now() - strip_ms)} title={t.to_now} aria-label={t.to_now}>⇥</Button>
        </span>
        <Jump zone={zone} near={at} on_jump={go} />
        <span className="quiet">{moment_text(page.from, zone)} – {moment_text(page.to, zone)} · {t.times_in(zone)}</span>
      </div>
      <Rows shown={shown} on_choose={(time) => go(time - strip_ms / 2)} />
      <div className="chosen-strip" data-at={at}>
        <h3>{t.chosen_seconds(moment_text(at, zone))} <Link to={print}>{t.print_strip}</Link></h3>
        <StripView channel={channel} from={at} seconds={strip_ms / 1000} calipers />
      </div>
      <p className="keys-hint">{t.wave_keys}{bound.others.length > 0 && ` ${t.other_patient}`}</p>
      <div className="bed-parts"><AlarmsInView alarms={alarms_within(items ?? [], page)} zone={zone} on_jump={(time) => go(time - strip_ms / 2)} /></div>
    </div>
  );
}
