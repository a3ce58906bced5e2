import { expect, test } from "vitest";
import type { Binding } from "../../api/types";
import { times_of_others } from "./bed_data";

const at = (hour: number) => `2026-01-01T${String(hour).padStart(2, "0")}:00:00Z`;
const bound = (id: string | null, from: number, to: number | null): Binding => ({
  patient: id === null ? null : { id, label: id }, bed: "B1", ward: "W", from: at(from), to: to === null ? null : at(to), by: "x", age_class: "adult", paced: null, change: 0,
});
const others = (current: string | null, ...bindings: Binding[]) =>
  times_of_others(bindings, current === null ? null : { id: current, label: "" }).map(({ from, to }) =>
    [from, to].map((ms) => (Number.isFinite(ms) ? new Date(ms).getUTCHours() : ms)));

test("what came before this patient belongs to others", () => expect(others("A", bound("B", 1, 5), bound("A", 5, null))).toEqual([[-Infinity, 5]]));
test("a patient who came back has both times", () =>
  expect(others("A", bound("A", 8, null), bound("B", 5, 7), bound("A", 1, 5))).toEqual([[-Infinity, 1], [5, 8]]));
test("a binding that ended ends it", () => expect(others("A", bound("A", 1, 5))).toEqual([[-Infinity, 1], [5, Infinity]]));
test("without a patient nothing is said to be another's", () => expect(others(null, bound("B", 1, null))).toEqual([]));
