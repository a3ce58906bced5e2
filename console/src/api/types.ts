// What the server says and hears: docs/api.md and docs/formats/live-feed.md, in types.

import type { OwnStation } from "./people_types";

export type Role = "administrator" | "clinician" | "engineer" | "viewer";
export type Priority = "high" | "medium" | "low";
export type AgeClass = "adult" | "child" | "neonate" | "unknown";
export type AlarmRule = "low" | "high" | "no_data" | "news2" | "device_gone" | "asystole" | "ecg_lead_off" | "ecg_noisy" | "patient_mismatch" | "no_audible_screen" | "stations_gone";

export type AlarmState = "active" | "acknowledged" | "latched" | "ended";

export interface Session {
  token: string;
  expires: string | null; // null: a station's, until it is revoked
  station?: OwnStation;
  user: string;
  roles: Role[];
  display_name: string;
}

export interface Page<T> {
  items: T[];
  next: string | null;
  total: number | null; // null: not counted
}

export interface Problem {
  title: string;
  status: number;
  code: string;
  detail: string;
}

export interface Code {
  alias: string;
  mdc: number;
  refid: string;
  loinc: string;
  unit: string;
  decimals: number;
  kind: string;
  name: { en: string; zh: string };
}

export interface Patient {
  id: string;
  label: string;
}

export interface Numeric {
  v: number;
  t: number; // ms since 1970, device time
}

export interface News2 {
  score: number;
  at_least: boolean;
  missing: string[];
  any_three: boolean;
  risk: string;
  t: number;
}

export interface Sector {
  device: string;
  bed: string | null;
  ward: string | null;
  patient: Patient | null;
  simulated: boolean;
  connected: boolean;
  values: Record<string, Numeric>;
  news2: News2 | null;
  waves: string[];
  age_class: AgeClass;
  paced: boolean | null; // null: not known
  limits_off: ScopedLimit[];
  pauses: Pause[];
}

// Of one bed: its alarms are not heard (audio) or not signalled (alarm).
export interface Pause {
  what: "audio" | "alarm";
  state: string;
  until: string | null;
  by: string;
  reason: string;
  set: string;
}

export interface Alarm {
  id: string;
  device: string; // "": the ward's own
  bed: string | null;
  ward?: string;
  delivered?: { to: string; at: string } | null; // the first screen that has shown it
  escalated?: { step: number; to: string; at: string }[];
  code: string;
  rule: AlarmRule;
  priority: Priority;
  state: AlarmState;
  acknowledged: { by: string; at: string } | null;
  acknowledged_before: { by: string; at: string } | null; // of one that persisted and is heard again
  reminders: number;
  latching: boolean;
  raised: string;
  ended: string | null;
  value: number | null;
  limit: number | null;
  unit: string;
  text: string;
  provisional: boolean;
  version: number;
  patient?: Patient | null; // by the binding in force when it was raised
  was?: { bed: string; patient: Patient | null; by: string; at: string; reason: string } | null; // before that was corrected
}

export type ScoreInput =
  | { parameter: string; state: "missing"; points: null; code?: undefined }
  | { parameter: string; state: "stale"; points: null; code: string; v: number; unit: string; t: number; age_ms: number }
  | { parameter: string; state: "fresh"; points: number; code: string; v: number; unit: string; t: number; age_ms: number };
export interface Scores {
  device: string;
  age_class: AgeClass;
  applies: boolean; // scores are for adults
  scores: { name: string; score: number; at_least: boolean; triggered: boolean; trigger: number; source: string; inputs: ScoreInput[] }[];
}

export interface Ward {
  sectors: Sector[];
  alarms: Alarm[];
}

export interface Device {
  id: string;
  name: string;
  model: string;
  status: string; // "enabled" or "disabled"
  simulated: boolean;
  connected: boolean;
  last_seen: string | null;
  bed: string | null;
  ward: string | null;
  patient: Patient | null;
  age_class: AgeClass | "unknown";
  paced: boolean | null;
  messages: number;
  duplicates: number;
  rejected: number; // values
  malformed: number; // messages
  last_error?: string;
  unknown_keys: Record<string, number>;
  clock_offset_ms: number | null;
  created: string;
}

export interface Binding {
  patient: Patient | null;
  bed: string;
  ward: string;
  from: string;
  to: string | null;
  by: string;
  age_class: AgeClass;
  paced: boolean | null;
  change: number;
  superseded?: { by: string; at: string; reason: string };
}
export interface BindingRow extends Binding {
  device: string;
  version: number;
}

export interface Bindings extends Page<Binding> {
  superseded: Binding[];
  version: number;
}

// What a binding would do: shown before it holds.
export interface BindingPreview {
  device: { id: string; name: string; model: string };
  bed: string;
  ward: string;
  patient: Patient | null;
  identifier_end: string;
  known_label: string | null;
  now: Binding | null;
  ends: (BindingRow & { last_device: boolean })[];
  beside: BindingRow[];
  conflicts: { kind: "bed_taken" | "patient_elsewhere"; bed: string; ward: string; device: string; patient: Patient | null }[];
  transfer: boolean;
  version: number;
}

export interface BedDevice {
  device: string;
  name: string;
  version: number;
  has_patient: boolean;
  from: string;
  change: number;
}
export interface Bed {
  bed: string;
  ward: string;
  patient: Patient | null;
  identifier_end: string;
  since: string;
  devices: BedDevice[];
}

export interface DeviceIdentity {
  deviceId: string;
  status: string;
  name: string;
  model: string;
  simulated: boolean;
  authentication?: { symmetricKey?: { primaryKey?: string; secondaryKey?: string } };
}

export type ScopeKind = "hospital" | "ward" | "age_class" | "bed" | "patient" | "device";
export interface Scope {
  kind: ScopeKind;
  ward?: string;
  age_class?: AgeClass;
  bed?: string;
  patient?: string;
  device?: string;
}

export interface Limit {
  code: string;
  low: number | null;
  high: number | null;
  priority: Priority;
  delay_ms: number;
  end_delay_ms: number;
  hysteresis: number;
  enabled: boolean;
  latching: boolean;
  reason: string;
  by?: string; // empty: as delivered
  source?: string; // of a delivered row: where its numbers come from
  set?: string | null;
}
export type ScopedLimit = Limit & { scope: Scope };

export interface Limits {
  default: Limit[];
  wards: Record<string, Limit[]>;
  age_classes: Partial<Record<AgeClass, Limit[]>>;
  beds: { ward: string; bed: string; rows: Limit[] }[];
  patients: Record<string, Limit[]>;
  devices: Record<string, Limit[]>;
}

// After how many seconds an acknowledged alarm that persists is heard again; 0: never.
export interface AlarmSettings {
  remind_high_s: number;
  remind_medium_s: number;
  remind_low_s: number;
  by: string; // empty: as delivered
  reason: string;
  set: string | null;
}

export interface EffectiveLimits {
  device: string;
  bed: string;
  ward: string;
  patient: string | null;
  age_class: AgeClass;
  watched_as: AgeClass;
  rows: ScopedLimit[];
}

export interface LimitChange {
  number: number;
  time: string;
  action: "put" | "reset" | "vacated";
  scope: Scope;
  code: string;
  priority: Priority;
  row: Limit;
  before: Limit | null;
  by: string;
  reason: string;
}

export interface User {
  name: string;
  display_name: string;
  roles: Role[];
  enabled: boolean;
  created: string;
}

export interface AuditRecord {
  time: string;
  actor: string;
  action: string;
  target: string;
  outcome: string;
  peer: string;
  station?: string; // where the person acted by PIN
}

export interface Partition {
  name: string;
  epoch: number;
  durable_offset: number;
  applied_offset: number;
  groups: number;
  syncs: number;
  bytes: number;
  last_sync_us: number;
  torn_bytes: number;
  recording: boolean;
  reason: string;
  checkpoints: number;
  waiting_bytes: number;
  stopped: string;
}

export interface Status {
  version: string;
  now: string;
  uptime_s: number;
  recording: boolean;
  reason: string;
  consoles: number;
  messages: number;
  partitions: Partition[];
}

export interface SeriesRow {
  device: string;
  code: string;
  instance: number;
  unit: string;
  count: number;
  late: number;
  first: string;
  last: string | null;
}

export interface Burden {
  by: "bed" | "rule" | "hour";
  from: string;
  to: string;
  total: number;
  items: { key: string; count: number; high: number; medium: number; low: number }[];
}

export interface Aggregate {
  unit: string;
  step_ms: number;
  items: [number, number, number, number, number][]; // t, count, min, max, mean
}

// What the server sends as text over /ws/live.
export interface Position {
  epoch: number;
  offset: number;
}
export type FeedMessage =
  | ({ type: "welcome"; user: string; now: string; resumed: boolean; recording: boolean; simulated: boolean; version: string } & Position)
  | ({ type: "ward" } & Ward)
  | { type: "sector"; sector: Sector }
  | { type: "sector_removed"; device: string }
  | { type: "numerics"; device: string; t: number; values: Record<string, number> }
  | ({ type: "news2"; device: string } & News2)
  | { type: "alarm"; alarm: Alarm }
  | { type: "alarm_removed"; id: string } // to a station: it is another ward's now
  | ({ type: "position" } & Position)
  | { type: "status"; now: string; recording: boolean; reason: string | null; messages_per_s: number; late_ms: number };
