// Results by code, each with its latest value; a code opens its trend, for which all its values are read.
import { Button, Segmented } from "antd";
import { useState } from "react";
import { use_words } from "../../i18n/language";
import { kind_path } from "../../record/kinds";
import { groups_of, traces_of, type Group } from "../../record/readings";
import type { Observation } from "../../record/types";
import { use_told } from "../../record/use_told";
import { Sights } from "../../shell/sights";
import { use_chart } from "./chart_context";
import { Actions, Items, Part } from "./list";
import { MoreButton, use_all } from "./lists_parts";
import { Reading } from "./readings";
import { Trend } from "./trend";

const values_per_page = 500;
const of_code_per_page = 1000;

function Opened({ group }: { group: Group }) {
  const { t } = use_words();
  const { id } = use_chart();
  // Without a code there is nothing to search for: the values that are here are shown.
  const path = group.token === null ? null : kind_path("Observation", id, of_code_per_page, ["code", group.token]);
  return path === null ? <Values items={group.newest_first} /> : <AllValues path={path} key={path} name={t.chart.trend_of(group.name)} />;
}

function AllValues({ path, name }: { path: string; name: string }) {
  const { loaded, items, more, busy } = use_all(path);
  return (
    <Sights from={loaded}>
      {() => (
        <>
          {traces_of(items as Observation[]).map((trace) => <Trend key={trace.label} trace={trace} name={name} />)}
          <Values items={items as Observation[]} />
          <MoreButton more={more} busy={busy} />
        </>
      )}
    </Sights>
  );
}

function Values({ items }: { items: readonly Observation[] }) {
  const told = use_told();
  return (
    <ul className="items values">
      {items.map((one) => (
        <li key={one.id} className={one.status === "entered-in-error" || one.status === "cancelled" ? "item withdrawn" : "item"} data-resource={`Observation/${one.id}`}>
          <Reading observation={one} />
          {one.status && one.status !== "final" && <span className="item-status">{told.status(one.status)}</span>}
          <Actions resource={one} />
        </li>
      ))}
    </ul>
  );
}

function Row({ group }: { group: Group }) {
  const { t } = use_words();
  const told = use_told();
  const [is_open, set_open] = useState(false);
  const name = told.concept(group.newest_first[0]?.code) || group.name;
  return (
    <li className="result" data-code={group.token ?? group.name}>
      <div className="item">
        <Button type="text" className="result-name" aria-expanded={is_open} onClick={() => set_open(!is_open)}>{is_open ? "▾" : "▸"} {name || t.chart.no_value}</Button>
        {group.latest ? <Reading observation={group.latest} /> : <span className="quiet">{t.chart.no_value}</span>}
        {group.latest && <Actions resource={group.latest} />}
      </div>
      {is_open && <Opened group={group} />}
    </li>
  );
}

const categories = ["", "vital-signs", "laboratory", "survey"] as const;

export function ResultsPart() {
  const { t } = use_words();
  const [category, set_category] = useState<(typeof categories)[number]>("");
  return (
    <Part
      title={t.chart.results}
      add={["Observation"]}
      more={<Segmented size="small" value={category} options={categories.map((value) => ({ value, label: t.forms.categories[value] ?? value }))} onChange={set_category} />}
    >
      <Groups key={category} category={category} />
    </Part>
  );
}

function Groups({ category }: { category: string }) {
  const { t } = use_words();
  const { id } = use_chart();
  const { loaded, items, more, busy } = use_all(kind_path("Observation", id, values_per_page, ...(category ? [["category", category] as const] : [])));
  return (
    <Sights from={loaded}>
      {() => (
        <>
          {items.length === 0 ? <Items items={[]} /> : <ul className="items results">{groups_of(items as Observation[]).map((group) => <Row key={group.key} group={group} />)}</ul>}
          {more && <p className="quiet">{t.chart.newest_of(items.length)}</p>}
          <MoreButton more={more} busy={busy} />
        </>
      )}
    </Sights>
  );
}
