import { expect, test } from "vitest";
import { time_step, time_ticks, value_ticks } from "./ticks";

const at = (iso: string) => Date.parse(iso);
const texts = (from: string, to: string, width: number, zone: string) => time_ticks({ from: at(from), to: at(to) }, width, zone).map((tick) => tick.text);

test("hours of the ward's clock are whole, the first and each new day say their date", () =>
  expect(texts("2026-01-01T21:10:00Z", "2026-01-02T01:10:00Z", 400, "Europe/Berlin")).toEqual(["23:00\n2026-01-01", "00:00\n2026-01-02", "01:00", "02:00"]));
test("the repeated hour is marked twice and says its offset", () =>
  expect(texts("2026-10-24T23:30:00Z", "2026-10-25T02:10:00Z", 300, "Europe/Berlin")).toEqual(["02:00 UTC+02:00\n2026-10-25", "02:00 UTC+01:00", "03:00"]));
test("midnights stay midnights across a clock change", () =>
  expect(texts("2026-10-23T22:00:00Z", "2026-10-26T23:00:00Z", 400, "Europe/Berlin")).toEqual(["2026-10-24", "10-25", "10-26", "10-27"]));
test("tenths of seconds in half a second", () => expect(texts("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5Z", 400, "UTC")[1]).toBe("00:00:00.2"));
test("a year has few marks", () => expect(time_step(366 * 86_400_000, 1200)).toBe(30 * 86_400_000));
test.each([
  [0, 100, 5, [0, 20, 40, 60, 80, 100]],
  [36.4, 37.2, 4, [36.4, 36.6, 36.8, 37, 37.2]],
  [5, 5, 3, [5]],
])("values from %s to %s", (low, high, wanted, ticks) => expect(value_ticks(low, high, wanted).map((v) => Math.round(v * 100) / 100)).toEqual(ticks));
