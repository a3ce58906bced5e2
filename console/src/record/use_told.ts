// Dates, ages and statuses of the record in the reader's language.
import { useMemo } from "react";
import { use_words } from "../i18n/language";
import { use_now } from "../live/ward_feed";
import { use_view } from "../ward/view_settings";
import { name_shown } from "../ward/mask";
import { minute_text, date_text } from "../time/zone";
import { use_zone } from "../time/use_zone";
import { coarse_age, person_age, when_of, type Coarse } from "./dates";
import { died, name_of } from "./person";
import { concept_text } from "./readings";
import type { CodeableConcept, Patient } from "./types";

const refresh_ms = 10_000;
const clocks_differ_ms = 120_000; // what is ahead of this screen's clock by less is of now

export interface Told {
  date: (text: string | undefined) => string; // as fine as it was said, in the zone of this screen
  age: (text: string | undefined) => string; // "3 d ago"; "" where nothing can be said
  when: (text: string | undefined) => string; // both
  person_age: (patient: Patient) => string;
  name: (patient: Patient) => string; // as far as this screen shows names
  status: (code: string) => string;
  concept: (concept: CodeableConcept | undefined) => string; // what is well known, in the reader's language
}

export function use_told(): Told {
  const { t, age } = use_words();
  const zone = use_zone();
  const { view } = use_view();
  const now = use_now(refresh_ms); // ages here are of minutes and more: nothing is drawn anew each second
  return useMemo(() => {
    const c = t.chart;
    const coarse = (one: Coarse) =>
      one.unit === "fine" ? age(one.count) : one.unit === "days" ? t.age_d(one.count) : one.unit === "months" ? c.age_mo(one.count) : c.age_y(one.count);
    const ago = (one: Coarse) => (one.unit === "days" && one.count === 0 ? c.today : t.ago(one.unit === "years" ? t.chart.years(one.count) : coarse(one)));
    const date = (text: string | undefined) => {
      const when = when_of(text);
      if (!when) return text ?? "";
      return when.precision === "instant" ? `${date_text(when.from, zone)} ${minute_text(when.from, zone)}` : when.text;
    };
    const aged = (text: string | undefined) => {
      const when = when_of(text);
      if (!when) return "";
      const one = coarse_age(when, when.from > now && when.from < now + clocks_differ_ms ? when.from : now);
      return one ? ago(one) : c.ahead;
    };
    return {
      date,
      age: aged,
      when: (text) => [date(text), aged(text)].filter(Boolean).join(" · ") || c.no_date,
      person_age: (patient) => {
        const at = died(patient) ? when_of(patient.deceasedDateTime)?.from : now;
        const one = at === undefined ? null : person_age(patient.birthDate, at);
        return one ? coarse(one) : "";
      },
      name: (patient) => name_shown(name_of(patient), view.record_names) || c.no_name,
      status: (code) => c.statuses[code] ?? code,
      concept: (concept) => concept?.coding?.flatMap((one) => (one.system === "http://loinc.org" ? t.forms.vitals[one.code ?? ""] ?? [] : []))[0] ?? concept_text(concept),
    };
  }, [t, age, zone, view.record_names, now]);
}
