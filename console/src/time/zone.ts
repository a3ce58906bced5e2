// Times of the ward's zone. They are stored in UTC; where a clock change repeats an hour, the offset tells the two apart.
export interface Fields {
  year: number;
  month: number; // 1 to 12
  day: number;
  hour: number;
  minute: number;
  second: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();
function format_of(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    const two = "2-digit" as const;
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone, calendar: "iso8601", numberingSystem: "latn", hourCycle: "h23", year: "numeric", month: two, day: two, hour: two, minute: two, second: two,
    });
    formats.set(zone, format);
  }
  return format;
}

export const browser_zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

export function is_zone(name: string): boolean {
  try {
    format_of(name);
    return true;
  } catch {
    return false;
  }
}

export function fields_at(ms: number, zone: string): Fields {
  const found: Record<string, number> = {};
  for (const part of format_of(zone).formatToParts(Math.floor(ms / 1000) * 1000)) found[part.type] = Number(part.value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = found;
  return { year, month, day, hour, minute, second };
}

const as_utc = (f: Fields) => Date.UTC(f.year, f.month - 1, f.day, f.hour, f.minute, f.second);

// Of local time from UTC, in ms.
export const offset_at = (ms: number, zone: string) => as_utc(fields_at(ms, zone)) - Math.floor(ms / 1000) * 1000;

export function offset_text(ms: number, zone: string): string {
  const minutes = Math.round(offset_at(ms, zone) / 60_000);
  const two = (n: number) => String(n).padStart(2, "0");
  return `UTC${minutes < 0 ? "−" : "+"}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}

// The instants at which the ward's clock shows `fields`: one; two in a repeated hour, the earlier first; none in an hour left out.
export function instants_of(fields: Fields, zone: string): number[] {
  const local = as_utc(fields);
  const offsets = new Set([-1, 0, 1].map((day) => offset_at(local + day * 86_400_000, zone)));
  return [...offsets]
    .map((offset) => local - offset)
    .filter((ms) => as_utc(fields_at(ms, zone)) === local)
    .sort((a, b) => a - b);
}

// Whether the ward's clock shows this time of the day twice on that day.
export const is_repeated = (ms: number, zone: string) => instants_of(fields_at(ms, zone), zone).length > 1;

// "2026-10-25 02:30", "02:30:15" (of the day of `near_ms`), with an optional offset as of ISO 8601, that decides.
export function parse_local(text: string, zone: string, near_ms: number): number[] {
  const found = /^\s*(?:(\d{4})-(\d{1,2})-(\d{1,2})[ T]+)?(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(?:(?:UTC)?([+−-])(\d{2}):?(\d{2})|(Z))?\s*$/.exec(text);
  if (!found) return [];
  const today = fields_at(near_ms, zone);
  const number = (at: number, otherwise: number) => (found[at] === undefined ? otherwise : Number(found[at]));
  const fields = { year: number(1, today.year), month: number(2, today.month), day: number(3, today.day), hour: number(4, 0), minute: number(5, 0), second: number(6, 0) };
  const back = new Date(as_utc(fields));
  const is_real = fields.hour < 24 && fields.minute < 60 && fields.second < 60 && back.getUTCMonth() + 1 === fields.month && back.getUTCDate() === fields.day;
  if (!is_real) return [];
  if (found[10]) return [as_utc(fields)];
  if (found[7]) return [as_utc(fields) - (found[7] === "+" ? 1 : -1) * (number(8, 0) * 60 + number(9, 0)) * 60_000];
  return instants_of(fields, zone);
}

const two = (n: number) => String(n).padStart(2, "0");
export const date_text = (ms: number, zone: string) => {
  const f = fields_at(ms, zone);
  return `${f.year}-${two(f.month)}-${two(f.day)}`;
};
export const minute_text = (ms: number, zone: string) => {
  const f = fields_at(ms, zone);
  return `${two(f.hour)}:${two(f.minute)}`;
};
export const second_text = (ms: number, zone: string) => `${minute_text(ms, zone)}:${two(fields_at(ms, zone).second)}`;
// With the date, and with the offset where the hour comes twice.
export const moment_text = (ms: number, zone: string) =>
  `${date_text(ms, zone)} ${second_text(ms, zone)}${is_repeated(ms, zone) ? ` ${offset_text(ms, zone)}` : ""}`;
export function iso_text(ms: number, zone: string): string {
  const offset = offset_text(ms, zone).slice(3).replace("−", "-");
  return `${date_text(ms, zone)}T${second_text(ms, zone)}${offset}`;
}
