// A value of the record with its unit, its age and its reference range. An interpretation is said in words, never in an alarm's colour.
import { use_words } from "../../i18n/language";
import { parts_of, time_of } from "../../record/readings";
import type { Observation } from "../../record/types";
import { use_told } from "../../record/use_told";

export function Reading({ observation, age = true }: { observation: Observation; age?: boolean }) {
  const { t } = use_words();
  const c = t.chart;
  const told = use_told();
  const parts = parts_of(observation);
  return (
    <span className="reading">
      {parts.length === 0 && <span className="quiet">{c.no_value}</span>}
      {parts.map((part, i) => (
        <span key={i} className="reading-part">
          {part.label && <span className="quiet">{part.label} </span>}
          <b>{part.text}</b>{part.unit && ` ${part.unit}`}
          {part.flag && (c.flags[part.flag] ?? part.flag) && <span className="reading-flag">{c.flags[part.flag] ?? part.flag}</span>}
          {part.range && <span className="quiet reading-range">{c.range_of(part.range)}</span>}
        </span>
      ))}
      {age && <span className="quiet reading-age">{told.when(time_of(observation))}</span>}
    </span>
  );
}
