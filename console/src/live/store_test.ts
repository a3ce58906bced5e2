import { expect, test } from "vitest";
import type { Alarm, Sector } from "../api/types";
import { WardStore } from "./store";

const sector = (n: number): Sector => ({
  device: `m-${n}`, bed: `B${n}`, ward: "W", patient: null, age_class: "unknown", paced: null, simulated: true, connected: true, values: {}, news2: null, waves: [], limits_off: [], pauses: [],
});
const alarm: Alarm = {
  id: "a", device: "m-30", bed: "B30", code: "hr", rule: "high", priority: "high", state: "active", acknowledged: null, acknowledged_before: null, reminders: 0, latching: false,
  raised: "2026-11-21T08:00:00Z", ended: null, value: 140, limit: 130, unit: "/min", text: "", provisional: false, version: 1,
};

// A store whose frames are drawn by hand, with forty sectors that each count how often they were told.
function ward() {
  const frames: (() => void)[] = [];
  const store = new WardStore((then) => frames.push(then));
  const told = new Map<string, number>();
  const draw = () => frames.splice(0).forEach((then) => then());
  store.hear({ type: "ward", sectors: Array.from({ length: 40 }, (_, i) => sector(i)), alarms: [] }, 0);
  while (frames.length > 0) draw();
  for (let i = 0; i < 40; ++i) store.subscribe(`sector:m-${i}`, () => told.set(`m-${i}`, (told.get(`m-${i}`) ?? 0) + 1));
  return { store, told, frames, draw };
}

test("numbers of all beds at once are spread over frames, each told once", () => {
  const { store, told, frames, draw } = ward();
  for (let i = 0; i < 40; ++i) store.hear({ type: "numerics", device: `m-${i}`, t: 1, values: { hr: 70 } }, 1);
  draw();
  expect(told.size).toBeLessThan(10);
  let more = 0;
  for (; frames.length > 0; ++more) draw();
  expect(more).toBeLessThan(10);
  expect([...told.values()]).toEqual(Array(40).fill(1));
});

test("another patient at a device begins without the numbers of the one before", () => {
  const { store } = ward();
  const at = (patient: Sector["patient"], bed: string): Sector => ({ ...sector(0), bed, patient });
  const one = { id: "P-1", label: "One" };
  store.hear({ type: "sector", sector: at(one, "B0") }, 0);
  store.hear({ type: "numerics", device: "m-0", t: 1, values: { hr: 70 } }, 1);
  store.hear({ type: "sector", sector: at(one, "B1") }, 2);
  expect(store.sector("m-0")?.readings.size).toBe(1); // the same person elsewhere
  store.hear({ type: "sector", sector: at({ id: "P-2", label: "Two" }, "B1") }, 3);
  expect(store.sector("m-0")?.readings.size).toBe(0);
  store.hear({ type: "numerics", device: "m-0", t: 4, values: { hr: 70 } }, 4);
  store.hear({ type: "sector", sector: at(null, "B1") }, 5);
  expect(store.sector("m-0")?.readings.size).toBe(0);
});

test("an alarm is told in the next frame, whatever waits", () => {
  const { store, told, draw } = ward();
  for (let i = 0; i < 40; ++i) store.hear({ type: "numerics", device: `m-${i}`, t: 1, values: { hr: 70 } }, 1);
  store.hear({ type: "alarm", alarm }, 1);
  draw();
  expect(told.get("m-30")).toBe(1);
  expect(store.sector("m-30")?.alarms).toHaveLength(1);
  expect(store.active_alarms()).toHaveLength(1);
});
