import { describe, expect, it } from "vitest";
import type { WaveFrame } from "./frame";
import { WaveRing } from "./ring";

const frame = (first_ms: number, values: number[], period_ms = 4): WaveFrame => ({
  device: "m", code: "ecg_ii", provisional: false, first_ms, period_ms, values: Float32Array.from(values),
});
const shown = (ring: WaveRing, from: number, count: number) => Array.from({ length: count }, (_, i) => ring.at(from + i));
const gap = Number.NaN;

describe("WaveRing", () => {
  it.each<[string, WaveFrame[], number[]]>([
    ["frames follow each other", [frame(1000, [1, 2]), frame(1008, [3, 4])], [1, 2, 3, 4]],
    ["a gap stays a gap", [frame(1000, [1]), frame(1012, [4])], [1, gap, gap, 4]],
    ["a late frame fills its gap", [frame(1000, [1]), frame(1012, [4]), frame(1004, [2, 3])], [1, 2, 3, 4]],
    ["a repeated frame changes nothing", [frame(1000, [1, 2]), frame(1000, [1, 2])], [1, 2, gap, gap]],
    ["a device's clock may be off the grid", [frame(1001.9, [1, 2]), frame(1009.95, [3]), frame(1013.8, [4])], [1, 2, 3, 4]],
  ])("%s", (_, frames, values) => {
    const ring = new WaveRing(400, 4);
    for (const one of frames) ring.put(one);
    expect(shown(ring, 0, 4)).toEqual(values);
  });

  it("keeps its span and forgets what is older", () => {
    const ring = new WaveRing(40, 4);
    for (let i = 0; i < 25; ++i) ring.put(frame(1000 + 4 * i, [i]));
    expect(shown(ring, 13, 13)).toEqual([gap, gap, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, gap]);
  });

  it("after a long silence holds nothing old", () => {
    const ring = new WaveRing(40, 4);
    ring.put(frame(1000, [1, 2, 3]));
    ring.put(frame(9000, [9]));
    const at = ring.slot_at(9000);
    expect(shown(ring, at - 9, 10)).toEqual([gap, gap, gap, gap, gap, gap, gap, gap, gap, 9]);
  });

  it("begins anew when the device's clock goes far back or the rate changes", () => {
    const ring = new WaveRing(40, 4);
    ring.put(frame(9000, [1]));
    ring.put(frame(1000, [2]));
    expect(ring.newest_ms).toBe(1000);
    expect(ring.at(ring.slot_at(1000))).toBe(2);
    ring.put(frame(1010, [5, 6], 8));
    expect(ring.period_ms).toBe(8);
    expect(shown(ring, ring.slot_at(1010), 2)).toEqual([5, 6]);
  });

  it("holds any long run of frames exactly as an array would", () => {
    const ring = new WaveRing(400, 4);
    const model: number[] = [];
    for (let i = 0; i < 300; ++i) {
      const values = Array.from({ length: 1 + ((i * 7) % 11) }, (_, k) => i + k);
      ring.put(frame(4 * model.length, values));
      model.push(...values);
    }
    expect(shown(ring, model.length - 100, 100)).toEqual(model.slice(-100));
  });
});
