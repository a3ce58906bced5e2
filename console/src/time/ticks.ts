// Where an axis is marked. Time is marked at whole units of the ward's clock, values at 1, 2 or 5 times a power of ten.
import { date_text, fields_at, is_repeated, minute_text, offset_at, offset_text, second_text } from "./zone";
import { length, type Span } from "./span";

export interface Tick {
  at: number;
  text: string;
  strong: boolean; // a new day, or the first
}

const second = 1_000, minute = 60 * second, hour = 60 * minute, day = 24 * hour;
const steps = [
  second / 10, second / 5, second / 2, second, 2 * second, 5 * second, 10 * second, 30 * second, minute, 2 * minute, 5 * minute, 10 * minute, 30 * minute,
  hour, 2 * hour, 4 * hour, 6 * hour, 12 * hour, day, 2 * day, 7 * day, 14 * day, 30 * day, 61 * day, 92 * day,
];
const ticks_max = 200;

export function time_step(span_ms: number, width: number, tick_px = 90): number {
  const wanted = (span_ms * tick_px) / Math.max(1, width);
  return steps.find((step) => step >= wanted) ?? 183 * day;
}

export function time_ticks(span: Span, width: number, zone: string): Tick[] {
  const step = time_step(length(span), width);
  const ticks: Tick[] = [];
  // Counted on the ward's clock, so that hours of it are whole; an offset that changes in sight is followed.
  const begin = Math.ceil((span.from + offset_at(span.from, zone)) / step) * step;
  let last_day = "";
  for (let i = 0; i < ticks_max; ++i) {
    const local = begin + i * step;
    let at = local - offset_at(span.from, zone);
    const shift = offset_at(at, zone) - offset_at(span.from, zone);
    if (shift !== 0 && step > hour) at -= shift; // midnight stays midnight
    if (at > span.to) break;
    const date = date_text(at, zone);
    const is_new_day = date !== last_day;
    last_day = date;
    const clock = step >= day ? date.slice(5) : step >= minute ? minute_text(at, zone) : second_text(at, zone) + (step < second ? `.${Math.round((at % second) / 100)}` : "");
    const offset = step < day && is_repeated(at, zone) ? ` ${offset_text(at, zone)}` : "";
    const year = step >= day && (i === 0 || fields_at(at, zone).year !== fields_at(at - step, zone).year) ? `${date.slice(0, 4)}-` : "";
    ticks.push({ at, text: year + clock + offset + (is_new_day && step < day ? `\n${date}` : ""), strong: is_new_day });
  }
  return ticks;
}

// About `wanted` whole values from `low` to `high`, both in sight.
export function value_ticks(low: number, high: number, wanted: number): number[] {
  const range = Math.max(high - low, 1e-9);
  const power = 10 ** Math.floor(Math.log10(range / Math.max(1, wanted)));
  const step = [1, 2, 5, 10].map((n) => n * power).find((one) => range / one <= wanted + 0.01) ?? 10 * power;
  const ticks: number[] = [];
  for (let n = Math.ceil(low / step); n * step <= high && ticks.length < 50; ++n) ticks.push(n * step);
  return ticks;
}
