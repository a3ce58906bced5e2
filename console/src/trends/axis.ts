// The time axis under all lanes, with the time at the cursor.
import { x_of, type Span } from "../time/span";
import { time_ticks } from "../time/ticks";
import { moment_text } from "../time/zone";
import { surface_of, type Style } from "./draw";

export function draw_axis(canvas: HTMLCanvasElement, span: Span, zone: string, cursor: number | null, now: number, style: Style) {
  const surface = surface_of(canvas);
  if (!surface) return;
  const { context, width } = surface;
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "top";
  for (const { at, text, strong } of time_ticks(span, width, zone)) {
    const x = x_of(at, span, width);
    context.fillStyle = strong ? style.text : style.line;
    context.fillRect(Math.round(x), 0, 1, 5);
    context.fillStyle = style.text;
    text.split("\n").forEach((line, row) => {
      const size = context.measureText(line).width;
      context.fillText(line, Math.min(width - size, Math.max(0, x - size / 2)), 7 + row * 13);
    });
  }
  if (now < span.to) {
    context.fillStyle = style.text;
    context.fillRect(Math.round(x_of(now, span, width)) - 1, 0, 2, 5);
  }
  if (cursor === null) return;
  const text = moment_text(cursor, zone);
  const size = context.measureText(text).width + 10;
  const x = Math.min(width - size, Math.max(0, x_of(cursor, span, width) - size / 2));
  context.fillStyle = style.ground;
  context.fillRect(x, 5, size, 17);
  context.strokeStyle = style.text;
  context.strokeRect(x + 0.5, 5.5, size - 1, 16);
  context.fillStyle = style.text;
  context.fillText(text, x + 5, 9);
}
