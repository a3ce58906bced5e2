// Which limits of a device are off, by whom and since when: the crossed bell of a sector.
import { use_codes } from "../api/codes";
import type { Limit, ScopedLimit } from "../api/types";
import { use_words } from "../i18n/language";
import { CrossedBell } from "../sound/bell";

export function use_limit_off_text(): (limit: Limit) => string {
  const { t, moment } = use_words();
  const codes = use_codes();
  return (limit) =>
    t.limit_is_off(
      `${codes.name(limit.code)} (${{ high: t.priority_high, medium: t.priority_medium, low: t.priority_low }[limit.priority]})`,
      limit.by || "–",
      limit.set ? moment(limit.set) : "–",
      limit.reason,
    );
}

// `words`: say it, instead of only showing the bell with how many there are.
export function LimitsOff({ off, words }: { off: readonly ScopedLimit[]; words?: boolean }) {
  const text = use_limit_off_text();
  if (off.length === 0) return null;
  if (words) return <ul className="limits-off">{off.map((one) => <li key={`${one.code} ${one.priority}`}><CrossedBell /> {text(one)}</li>)}</ul>;
  const all = off.map(text).join("\n");
  return <span className="limits-off" title={all} aria-label={all} data-off={off.length}><CrossedBell />{off.length}</span>;
}
