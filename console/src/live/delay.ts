// Which device time to draw now: a constant delay behind the samples, so that a wave runs evenly however they arrive.
//
// The offset between the device's clock and ours is taken from the earliest arrivals; the delay covers one frame and the
// network's unevenness. A jump of the device's clock, or a pause, starts the measurement again.
export const draw_delay_ms = 600;
const jump_ms = 3_000;

export class DrawClock {
  private offset: number | null = null; // device time of the newest sample minus the time of its arrival, at its greatest

  heard(newest_ms: number, now_ms: number) {
    const offset = newest_ms - now_ms;
    if (this.offset === null || Math.abs(offset - this.offset) > jump_ms) this.offset = offset;
    // The greatest offset is the quickest arrival; it ages slowly, so that drifting clocks are followed.
    else this.offset = Math.max(offset, this.offset - 0.5);
  }

  // Device time at the sweep's head, or null while nothing was heard.
  time(now_ms: number): number | null {
    return this.offset === null ? null : now_ms + this.offset - draw_delay_ms;
  }
}
