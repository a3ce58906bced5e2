// Vital signs that a person writes down: LOINC codes and UCUM units of FHIR's vital signs profile, with bounds that only a slip of
// the hand leaves. They are no limits of normal.
import type { CodeableConcept, Observation, Quantity } from "./types";

interface Vital {
  code: string;
  display: string;
  unit: string;
  ucum: string;
  low: number;
  high: number;
}

const loinc = "http://loinc.org";
const single: readonly Vital[] = [
  { code: "8867-4", display: "Heart rate", unit: "/min", ucum: "/min", low: 0, high: 400 },
  { code: "9279-1", display: "Respiratory rate", unit: "/min", ucum: "/min", low: 0, high: 200 },
  { code: "59408-5", display: "Oxygen saturation in arterial blood by pulse oximetry", unit: "%", ucum: "%", low: 0, high: 100 },
  { code: "8310-5", display: "Body temperature", unit: "°C", ucum: "Cel", low: 10, high: 46 },
  { code: "29463-7", display: "Body weight", unit: "kg", ucum: "kg", low: 0.2, high: 700 },
  { code: "8302-2", display: "Body height", unit: "cm", ucum: "cm", low: 15, high: 280 },
];
const pressures: readonly Vital[] = [
  { code: "8480-6", display: "Systolic blood pressure", unit: "mmHg", ucum: "mm[Hg]", low: 0, high: 400 },
  { code: "8462-4", display: "Diastolic blood pressure", unit: "mmHg", ucum: "mm[Hg]", low: 0, high: 300 },
];
const blood_pressure = { code: "85354-9", display: "Blood pressure panel with all children optional" };

export const other_value = "other";
export const vital_codes: readonly string[] = [...single.map((one) => one.code), blood_pressure.code, other_value];

export function bounds_of(concept: CodeableConcept | undefined): { low: number; high: number } | null {
  const vital = [...single, ...pressures].find((one) => concept?.coding?.some((coding) => coding.code === one.code && coding.system === loinc));
  return vital ? { low: vital.low, high: vital.high } : null;
}

const concept_of = ({ code, display }: { code: string; display: string }): CodeableConcept => ({ coding: [{ system: loinc, code, display }], text: display });
const quantity_of = (one: Vital): Quantity => ({ unit: one.unit, system: "http://unitsofmeasure.org", code: one.ucum });

// Without its value.
export function empty_vital(code: string): Pick<Observation, "code" | "category" | "component" | "valueQuantity"> {
  const category: CodeableConcept[] = [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "vital-signs" }] }];
  if (code === blood_pressure.code) return { category, code: concept_of(blood_pressure), component: pressures.map((one) => ({ code: concept_of(one), valueQuantity: quantity_of(one) })) };
  const vital = single.find((one) => one.code === code);
  return vital ? { category, code: concept_of(vital), valueQuantity: quantity_of(vital) } : { code: {}, valueQuantity: {} };
}
