// For whom a row of limits is: how that is said, sent and chosen.
import type { EffectiveLimits, Limit, Limits, Scope } from "../../api/types";
import { use_words } from "../../i18n/language";
import { use_devices, use_store } from "../../live/ward_feed";

export const hospital: Scope = { kind: "hospital" };
export const scope_key = (scope: Scope): string => JSON.stringify([scope.kind, scope.ward, scope.age_class, scope.bed, scope.patient, scope.device]);
// The members that name it in a request.
export const scope_members = ({ kind: _, ...members }: Scope): Omit<Scope, "kind"> => members;

export const bed_name = (ward: string | undefined, bed: string | undefined) => [ward, bed].filter(Boolean).join(" / ");

export function use_scope_text(): (scope: Scope) => string {
  const { t } = use_words();
  return (scope) => {
    switch (scope.kind) {
      case "hospital":
        return t.scope_hospital;
      case "ward":
        return t.scope_ward(scope.ward ?? "");
      case "age_class":
        return t.scope_age_class(t.age_class[scope.age_class ?? "unknown"]);
      case "bed":
        return t.scope_bed(bed_name(scope.ward, scope.bed));
      case "patient":
        return t.scope_patient(scope.patient ?? "");
      case "device":
        return t.scope_device(scope.device ?? "");
    }
  };
}

export function rows_of(limits: Limits, scope: Scope): Limit[] {
  switch (scope.kind) {
    case "hospital":
      return limits.default;
    case "ward":
      return limits.wards[scope.ward ?? ""] ?? [];
    case "age_class":
      return limits.age_classes[scope.age_class ?? "adult"] ?? [];
    case "bed":
      return limits.beds.find((one) => one.ward === (scope.ward ?? "") && one.bed === scope.bed)?.rows ?? [];
    case "patient":
      return limits.patients[scope.patient ?? ""] ?? [];
    case "device":
      return limits.devices[scope.device ?? ""] ?? [];
  }
}

// Every scope that has rows.
export function scopes_with_rows(limits: Limits): Scope[] {
  return [
    hospital,
    ...Object.keys(limits.wards).map((ward): Scope => ({ kind: "ward", ward })),
    ...(["adult", "child", "neonate"] as const).map((age_class): Scope => ({ kind: "age_class", age_class })),
    ...limits.beds.map(({ ward, bed }): Scope => ({ kind: "bed", ward, bed })),
    ...Object.keys(limits.patients).map((patient): Scope => ({ kind: "patient", patient })),
    ...Object.keys(limits.devices).map((device): Scope => ({ kind: "device", device })),
  ];
}

// Whom a new row may be for: what the ward knows of.
export function use_scopes_to_choose(): Scope[] {
  const store = use_store();
  const sectors = use_devices().flatMap((device) => store.sector(device)?.sector ?? []);
  const wards = [...new Set(sectors.map((one) => one.ward ?? "").filter(Boolean))].sort();
  return [
    hospital,
    ...wards.map((ward): Scope => ({ kind: "ward", ward })),
    ...(["adult", "child", "neonate"] as const).map((age_class): Scope => ({ kind: "age_class", age_class })),
    ...sectors.filter((one) => one.bed).map((one): Scope => ({ kind: "bed", ward: one.ward ?? "", bed: one.bed ?? "" })),
    ...sectors.flatMap((one): Scope[] => (one.patient ? [{ kind: "patient", patient: one.patient.id }] : [])),
    ...sectors.map((one): Scope => ({ kind: "device", device: one.device })),
  ].filter((one, at, all) => all.findIndex((other) => scope_key(other) === scope_key(one)) === at);
}

// Whose rows decide at one bed, the narrowest first.
export function scopes_of(limits: EffectiveLimits): Scope[] {
  return [
    ...(limits.patient ? [{ kind: "patient", patient: limits.patient } as const] : []),
    ...(limits.bed ? [{ kind: "bed", ward: limits.ward, bed: limits.bed } as const] : []),
    { kind: "device", device: limits.device },
    { kind: "age_class", age_class: limits.watched_as },
    ...(limits.ward ? [{ kind: "ward", ward: limits.ward } as const] : []),
    hospital,
  ];
}
