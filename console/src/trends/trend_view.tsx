// Trends of all numbers over one time axis with one cursor. React lays out names and canvases; the board draws.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { use_codes } from "../api/codes";
import type { Limit } from "../api/types";
import { use_words } from "../i18n/language";
import { use_theme } from "../shell/theme";
import type { Span } from "../time/span";
import { use_view } from "../ward/view_settings";
import type { TrendBoard, TraceView } from "./board";
import { listen_to } from "./input";
import type { Lane } from "./lanes";

interface LaneProps {
  board: TrendBoard;
  lane: Lane;
  limits: (device: string) => readonly Limit[];
  with_device: boolean;
}

function LaneRow({ board, lane, limits, with_device }: LaneProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const readouts = useRef(new Map<string, HTMLElement>());
  const codes = use_codes();
  useEffect(() => {
    if (!canvas.current) return;
    const traces = lane.traces.flatMap((trace): TraceView[] => {
      const readout = readouts.current.get(trace.key);
      if (!readout) return [];
      const bands = limits(trace.device)
        .filter((limit) => limit.enabled && limit.code === trace.code)
        .map(({ low, high }) => ({ low: low === null ? null : codes.seen.number(trace.code, low), high: high === null ? null : codes.seen.number(trace.code, high) }));
      return [{ ...trace, readout, bands }];
    });
    return board.add({ canvas: canvas.current, traces });
  }, [board, lane, limits, codes]);
  const names = lane.traces.map((trace) => codes.name(trace.code)).join(", ");
  return (
    <div className="lane" data-lane={lane.traces[0]?.code}>
      <div className="lane-names">
        {lane.traces.map((trace) => (
          <div key={trace.key} style={{ color: `var(${trace.colour})` }}>
            <b>{codes.name(trace.code)}</b> <span className="quiet">{codes.seen.unit(trace.code)}</span>
            {with_device && <small className="quiet"> · {trace.device}</small>}
            <output data-readout={trace.code} ref={(element) => void (element ? readouts.current.set(trace.key, element) : readouts.current.delete(trace.key))}>---</output>
          </div>
        ))}
      </div>
      <canvas ref={canvas} role="img" aria-label={names} />
    </div>
  );
}

interface Props {
  board: TrendBoard;
  lanes: readonly Lane[];
  limits: (device: string) => readonly Limit[];
  others: readonly Span[];
  rail: React.ReactNode;
}

export function TrendView({ board, lanes, limits, others, rail }: Props) {
  const axis = useRef<HTMLCanvasElement>(null);
  const { theme } = use_theme();
  const { view } = use_view();
  const { t } = use_words();
  const [area, set_area] = useState<HTMLDivElement | null>(null);
  const several = useMemo(() => new Set(lanes.flatMap((lane) => lane.traces.map((trace) => trace.device))).size > 1, [lanes]);
  useEffect(() => {
    board.set_axis(axis.current);
    return () => board.set_axis(null);
  }, [board]);
  useEffect(() => board.restyle(), [board, theme, view.night]);
  useEffect(() => board.set_others(others), [board, others]);
  // Only what shows time listens: over the names the wheel scrolls the page.
  useEffect(() => {
    if (!area) return;
    const ends = [...area.querySelectorAll("canvas")].map((canvas) => listen_to(canvas, board));
    return () => ends.forEach((end) => end());
  }, [area, board, lanes]);
  const keep = useCallback((element: HTMLDivElement | null) => set_area(element), []);
  return (
    <div className="trends" ref={keep} role="group" aria-label={t.trends}>
      <div className="lane rail-row"><div className="lane-names quiet">{t.alarms}</div>{rail}</div>
      {lanes.map((lane) => <LaneRow key={lane.key} board={board} lane={lane} limits={limits} with_device={several} />)}
      <div className="lane axis"><div className="lane-names" /><canvas ref={axis} aria-hidden /></div>
    </div>
  );
}
