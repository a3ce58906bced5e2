// Who a patient is, in words: the name as people say it, identifiers by their end.
import type { HumanName, Identifier, Patient } from "./types";

const is_chinese = (text: string) => /\p{Script=Han}/u.test(text);

function said(name: HumanName): string {
  if (name.text) return name.text;
  const given = name.given?.join(" ") ?? "";
  // Family name first and without a space, as it is written.
  if (is_chinese(name.family ?? "") && (!given || is_chinese(given))) return `${name.family ?? ""}${given.replaceAll(" ", "")}`;
  return [...(name.prefix ?? []), given, name.family ?? "", ...(name.suffix ?? [])].filter(Boolean).join(" ");
}

const of_use = (names: readonly HumanName[], use: string) => names.find((one) => one.use === use);

// The official name, then the usual one, then any but an old one; "" where there is none.
export function name_of(patient: Patient): string {
  const names = (patient.name ?? []).filter((one) => said(one));
  const best = of_use(names, "official") ?? of_use(names, "usual") ?? names.find((one) => one.use !== "old" && one.use !== "maiden") ?? names[0];
  return best ? said(best) : "";
}
export function other_names(patient: Patient): string[] {
  const own = name_of(patient);
  return [...new Set((patient.name ?? []).map(said))].filter((one) => one && one !== own);
}

// The most useful first: a medical record number, then whatever else the hospital knows, without the server's own id twice.
export function identifiers_of(patient: Patient): Identifier[] {
  const is_record = (one: Identifier) => one.type?.coding?.some((coding) => coding.code === "MR") ?? false;
  const all = (patient.identifier ?? []).filter((one) => one.value);
  return [...all.filter(is_record), ...all.filter((one) => !is_record(one))];
}

const letters_shown = 4;
export const end_of = (identifier: string) => (identifier.length <= letters_shown ? identifier : identifier.slice(-letters_shown));
export const kind_of_identifier = (one: Identifier) =>
  one.type?.coding?.find((coding) => coding.code)?.code ?? one.type?.text ?? "";

// By what the ward's devices may know this patient.
export const known_as = (patient: Patient) => [...new Set([patient.id ?? "", ...identifiers_of(patient).map((one) => one.value ?? "")])].filter(Boolean);

export const died = (patient: Patient) => patient.deceasedBoolean === true || patient.deceasedDateTime !== undefined;
