// Lists of the chart: a row for a resource, with its status, its date and age, and what one may do with it.
import { CodeOutlined, EditOutlined, PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type { ReactNode } from "react";
import { Link } from "react-router-dom";
import { use_words } from "../../i18n/language";
import { form_of, type FormKind } from "../../record/forms";
import { date_of, detail_of, is_withdrawn, status_of, title_of } from "../../record/kinds";
import type { CodeableConcept, Resource } from "../../record/types";
import { use_told } from "../../record/use_told";
import { use_chart } from "./chart_context";

export const raw_path = (patient: string, type: string, id: string) => `/patients/${encodeURIComponent(patient)}/raw/${type}/${encodeURIComponent(id)}`;

export function Actions({ resource }: { resource: Resource }) {
  const { t } = use_words();
  const { id, may_change, correct } = use_chart();
  const title = title_of(resource);
  return (
    <span className="item-actions">
      {may_change && form_of(resource) && <Button size="small" type="text" icon={<EditOutlined />} aria-label={`${t.chart.correct}: ${title}`} title={t.chart.correct} onClick={() => correct(resource)} />}
      <Link to={raw_path(id, resource.resourceType, resource.id ?? "")} aria-label={`${t.chart.open_raw}: ${title}`} title={t.chart.open_raw}><CodeOutlined /></Link>
    </span>
  );
}

export function Item({ resource, kind = false, children }: { resource: Resource; kind?: boolean; children?: ReactNode }) {
  const { t } = use_words();
  const told = use_told();
  const status = status_of(resource);
  return (
    <li className={is_withdrawn(resource) ? "item withdrawn" : "item"} data-resource={`${resource.resourceType}/${resource.id}`}>
      <div className="item-what">
        {kind && <span className="item-kind">{t.chart.kinds[resource.resourceType] ?? resource.resourceType}</span>}
        <b>{(resource.resourceType === "Observation" && told.concept(resource["code"] as CodeableConcept | undefined)) || title_of(resource) || t.chart.no_value}</b>{" "}
        {children ?? (detail_of(resource) && <span className="item-detail">{detail_of(resource)}</span>)}
      </div>
      <div className="item-how">
        {status && <span className="item-status">{told.status(status)}</span>}
        <span className="quiet">{told.when(date_of(resource))}</span>
        <Actions resource={resource} />
      </div>
    </li>
  );
}

export function Part({ title, add, more, children }: { title: string; add?: readonly FormKind[]; more?: ReactNode; children: ReactNode }) {
  const { t } = use_words();
  const chart = use_chart();
  return (
    <section className="chart-part" aria-label={title}>
      <div className="chart-part-head">
        <h3>{title}</h3>
        {more}
        {chart.may_change && add?.map((kind) => (
          <Button key={kind} size="small" icon={<PlusOutlined />} data-add={kind} onClick={() => chart.add(kind)}>{t.forms.kinds[kind]}</Button>
        ))}
      </div>
      {children}
    </section>
  );
}

export function Items({ items, kind = false }: { items: readonly Resource[]; kind?: boolean }) {
  const { t } = use_words();
  if (items.length === 0) return <p className="quiet" data-sight="empty">{t.chart.nothing_recorded}</p>;
  return <ul className="items">{items.map((one) => <Item key={`${one.resourceType}/${one.id}`} resource={one} kind={kind} />)}</ul>;
}
