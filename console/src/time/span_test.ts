import { expect, test } from "vitest";
import { around, follows, held, length, panned, span_ms_max, span_ms_min, time_at, until_now, x_of, zoomed } from "./span";

const hour = { from: 0, to: 3_600_000 };

test("zooming keeps the time under the pointer", () => {
  const closer = zoomed(hour, 0.5, 900_000);
  expect(length(closer)).toBe(1_800_000);
  expect(x_of(900_000, closer, 1000)).toBeCloseTo(x_of(900_000, hour, 1000));
});
test.each([
  [1e-9, span_ms_min],
  [1e9, span_ms_max],
])("factor %s stops at %s ms", (factor, wanted) => expect(length(zoomed(hour, factor, 1))).toBeCloseTo(wanted));
test("nothing shows the time to come but for a margin", () => {
  const now = 10_000_000;
  const last = held(panned(hour, 99_000_000), now);
  expect(length(last)).toBe(3_600_000);
  expect(last.to).toBeCloseTo(now + 0.04 * 3_600_000);
  expect(held(hour, now)).toEqual(hour);
  expect(follows(until_now(60_000, now), now)).toBe(true);
  expect(follows(hour, now)).toBe(false);
});
test("x and time are each other's inverse", () => expect(time_at(x_of(1234, hour, 777), hour, 777)).toBeCloseTo(1234));
test("around has its time in the middle", () => expect(around(5_000, 1_000)).toEqual({ from: 4_500, to: 5_500 }));
