// A wave frame as it comes over /ws/live: docs/formats/live-feed.md, "Binary frames".
export interface WaveFrame {
  device: string;
  code: string;
  provisional: boolean;
  first_ms: number; // device time of the first sample
  period_ms: number;
  values: Float32Array; // in the code's unit; NaN where there was no signal
}

const head_bytes = 48;
const samples_max = 65_536;
const text = new TextDecoder();

// Null for anything that is not a whole frame of version 1: one bad frame must not stop the ward.
export function decode_frame(data: ArrayBuffer): WaveFrame | null {
  if (data.byteLength < head_bytes) return null;
  const view = new DataView(data);
  if (view.getUint8(0) !== 1) return null;
  const device_bytes = view.getUint8(1);
  const code_bytes = view.getUint8(2);
  const numerator = Number(view.getBigUint64(12, true));
  const denominator = view.getUint32(20, true);
  const count = view.getUint32(24, true);
  const offset = view.getInt32(28, true);
  const multiplier = view.getFloat64(32, true);
  const names = head_bytes + device_bytes + code_bytes;
  const samples = names + (names % 2);
  if (numerator === 0 || denominator === 0 || count === 0 || count > samples_max) return null;
  if (!Number.isFinite(multiplier) || data.byteLength !== samples + 2 * count) return null;

  const values = new Float32Array(count);
  for (let i = 0; i < count; ++i) values[i] = (view.getInt16(samples + 2 * i, true) - offset) * multiplier;
  const missing_from = view.getUint32(40, true);
  const missing_end = Math.min(count, missing_from + view.getUint32(44, true));
  if (missing_from < missing_end) values.fill(Number.NaN, missing_from, missing_end);

  return {
    device: text.decode(new Uint8Array(data, head_bytes, device_bytes)),
    code: text.decode(new Uint8Array(data, head_bytes + device_bytes, code_bytes)),
    provisional: (view.getUint8(3) & 1) !== 0,
    // Nanoseconds do not fit a double, milliseconds with a fraction do.
    first_ms: Number(view.getBigInt64(4, true) / 1000n) / 1000,
    period_ms: numerator / denominator / 1e6,
    values,
  };
}
