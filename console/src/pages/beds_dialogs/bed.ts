// A bed as people name it, and as the server has it now.
import { get, query } from "../../api/client";
import type { Bed, Page } from "../../api/types";

export const bed_text = ({ ward, bed }: Pick<Bed, "ward" | "bed">) => [ward, bed].filter(Boolean).join(" / ");
export const bed_key = ({ ward, bed }: Pick<Bed, "ward" | "bed">) => JSON.stringify([ward, bed]);
export const who_text = (bed: Pick<Bed, "patient">) => bed.patient?.label || bed.patient?.id || "";
export const place_of = ({ ward, bed }: Pick<Bed, "ward" | "bed">) => ({ ward, bed });

// The present state of one bed; null when no device stands there.
export async function bed_now(ward: string, bed: string): Promise<Bed | null> {
  for (let cursor: string | null = null; ; ) {
    const page: Page<Bed> = await get<Page<Bed>>(`/api/beds${query({ ward, search: bed, limit: 1000, cursor })}`);
    const found = page.items.find((one) => one.bed === bed && one.ward === ward);
    if (found || page.next === null) return found ?? null;
    cursor = page.next;
  }
}

// What the person has seen: the server refuses when it is no longer so.
export const seen = (...beds: (Bed | null)[]) => beds.flatMap((bed) => bed?.devices ?? []).map(({ device, version }) => ({ device, version }));
