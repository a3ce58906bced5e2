// Patients for what somebody typed: the first attempt that finds anybody.
import { find_at, type Found } from "./client";
import { attempts, type FoundBy } from "./patient_search";
import type { Patient } from "./types";

const per_page = 20;
export interface FoundPatients extends Found<Patient> {
  by: FoundBy | null; // null: a further page
}

// `asked`: "?q=" and what was typed, or the path of a further page.
export async function find_patients(asked: string): Promise<FoundPatients> {
  if (!asked.startsWith("?q=")) return { ...(await find_at<Patient>(asked)), by: null };
  let last: FoundPatients = { items: [], next: null, total: null, by: null };
  for (const { by, path } of attempts(asked.slice(3), per_page)) {
    last = { ...(await find_at<Patient>(path)), by };
    if (last.items.length > 0) return last;
  }
  return last;
}
