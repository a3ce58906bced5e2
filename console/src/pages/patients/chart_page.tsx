// One patient's record: /patients/{id} in parts, and /patients/{id}/raw/{type}/{id} for who wants the resource itself.
import { useMemo, useState } from "react";
import { NavLink, Route, Routes, useParams } from "react-router-dom";
import { use_words } from "../../i18n/language";
import { resource_path, use_found, use_read } from "../../record/client";
import type { FormKind } from "../../record/forms";
import { kind_path } from "../../record/kinds";
import type { Patient, Resource } from "../../record/types";
import { use_session } from "../../shell/session";
import { Sights } from "../../shell/sights";
import { ChartProvider, type Chart } from "./chart_context";
import { ChartHead } from "./chart_head";
import { FormDialog } from "./form_dialog";
import { DocumentsPart, EncountersPart, MedicationsPart, ProblemsPart } from "./lists_parts";
import { chart_path } from "./patients_page";
import { RawPart } from "./raw_part";
import { ResultsPart } from "./results_part";
import { SummaryPart } from "./summary_part";
import { TimelinePart } from "./timeline_part";
import "./chart.css";

const refresh_ms = 60_000;
const allergies_max = 100;

export default function ChartPage() {
  const id = useParams()["id"] ?? "";
  return <ChartOf key={id} id={id} />;
}

function ChartOf({ id }: { id: string }) {
  const { t } = use_words();
  const c = t.chart;
  const { may } = use_session();
  const [turn, set_turn] = useState(0); // counts what was saved here: every part then reads again
  const [form, set_form] = useState<{ kind: FormKind } | { resource: Resource } | null>(null);
  const loaded = use_read<Patient>(resource_path("Patient", id), refresh_ms);
  const allergies = use_found<Resource>(kind_path("AllergyIntolerance", id, allergies_max), refresh_ms);
  const may_change = may("administrator", "clinician");
  const patient = loaded.data;
  const chart = useMemo<Chart | null>(
    () => patient && { patient, id, may_change, add: (kind) => set_form({ kind }), correct: (resource) => set_form({ resource }) },
    [patient, id, may_change],
  );
  const path = chart_path(id);
  const saved = () => {
    set_turn((n) => n + 1);
    allergies.reload();
    loaded.reload();
  };
  const parts = [["", c.summary], ["problems", c.problems], ["medications", c.medications], ["results", c.results], ["encounters", c.encounters], ["documents", c.documents], ["timeline", c.timeline]] as const;
  return (
    <div className="page chart" data-patient={id}>
      <Sights from={loaded}>
        {() =>
          chart && (
            <ChartProvider value={chart}>
              <ChartHead allergies={allergies} />
              <nav className="bed-tabs chart-tabs">
                {parts.map(([part, name]) => <NavLink key={part} to={part ? `${path}/${part}` : path} end>{name}</NavLink>)}
              </nav>
              <Routes key={turn}>
                <Route path="problems" element={<ProblemsPart allergies={allergies} />} />
                <Route path="medications" element={<MedicationsPart />} />
                <Route path="results" element={<ResultsPart />} />
                <Route path="encounters" element={<EncountersPart />} />
                <Route path="documents" element={<DocumentsPart />} />
                <Route path="timeline" element={<TimelinePart />} />
                <Route path="raw/:type/:resource" element={<RawPart />} />
                <Route path="*" element={<SummaryPart />} />
              </Routes>
              {form && <FormDialog {...form} on_saved={saved} on_close={() => set_form(null)} />}
            </ChartProvider>
          )
        }
      </Sights>
    </div>
  );
}
