// The stretch of time that a page shows, and how one moves in it: from a year down to a second. Pure; all in milliseconds.
export interface Span {
  from: number;
  to: number; // from < to
}

export const span_ms_min = 1_000;
export const span_ms_max = 366 * 86_400_000;
export const zoom_step = 1.6; // of a key or a button
const ahead = 0.04; // of the span: how far behind now one may look

export const length = (span: Span) => span.to - span.from;
export const middle = (span: Span) => (span.from + span.to) / 2;
export const around = (time: number, length_ms: number): Span => ({ from: time - length_ms / 2, to: time + length_ms / 2 });

// `factor` under 1 shows less time. What stands at `at` stays where it is.
export function zoomed(span: Span, factor: number, at: number): Span {
  const wanted = Math.min(span_ms_max, Math.max(span_ms_min, length(span) * factor));
  const share = (at - span.from) / length(span);
  const from = at - share * wanted;
  return { from, to: from + wanted };
}

export const panned = (span: Span, by_ms: number): Span => ({ from: span.from + by_ms, to: span.to + by_ms });

// Not past now, but for a margin that shows where now is; the length stays.
export function held(span: Span, now: number): Span {
  const over = span.to - (now + ahead * length(span));
  return over > 0 ? panned(span, -over) : span;
}
export const until_now = (length_ms: number, now: number): Span => held({ from: now, to: now + length_ms }, now);

// Whether a view that ends here should go on with the clock.
export const follows = (span: Span, now: number) => span.to >= now;

export const x_of = (time: number, span: Span, width: number) => ((time - span.from) / length(span)) * width;
export const time_at = (x: number, span: Span, width: number) => span.from + (x / width) * length(span);
