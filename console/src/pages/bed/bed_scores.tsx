// Scores of one bed's patient, and what each is made of: value, age and points; what is missing or too old is said.
import { use_codes } from "../../api/codes";
import { query } from "../../api/client";
import type { ScoreInput, Scores } from "../../api/types";
import { use_call } from "../../api/use_call";
import { use_words } from "../../i18n/language";
import { Sights } from "../../shell/sights";

const refresh_ms = 10_000;

export function BedScores({ device }: { device: string }) {
  const { t, age } = use_words();
  const codes = use_codes();
  const loaded = use_call<Scores>(`/api/scores${query({ device })}`, refresh_ms);
  const input_text = (one: ScoreInput) => {
    const name = codes.name(one.code ?? one.parameter);
    if (one.state === "missing") return `${name} ${t.input_missing}`;
    const value = `${name} ${codes.seen.text(one.code, one.v)} ${codes.seen.unit(one.code)}`.trim();
    return one.state === "stale" ? `${value} ${t.input_stale(age(one.age_ms))}` : `${value} (${age(one.age_ms)}): ${one.points}`;
  };
  return (
    <Sights from={loaded} is_empty={(scores) => !scores.applies} empty={t.scores_for_adults}>
      {({ scores }) => (
        <ul className="bed-scores">
          {scores.map((one) => (
            <li key={one.name} title={one.source}>
              <b>{one.name} {one.at_least ? "≥" : ""}{one.score}</b>
              <small> {one.triggered ? t.score_triggered(one.trigger) : t.score_below(one.trigger)}{one.at_least && ` · ${t.score_incomplete}`}</small>
              <br />
              <small className="quiet">{one.inputs.map(input_text).join(" · ")}</small>
            </li>
          ))}
        </ul>
      )}
    </Sights>
  );
}
