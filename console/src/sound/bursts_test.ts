import { expect, test } from "vitest";
import { burst_ms, bursts, harmonics, pulse_starts } from "./bursts";

const within = (value: number, low: number, high: number) => expect(value >= low && value <= high, `${value} in ${low}–${high}`).toBe(true);

test("the patterns are 3+2, 3+2 pulses, 3, and 1 or 2", () => {
  const { high, medium, low } = bursts;
  expect(pulse_starts(high)).toHaveLength(10);
  expect(pulse_starts(medium)).toHaveLength(3);
  expect([1, 2]).toContain(pulse_starts(low).length);
  const x = high.gaps_ms[0] ?? 0;
  expect(high.gaps_ms).toEqual([x, x, 2 * x + high.pulse_ms, x, high.gaps_ms[4], x, x, 2 * x + high.pulse_ms, x]);
  within(high.gaps_ms[4] ?? 0, 350, 1300);
  within(x, 50, 125);
  for (const gap of [...medium.gaps_ms, ...low.gaps_ms]) within(gap, 125, 250);
});

test("pulses, repetition and tone are within the standard's ranges", () => {
  const { high, medium, low } = bursts;
  within(high.pulse_ms, 75, 200);
  for (const burst of [medium, low]) within(burst.pulse_ms, 125, 250);
  within(high.again_after_ms, 2_500, 15_000);
  within(medium.again_after_ms, 2_500, 30_000);
  within(low.again_after_ms, 15_000, 60_000);
  for (const burst of Object.values(bursts)) {
    within(burst.rise_ms / burst.pulse_ms, 0.1, 0.4);
    within(burst.tone_hz, 150, 1000);
    const components = harmonics.map((level, i) => ({ hz: burst.tone_hz * (i + 1), db: 20 * Math.log10(level) }));
    expect(components.filter(({ hz, db }) => hz >= 300 && hz <= 4000 && db >= -15).length).toBeGreaterThanOrEqual(4);
  }
  expect(burst_ms(high)).toBe(3400);
});
