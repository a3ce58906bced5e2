// Where a device stands now, as the server has it: the last of its bindings.
import { get, query } from "../../api/client";
import type { Person } from "./person_fields";
import type { Binding, BindingPreview, Bindings } from "../../api/types";

const path = (device: string) => `/api/devices/${encodeURIComponent(device)}`;
export const bindings_path = (device: string) => `${path(device)}/bindings`;

export interface Present {
  binding: Binding | null;
  version: number;
}

export async function present_binding(device: string): Promise<Present> {
  const { items, version } = await get<Bindings>(bindings_path(device));
  const last = items[items.length - 1];
  return { binding: last && (last.bed || last.patient) ? last : null, version };
}

export interface Stay extends Partial<Person> {
  bed: string;
  ward: string;
  patient?: { id: string; label: string };
}

export const preview_of = (device: string, { bed, ward, patient }: Stay) =>
  get<BindingPreview>(`${path(device)}/binding/preview${query({ bed, ward, patient: patient?.id, label: patient?.label })}`);

export const place_text = (at: Pick<Binding, "ward" | "bed" | "patient">) =>
  [at.ward, at.bed, at.patient?.label || at.patient?.id].filter(Boolean).join(" / ");
