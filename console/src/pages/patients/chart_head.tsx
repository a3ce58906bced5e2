// Who this is, always in sight: name, age, sex, identifiers, allergies; and the bed where the patient is monitored now.
import { ArrowLeftOutlined, CodeOutlined } from "@ant-design/icons";
import { Link } from "react-router-dom";
import type { Loaded } from "../../api/use_call";
import { use_words } from "../../i18n/language";
import { use_devices, use_store } from "../../live/ward_feed";
import type { Found } from "../../record/client";
import { is_withdrawn, reactions_of, status_of, title_of } from "../../record/kinds";
import { died, known_as } from "../../record/person";
import type { CodeableConcept, Resource } from "../../record/types";
import { use_told } from "../../record/use_told";
import { use_chart } from "./chart_context";
import { raw_path } from "./list";
import { NamesButton } from "./names_button";
import { Identifiers } from "./patients_page";

// SNOMED CT: no known allergy, and what is narrower.
const none_known = ["716186003", "409137002", "428607008", "429625007", "1003774007"];
const says_none = (one: Resource) => (one["code"] as CodeableConcept | undefined)?.coding?.some((coding) => none_known.includes(coding.code ?? "")) ?? false;

export function Allergies({ loaded }: { loaded: Loaded<Found<Resource>> }) {
  const { t } = use_words();
  const c = t.chart;
  const told = use_told();
  if (!loaded.data) return <b className="allergies unknown" data-allergies="unknown">{loaded.error ? c.allergies_unknown : c.allergies_loading}</b>;
  const held = loaded.data.items.filter((one) => !is_withdrawn(one) && !["inactive", "resolved"].includes(status_of(one)));
  const real = held.filter((one) => !says_none(one));
  const text = (one: Resource) => [title_of(one), reactions_of(one).length > 0 && `(${reactions_of(one).join(", ")})`, one["criticality"] === "high" && `– ${c.high_criticality}`].filter(Boolean).join(" ");
  if (real.length === 0) return <span className="allergies" data-allergies="none">{c.allergies}: {held.length > 0 ? c.no_known : c.no_allergies_recorded}</span>;
  return (
    <span className="allergies some" data-allergies="some">
      <b>⚠ {c.allergies}:</b> {real.map((one) => <span key={one.id} className="allergy" title={told.status(status_of(one))}>{text(one)}</span>)}
      {loaded.error && <span className="quiet"> · {t.failed_old}</span>}
    </span>
  );
}

// The ward's devices know the patient by the record's id or by any identifier.
function AtBed() {
  const { t } = use_words();
  const { patient } = use_chart();
  const store = use_store();
  const names = known_as(patient);
  const devices = use_devices().filter((device) => names.includes(store.sector(device)?.sector.patient?.id ?? ""));
  const [device] = devices;
  if (device === undefined) return null;
  const bed = store.sector(device)?.sector.bed;
  return <Link className="at-bed" to={`/bed/${encodeURIComponent(device)}`} data-at-bed={device}>{t.chart.at_bed(bed ?? device)} · {t.chart.live}</Link>;
}

export function ChartHead({ allergies }: { allergies: Loaded<Found<Resource>> }) {
  const { t } = use_words();
  const c = t.chart;
  const told = use_told();
  const { patient, id } = use_chart();
  const age = told.person_age(patient);
  return (
    <header className="chart-head">
      <div className="chart-who">
        <Link to="/patients" className="back" aria-label={c.to_patients} title={c.to_patients}><ArrowLeftOutlined /></Link>
        <h2>{told.name(patient)}</h2>
        <span>{[age && <b key="age">{age}</b>, patient.gender ? c.sexes[patient.gender] ?? patient.gender : c.sex_unknown].map((one, i) => <span key={i}>{i > 0 && one && age && " · "}{one}</span>)}</span>
        <span className="quiet">{patient.birthDate ? `${c.born} ${told.date(patient.birthDate)}` : c.born_unknown}</span>
        {died(patient) && <b>† {patient.deceasedDateTime ? c.deceased_at(told.date(patient.deceasedDateTime)) : c.deceased}</b>}
        <span className="quiet chart-identifiers"><Identifiers patient={patient} /></span>
        <AtBed />
        <span className="push" />
        <Link to={raw_path(id, "Patient", id)} aria-label={c.open_raw} title={c.open_raw}><CodeOutlined /></Link>
        <NamesButton />
      </div>
      <Allergies loaded={allergies} />
    </header>
  );
}
