// Which device time to draw now: a constant delay behind the samples, so that a wave runs evenly however they arrive.
//
// The offset between the device's clock and ours is taken from the earliest arrivals of the last seconds; the delay covers one
// frame and the network's unevenness. A path that has become slower is followed within two windows, a quicker one or a jump of
// the device's clock at once.
export const draw_delay_ms = 600;
const jump_ms = 3_000;
const window_ms = 2_000;

export class DrawClock {
  // Device time of the newest sample minus the time of its arrival, at its greatest: in this window, and in the one before.
  private current: number | null = null;
  private before: number | null = null;
  private since = 0; // when this window began

  heard(newest_ms: number, now_ms: number) {
    const offset = newest_ms - now_ms;
    const known = this.offset();
    if (known === null || Math.abs(offset - known) > jump_ms) {
      this.current = offset;
      this.before = null;
      this.since = now_ms;
    } else if (now_ms - this.since >= window_ms) {
      this.before = this.current;
      this.current = offset;
      this.since = now_ms;
    } else {
      this.current = Math.max(this.current ?? offset, offset);
    }
  }

  // Device time at the sweep's head, or null while nothing was heard.
  time(now_ms: number): number | null {
    const offset = this.offset();
    return offset === null ? null : now_ms + offset - draw_delay_ms;
  }

  private offset(): number | null {
    if (this.current === null || this.before === null) return this.current ?? this.before;
    return Math.max(this.current, this.before);
  }
}
