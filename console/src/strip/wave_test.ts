import { expect, test } from "vitest";
import { paper_of, path_of, runs, wave_of, x_mm, y_mm, type Wave } from "./wave";

const wave = (times: number[], values: number[]): Wave => wave_of({ unit: "mV", next: null, times: Float64Array.from(times), values: Float64Array.from(values) });

test("a gap parts the wave", () => expect(runs(wave([0, 4, 8, 100, 104], [0, 0, 0, 0, 0]))).toEqual([[0, 3], [3, 5]]));
test("nothing has no pieces", () => expect(runs(wave_of(null))).toEqual([]));
test("an ECG lies at 25 mm/s and 10 mm/mV", () => {
  const ecg = wave([0, 4, 8], [0.1, 1.1, 0.1]);
  const paper = paper_of(ecg, true, 25, 40);
  expect(x_mm(1_000, 0, paper)).toBe(25);
  expect(y_mm(0.1, paper) - y_mm(1.1, paper)).toBeCloseTo(10);
  expect(y_mm(0.1, paper)).toBe(20); // its middle value is in the middle
});
test("a wave that lies off is moved onto the paper", () => {
  const high = wave([0, 4, 8, 12], [0, 0, 0, 3]);
  const paper = paper_of(high, true, 25, 40);
  expect(y_mm(3, paper)).toBeCloseTo(0);
});
test("another wave fills four fifths", () => {
  const pleth = wave([0, 8], [-0.5, 0.5]);
  const paper = paper_of(pleth, false, 25, 40);
  expect([y_mm(0.5, paper), y_mm(-0.5, paper)].map((y) => Math.round(y * 100) / 100)).toEqual([4, 36]);
});
test("as a path, one M for each piece", () => {
  const parts = wave([0, 4, 8, 100, 104], [0, 0.1, 0, 0, 0]);
  expect(path_of(parts, 0, paper_of(parts, true, 25, 40))).toBe("M0.00 20.00L0.10 19.00L0.20 20.00M2.50 20.00L2.60 20.00");
});
