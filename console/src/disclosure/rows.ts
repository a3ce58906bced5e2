// How stored time is laid out in lines: which line shows what, and where a point on them is in time. Pure.
import type { Span } from "../time/span";

export const minutes_per_row = [0.5, 1, 2, 5, 10] as const;
export const gutter_px = 78; // for the line's time

export interface Layout {
  start: number; // ms, a whole number of lines since 1970
  row_ms: number;
  rows: number;
  width: number; // px, gutter included
  row_px: number;
}

export const aligned = (time: number, row_ms: number) => Math.floor(time / row_ms) * row_ms;
export const end_of = (layout: Layout) => layout.start + layout.rows * layout.row_ms;
export const row_span = (layout: Layout, row: number): Span => ({ from: layout.start + row * layout.row_ms, to: layout.start + (row + 1) * layout.row_ms });
export const x_in_row = (time: number, from: number, layout: Layout) => gutter_px + ((time - from) / layout.row_ms) * (layout.width - gutter_px);

export function time_at_point(x: number, y: number, layout: Layout): number {
  const row = Math.min(layout.rows - 1, Math.max(0, Math.floor(y / layout.row_px)));
  const share = Math.min(1, Math.max(0, (x - gutter_px) / (layout.width - gutter_px)));
  return layout.start + (row + share) * layout.row_ms;
}

// The pieces of [from, to) on the lines: the line, and from where to where on it.
export function pieces(from: number, to: number, layout: Layout): { row: number; left: number; right: number }[] {
  const out = [];
  const last = Math.min(layout.rows - 1, Math.floor((to - layout.start) / layout.row_ms));
  for (let row = Math.max(0, Math.floor((from - layout.start) / layout.row_ms)); row <= last; ++row) {
    const span = row_span(layout, row);
    const left = x_in_row(Math.max(from, span.from), span.from, layout);
    const right = x_in_row(Math.min(to, span.to), span.from, layout);
    if (right > left || from === to) out.push({ row, left, right });
  }
  return out;
}

// A page that has `time` on one of its first lines, and is not all in the time to come.
export function page_with(time: number, row_ms: number, rows: number, now: number): number {
  const last = aligned(now, row_ms) - (rows - 1) * row_ms;
  return Math.min(aligned(time, row_ms) - Math.floor(rows / 4) * row_ms, last);
}
