import { describe, expect, it } from "vitest";
import { ecg_scale, fitted, opened, px_per_ms, px_per_mm, respiration_mm_per_s, span_ms, speed, x_of } from "./sweep";

describe("sweep", () => {
  it("runs at 25 mm/s, respiration at a quarter of it", () => {
    expect(1000 * px_per_ms).toBeCloseTo(25 * px_per_mm, 9);
    expect(speed(respiration_mm_per_s)).toBeCloseTo(px_per_ms / 4, 9);
  });

  it("comes back to the left after a span, and is right before 1970 too", () => {
    for (const width of [200, 317, 640])
      for (const t of [0, 17, 12_345, 1_772_352_000_250, -5]) {
        const x = x_of(t, width, px_per_ms);
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x).toBeLessThan(width);
        const away = Math.abs(x_of(t + span_ms(width, px_per_ms), width, px_per_ms) - x);
        expect(Math.min(away, width - away)).toBeLessThan(0.01); // the two edges are one place
      }
  });

  it.each<[string, number, number, [number, number][]]>([
    ["a step in the middle", 10, 30, [[10, 30]]],
    ["a step over the edge is two", 90, 120, [[90, 100], [0, 20]]],
    ["a step of more than a span is all", 10, 500, [[0, 100]]],
    ["no step", 10, 10, []],
    ["a step back", 30, 10, []],
  ])("opens %s", (_, from, to, pieces) => {
    const got = opened(from / px_per_ms, to / px_per_ms, 100, px_per_ms);
    expect(got.length).toBe(pieces.length);
    got.forEach((piece, i) => piece.forEach((edge, k) => expect(edge).toBeCloseTo(pieces[i]?.[k] ?? Number.NaN, 6)));
  });

  it("draws 10 mm/mV where there is room and less where there is not", () => {
    expect(ecg_scale(400).px_per_unit).toBeCloseTo(10 * px_per_mm, 9);
    expect(ecg_scale(60).px_per_unit).toBe(25);
  });

  it("fits a wave, also a flat one", () => {
    expect(fitted(10, 20, 100)).toEqual({ zero: 15, px_per_unit: 8 });
    expect(Number.isFinite(fitted(3, 3, 100).px_per_unit)).toBe(true);
  });
});
