// Units that a ward may choose for its screens. What is stored, sent and compared with limits stays in the unit of the code's
// table; only here is it converted, and only to be seen.
export type Pressure = "mmHg" | "kPa";
export type Temperature = "C" | "F";
export interface Units {
  pressure: Pressure;
  temperature: Temperature;
}

export interface Seen {
  unit: string;
  of: (value: number) => number;
  decimals: number | null; // null: as the code says
}

const names: Record<string, string> = { "mm[Hg]": "mmHg", Cel: "°C", "{score}": "", "{level}": "", "{flag}": "", "1": "" };
export const unit_text = (ucum: string) => names[ucum] ?? ucum;

const kpa_per_mmhg = 0.133322387415; // conventional millimetre of mercury, NIST SP 811

export function seen_in(ucum: string, units: Units): Seen {
  if (ucum === "mm[Hg]" && units.pressure === "kPa") return { unit: "kPa", of: (value) => value * kpa_per_mmhg, decimals: 1 };
  if (ucum === "Cel" && units.temperature === "F") return { unit: "°F", of: (value) => value * 1.8 + 32, decimals: 1 };
  return { unit: unit_text(ucum), of: (value) => value, decimals: null };
}
