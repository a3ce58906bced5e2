// The review of alarms, past and present: the list with its filters, and how many there were (/alarms/burden). Refreshed when the
// feed says that one changed.
import { Button, Segmented } from "antd";
import { useEffect, useState } from "react";
import { NavLink, useLocation } from "react-router-dom";
import { query } from "../api/client";
import { use_codes } from "../api/codes";
import type { Alarm, Page } from "../api/types";
import { use_call } from "../api/use_call";
import { use_words } from "../i18n/language";
import { use_alarms, use_now } from "../live/ward_feed";
import { in_order } from "../live/alarm_order";
import { PagingFoot } from "../shell/paging_foot";
import { Rows } from "../shell/rows";
import { Sights } from "../shell/sights";
import { use_acknowledge } from "../shell/use_acknowledge";
import { PriorityMark, use_alarm_text } from "../ward/alarm_text";
import { AlarmBurden } from "./alarms_parts/burden";
import { AlarmDetails } from "./alarms_parts/details";
import { AlarmFilters, is_filtered, no_filters, type Filters } from "./alarms_parts/filters";
import "./alarms_parts/alarms.css";

type Filter = "active" | "ended" | "all";
const rows_per_page = 50;
const active_max = 1000; // the active ones come on one page, the most urgent first

function AlarmList() {
  const { t, moment, age } = use_words();
  const codes = use_codes();
  const text = use_alarm_text();
  const now = use_now();
  const live = use_alarms();
  const [filter, set_filter] = useState<Filter>("active");
  const [filters, set_filters] = useState<Filters>(no_filters);
  const [cursor, set_cursor] = useState<string | null>(null);
  const { acknowledge, allowed, busy } = use_acknowledge();
  const loaded = use_call<Page<Alarm>>(`/api/alarms${query({
      ...filters,
      from: filters.from === null ? null : new Date(filters.from).toISOString(),
      to: filters.to === null ? null : new Date(filters.to).toISOString(),
      state: filter,
      limit: filter === "active" && !is_filtered(filters) ? active_max : rows_per_page,
      cursor,
    })}`);
  const { reload } = loaded;
  useEffect(() => reload(), [live, reload]);

  const duration = (alarm: Alarm) => age((alarm.ended ? Date.parse(alarm.ended) : now) - Date.parse(alarm.raised));
  return (
    <>
      <div className="alarm-filters">
        <Segmented<Filter>
          value={filter}
          options={[
            { value: "active", label: t.active },
            { value: "ended", label: t.ended },
            { value: "all", label: t.all },
          ]}
          onChange={(next) => {
            set_filter(next);
            set_cursor(null);
          }}
        />
        <AlarmFilters
          filters={filters}
          on_change={(change) => {
            set_filters((now) => ({ ...now, ...change }));
            set_cursor(null);
          }}
        />
      </div>
      <Sights from={loaded} is_empty={(page) => page.items.length === 0} empty={filter === "active" ? t.no_alarms : t.no_entries}>
        {(page) => (
          <>
            <Rows<Alarm>
              size="middle"
              rowKey="id"
              width_px={960}
              expandable={{ expandedRowRender: (one) => <AlarmDetails alarm={one} />, columnTitle: <span className="quiet">{t.details}</span> }}
              dataSource={filter === "active" ? in_order(page.items) : page.items}
              columns={[
                { title: t.priority, render: (one) => <PriorityMark priority={one.priority} quiet={one.state === "ended" || one.acknowledged !== null} /> },
                { title: t.bed, render: (one) => <><b>{one.bed || one.device || one.ward}</b>{one.was && <div className="quiet">{t.bedside.was_at([one.was.bed, one.was.patient?.label].filter(Boolean).join(" / "))} ({t.bedside.superseded_by(one.was.by, moment(one.was.at), one.was.reason)})</div>}</> },
                { title: t.alarm, render: (one) => <>{text(one)} {one.provisional && <em>({t.provisional})</em>}</> },
                {
                  title: t.value,
                  render: (one) => (one.value === null ? "–" : `${codes.seen.text(one.code, one.value)} ${codes.seen.unit(one.code)}`),
                },
                { title: t.raised, render: (one) => moment(one.raised) },
                { title: t.duration, render: (one) => duration(one) },
                { title: t.state, render: (one) => <>{t.alarm_state[one.state]}{one.reminders > 0 && <small title={t.heard_again(one.acknowledged_before?.by ?? one.acknowledged?.by ?? "–")}> ↻ {one.reminders}</small>}</> },
                {
                  title: t.acknowledged,
                  render: (one) => {
                    if (one.acknowledged) return `${one.acknowledged.by} · ${moment(one.acknowledged.at)}`;
                    if (one.state === "ended" || !allowed) return t.not_acknowledged;
                    return (
                      <Button type="primary" disabled={one.provisional} loading={busy === one.id} onClick={() => void acknowledge(one).then(reload)}>
                        {t.acknowledge}
                      </Button>
                    );
                  },
                },
              ]}
            />
            <PagingFoot page={page} cursor={cursor} on_cursor={set_cursor} />
          </>
        )}
      </Sights>
    </>
  );
}

export default function AlarmsPage() {
  const { t } = use_words();
  const is_burden = useLocation().pathname.endsWith("/burden");
  return (
    <div className="page">
      <div className="page-head">
        <h2>{t.alarms}</h2>
        <nav className="bed-tabs">
          <NavLink to="/alarms" end>{t.alarm_list}</NavLink>
          <NavLink to="/alarms/burden">{t.burden}</NavLink>
        </nav>
      </div>
      {is_burden ? <AlarmBurden /> : <AlarmList />}
    </div>
  );
}
