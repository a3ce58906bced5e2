// A number of a sector with its unit and age; grey when it is stale, --- when it is gone.
import type { ReactNode } from "react";
import { use_codes } from "../api/codes";
import { use_words } from "../i18n/language";
import { freshness, is_cuff, type Freshness } from "../live/stale";
import type { Reading } from "../live/store";

interface Shown {
  text: string;
  state: Freshness | "absent";
  age: string;
}

function use_shown(code: string, reading: Reading | undefined, now: number, silent: boolean): Shown {
  const codes = use_codes();
  const { age, minute } = use_words();
  if (!reading) return { text: "---", state: "absent", age: "" };
  const age_ms = Math.max(0, now - reading.heard);
  const state = freshness(code, age_ms, reading.period_ms);
  return {
    text: state === "gone" ? "---" : codes.seen.text(code, reading.v),
    state: silent && state === "fresh" ? "stale" : state,
    // The cuff's numbers go by when they were taken.
    age: is_cuff(code) ? minute(reading.heard) : age(age_ms),
  };
}

interface Props {
  label: ReactNode;
  code: string;
  reading: Reading | undefined;
  second?: { code: string; reading: Reading | undefined }; // diastolic
  now: number;
  silent: boolean;
  size: "huge" | "large" | "small";
  tone: "hr" | "spo2" | "plain";
  brief?: boolean; // small sectors: the age only of what is not fresh, and of the cuff
}

export function BigNumber({ label, code, reading, second, now, silent, size, tone, brief }: Props) {
  const codes = use_codes();
  const first = use_shown(code, reading, now, silent);
  const other = use_shown(second?.code ?? code, second?.reading, now, silent);
  const age = brief && first.state === "fresh" && !is_cuff(code) ? "" : first.age;
  return (
    <div className={`number ${size} ${tone} ${first.state}`} data-code={code} title={first.age}>
      <div className="number-head">
        <span className="number-name">{label}</span>
        <span className="number-unit">{codes.seen.unit(code)}</span>
        {age && <span className="number-age">{age}</span>}
      </div>
      <div className="number-value">
        {first.text}
        {second && <span>/{other.text}</span>}
      </div>
    </div>
  );
}
