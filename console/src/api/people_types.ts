// Stations and who acts at them: docs/api.md, in types.
export interface Station {
  id: string;
  name: string;
  ward: string;
  created: string;
  paired: string | null;
  code_expires: string | null; // a pairing code waits to be used
}
export interface StationCode extends Station {
  code: string; // shown once
}
// What this screen is when it is a station.
export type OwnStation = Pick<Station, "id" | "name" | "ward">;

// Who is told when nobody accepts an alarm of the ward.
export interface Rota {
  ward: string;
  steps: { to: string; high_s: number; medium_s: number }[]; // to: user:NAME, role:NAME or station:ID; 0 s: not at this priority
  by: string;
  reason: string;
  set: string;
}

export interface ScreenNow {
  who: string;
  station: boolean;
  ward: string | null; // null: every ward
  audible: boolean;
  why: string;
  since: string;
  said_ms: number;
}
