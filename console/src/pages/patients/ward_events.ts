// What the ward knows of a patient: which devices measured, and the alarms raised meanwhile. Both go by the bindings in force.
import { get, query } from "../../api/client";
import type { Alarm, Page } from "../../api/types";

interface MeasuredRow {
  device: string;
  bed: string;
  ward: string;
  from: string;
  to: string | null;
  code: string;
  unit: string;
}
export interface Monitoring {
  device: string;
  bed: string;
  ward: string;
  from: string;
  to: string | null;
  codes: string[];
}
export interface WardEvents {
  monitorings: Monitoring[];
  alarms: Alarm[];
}

const always = "2000-01-01T00:00:00Z"; // before any device of ours
const names_max = 8, devices_max = 20, alarms_max = 200;

// A binding that still holds is said to end where the asked time does, a little ahead of now.
const ended = (to: string | null) => (to !== null && Date.parse(to) < Date.now() ? to : null);

// `names`: all by which a device may know the patient.
export async function ward_events(names: readonly string[]): Promise<WardEvents> {
  const pages = await Promise.all(names.slice(0, names_max).map((name) => get<Page<MeasuredRow>>(`/api/patients/${encodeURIComponent(name)}/series${query({ from: always })}`)));
  const stays = new Map<string, Monitoring>();
  for (const row of pages.flatMap((page) => page.items)) {
    const key = JSON.stringify([row.device, row.bed, row.from]);
    const stay = stays.get(key) ?? { device: row.device, bed: row.bed, ward: row.ward, from: row.from, to: ended(row.to), codes: [] };
    stay.codes.push(row.code);
    stays.set(key, stay);
  }
  const monitorings = [...stays.values()];
  const devices = [...new Set(monitorings.map((one) => one.device))].slice(0, devices_max);
  const alarms = await Promise.all(devices.map((device) => get<Page<Alarm>>(`/api/alarms${query({ device, state: "all", limit: alarms_max })}`)));
  return { monitorings, alarms: alarms.flatMap((page) => page.items).filter((one) => one.patient && names.includes(one.patient.id)) };
}
