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
