import { expect, test } from "vitest";
import { draw_delay_ms, DrawClock } from "./delay";

// Frames of 250 ms whose newest sample is `late` ms old when it arrives; returns how far the sweep is behind the device.
function behind(clock: DrawClock, from_ms: number, to_ms: number, late: (at: number) => number): number {
  for (let at = from_ms; at < to_ms; at += 250) clock.heard(at - late(at), at);
  return to_ms - 250 - (clock.time(to_ms - 250) ?? Number.NaN);
}

test("uneven arrival does not move the sweep", () => {
  expect(behind(new DrawClock(), 0, 20_000, (at) => 50 + ((at / 250) % 5) * 60)).toBe(draw_delay_ms + 50);
});

test("a path that became slower is followed, so that waves are drawn and not overtaken", () => {
  const clock = new DrawClock();
  expect(behind(clock, 0, 10_000, () => 50)).toBe(draw_delay_ms + 50);
  expect(behind(clock, 10_000, 16_000, () => 1_500)).toBe(draw_delay_ms + 1_500);
  expect(behind(clock, 16_000, 16_500, () => 50)).toBe(draw_delay_ms + 50);
});

test("a jump of the device's clock begins anew; before the first frame there is no time", () => {
  const clock = new DrawClock();
  expect(clock.time(0)).toBeNull();
  behind(clock, 0, 5_000, () => 50);
  clock.heard(3_600_000, 5_000);
  expect(clock.time(5_000)).toBe(3_600_000 - draw_delay_ms);
});
