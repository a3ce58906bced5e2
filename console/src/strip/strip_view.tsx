// Some seconds of a wave at 25 mm/s with grid, 1 mV bar and calipers. Calipers are sliders: dragged by mouse and finger, moved
// by the arrows (Shift: ten steps).
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { use_codes } from "../api/codes";
import { ApiError } from "../api/client";
import { use_words } from "../i18n/language";
import type { Channel } from "../samples/fetch";
import { error_text } from "../shell/use_doing";
import { use_theme } from "../shell/theme";
import { px_per_mm } from "../ward/sweep";
import { use_view } from "../ward/view_settings";
import { wave_colour } from "../ward/wave_canvas";
import { draw_strip } from "./draw_strip";
import { fetch_wave, paper_of, type Paper, type Wave } from "./wave";
import "./strip.css";

export const is_ecg = (code: string) => code.startsWith("ecg");

// Null while it is loading.
export function use_wave(channel: Channel, from: number, length_ms: number): { wave: Wave | null; error: ApiError | null } {
  const [state, set_state] = useState<{ key: string; wave: Wave | null; error: ApiError | null }>({ key: "", wave: null, error: null });
  const { device, code } = channel;
  const key = `${device} ${code} ${from} ${length_ms}`;
  useEffect(() => {
    const end = new AbortController();
    fetch_wave({ device, code }, { from, to: from + length_ms }, end.signal).then(
      (wave) => !end.signal.aborted && set_state({ key, wave, error: null }),
      (reason: unknown) => !end.signal.aborted && set_state({ key, wave: null, error: reason instanceof ApiError ? reason : new ApiError(0, "", String(reason)) }),
    );
    return () => end.abort();
  }, [device, code, from, length_ms, key]);
  return state.key === key ? state : { wave: null, error: null };
}

const height_mm = 40;
type Line = "t1" | "t2" | "v1" | "v2";
type Lines = Record<Line, number>; // px

interface SliderProps {
  line: Line;
  at: number;
  max: number;
  text: string;
  label: string;
  on_move: (line: Line, at: number) => void;
}
function Slider({ line, at, max, text, label, on_move }: SliderProps) {
  const upright = line.startsWith("t");
  const grabbed = useRef<number | null>(null);
  const place = (event: PointerEvent) => (upright ? event.clientX : event.clientY);
  const key = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    on_move(line, at + by * (event.shiftKey ? 10 : 1));
  };
  return (
    <div
      className={`caliper ${upright ? "upright" : "level"}`}
      style={upright ? { left: at } : { top: at }}
      role="slider"
      tabIndex={0}
      aria-orientation={upright ? "horizontal" : "vertical"}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={Math.round(max)}
      aria-valuenow={Math.round(at)}
      aria-valuetext={text}
      data-caliper={line}
      onKeyDown={key}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        grabbed.current = place(event) - at;
      }}
      onPointerMove={(event) => grabbed.current !== null && on_move(line, place(event) - grabbed.current)}
      onPointerUp={() => (grabbed.current = null)}
      onPointerCancel={() => (grabbed.current = null)}
    />
  );
}

interface Props {
  channel: Channel;
  from: number; // ms
  seconds: number;
  mm_per_s?: number;
  calipers?: boolean;
  mark?: number; // a time to be marked
}

export function StripView({ channel, from, seconds, mm_per_s = 25, calipers = false, mark }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { t, number } = use_words();
  const codes = use_codes();
  const { theme } = use_theme();
  const { view } = use_view();
  const { wave, error } = use_wave(channel, from, seconds * 1000);
  const ecg = is_ecg(channel.code);
  const paper = useMemo<Paper | null>(() => wave && paper_of(wave, ecg, mm_per_s, height_mm), [wave, ecg, mm_per_s]);
  const width = seconds * mm_per_s * px_per_mm;
  const height = height_mm * px_per_mm;
  const [lines, set_lines] = useState<Lines>({ t1: width * 0.4, t2: width * 0.48, v1: height * 0.35, v2: height * 0.35 + 10 * px_per_mm });
  useEffect(() => {
    if (canvas.current && wave && paper) draw_strip(canvas.current, wave, from, paper, ecg, wave_colour(channel.code));
  }, [wave, paper, from, ecg, channel.code, theme, view.night]);

  const move = (line: Line, at: number) => set_lines((now) => ({ ...now, [line]: Math.min(line.startsWith("t") ? width : height, Math.max(0, at)) }));
  const ms = Math.abs(lines.t2 - lines.t1) / px_per_mm / mm_per_s * 1000;
  const amount = paper ? Math.abs(lines.v2 - lines.v1) / px_per_mm / paper.mm_per_unit : 0;
  const interval = `${number(Math.round(ms))} ms`;
  const rate = ms > 0 ? `${number(Math.round(60_000 / ms))} /min` : "---";
  const amplitude = `${number(amount, 2)} ${codes.unit(channel.code)}`.trim();
  const told: Record<Line, [string, string]> = { t1: [t.caliper_from, interval], t2: [t.caliper_to, interval], v1: [t.caliper_top, amplitude], v2: [t.caliper_bottom, amplitude] };
  return (
    <div className="strip">
      <div className="strip-head">
        <b>{codes.name(channel.code)}</b> <span className="quiet">{number(mm_per_s, mm_per_s % 1 ? 1 : 0)} mm/s{ecg && " · 10 mm/mV"} · {t.filters_none}</span>
        {calipers && wave && wave.times.length > 0 && (
          <output className="caliper-values" aria-live="polite">{t.interval} <b data-value="interval">{interval}</b> · <b data-value="rate">{rate}</b> · {t.amplitude} <b data-value="amplitude">{amplitude}</b></output>
        )}
      </div>
      {error && <p role="alert">{t.failed}: {error_text(error, t)}</p>}
      <div className="strip-scroll">
        <div className="strip-paper" style={{ width, height }} data-loaded={wave ? wave.times.length : undefined}>
          <canvas ref={canvas} role="img" aria-label={codes.name(channel.code)} style={{ width, height }} />
          {wave?.times.length === 0 && <span className="strip-empty">{t.no_signal}</span>}
          {!wave && !error && <span className="strip-empty">{t.loading}</span>}
          {mark !== undefined && <i className="strip-mark" style={{ left: ((mark - from) / 1000) * mm_per_s * px_per_mm }} />}
          {calipers && wave && wave.times.length > 0 && (Object.keys(lines) as Line[]).map((line) => (
            <Slider key={line} line={line} at={lines[line]} max={line.startsWith("t") ? width : height} label={told[line][0]} text={told[line][1]} on_move={move} />
          ))}
        </div>
      </div>
    </div>
  );
}
