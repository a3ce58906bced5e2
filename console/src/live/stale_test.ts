import { expect, it } from "vitest";
import { freshness, type Freshness } from "./stale";

const minute = 60_000;
it.each<[string, number, number | null, Freshness]>([
  // code, age, period seen
  ["hr", 0, 1_000, "fresh"],
  ["hr", 2_000, 1_000, "fresh"],
  ["hr", 2_001, 1_000, "stale"],
  ["hr", 2_000, 200, "fresh"],
  ["hr", 2_001, null, "stale"],
  ["spo2", 9_000, 5_000, "fresh"],
  ["spo2", 10_001, 5_000, "stale"],
  ["spo2", 30_000, 5_000, "stale"],
  ["spo2", 30_001, 5_000, "gone"],
  ["temp", 30_001, 60_000, "gone"],
  ["nibp_sys", 14 * minute, 5 * minute, "fresh"],
  ["nibp_sys", 16 * minute, 5 * minute, "stale"],
  ["nibp_dia", 25 * minute, 20 * minute, "stale"],
  ["nibp_dia", 31 * minute, null, "gone"],
])("%s after %d ms, each %s ms, is %s", (code, age, period, expected) => expect(freshness(code, age, period)).toBe(expected));
