// What an Observation says, as it was written: no value is rounded, converted or worked out here.
import type { When } from "./dates";
import { when_of } from "./dates";
import type { Num } from "./decimal";
import type { CodeableConcept, Observation, Quantity, Range, Value } from "./types";

export const concept_text = (concept: CodeableConcept | undefined): string => {
  const named = concept?.coding?.find((one) => one.display) ?? concept?.coding?.find((one) => one.code);
  return concept?.text || named?.display || named?.code || "";
};
export const concept_code = (concept: CodeableConcept | undefined): string => concept?.coding?.find((one) => one.code)?.code ?? "";

export interface Said {
  text: string;
  unit: string;
}

const quantity = (one: Quantity): Said => ({ text: `${one.comparator ?? ""}${one.value === undefined ? "" : String(one.value)}`, unit: one.unit ?? one.code ?? "" });
const with_unit = ({ text, unit }: Said) => (unit ? `${text} ${unit}` : text);

export function range_text(range: Range & { text?: string }): string {
  if (range.text) return range.text;
  const low = range.low && quantity(range.low), high = range.high && quantity(range.high);
  if (low && high) return low.unit === high.unit ? with_unit({ text: `${low.text}–${high.text}`, unit: low.unit }) : `${with_unit(low)}–${with_unit(high)}`;
  if (low) return `≥ ${with_unit(low)}`;
  return high ? `≤ ${with_unit(high)}` : "";
}

export function value_of(value: Value): Said | null {
  if (value.valueQuantity?.value !== undefined) return quantity(value.valueQuantity);
  const text = (said: string) => ({ text: said, unit: "" });
  if (value.valueCodeableConcept) return text(concept_text(value.valueCodeableConcept));
  if (value.valueString !== undefined) return text(value.valueString);
  if (value.valueBoolean !== undefined) return text(value.valueBoolean ? "✓" : "✗");
  if (value.valueInteger !== undefined) return text(String(value.valueInteger));
  if (value.valueRange) return text(range_text(value.valueRange));
  if (value.valueRatio) return text([value.valueRatio.numerator, value.valueRatio.denominator].map((one) => (one ? with_unit(quantity(one)) : "?")).join(" / "));
  if (value.valueDateTime !== undefined) return text(value.valueDateTime);
  if (value.valueTime !== undefined) return text(value.valueTime);
  if (value.valuePeriod) return text(`${value.valuePeriod.start ?? "…"} – ${value.valuePeriod.end ?? "…"}`);
  return null;
}

export interface Part extends Said {
  label: string; // "" for the observation's own value
  range: string;
  flag: string; // interpretation as written: H, LL, …
}

const part = (label: string, value: Value): Part | null => {
  const said = value_of(value);
  const absent = concept_text(value.dataAbsentReason);
  if (!said && !absent) return null;
  return { label, ...(said ?? { text: `– (${absent})`, unit: "" }), range: (value.referenceRange ?? []).map(range_text).filter(Boolean).join("; "), flag: (value.interpretation ?? []).map((one) => concept_code(one) || concept_text(one)).join(" ") };
};

const systolic = "8480-6", diastolic = "8462-4";

// The parts in which a value is read. Blood pressure is read as one: 120/80 mmHg.
export function parts_of(observation: Observation): Part[] {
  const own = part("", observation);
  const components = observation.component ?? [];
  const by_code = (code: string) => components.find((one) => one.code?.coding?.some((coding) => coding.code === code));
  const [high, low] = [by_code(systolic), by_code(diastolic)].map((one) => one && part("", one));
  if (!own && high && low && high.unit === low.unit) {
    const others = components.filter((one) => one !== by_code(systolic) && one !== by_code(diastolic));
    const both: Part = { ...high, text: `${high.text}/${low.text}`, range: [high.range, low.range].filter(Boolean).join(" / "), flag: [high.flag, low.flag].filter(Boolean).join(" / ") };
    return [both, ...others.flatMap((one) => part(concept_text(one.code), one) ?? [])];
  }
  return [...(own ? [own] : []), ...components.flatMap((one) => part(concept_text(one.code), one) ?? [])];
}

export const time_of = (one: Observation): string | undefined => one.effectiveDateTime ?? one.effectiveInstant ?? one.effectivePeriod?.start ?? one.issued;

// Whether it says something of the patient: not withdrawn, not called off.
export const holds = (status: string | undefined) => status !== "entered-in-error" && status !== "cancelled";

export interface Group {
  key: string; // system|code, or the text where there is no code
  name: string;
  token: string | null; // for a search of all of them
  newest_first: Observation[];
  latest: Observation | null; // the newest that holds
}

export function groups_of(observations: readonly Observation[]): Group[] {
  const groups = new Map<string, Group>();
  for (const one of [...observations].sort(newest_first)) {
    const coding = one.code?.coding?.find((each) => each.code);
    const name = concept_text(one.code);
    const token = coding?.code ? `${coding.system ?? ""}|${coding.code}` : null;
    const key = token ?? name;
    const group = groups.get(key) ?? { key, name, token, newest_first: [], latest: null };
    group.newest_first.push(one);
    if (!group.latest && holds(one.status)) group.latest = one;
    groups.set(key, group);
  }
  return [...groups.values()];
}

const begin = (one: Observation) => when_of(time_of(one))?.from ?? -Infinity;
export const newest_first = (a: Observation, b: Observation) => begin(b) - begin(a) || String(b.meta?.lastUpdated ?? "").localeCompare(String(a.meta?.lastUpdated ?? ""));

export interface Point {
  when: When;
  value: Num;
  observation: Observation;
}
export interface Trace {
  label: string;
  unit: string;
  points: Point[]; // oldest first
  range: { low: number | null; high: number | null } | null; // of the newest point
  left_out: number; // values in other units or with "<", ">"
}

// What can be drawn: plain values in the unit of the newest one. The others are counted, never converted.
export function traces_of(observations: readonly Observation[]): Trace[] {
  const held = observations.filter((one) => holds(one.status)).sort(newest_first);
  const labels: string[] = [];
  const of_label = new Map<string, { observation: Observation; value: Value }[]>();
  for (const observation of held)
    for (const [label, value] of [["", observation] as const, ...(observation.component ?? []).map((one) => [concept_text(one.code), one] as const)]) {
      if (value.valueQuantity?.value === undefined) continue;
      if (!of_label.has(label)) labels.push(label);
      of_label.set(label, [...(of_label.get(label) ?? []), { observation, value }]);
    }
  return labels.map((label) => {
    const all = of_label.get(label) ?? [];
    const unit_of = (value: Value) => value.valueQuantity?.code ?? value.valueQuantity?.unit ?? "";
    const newest = all[0]?.value;
    const code = newest ? unit_of(newest) : "";
    const points = all.flatMap(({ observation, value }) => {
      const when = when_of(time_of(observation));
      const said = value.valueQuantity;
      return when && said?.value !== undefined && !said.comparator && unit_of(value) === code ? [{ when, value: said.value, observation }] : [];
    });
    const range = newest?.referenceRange?.[0];
    const bound = (one: Quantity | undefined) => (one?.value !== undefined && (one.code ?? one.unit ?? code) === code ? Number(one.value) : null);
    return {
      label,
      unit: newest?.valueQuantity?.unit ?? code,
      points: points.reverse(),
      range: range && (range.low || range.high) ? { low: bound(range.low), high: bound(range.high) } : null,
      left_out: all.length - points.length,
    };
  });
}
