import { expect, test } from "vitest";
import { Decimal } from "./decimal";
import { groups_of, parts_of, range_text, traces_of } from "./readings";
import type { Num } from "./decimal";
import type { Observation, Value } from "./types";

const observation = (rest: Partial<Observation>): Observation => ({ resourceType: "Observation", status: "final", ...rest });
const mmhg = (value: number) => ({ value, unit: "mmHg", code: "mm[Hg]" });
const component = (code: string, value: number) => ({ code: { coding: [{ code, display: code }] }, valueQuantity: mmhg(value) });
const shown = (one: Observation) => parts_of(one).map((part) => `${part.label && `${part.label}: `}${part.text} ${part.unit}`.trim());

test.each<[Partial<Observation>, string[]]>([
  [{ valueQuantity: { value: new Decimal("7.40"), unit: "mmol/L" } }, ["7.40 mmol/L"]],
  [{ valueQuantity: { value: 5, comparator: "<", code: "mg/dL" } }, ["<5 mg/dL"]],
  [{ component: [component("8462-4", 80), component("8480-6", 120)] }, ["120/80 mmHg"]],
  [{ component: [component("8480-6", 120), component("8478-0", 93), component("8462-4", 80)] }, ["120/80 mmHg", "8478-0: 93 mmHg"]],
  [{ component: [component("8480-6", 120)] }, ["8480-6: 120 mmHg"]],
  [{ valueCodeableConcept: { text: "阳性" } }, ["阳性"]],
  [{ dataAbsentReason: { coding: [{ code: "unknown" }] } }, ["– (unknown)"]],
  [{}, []],
])("%j reads %j", (rest, wanted) => expect(shown(observation(rest))).toEqual(wanted));

test.each([
  [{ low: { value: 3.5, unit: "mmol/L" }, high: { value: new Decimal("5.0"), unit: "mmol/L" } }, "3.5–5.0 mmol/L"],
  [{ high: { value: 5, unit: "mg/L" } }, "≤ 5 mg/L"],
  [{ low: { value: 60, unit: "%" } }, "≥ 60 %"],
  [{ text: "negative" }, "negative"],
])("%j is the range %s", (range, wanted) => expect(range_text(range)).toBe(wanted));

const coded = (date: string, value: Num, rest: Partial<Observation> & Value = {}) =>
  observation({ code: { coding: [{ system: "s", code: "k" }], text: "K" }, effectiveDateTime: date, valueQuantity: { value, unit: "mmol/L" }, ...rest });

test("the latest of a code is the newest that holds, also when it came in late", () => {
  const all = [coded("2026-01-02", 4), coded("2026-01-03", 9, { status: "entered-in-error" }), coded("2026-01-01", 3), observation({ code: { text: "free" } })];
  const groups = groups_of(all);
  expect(groups.map((one) => [one.key, one.token, one.newest_first.length])).toEqual([["s|k", "s|k", 3], ["free", null, 1]]);
  expect(groups[0]?.latest?.valueQuantity?.value).toBe(4);
});

test("only what is in the newest one's unit is drawn, the rest is counted", () => {
  const [trace] = traces_of([
    coded("2026-01-03", 4.2, { referenceRange: [{ low: { value: 3.5, unit: "mmol/L" }, high: { value: 5, unit: "mg" } }] }),
    coded("2026-01-02", 160, { valueQuantity: { value: 160, unit: "mg/dL" } }),
    coded("2026-01-01", 3, { valueQuantity: { value: 3, unit: "mmol/L", comparator: "<" } }),
    coded("2025-12-31", 4),
  ]);
  expect(trace?.points.map((one) => one.value)).toEqual([4, 4.2]);
  expect([trace?.unit, trace?.left_out, trace?.range]).toEqual(["mmol/L", 2, { low: 3.5, high: null }]);
});
