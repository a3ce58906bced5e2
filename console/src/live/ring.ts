// The last seconds of one wave, by device time. A slot holds the sample of one period; slots that no frame filled are NaN,
// so that a gap stays a gap. Late and repeated frames fall into the slots that are theirs.
//
// Bounds: `span_ms` of samples, at most `slots_max`.
import type { WaveFrame } from "./frame";

const slots_max = 65_536;

export class WaveRing {
  private slots: Float32Array;
  private period_ms_: number;
  private anchor_ms = 0; // time of slot 0: the first sample's, so that later ones fall near whole slots
  private newest = Number.NEGATIVE_INFINITY; // index of the newest slot

  constructor(
    private readonly span_ms: number,
    period_ms: number,
  ) {
    this.period_ms_ = period_ms;
    this.slots = WaveRing.make(span_ms, period_ms);
  }

  get period_ms() {
    return this.period_ms_;
  }
  get newest_ms() {
    return this.time_of(this.newest);
  }
  time_of(index: number) {
    return this.anchor_ms + index * this.period_ms_;
  }
  // The slot whose time is `time_ms` or the last before it.
  slot_at(time_ms: number) {
    return Math.floor((time_ms - this.anchor_ms) / this.period_ms_ + 1e-6);
  }

  put(frame: WaveFrame) {
    if (Math.abs(frame.period_ms - this.period_ms_) > this.period_ms_ * 1e-6) this.restart(frame.period_ms);
    if (this.newest === Number.NEGATIVE_INFINITY) this.anchor_ms = frame.first_ms;
    let first = Math.round((frame.first_ms - this.anchor_ms) / this.period_ms_);
    const size = this.slots.length;
    // The device's clock went back by more than we keep: begin anew rather than draw two times at once.
    if (first + frame.values.length <= this.newest - size) {
      this.restart(this.period_ms_);
      this.anchor_ms = frame.first_ms;
      first = 0;
    }
    const end = first + frame.values.length;
    if (end - 1 > this.newest) {
      const from = Math.max(this.newest + 1, end - size);
      for (let i = from; i < end; ++i) this.slots[WaveRing.place(i, size)] = Number.NaN;
      this.newest = end - 1;
    }
    for (let i = 0; i < frame.values.length; ++i) {
      const at = first + i;
      if (at > this.newest - size) this.slots[WaveRing.place(at, size)] = frame.values[i] ?? Number.NaN;
    }
  }

  // The value at slot `index`, NaN when it is not there.
  at(index: number): number {
    if (index > this.newest || index <= this.newest - this.slots.length) return Number.NaN;
    return this.slots[WaveRing.place(index, this.slots.length)] ?? Number.NaN;
  }

  private restart(period_ms: number) {
    this.period_ms_ = period_ms;
    this.slots = WaveRing.make(this.span_ms, period_ms);
    this.newest = Number.NEGATIVE_INFINITY;
  }

  private static make(span_ms: number, period_ms: number) {
    return new Float32Array(Math.min(slots_max, Math.max(2, Math.ceil(span_ms / period_ms)))).fill(Number.NaN);
  }
  private static place(index: number, size: number) {
    return ((index % size) + size) % size;
  }
}
