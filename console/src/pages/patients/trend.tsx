// The values of one code over time: each a dot where it was measured, a line that only leads the eye, and the newest one's reference
// range behind. The value under the pointer, or under the arrow keys, is said below with its unit, time and age.
import { useLayoutEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { use_words } from "../../i18n/language";
import type { Trace } from "../../record/readings";
import { use_told } from "../../record/use_told";
import { length, x_of, type Span } from "../../time/span";
import { time_ticks, value_ticks } from "../../time/ticks";
import { use_zone } from "../../time/use_zone";

const height = 190, left = 52, right = 12, top = 10, bottom = 36;
const day_ms = 86_400_000;

function use_width() {
  const box = useRef<HTMLDivElement>(null);
  const [width, set_width] = useState(600);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const watch = new ResizeObserver(() => set_width(Math.max(200, element.clientWidth)));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  return { box, width };
}

export function Trend({ trace, name }: { trace: Trace; name: string }) {
  const { t } = use_words();
  const c = t.chart;
  const told = use_told();
  const zone = use_zone();
  const { box, width } = use_width();
  const { points, range, unit } = trace;
  const [chosen, set_chosen] = useState(points.length - 1);
  const first = points[0], last = points[points.length - 1];
  const note = trace.left_out > 0 && <p className="quiet">{c.left_out(trace.left_out)}</p>;
  if (!first || !last || points.length < 2) return <>{first && !trace.label && <p className="quiet">{c.too_few}</p>}{note}</>;
  const margin = Math.max((last.when.from - first.when.from) * 0.03, day_ms / 48);
  const span: Span = { from: first.when.from - margin, to: last.when.from + margin };
  const values = points.map((one) => Number(one.value));
  const bounds = [range?.low, range?.high].filter((one) => one != null);
  const least = Math.min(...values, ...bounds), most = Math.max(...values, ...bounds);
  const pad = (most - least || Math.abs(most) || 1) * 0.08;
  const low = least - pad, high = most + pad;
  const inner = width - left - right;
  const x = (ms: number) => left + x_of(ms, span, inner);
  const y = (value: number) => top + (1 - (value - low) / (high - low)) * (height - top - bottom);
  const at = points[Math.min(chosen, points.length - 1)] ?? last;
  const on_move = (event: PointerEvent<SVGSVGElement>) => {
    const ms = span.from + ((event.clientX - event.currentTarget.getBoundingClientRect().left - left) / inner) * length(span);
    let nearest = 0;
    points.forEach((one, i) => {
      if (Math.abs(one.when.from - ms) < Math.abs((points[nearest] ?? one).when.from - ms)) nearest = i;
    });
    set_chosen(nearest);
  };
  const on_key = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -points.length, End: points.length }[event.key];
    if (step === undefined) return;
    set_chosen((now) => Math.min(points.length - 1, Math.max(0, now + step)));
    event.preventDefault();
  };
  return (
    <div ref={box} className="trend" data-trend={points.length}>
      <svg width={width} height={height} role="img" aria-label={`${name}${trace.label && `, ${trace.label}`}`} tabIndex={0} onPointerMove={on_move} onKeyDown={on_key}>
        {bounds.length > 0 && <rect className="trend-range" x={left} width={inner} y={y(range?.high ?? high)} height={Math.max(0, y(range?.low ?? low) - y(range?.high ?? high))} />}
        {value_ticks(low, high, 5).map((value) => (
          <g key={value}><line className="trend-grid" x1={left} x2={width - right} y1={y(value)} y2={y(value)} /><text x={left - 6} y={y(value) + 4} textAnchor="end">{Number(value.toPrecision(6))}</text></g>
        ))}
        {time_ticks(span, inner, zone).map((tick) => (
          <g key={tick.at}>
            <line className="trend-grid" x1={x(tick.at)} x2={x(tick.at)} y1={top} y2={height - bottom} />
            {tick.text.split("\n").map((line, i) => <text key={i} x={x(tick.at)} y={height - bottom + 14 + i * 13} textAnchor="middle">{line}</text>)}
          </g>
        ))}
        <polyline className="trend-line" points={points.map((one) => `${x(one.when.from)},${y(Number(one.value))}`).join(" ")} />
        {points.map((one, i) => <circle key={i} className={one === at ? "trend-point chosen" : "trend-point"} cx={x(one.when.from)} cy={y(Number(one.value))} r={one === at ? 5 : 3} />)}
      </svg>
      <p className="trend-said" aria-live="polite">
        {trace.label && <span className="quiet">{trace.label} </span>}
        <b>{String(at.value)}</b>{unit && ` ${unit}`} <span className="quiet">{told.when(at.when.text)}</span>
      </p>
      {bounds.length > 0 && <p className="quiet"><span className="trend-swatch" /> {c.range_band}</p>}
      {note}
    </div>
  );
}
