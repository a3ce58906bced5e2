// Samples and pictures as the server sends them in bytes: docs/formats/samples.md.
export interface Samples {
  unit: string;
  next: string | null; // to be given as `cursor`; null: this was the last page
  times: Float64Array; // ms since 1970, with fractions
  values: Float64Array;
}

// Column i covers [start + index[i] × step, one step more); columns without samples are absent.
export interface Picture {
  unit: string;
  start_ms: number;
  step_ms: number;
  index: Uint32Array;
  count: Float64Array;
  low: Float64Array;
  high: Float64Array;
}

export const samples_media_type = "application/vnd.salus.samples+binary";

class Bytes {
  private at = 0;
  private readonly view: DataView;
  constructor(private readonly data: Uint8Array) {
    this.view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }
  private take(count: number) {
    if (this.at + count > this.data.length) throw new Error("The samples are cut short.");
    this.at += count;
    return this.at - count;
  }
  byte = () => this.data[this.take(1)] ?? 0;
  int64 = () => this.view.getBigInt64(this.take(8), true);
  text = (size: number) => new TextDecoder().decode(this.data.subarray(this.take(size), this.at));
  // Exact to 2^53; greater ones, which only distances in time across months of silence are, come as BigInt from big().
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; ++i, scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw new Error("A number is longer than 64 bits.");
  }
  zigzag(): number {
    const coded = this.varint();
    return coded % 2 === 0 ? coded / 2 : -(coded + 1) / 2;
  }
  big_zigzag(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value % 2n === 0n ? value / 2n : -(value + 1n) / 2n;
    }
    throw new Error("A number is longer than 64 bits.");
  }
  // A count of things that take at least `each` bytes.
  count(each: number): number {
    const count = this.varint();
    if (count * each > this.data.length - this.at) throw new Error("The samples are cut short.");
    return count;
  }
}

const ms_of = (ns: bigint) => Number(ns / 1_000_000n) + Number(ns % 1_000_000n) / 1e6;
const no_next = -(2n ** 63n);

function begin(data: ArrayBuffer, content: number) {
  const bytes = new Bytes(new Uint8Array(data));
  if (bytes.byte() !== 0x53 || bytes.byte() !== 0x52) throw new Error("These are not samples.");
  if (bytes.byte() !== 1 || bytes.byte() !== content) throw new Error("These samples are of a version or kind that this console does not know.");
  const scale = 10 ** bytes.byte();
  return { bytes, scale, unit: bytes.text(bytes.varint()) };
}

// Throws an Error on anything that is not whole.
export function decode_samples(data: ArrayBuffer): Samples {
  const { bytes, scale, unit } = begin(data, 1);
  const next = bytes.int64();
  const count = bytes.count(1);
  const factor = bytes.varint();
  const times = new Float64Array(count);
  const values = new Float64Array(count);
  if (count > 0) {
    let time = bytes.int64();
    let step = 0n;
    for (let i = 0, value = 0; i < count; ++i) values[i] = (value += bytes.zigzag() * factor) / scale;
    times[0] = ms_of(time);
    for (let i = 1; i < count; ++i) times[i] = ms_of((time += step += bytes.big_zigzag()));
  }
  return { unit, next: next === no_next ? null : String(next), times, values };
}

export function decode_picture(data: ArrayBuffer): Picture {
  const { bytes, scale, unit } = begin(data, 2);
  const start_ms = ms_of(bytes.int64());
  const step_ms = ms_of(bytes.int64());
  const size = bytes.count(4);
  const picture: Picture = { unit, start_ms, step_ms, index: new Uint32Array(size), count: new Float64Array(size), low: new Float64Array(size), high: new Float64Array(size) };
  for (let i = 0, index = 0, low = 0; i < size; ++i) {
    picture.index[i] = index += bytes.varint();
    picture.count[i] = bytes.varint();
    low += bytes.zigzag();
    picture.low[i] = low / scale;
    picture.high[i] = (low + bytes.varint()) / scale;
  }
  return picture;
}
