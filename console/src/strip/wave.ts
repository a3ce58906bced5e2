// A stretch of one wave, sample by sample, and how it is laid on paper: 25 mm/s, 10 mm/mV.
import type { Samples } from "../samples/decode";
import { fetch_samples, type Channel } from "../samples/fetch";
import type { Span } from "../time/span";

export interface Wave {
  times: Float64Array;
  values: Float64Array;
  period_ms: number; // the usual distance; 0 without samples
}

const samples_max = 100_000; // 30 s at 500 Hz are 15,000

export function wave_of(samples: Samples | null): Wave {
  if (!samples) return { times: new Float64Array(), values: new Float64Array(), period_ms: 0 };
  const { times, values } = samples;
  const distances = Array.from({ length: Math.min(1_000, Math.max(0, times.length - 1)) }, (_, i) => (times[i + 1] ?? 0) - (times[i] ?? 0)).sort((a, b) => a - b);
  return { times, values, period_ms: distances[distances.length >> 1] ?? 0 };
}

export const fetch_wave = async (channel: Channel, span: Span, signal: AbortSignal) => wave_of(await fetch_samples(channel, span, samples_max, signal));

// Pieces [first, end) of a wave without a gap: a gap stays a gap.
export function runs(wave: Wave): [number, number][] {
  const out: [number, number][] = [];
  let first = 0;
  for (let i = 1; i <= wave.times.length; ++i)
    if (i === wave.times.length || (wave.times[i] ?? 0) - (wave.times[i - 1] ?? 0) > 1.5 * wave.period_ms) {
      out.push([first, i]);
      first = i;
    }
  return wave.times.length > 0 ? out : [];
}

export const mm_per_mv = 10;
export interface Paper {
  mm_per_s: number;
  height_mm: number;
  mm_per_unit: number;
  zero: number; // value at mid-height
}

// An ECG is laid at 10 mm/mV around its middle; another wave fills four fifths of the height.
export function paper_of(wave: Wave, is_ecg: boolean, mm_per_s: number, height_mm: number): Paper {
  if (wave.values.length === 0) return { mm_per_s, height_mm, mm_per_unit: is_ecg ? mm_per_mv : 1, zero: 0 };
  const sorted = Float64Array.from(wave.values).sort();
  const low = sorted[0] ?? 0;
  const high = sorted[sorted.length - 1] ?? 0;
  if (!is_ecg) return { mm_per_s, height_mm, mm_per_unit: (0.8 * height_mm) / Math.max(high - low, 1e-6), zero: (low + high) / 2 };
  const middle = sorted[sorted.length >> 1] ?? 0;
  // As much of it on the paper as there is room for.
  const half = height_mm / 2 / mm_per_mv;
  const shift = Math.max(0, high - middle - half) - Math.max(0, middle - half - low);
  return { mm_per_s, height_mm, mm_per_unit: mm_per_mv, zero: middle + Math.max(-half, Math.min(half, shift)) };
}

export const x_mm = (time: number, from: number, paper: Paper) => ((time - from) / 1000) * paper.mm_per_s;
export const y_mm = (value: number, paper: Paper) => paper.height_mm / 2 - (value - paper.zero) * paper.mm_per_unit;

// As the d of an SVG path, in millimetres to a hundredth.
export function path_of(wave: Wave, from: number, paper: Paper): string {
  const at = (n: number) => n.toFixed(2);
  return runs(wave)
    .map(([first, end]) => {
      const points = [];
      for (let i = first; i < end; ++i) points.push(`${at(x_mm(wave.times[i] ?? 0, from, paper))} ${at(y_mm(wave.values[i] ?? 0, paper))}`);
      return `M${points.join("L")}`;
    })
    .join("");
}
