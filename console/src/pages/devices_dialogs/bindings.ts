// Where a device stands now, as the server has it: the last of its bindings.
import { get } from "../../api/client";
import type { Binding, Page } from "../../api/types";

export const bindings_path = (device: string) => `/api/devices/${encodeURIComponent(device)}/bindings`;

export async function present_binding(device: string): Promise<Binding | null> {
  const { items } = await get<Page<Binding>>(bindings_path(device));
  const last = items[items.length - 1];
  return last && (last.bed || last.patient) ? last : null;
}

export const place_text = (at: Pick<Binding, "ward" | "bed" | "patient">) =>
  [at.ward, at.bed, at.patient?.label || at.patient?.id].filter(Boolean).join(" / ");
