// The alarms of the server, past and present; refreshed when the feed says that one changed.
import { Button, Segmented } from "antd";
import { useEffect, useState } from "react";
import { query } from "../api/client";
import { use_codes, unit_text } from "../api/codes";
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

type Filter = "active" | "ended" | "all";
const rows_per_page = 50;
const active_max = 1000; // the active ones come on one page, the most urgent first

export default function AlarmsPage() {
  const { t, moment, age } = use_words();
  const codes = use_codes();
  const text = use_alarm_text();
  const now = use_now();
  const live = use_alarms();
  const [filter, set_filter] = useState<Filter>("active");
  const [cursor, set_cursor] = useState<string | null>(null);
  const { acknowledge, allowed, busy } = use_acknowledge();
  const loaded = use_call<Page<Alarm>>(`/api/alarms${query({ state: filter, limit: filter === "active" ? active_max : rows_per_page, cursor })}`);
  const { reload } = loaded;
  useEffect(() => reload(), [live, reload]);

  const duration = (alarm: Alarm) => age((alarm.ended ? Date.parse(alarm.ended) : now) - Date.parse(alarm.raised));
  return (
    <div className="page">
      <div className="page-head">
        <h2>{t.alarms}</h2>
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
      </div>
      <Sights from={loaded} is_empty={(page) => page.items.length === 0} empty={filter === "active" ? t.no_alarms : t.no_entries}>
        {(page) => (
          <>
            <Rows<Alarm>
              size="middle"
              rowKey="id"
              width_px={960}
              dataSource={filter === "active" ? in_order(page.items) : page.items}
              columns={[
                { title: t.priority, render: (one) => <PriorityMark priority={one.priority} quiet={one.state === "ended" || one.acknowledged !== null} /> },
                { title: t.bed, render: (one) => <><b>{one.bed ?? one.device}</b>{one.was && <div className="quiet">{t.bedside.was_at([one.was.bed, one.was.patient?.label].filter(Boolean).join(" / "))} ({t.bedside.superseded_by(one.was.by, moment(one.was.at), one.was.reason)})</div>}</> },
                { title: t.alarm, render: (one) => <>{text(one)} {one.provisional && <em>({t.provisional})</em>}</> },
                {
                  title: t.value,
                  render: (one) => (one.value === null ? "–" : `${codes.text(one.code, one.value)} ${unit_text(one.unit)}`),
                },
                { title: t.raised, render: (one) => moment(one.raised) },
                { title: t.duration, render: (one) => duration(one) },
                { title: t.state, render: (one) => (one.state === "active" ? t.active : t.ended) },
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
    </div>
  );
}
