// What of one bed is not heard or not signalled: by whom, until when, why.
import type { Pause } from "../api/types";
import { use_words } from "../i18n/language";
import { CrossedBell } from "../sound/bell";

export const in_force = (pauses: readonly Pause[], now: number): Pause[] => pauses.filter((one) => one.until === null || Date.parse(one.until) > now);

export function use_pause_text(): (pause: Pause) => string {
  const { t, moment } = use_words();
  return (pause) => {
    const what = t.pause_state[pause.what][pause.until ? "paused" : "off"];
    return t.pause_text(what, pause.by || "–", pause.until ? moment(pause.until) : null, pause.reason);
  };
}

// `words`: say it, instead of only showing the bell.
export function PauseMark({ pauses, now, words }: { pauses: readonly Pause[]; now: number; words?: boolean }) {
  const text = use_pause_text();
  const { t } = use_words();
  const held = in_force(pauses, now);
  if (held.length === 0) return null;
  if (words) return <ul className="limits-off">{held.map((one) => <li key={one.what}><CrossedBell /> {text(one)}</li>)}</ul>;
  const worst = held.find((one) => one.what === "alarm") ?? held[0];
  const all = held.map(text).join("\n");
  return (
    <span className="limits-off" title={all} aria-label={all} data-pause={worst?.what}>
      <CrossedBell />
      {worst && t.pause_brief[worst.what]}
    </span>
  );
}
