// Draws a lane of trends: bands of limits, who else the bed belonged to, least to greatest of each column, gaps as gaps. Off
// React's path; called once for each frame in which something moved.
import type { Picture } from "../samples/decode";
import { value_ticks } from "../time/ticks";
import { x_of, type Span } from "../time/span";

export interface Band {
  low: number | null; // in the unit shown
  high: number | null;
}
export interface Drawn {
  colour: string;
  picture: Picture | null;
  joined_ms: number; // greater distances are gaps
  shown: (value: number) => number; // from the stored unit to the one shown
  bands: Band[];
}
export interface Style {
  text: string;
  line: string;
  ground: string;
}
export interface Surface {
  context: CanvasRenderingContext2D;
  width: number;
  height: number;
}

// Makes the canvas as fine as the screen. Null while it has no size.
export function surface_of(canvas: HTMLCanvasElement): Surface | null {
  const context = canvas.getContext("2d");
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!context || width === 0 || height === 0) return null;
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  const [fine_width, fine_height] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== fine_width || canvas.height !== fine_height) {
    canvas.width = fine_width;
    canvas.height = fine_height;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

const column_time = (picture: Picture, i: number) => picture.start_ms + ((picture.index[i] ?? 0) + 0.5) * picture.step_ms;

// First column that does not end before `time`.
export function first_column(picture: Picture, time: number): number {
  let low = 0;
  let high = picture.index.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (picture.start_ms + ((picture.index[mid] ?? 0) + 1) * picture.step_ms < time) low = mid + 1;
    else high = mid;
  }
  return low;
}

// The column at `time`, or the nearest that is joined with it; -1 where there is a gap.
export function column_at(picture: Picture, time: number, joined_ms: number): number {
  const reach = Math.max(picture.step_ms, joined_ms) / 2;
  let best = -1;
  let best_far = reach;
  for (let i = Math.max(0, first_column(picture, time) - 1); i < picture.index.length; ++i) {
    const far = Math.abs(column_time(picture, i) - time);
    if (far <= best_far) [best, best_far] = [i, far];
    if (column_time(picture, i) > time + reach) break;
  }
  return best;
}

// The last column that begins in the span; -1 when there is none.
export function last_column(picture: Picture, span: Span): number {
  const i = first_column(picture, span.to + picture.step_ms) - 1;
  for (let at = Math.min(i + 1, picture.index.length - 1); at >= 0; --at) {
    const time = column_time(picture, at);
    if (time - picture.step_ms / 2 <= span.to) return time + picture.step_ms / 2 >= span.from ? at : -1;
  }
  return -1;
}

interface Range {
  low: number;
  high: number;
}

function range_of(traces: readonly Drawn[], span: Span): Range | null {
  let low = Infinity;
  let high = -Infinity;
  for (const { picture, shown } of traces) {
    if (!picture) continue;
    for (let i = first_column(picture, span.from); i < picture.index.length && column_time(picture, i) <= span.to; ++i) {
      low = Math.min(low, shown(picture.low[i] ?? 0));
      high = Math.max(high, shown(picture.high[i] ?? 0));
    }
  }
  if (low > high) return null;
  const room = Math.max((high - low) * 0.12, Math.abs(high) * 0.01, 0.05);
  return { low: low - room, high: high + room };
}

function draw_trace({ context, width }: Surface, drawn: Drawn, span: Span, y_of: (value: number) => number) {
  const { picture, colour, joined_ms, shown } = drawn;
  if (!picture) return;
  context.strokeStyle = context.fillStyle = colour;
  const joined = Math.max(2.5 * picture.step_ms, joined_ms) /* columns and samples of nearly one length take turns */;
  let run: [x: number, low: number, high: number][] = [];
  const finish = () => {
    const [only] = run;
    if (run.length === 1 && only) {
      context.fillRect(only[0] - 1.5, Math.min(only[1], only[2]) - 1.5, 3, Math.abs(only[2] - only[1]) + 3);
    } else if (run.length > 1) {
      context.globalAlpha = 0.4;
      context.beginPath();
      for (const [x, , high] of run) context.lineTo(x, high);
      for (const [x, low] of run.reverse()) context.lineTo(x, low);
      context.fill();
      context.globalAlpha = 1;
      context.lineWidth = 1.5;
      context.beginPath();
      for (const [x, low, high] of run) context.lineTo(x, (low + high) / 2);
      context.stroke();
    }
    run = [];
  };
  let before: number | null = null;
  for (let i = Math.max(0, first_column(picture, span.from) - 1); i < picture.index.length; ++i) {
    const time = column_time(picture, i);
    if (before !== null && time - before > joined) finish();
    const x = x_of(time, span, width);
    run.push([x, y_of(shown(picture.low[i] ?? 0)), y_of(shown(picture.high[i] ?? 0))]);
    before = time;
    if (x > width) break;
  }
  finish();
}

// Slanted lines over the times that belong to somebody else.
export function hatch({ context, width, height }: Surface, parts: readonly Span[], span: Span, style: Style) {
  context.save();
  context.beginPath();
  for (const part of parts) {
    const from = Math.max(0, x_of(part.from, span, width));
    const to = Math.min(width, x_of(part.to, span, width));
    if (to > from) context.rect(from, 0, to - from, height);
  }
  context.clip();
  context.strokeStyle = style.line;
  context.lineWidth = 2;
  context.beginPath();
  for (let x = -height; x < width; x += 9) {
    context.moveTo(x, height);
    context.lineTo(x + height, 0);
  }
  context.stroke();
  context.restore();
}

export function draw_lane(canvas: HTMLCanvasElement, traces: readonly Drawn[], span: Span, others: readonly Span[], cursor: number | null, now: number, style: Style) {
  const surface = surface_of(canvas);
  if (!surface) return;
  const { context, width, height } = surface;
  hatch(surface, others, span, style);
  const range = range_of(traces, span);
  if (range) {
    const y_of = (value: number) => height - ((value - range.low) / (range.high - range.low)) * height;
    for (const { bands, colour } of traces)
      for (const { low, high } of bands) {
        const top = high === null ? 0 : Math.max(0, y_of(high));
        const bottom = low === null ? height : Math.min(height, y_of(low));
        context.fillStyle = colour;
        context.globalAlpha = 0.09;
        if (bottom > top) context.fillRect(0, top, width, bottom - top);
        context.globalAlpha = 0.75;
        for (const edge of [low, high])
          if (edge !== null && y_of(edge) > 0 && y_of(edge) < height) for (let x = 0; x < width; x += 10) context.fillRect(x, Math.round(y_of(edge)), 5, 1);
        context.globalAlpha = 1;
      }
    context.font = "11px system-ui, sans-serif";
    context.textBaseline = "middle";
    for (const value of value_ticks(range.low, range.high, Math.max(2, Math.floor(height / 26)))) {
      const y = Math.round(y_of(value));
      context.fillStyle = style.line;
      context.fillRect(0, y, width, 1);
      if (y < 7 || y > height - 7) continue;
      const text = String(Math.round(value * 1000) / 1000);
      context.fillStyle = style.ground;
      context.fillRect(2, y - 6, context.measureText(text).width + 4, 12);
      context.fillStyle = style.text;
      context.fillText(text, 4, y);
    }
    for (const drawn of traces) draw_trace(surface, drawn, span, y_of);
  }
  const line = (time: number, colour: string) => {
    const x = x_of(time, span, width);
    if (x < 0 || x > width) return;
    context.fillStyle = colour;
    context.fillRect(Math.round(x), 0, 1, height);
  };
  if (now < span.to) line(now, style.line);
  if (cursor !== null) line(cursor, style.text);
}
