// Problems, medications, encounters and documents of a chart: what holds first, then what was.
import { Button } from "antd";
import { useState } from "react";
import type { Loaded } from "../../api/use_call";
import { use_words } from "../../i18n/language";
import type { Found } from "../../record/client";
import { find_at, use_found } from "../../record/client";
import { read_text } from "../../record/document_text";
import { dosage_text, is_withdrawn, kind_path, notes_of, onset_of, reactions_of, status_of } from "../../record/kinds";
import type { Attachment, Period, Resource } from "../../record/types";
import { use_told } from "../../record/use_told";
import { Sights } from "../../shell/sights";
import { use_doing } from "../../shell/use_doing";
import { use_chart } from "./chart_context";
import { Item, Items, Part } from "./list";

const items_per_page = 200;
const active = ["active", "recurrence", "relapse"];
export const is_active_problem = (one: Resource) => active.includes(status_of(one)) && !is_withdrawn(one);
export const is_current_medication = (one: Resource) => ["active", "on-hold"].includes(status_of(one));

// A list of a kind with what lies behind its first page.
export function use_all(path: string) {
  const loaded = use_found<Resource>(path);
  const [older, set_older] = useState<Found<Resource> | null>(null);
  const { busy, doing } = use_doing("page");
  const next = older ? older.next : (loaded.data?.next ?? null);
  const items = [...(loaded.data?.items ?? []), ...(older?.items ?? [])];
  const more = next === null ? null : () => void doing(async () => {
    const page = await find_at<Resource>(next);
    set_older((now) => ({ ...page, items: [...(now?.items ?? []), ...page.items] }));
  });
  return { loaded, items, more, busy };
}

export function MoreButton({ more, busy }: { more: (() => void) | null; busy: boolean }) {
  const { t } = use_words();
  return more && <Button loading={busy} onClick={more} data-more>{t.chart.show_more}</Button>;
}

function OnsetAndNotes({ resource }: { resource: Resource }) {
  const { t } = use_words();
  const told = use_told();
  const onset = onset_of(resource);
  return (
    <>
      {onset && <span className="item-detail">{t.chart.since} {told.when(onset)}</span>}
      {notes_of(resource).map((text, i) => <span key={i} className="item-detail">{text}</span>)}
    </>
  );
}

export function Problems({ items }: { items: readonly Resource[] }) {
  const { t } = use_words();
  if (items.length === 0) return <p className="quiet">{t.chart.nothing_recorded}</p>;
  return <ul className="items">{items.map((one) => <Item key={one.id} resource={one}><OnsetAndNotes resource={one} /></Item>)}</ul>;
}

export function ProblemsPart({ allergies }: { allergies: Loaded<Found<Resource>> }) {
  const { t } = use_words();
  const c = t.chart;
  const { id } = use_chart();
  const { loaded, items, more, busy } = use_all(kind_path("Condition", id, items_per_page));
  return (
    <>
      <Part title={c.allergies} add={["AllergyIntolerance"]}>
        <Sights from={allergies}>
          {(page) => (page.items.length === 0 ? <p className="quiet">{c.no_allergies_recorded}</p> : (
            <ul className="items">
              {page.items.map((one) => (
                <Item key={one.id} resource={one}>
                  {reactions_of(one).length > 0 && <span className="item-detail">{reactions_of(one).join(", ")}</span>}
                  {one["criticality"] === "high" && <b className="item-detail">{c.high_criticality}</b>}
                  <OnsetAndNotes resource={one} />
                </Item>
              ))}
            </ul>
          ))}
        </Sights>
      </Part>
      <Sights from={loaded}>
        {() => (
          <>
            <Part title={c.active_problems} add={["Condition"]}><Problems items={items.filter(is_active_problem)} /></Part>
            <Part title={c.other_problems}><Problems items={items.filter((one) => !is_active_problem(one))} /></Part>
            <MoreButton more={more} busy={busy} />
          </>
        )}
      </Sights>
    </>
  );
}

export function Medications({ items }: { items: readonly Resource[] }) {
  const { t } = use_words();
  if (items.length === 0) return <p className="quiet">{t.chart.nothing_recorded}</p>;
  return (
    <ul className="items">
      {items.map((one) => (
        <Item key={one.id} resource={one}>
          {dosage_text(one) && <span className="item-detail">{dosage_text(one)}</span>}
          {notes_of(one).map((text, i) => <span key={i} className="item-detail">{text}</span>)}
        </Item>
      ))}
    </ul>
  );
}

export function MedicationsPart() {
  const { t } = use_words();
  const { id } = use_chart();
  const { loaded, items, more, busy } = use_all(kind_path("MedicationRequest", id, items_per_page));
  return (
    <Sights from={loaded}>
      {() => (
        <>
          <Part title={t.chart.current_medications} add={["MedicationRequest"]}><Medications items={items.filter(is_current_medication)} /></Part>
          <Part title={t.chart.past_medications}><Medications items={items.filter((one) => !is_current_medication(one))} /></Part>
          <MoreButton more={more} busy={busy} />
        </>
      )}
    </Sights>
  );
}

export function Encounters({ items }: { items: readonly Resource[] }) {
  const { t } = use_words();
  const told = use_told();
  if (items.length === 0) return <p className="quiet">{t.chart.nothing_recorded}</p>;
  return (
    <ul className="items">
      {items.map((one) => {
        const period = one["period"] as Period | undefined;
        const provider = (one["serviceProvider"] as { display?: string } | undefined)?.display;
        return (
          <Item key={one.id} resource={one}>
            {period?.end && <span className="item-detail">{told.date(period.start)} – {told.date(period.end)}</span>}
            {provider && <span className="item-detail">{provider}</span>}
          </Item>
        );
      })}
    </ul>
  );
}

export function EncountersPart() {
  const { t } = use_words();
  const { id } = use_chart();
  const { loaded, items, more, busy } = use_all(kind_path("Encounter", id, items_per_page));
  return <Sights from={loaded}>{() => <Part title={t.chart.encounters}><Encounters items={items} /><MoreButton more={more} busy={busy} /></Part>}</Sights>;
}

function Content({ resource }: { resource: Resource }) {
  const { t } = use_words();
  const c = t.chart;
  const [is_open, set_open] = useState(false);
  const content = resource["content"] as { attachment?: Attachment }[] | undefined;
  const attachment = content?.[0]?.attachment ?? (resource["presentedForm"] as Attachment[] | undefined)?.[0];
  if (!attachment) return null;
  const text = read_text(attachment);
  if (text === null) return <span className="item-detail">{attachment.data !== undefined ? c.not_text(attachment.contentType ?? "?") : attachment.url !== undefined ? `${c.elsewhere}: ${attachment.url}` : c.no_content}</span>;
  return (
    <>
      <Button size="small" type="link" className="read-text" aria-expanded={is_open} onClick={() => set_open(!is_open)}>{is_open ? t.close : c.read_text}</Button>
      {is_open && <pre className="document-text">{text.trim()}</pre>}
    </>
  );
}

export function DocumentsPart() {
  const { t } = use_words();
  const { id } = use_chart();
  const { loaded, items, more, busy } = use_all(kind_path("DocumentReference", id, items_per_page));
  const reports = use_all(kind_path("DiagnosticReport", id, items_per_page));
  return (
    <>
      <Sights from={loaded}>
        {() => (
          <Part title={t.chart.documents} add={["DocumentReference"]}>
            {items.length === 0 ? <Items items={[]} /> : <ul className="items">{items.map((one) => <Item key={one.id} resource={one}><Content resource={one} /></Item>)}</ul>}
            <MoreButton more={more} busy={busy} />
          </Part>
        )}
      </Sights>
      <Sights from={reports.loaded}>
        {() => (
          <Part title={t.chart.kinds["DiagnosticReport"] ?? ""}>
            {reports.items.length === 0 ? <Items items={[]} /> : <ul className="items">{reports.items.map((one) => <Item key={one.id} resource={one}><Content resource={one} /></Item>)}</ul>}
            <MoreButton more={reports.more} busy={reports.busy} />
          </Part>
        )}
      </Sights>
    </>
  );
}
