// Patients of the record: /patients?q= what was typed. Arrow keys go through those found, Enter opens the chart.
import { Input } from "antd";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { Link, useSearchParams } from "react-router-dom";
import { use_call } from "../../api/use_call";
import { use_words } from "../../i18n/language";
import { fhir_path, of_patient, use_found } from "../../record/client";
import { find_patients, type FoundPatients } from "../../record/find_patients";
import { title_of } from "../../record/kinds";
import { died, end_of, identifiers_of, kind_of_identifier, other_names } from "../../record/person";
import type { Patient, Period, Resource } from "../../record/types";
import { use_told } from "../../record/use_told";
import { PagingFoot } from "../../shell/paging_foot";
import { Rows } from "../../shell/rows";
import { Sights } from "../../shell/sights";
import { NamesButton } from "./names_button";
import "./chart.css";

const identifiers_shown = 2;
const typing_pause_ms = 300;

export const chart_path = (id: string) => `/patients/${encodeURIComponent(id)}`;

function LastEncounter({ patient }: { patient: string }) {
  const { t } = use_words();
  const told = use_told();
  const { data, error } = use_found<Resource & { period?: Period }>(fhir_path("Encounter", [of_patient(patient), ["_sort", "-date"], ["_count", 1], ["_elements", "period,type,class,status"]]));
  const [last] = data?.items ?? [];
  if (error) return <span className="quiet">{t.failed}</span>;
  if (!data) return <span className="quiet">…</span>;
  if (!last) return <span className="quiet">{t.chart.no_encounter}</span>;
  return <>{told.when(last.period?.start)}<br /><span className="quiet">{title_of(last)}</span></>;
}

function Name({ patient }: { patient: Patient }) {
  const { t } = use_words();
  const told = use_told();
  const others = other_names(patient);
  return (
    <>
      <Link to={chart_path(patient.id ?? "")} data-open className="patient-name">{told.name(patient)}</Link>
      {others.length > 0 && told.name(patient) !== t.chart.no_name && <OtherNames names={others} />}
      {died(patient) && <span className="quiet"> · † {t.chart.deceased}</span>}
    </>
  );
}

function OtherNames({ names }: { names: readonly string[] }) {
  const { t } = use_words();
  const told = use_told();
  return <div className="quiet">{t.chart.also} {names.map((text) => told.name({ resourceType: "Patient", name: [{ text }] })).join(", ")}</div>;
}

export function Identifiers({ patient }: { patient: Patient }) {
  const { t } = use_words();
  if (identifiers_of(patient).length === 0) return <span className="quiet">{t.none}</span>;
  return (
    <>
      {identifiers_of(patient).slice(0, identifiers_shown).map((one, i) => (
        <div key={i}>{kind_of_identifier(one)} {t.chart.ends_in(end_of(one.value ?? ""))}</div>
      ))}
    </>
  );
}

export default function PatientsPage() {
  const { t } = use_words();
  const c = t.chart;
  const told = use_told();
  const [parameters, set_parameters] = useSearchParams();
  const typed = parameters.get("q") ?? "";
  const [text, set_text] = useState(typed);
  const [cursor, set_cursor] = useState<string | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const composing = useRef(false); // letters that are not yet a word, as with Pinyin
  const loaded = use_call<FoundPatients>(cursor ?? `?q=${typed}`, 0, find_patients);
  const find = (wanted: string) => {
    const plain = wanted.trim();
    set_cursor(null);
    if (plain !== typed) set_parameters(plain ? { q: plain } : {}, { replace: true });
  };
  useEffect(() => set_text(typed), [typed]);
  useEffect(() => {
    if (text.trim() === typed) return;
    const timer = setTimeout(() => !composing.current && find(text), typing_pause_ms);
    return () => clearTimeout(timer);
  });
  const links = () => [...(list.current?.querySelectorAll<HTMLAnchorElement>("a[data-open]") ?? [])];
  const on_key = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined || event.nativeEvent.isComposing) return;
    const all = links();
    const to = all.indexOf(document.activeElement as HTMLAnchorElement) + step;
    if (to < 0) list.current?.querySelector("input")?.focus();
    else all[Math.min(to, all.length - 1)]?.focus();
    event.preventDefault();
  };
  const enter = () => {
    if (text.trim() !== typed) return find(text);
    const all = links();
    if (all.length === 1) all[0]?.click();
    else all[0]?.focus();
  };
  return (
    <div className="page patients" ref={list} onKeyDown={on_key}>
      <div className="page-head">
        <h2>{c.patients}</h2>
        <Input.Search
          allowClear
          autoFocus
          value={text}
          placeholder={c.search}
          aria-label={c.search}
          style={{ width: 340 }}
          onCompositionStart={() => void (composing.current = true)}
          onCompositionEnd={(event) => {
            composing.current = false;
            set_text(`${event.currentTarget.value}`);
          }}
          onChange={(event) => set_text(event.target.value)}
          onSearch={(_text, _event, info) => (info?.source === "clear" ? find("") : enter())}
        />
        <NamesButton />
      </div>
      <p className="page-intro quiet">{c.search_hint}</p>
      <Sights
        from={loaded}
        is_empty={(page) => page.items.length === 0}
        empty={typed ? <><h2>{c.no_match(typed)}</h2><p>{c.no_match_hint}</p></> : <><h2>{c.none_yet}</h2><p>{c.none_yet_hint}</p></>}
      >
        {(page) => (
          <>
            {page.by && <p className="quiet found-by" data-found-by={page.by}>{c.found_by[page.by]}</p>}
            <Rows<Patient>
              size="middle"
              rowKey={(one) => one.id ?? ""}
              width_px={820}
              dataSource={page.items}
              columns={[
                { title: c.name, render: (one) => <Name patient={one} /> },
                { title: c.born, render: (one) => (one.birthDate ? <>{told.date(one.birthDate)}{told.person_age(one) && <> · <b>{told.person_age(one)}</b></>}</> : <span className="quiet">{c.born_unknown}</span>) },
                { title: c.sex, render: (one) => (one.gender ? c.sexes[one.gender] ?? one.gender : <span className="quiet">{c.sex_unknown}</span>) },
                { title: c.identifiers, render: (one) => <Identifiers patient={one} /> },
                { title: c.last_encounter, render: (one) => <LastEncounter patient={one.id ?? ""} /> },
              ]}
            />
            <PagingFoot page={page} cursor={cursor} on_cursor={set_cursor} />
          </>
        )}
      </Sights>
    </div>
  );
}
