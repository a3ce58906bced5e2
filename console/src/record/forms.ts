// Forms over resources: a field reads a text out of a resource and writes one into it; what no field is about stays as it is.
import { when_of } from "./dates";
import { parse_keeping, typed_decimal, write_keeping } from "./decimal";
import { read_text, write_text } from "./document_text";
import type { Texts } from "./merge";
import { concept_text } from "./readings";
import type { Attachment, CodeableConcept, Observation, Quantity, Resource } from "./types";
import { bounds_of } from "./vitals";

export const form_kinds = ["Condition", "AllergyIntolerance", "MedicationRequest", "Observation", "DocumentReference"] as const;
export type FormKind = (typeof form_kinds)[number];
export const form_of = (resource: Resource): FormKind | null => form_kinds.find((one) => one === resource.resourceType) ?? null;

export type Trouble = "needed" | "no_number" | "no_date" | "in_future" | { low: number; high: number };

export interface Field {
  key: string; // also of its label, unless there is one
  label?: string;
  unit?: string; // said beside a value
  input: "text" | "area" | "select" | "moment" | "date" | "value";
  options?: readonly string[];
  needed?: boolean;
  read: (resource: Resource) => string;
  write: (resource: Resource, text: string) => void; // "": takes it away
  check?: (text: string) => Trouble | null;
}

type Step = string | number;
const at = (value: unknown, path: readonly Step[]): unknown => path.reduce<unknown>((one, step) => (one as Record<Step, unknown> | undefined)?.[step], value);

function put(resource: Resource, path: readonly Step[], value: unknown) {
  let one = resource as Record<Step, unknown>;
  path.slice(0, -1).forEach((step, i) => {
    one[step] ??= typeof path[i + 1] === "number" ? [] : {};
    one = one[step] as Record<Step, unknown>;
  });
  const last = path[path.length - 1] ?? "";
  if (value !== undefined) one[last] = value;
  else if (Array.isArray(one)) one.splice(Number(last), 1);
  else delete one[last];
}
// Empty objects and arrays are no FHIR.
function tidy(resource: Resource, name: string) {
  const value = resource[name];
  if (value !== undefined && ["{}", "[]", "[{}]"].includes(write_keeping(value))) delete resource[name];
}

const plain = (key: string, input: Field["input"], path: readonly Step[], more: Partial<Field> = {}): Field => ({
  key,
  input,
  read: (resource) => String(at(resource, path) ?? ""),
  write: (resource, text) => {
    put(resource, path, text || undefined);
    tidy(resource, String(path[0]));
  },
  ...more,
});
// Other words are another concept: its codes go with the old ones.
const concept = (key: string, path: readonly Step[], more: Partial<Field> = {}): Field =>
  plain(key, "text", path, {
    read: (resource) => concept_text(at(resource, path) as CodeableConcept | undefined),
    write: (resource, text) => {
      put(resource, path, text ? { text } : undefined);
      tidy(resource, String(path[0]));
    },
    ...more,
  });
const coded = (key: string, name: string, system: string, options: readonly string[], more: Partial<Field> = {}): Field =>
  plain(key, "select", [name, "coding", 0, "code"], {
    options,
    write: (resource, text) => put(resource, [name], text ? { coding: [{ system, code: text }] } : undefined),
    ...more,
  });

const partial_date = (text: string): Trouble | null => (text === "" || (when_of(text) && !text.includes("T")) ? null : "no_date");
const two = (n: number) => String(n).padStart(2, "0");
// An instant as a field of date and time says it, in the zone of this screen.
export function local_text(iso: string): string {
  const when = when_of(iso);
  if (!when) return "";
  const at_ms = new Date(when.from);
  return `${at_ms.getFullYear()}-${two(at_ms.getMonth() + 1)}-${two(at_ms.getDate())}T${two(at_ms.getHours())}:${two(at_ms.getMinutes())}`;
}
const clocks_differ_ms = 120_000;
const moment = (key: string, name: string): Field =>
  plain(key, "moment", [name], {
    needed: true,
    read: (resource) => local_text(String(resource[name] ?? "")),
    write: (resource, text) => put(resource, [name], text ? new Date(text).toISOString() : undefined),
    check: (text) => (Number.isNaN(Date.parse(text)) ? "no_date" : Date.parse(text) > Date.now() + clocks_differ_ms ? "in_future" : null),
  });
const note = plain("note", "area", ["note", 0, "text"]);

const hl7 = "http://terminology.hl7.org/CodeSystem/";
const condition: readonly Field[] = [
  concept("problem", ["code"], { needed: true }),
  coded("clinical_status", "clinicalStatus", `${hl7}condition-clinical`, ["active", "recurrence", "relapse", "inactive", "remission", "resolved"]),
  coded("verification", "verificationStatus", `${hl7}condition-ver-status`, ["confirmed", "provisional", "differential", "unconfirmed", "refuted", "entered-in-error"]),
  plain("onset", "date", ["onsetDateTime"], { check: partial_date }),
  note,
];
const allergy: readonly Field[] = [
  concept("substance", ["code"], { needed: true }),
  concept("reaction", ["reaction", 0, "manifestation", 0]),
  plain("criticality", "select", ["criticality"], { options: ["", "low", "high", "unable-to-assess"] }),
  coded("clinical_status", "clinicalStatus", `${hl7}allergyintolerance-clinical`, ["active", "inactive", "resolved"]),
  coded("verification", "verificationStatus", `${hl7}allergyintolerance-verification`, ["confirmed", "unconfirmed", "refuted", "entered-in-error"]),
  note,
];
const medication: readonly Field[] = [
  concept("medication", ["medicationCodeableConcept"], { needed: true }),
  plain("dosage", "area", ["dosageInstruction", 0, "text"]),
  plain("status", "select", ["status"], { options: ["active", "on-hold", "completed", "stopped", "cancelled", "draft", "entered-in-error"], needed: true }),
  moment("authored", "authoredOn"),
  note,
];
const document: readonly Field[] = [
  plain("title", "text", ["description"], { needed: true }),
  plain("text", "area", ["content", 0, "attachment", "data"], {
    needed: true,
    read: (resource) => read_text(at(resource, ["content", 0, "attachment"]) as Attachment | undefined) ?? "",
    write: (resource, text) => put(resource, ["content", 0, "attachment"], write_text(text)),
  }),
  plain("status", "select", ["status"], { options: ["current", "superseded", "entered-in-error"], needed: true }),
  moment("written", "date"),
];

const value_field = (key: string, path: readonly Step[], quantity: Quantity, label: string | undefined, bounds: { low: number; high: number } | null): Field =>
  plain(key, "value", [...path, "value"], {
    ...(label && { label }),
    unit: quantity.unit ?? quantity.code ?? "",
    needed: true,
    write: (resource, text) => put(resource, [...path, "value"], typed_decimal(text) ?? undefined),
    check: (text) => {
      const value = typed_decimal(text);
      if (value === null) return "no_number";
      return bounds && (Number(value) < bounds.low || Number(value) > bounds.high) ? bounds : null;
    },
  });

function observation(resource: Observation): Field[] {
  const own = resource.valueQuantity && value_field("value", ["valueQuantity"], resource.valueQuantity, undefined, bounds_of(resource.code));
  const parts = (resource.component ?? []).flatMap((one, i) =>
    one.valueQuantity ? [value_field(`component ${i}`, ["component", i, "valueQuantity"], one.valueQuantity, concept_text(one.code), bounds_of(one.code))] : [],
  );
  // What has no code has its unit from whoever wrote it.
  const is_free = !resource.code?.coding?.length;
  return [
    ...(is_free ? [concept("observed", ["code"], { needed: true })] : []),
    ...(own ? [own] : []),
    ...(is_free && own ? [plain("unit", "text", ["valueQuantity", "unit"], { needed: true })] : []),
    ...parts,
    ...(resource.effectivePeriod || resource.effectiveInstant ? [] : [moment("measured", "effectiveDateTime")]),
    plain("status", "select", ["status"], { options: ["final", "preliminary", "amended", "corrected", "entered-in-error"], needed: true }),
    note,
  ];
}

export function fields_of(resource: Resource): readonly Field[] {
  switch (form_of(resource)) {
    case "Condition":
      return condition;
    case "AllergyIntolerance":
      return allergy;
    case "MedicationRequest":
      return resource["medicationReference"] ? medication.slice(1) : medication;
    case "DocumentReference":
      // A document that is no text keeps its content.
      return read_text(at(resource, ["content", 0, "attachment"]) as Attachment | undefined) === null ? document.filter((one) => one.key !== "text") : document;
    case "Observation":
      return observation(resource as Observation);
    default:
      return [];
  }
}

export const texts_of = (resource: Resource, fields: readonly Field[]): Record<string, string> => Object.fromEntries(fields.map((one) => [one.key, one.read(resource)]));

export const troubles_of = (fields: readonly Field[], texts: Texts): Record<string, Trouble> =>
  Object.fromEntries(
    fields.flatMap((one) => {
      const text = texts[one.key]?.trim() ?? "";
      const trouble = text === "" ? (one.needed ? "needed" : null) : (one.check?.(text) ?? null);
      return trouble ? [[one.key, trouble]] : [];
    }),
  );

// A copy of `resource` that says `texts`. Only what differs is written, so that dates stay as coarse and codes as exact as they
// were. A final value that is changed is a corrected one.
export function with_texts(resource: Resource, fields: readonly Field[], texts: Texts): Resource {
  const result = parse_keeping(write_keeping(resource)) as Resource;
  const changed = fields.filter((one) => (texts[one.key] ?? "").trim() !== one.read(resource).trim());
  for (const one of changed) one.write(result, (texts[one.key] ?? "").trim());
  const is_measured = changed.some((one) => one.key !== "status" && one.key !== "note");
  if (result.resourceType === "Observation" && result.id && is_measured && result["status"] === "final") result["status"] = "corrected";
  return result;
}
