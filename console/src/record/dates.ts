// FHIR's dates say a year, a month, a day or an instant. None is shown finer than it was said, and an age is as coarse as its date.
export type Precision = "year" | "month" | "day" | "instant";

export interface When {
  text: string; // as it was said
  from: number; // ms since 1970 at which it begins; of a date without a zone, in the zone of this screen
  precision: Precision;
}

export function when_of(text: string | undefined): When | null {
  const found = text === undefined ? null : /^(\d{4})(?:-(\d{2})(?:-(\d{2})(T.*)?)?)?$/.exec(text);
  if (!found || text === undefined) return null;
  const [, year, month, day, time] = found;
  const from = time ? Date.parse(text) : new Date(Number(year), Number(month ?? 1) - 1, Number(day ?? 1)).getTime();
  if (Number.isNaN(from)) return null;
  return { text, from, precision: time ? "instant" : day ? "day" : month ? "month" : "year" };
}

export interface Calendar {
  years: number;
  months: number; // all of them
  days: number;
}

// Whole calendar years, months and days from one day to another; null where it runs backwards.
export function between(from_ms: number, to_ms: number): Calendar | null {
  if (to_ms < from_ms) return null;
  const from = new Date(from_ms), to = new Date(to_ms);
  const day_after = to.getDate() < from.getDate() || (to.getDate() === from.getDate() && to.getHours() * 60 + to.getMinutes() < from.getHours() * 60 + from.getMinutes());
  const months = (to.getFullYear() - from.getFullYear()) * 12 + to.getMonth() - from.getMonth() - (day_after ? 1 : 0);
  return { years: Math.floor(months / 12), months, days: Math.floor((to_ms - from_ms) / 86_400_000) };
}

export type Coarse = { unit: "fine" | "days" | "months" | "years"; count: number };

// How old something is, in the unit in which people say it. "fine": less than two days, of which the console's own ages speak.
export function coarse_age(when: When, now: number): Coarse | null {
  const passed = between(when.from, now);
  if (!passed) return null;
  if (when.precision === "year") return { unit: "years", count: new Date(now).getFullYear() - Number(when.text.slice(0, 4)) };
  if (when.precision === "month" && passed.months < 24) return { unit: "months", count: passed.months };
  if (passed.months >= 24) return { unit: "years", count: passed.years };
  if (passed.days >= 60) return { unit: "months", count: passed.months };
  if (passed.days >= 2 || when.precision === "day") return { unit: "days", count: passed.days };
  return { unit: "fine", count: now - when.from };
}

// Of a person: days in the first four weeks, months in the first two years, then years; as of the day of death for the dead.
export function person_age(birth: string | undefined, at: number): Coarse | null {
  const born = when_of(birth);
  const passed = born && between(born.from, at);
  if (!born || !passed) return null;
  if (born.precision === "year") return { unit: "years", count: new Date(at).getFullYear() - Number(born.text) };
  if (passed.months >= 24) return { unit: "years", count: passed.years };
  if (born.precision === "month" || passed.days >= 28) return { unit: "months", count: passed.months };
  return { unit: "days", count: passed.days };
}
