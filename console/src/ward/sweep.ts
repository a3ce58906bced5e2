// The arithmetic of a sweeping wave. Time runs over the canvas from left to right and begins again; what is drawn at x is the
// newest sample whose time falls there, and a bar ahead of the head is erased so that new and old are never mistaken.
//
// At 25 mm/s and CSS's 96 px an inch a second is 94.5 px wide.
export const px_per_mm = 96 / 25.4;
export const mm_per_s = 25;
export const respiration_mm_per_s = 6.25; // also carbon dioxide: a breath is long
export const speed = (mm_per_second: number) => (px_per_mm * mm_per_second) / 1000; // px a millisecond
export const px_per_ms = speed(mm_per_s);
export const erase_px = 14;

export const span_ms = (width_px: number, px_per_ms: number) => width_px / px_per_ms;

// x of device time `t`, 0 <= x < width.
export function x_of(t: number, width_px: number, px_per_ms: number): number {
  const x = (t * px_per_ms) % width_px;
  return x < 0 ? x + width_px : x;
}

// The pieces [from, to) of the canvas that the head's way from `from_ms` to `to_ms` opens: one, or two where it wraps.
export function opened(from_ms: number, to_ms: number, width_px: number, px_per_ms: number): [number, number][] {
  const length = (to_ms - from_ms) * px_per_ms;
  if (length <= 0) return [];
  if (length >= width_px) return [[0, width_px]];
  const from = x_of(from_ms, width_px, px_per_ms);
  const to = from + length;
  return to <= width_px ? [[from, to]] : [[from, width_px], [0, to - width_px]];
}

export interface Scale {
  zero: number; // value drawn at mid-height
  px_per_unit: number;
}

// 10 mm/mV as on paper, or as much of it as leaves room for 2.4 mV.
export const ecg_scale = (height_px: number): Scale => ({ zero: 0.35, px_per_unit: Math.min(10 * px_per_mm, height_px / 2.4) });

// A wave without a fixed scale fills four fifths of its height.
export function fitted(low: number, high: number, height_px: number): Scale {
  const range = Math.max(high - low, 1e-6);
  return { zero: (low + high) / 2, px_per_unit: (0.8 * height_px) / range };
}
