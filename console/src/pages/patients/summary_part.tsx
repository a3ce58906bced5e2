// The chart at a glance: what holds now, and the latest of what was measured.
import { Link } from "react-router-dom";
import { use_words } from "../../i18n/language";
import { use_found } from "../../record/client";
import { kind_path } from "../../record/kinds";
import { groups_of } from "../../record/readings";
import type { Observation, Resource } from "../../record/types";
import { use_told } from "../../record/use_told";
import { Sights } from "../../shell/sights";
import { use_chart } from "./chart_context";
import { Encounters, is_active_problem, is_current_medication, Medications, Problems } from "./lists_parts";
import { Actions, Part } from "./list";
import { chart_path } from "./patients_page";
import { Reading } from "./readings";

const lists_max = 200;
const values_max = 200;
const groups_shown = 12;
const encounters_shown = 5;

function Latest({ category, title, add }: { category: string; title: string; add?: boolean }) {
  const { t } = use_words();
  const told = use_told();
  const { id } = use_chart();
  const loaded = use_found<Observation>(kind_path("Observation", id, values_max, ["category", category]));
  return (
    <Part title={title} {...(add && { add: ["Observation"] })} more={<Link to={`${chart_path(id)}/results`}>{t.chart.show_all}</Link>}>
      <Sights from={loaded}>
        {(page) => {
          const groups = groups_of(page.items).flatMap((group) => (group.latest ? [{ ...group, latest: group.latest }] : []));
          if (groups.length === 0) return <p className="quiet">{t.chart.nothing_recorded}</p>;
          return (
            <>
              <ul className="items latest">
                {groups.slice(0, groups_shown).map((group) => (
                  <li key={group.key} className="item" data-latest={group.token ?? group.name}>
                    <span className="item-what"><span>{told.concept(group.latest.code)}</span></span>
                    <Reading observation={group.latest} />
                    <Actions resource={group.latest} />
                  </li>
                ))}
              </ul>
              {page.next && <p className="quiet">{t.chart.newest_of(page.items.length)}</p>}
            </>
          );
        }}
      </Sights>
    </Part>
  );
}

export function SummaryPart() {
  const { t } = use_words();
  const c = t.chart;
  const { id } = use_chart();
  const problems = use_found<Resource>(kind_path("Condition", id, lists_max, ["clinical-status", "active,recurrence,relapse"]));
  const medications = use_found<Resource>(kind_path("MedicationRequest", id, lists_max, ["status", "active,on-hold"]));
  const encounters = use_found<Resource>(kind_path("Encounter", id, encounters_shown));
  return (
    <div className="summary">
      <Part title={c.active_problems} add={["Condition"]} more={<Link to={`${chart_path(id)}/problems`}>{c.show_all}</Link>}>
        <Sights from={problems}>{(page) => <Problems items={page.items.filter(is_active_problem)} />}</Sights>
      </Part>
      <Part title={c.current_medications} add={["MedicationRequest"]} more={<Link to={`${chart_path(id)}/medications`}>{c.show_all}</Link>}>
        <Sights from={medications}>{(page) => <Medications items={page.items.filter(is_current_medication)} />}</Sights>
      </Part>
      <Latest category="vital-signs" title={c.vital_signs} add />
      <Latest category="laboratory" title={c.latest_results} />
      <Part title={c.last_encounters} add={["DocumentReference"]} more={<Link to={`${chart_path(id)}/encounters`}>{c.show_all}</Link>}>
        <Sights from={encounters}>{(page) => <Encounters items={page.items} />}</Sights>
      </Part>
    </div>
  );
}
