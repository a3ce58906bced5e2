// The kinds of resource that a chart tells of: how they are found, what they are called, when they were, how they stand.
import { fhir_path, of_patient } from "./client";
import { concept_code, concept_text, parts_of, time_of } from "./readings";
import type { Annotation, CodeableConcept, Observation, Period, Quantity, Reference, Resource } from "./types";
import type { Num } from "./decimal";

export const kinds = ["Encounter", "Condition", "AllergyIntolerance", "MedicationRequest", "Observation", "Procedure", "Immunization", "DiagnosticReport", "DocumentReference"] as const;
export type Kind = (typeof kinds)[number];

const sorts: Record<Kind, string> = {
  Encounter: "-date", Condition: "-recorded-date", AllergyIntolerance: "-date", MedicationRequest: "-authoredon", Observation: "-date",
  Procedure: "-date", Immunization: "-date", DiagnosticReport: "-date", DocumentReference: "-date",
};

export const kind_path = (kind: Kind, patient: string, count: number, ...more: (readonly [string, string])[]) =>
  fhir_path(kind, [of_patient(patient), ...more, ["_sort", sorts[kind]], ["_count", count]]);

type Any = Resource & {
  status?: string;
  clinicalStatus?: CodeableConcept;
  verificationStatus?: CodeableConcept;
  code?: CodeableConcept;
  type?: CodeableConcept | CodeableConcept[];
  class?: { code?: string; display?: string };
  vaccineCode?: CodeableConcept;
  medicationCodeableConcept?: CodeableConcept;
  medicationReference?: Reference;
  period?: Period;
  onsetDateTime?: string;
  onsetString?: string;
  recordedDate?: string;
  authoredOn?: string;
  performedDateTime?: string;
  performedPeriod?: Period;
  occurrenceDateTime?: string;
  effectiveDateTime?: string;
  effectivePeriod?: Period;
  issued?: string;
  date?: string;
  description?: string;
  dosageInstruction?: Dosage[];
  reasonCode?: CodeableConcept[];
  serviceProvider?: Reference;
  conclusion?: string;
  reaction?: { manifestation?: CodeableConcept[]; severity?: string }[];
  note?: Annotation[];
};

interface Dosage {
  text?: string;
  asNeededBoolean?: boolean;
  route?: CodeableConcept;
  doseAndRate?: { doseQuantity?: Quantity }[];
  timing?: { code?: CodeableConcept; repeat?: { frequency?: Num; period?: Num; periodUnit?: string } };
}

const first = <T>(one: T | T[] | undefined): T | undefined => (Array.isArray(one) ? one[0] : one);

export function title_of(resource: Resource): string {
  const one = resource as Any;
  switch (one.resourceType) {
    case "Encounter":
      return concept_text(first(one.type)) || one.class?.display || one.class?.code || "";
    case "MedicationRequest":
      return concept_text(one.medicationCodeableConcept) || one.medicationReference?.display || one.medicationReference?.reference || "";
    case "Immunization":
      return concept_text(one.vaccineCode);
    case "DocumentReference":
      return one.description || concept_text(first(one.type));
    default:
      return concept_text(one.code) || concept_text(first(one.type));
  }
}

export function date_of(resource: Resource): string | undefined {
  const one = resource as Any;
  switch (one.resourceType) {
    case "Encounter":
      return one.period?.start ?? one.period?.end;
    case "Condition":
      return one.recordedDate ?? one.onsetDateTime;
    case "AllergyIntolerance":
      return one.recordedDate ?? one.onsetDateTime;
    case "MedicationRequest":
      return one.authoredOn;
    case "Procedure":
      return one.performedDateTime ?? one.performedPeriod?.start;
    case "Immunization":
      return one.occurrenceDateTime;
    case "Observation":
      return time_of(one as Observation);
    case "DiagnosticReport":
      return one.effectiveDateTime ?? one.effectivePeriod?.start ?? one.issued;
    default:
      return one.date;
  }
}

// As the resource says it: active, resolved, entered-in-error, final, …
export function status_of(resource: Resource): string {
  const one = resource as Any;
  const verification = concept_code(one.verificationStatus);
  if (verification === "entered-in-error" || verification === "refuted") return verification;
  return concept_code(one.clinicalStatus) || (one.status ?? "");
}
export const is_withdrawn = (resource: Resource) => ["entered-in-error", "refuted", "cancelled"].includes(status_of(resource));

export function dosage_text(resource: Resource): string {
  const say = (one: Dosage) => {
    if (one.text) return one.text;
    const dose = one.doseAndRate?.[0]?.doseQuantity;
    const repeat = one.timing?.repeat;
    const often = repeat?.frequency !== undefined ? `${repeat.frequency} × / ${repeat.period === undefined || Number(repeat.period) === 1 ? "" : `${repeat.period} `}${repeat.periodUnit ?? "?"}` : concept_text(one.timing?.code);
    return [dose?.value === undefined ? "" : `${dose.value} ${dose.unit ?? dose.code ?? ""}`.trim(), often, concept_text(one.route)].filter(Boolean).join(", ");
  };
  return ((resource as Any).dosageInstruction ?? []).map(say).filter(Boolean).join("; ");
}

export const onset_of = (resource: Resource) => (resource as Any).onsetDateTime ?? (resource as Any).onsetString;
export const reactions_of = (resource: Resource) => ((resource as Any).reaction ?? []).flatMap((one) => one.manifestation ?? []).map(concept_text).filter(Boolean);
export const notes_of = (resource: Resource) => ((resource as Any).note ?? []).map((one) => one.text ?? "").filter(Boolean);

// One line beside the title.
export function detail_of(resource: Resource): string {
  const one = resource as Any;
  switch (one.resourceType) {
    case "Encounter":
      return [(one.reasonCode ?? []).map(concept_text).join(", "), one.serviceProvider?.display].filter(Boolean).join(" · ");
    case "MedicationRequest":
      return dosage_text(one);
    case "AllergyIntolerance":
      return reactions_of(one).join(", ");
    case "Observation":
      return parts_of(one as Observation).map((part) => `${part.label ? `${part.label} ` : ""}${part.text}${part.unit ? ` ${part.unit}` : ""}`).join(" · ");
    case "DiagnosticReport":
      return one.conclusion ?? "";
    default:
      return notes_of(one).join(" · ");
  }
}
