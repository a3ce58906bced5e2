// Everything that has a date, newest first: the record's resources, and from the ward when it was monitored and what alarmed.
import { Alert, Button, Select } from "antd";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { use_codes } from "../../api/codes";
import type { Alarm } from "../../api/types";
import { use_words } from "../../i18n/language";
import { find_at, type Found } from "../../record/client";
import { when_of } from "../../record/dates";
import { date_of, kind_path, kinds, type Kind } from "../../record/kinds";
import { known_as } from "../../record/person";
import { joined, type Stream } from "../../record/timeline";
import type { Observation, Resource } from "../../record/types";
import { use_told } from "../../record/use_told";
import { PriorityMark, use_alarm_text } from "../../ward/alarm_text";
import { error_text } from "../../shell/use_doing";
import { use_chart } from "./chart_context";
import { Item } from "./list";
import { Reading } from "./readings";
import { ward_events, type Monitoring, type WardEvents } from "./ward_events";

const per_page = 50;
type Event = { kind: "resource"; resource: Resource; at: number | null } | { kind: "alarm"; alarm: Alarm; at: number } | { kind: "monitoring"; stay: Monitoring; at: number };
type Shown = Kind | "ward";

const key_of = (event: Event) =>
  event.kind === "resource" ? `${event.resource.resourceType}/${event.resource.id}` : event.kind === "alarm" ? `alarm ${event.alarm.id}` : `stay ${event.stay.device} ${event.stay.from}`;

interface Loading {
  pages: ReadonlyMap<Kind, Found<Resource>>;
  error: unknown;
  busy: boolean;
}

// The lists of `wanted`, read until all have begun, then the one that has to go on when more is asked for.
function use_streams(patient: string, wanted: readonly Kind[]) {
  const [state, set_state] = useState<Loading>({ pages: new Map(), error: null, busy: true });
  const here = useRef(true);
  const fetch_pages = useCallback(async (list: readonly (readonly [Kind, string])[]) => {
    set_state((now) => ({ ...now, busy: true, error: null }));
    try {
      const found = await Promise.all(list.map(async ([kind, path]) => [kind, await find_at<Resource>(path)] as const));
      if (!here.current) return;
      set_state((now) => {
        const pages = new Map(now.pages);
        for (const [kind, page] of found) pages.set(kind, { ...page, items: [...(pages.get(kind)?.items ?? []), ...page.items] });
        return { pages, error: null, busy: false };
      });
    } catch (error) {
      if (here.current) set_state((now) => ({ ...now, error, busy: false }));
    }
  }, []);
  const begin = useCallback(() => {
    set_state({ pages: new Map(), error: null, busy: true });
    void fetch_pages(wanted.map((kind) => [kind, kind_path(kind, patient, per_page)] as const));
  }, [fetch_pages, patient, wanted]);
  useEffect(() => {
    here.current = true;
    begin();
    return () => void (here.current = false);
  }, [begin]);
  return { ...state, begin, go_on: (kind: Kind, next: string) => void fetch_pages([[kind, next]]) };
}

function use_ward(names: readonly string[]): { events: WardEvents; error: unknown } {
  const [state, set_state] = useState<{ events: WardEvents; error: unknown }>({ events: { monitorings: [], alarms: [] }, error: null });
  const key = JSON.stringify(names);
  useEffect(() => {
    let wanted = true;
    ward_events(JSON.parse(key) as string[]).then(
      (events) => wanted && set_state({ events, error: null }),
      (error: unknown) => wanted && set_state((now) => ({ ...now, error })),
    );
    return () => void (wanted = false);
  }, [key]);
  return state;
}

function EventLine({ event }: { event: Event }) {
  const { t } = use_words();
  const c = t.chart;
  const told = use_told();
  const alarm_text = use_alarm_text();
  const codes = use_codes();
  if (event.kind === "resource")
    return event.resource.resourceType === "Observation" ? <Item resource={event.resource} kind><Reading observation={event.resource as Observation} age={false} /></Item> : <Item resource={event.resource} kind />;
  if (event.kind === "alarm")
    return (
      <li className="item" data-alarm={event.alarm.id}>
        <div className="item-what"><span className="item-kind">{c.kinds["Alarm"]}</span> <PriorityMark priority={event.alarm.priority} quiet={event.alarm.ended !== null} /> {alarm_text(event.alarm)}</div>
        <div className="item-how">{event.alarm.ended && <span className="item-status">{c.alarm_ended(told.date(event.alarm.ended))}</span>}<span className="quiet">{told.when(event.alarm.raised)}</span></div>
      </li>
    );
  return (
    <li className="item" data-monitoring={event.stay.device}>
      <div className="item-what"><span className="item-kind">{c.kinds["Monitoring"]}</span> <b>{c.monitored(event.stay.device, event.stay.bed)}</b><span className="item-detail">{event.stay.codes.map(codes.name).join(", ")}</span></div>
      <div className="item-how"><span className="item-status">{event.stay.to ? c.monitored_until(told.date(event.stay.to)) : c.still}</span><span className="quiet">{told.when(event.stay.from)}</span></div>
    </li>
  );
}

export function TimelinePart() {
  const { t } = use_words();
  const c = t.chart;
  const { patient, id } = use_chart();
  const [chosen, set_chosen] = useState<readonly Shown[]>([]);
  const wanted = useMemo(() => (chosen.length === 0 ? kinds : kinds.filter((kind) => chosen.includes(kind))), [chosen]);
  const with_ward = chosen.length === 0 || chosen.includes("ward");
  const { pages, error, busy, begin, go_on } = use_streams(id, wanted);
  const ward = use_ward(known_as(patient));
  const streams: Stream<Event>[] = wanted.map((kind) => {
    const page = pages.get(kind);
    return { items: (page?.items ?? []).map((resource) => ({ kind: "resource" as const, resource, at: when_of(date_of(resource))?.from ?? null })), next: page ? page.next : "" };
  });
  if (with_ward)
    streams.push({
      items: [
        ...ward.events.alarms.map((alarm) => ({ kind: "alarm" as const, alarm, at: Date.parse(alarm.raised) })),
        ...ward.events.monitorings.map((stay) => ({ kind: "monitoring" as const, stay, at: Date.parse(stay.from) })),
      ],
      next: null,
    });
  const { shown, withheld, next_of } = joined(streams, (event) => event.at);
  const next_kind = next_of === null ? undefined : wanted[next_of];
  const next = next_kind && pages.get(next_kind)?.next;
  const options: { value: Shown; label: string }[] = [...kinds.map((kind) => ({ value: kind, label: c.kinds[kind] ?? kind })), { value: "ward", label: `${c.kinds["Monitoring"]}, ${c.kinds["Alarm"]}` }];
  return (
    <section className="chart-part" aria-label={c.timeline}>
      <div className="chart-part-head">
        <h3>{c.timeline}</h3>
        <Select<Shown[]> mode="multiple" allowClear className="timeline-kinds" aria-label={c.kind} placeholder={c.all_kinds} value={[...chosen]} options={options} onChange={set_chosen} />
      </div>
      {error !== null && <Alert type="error" showIcon className="failed" message={t.failed} description={error_text(error, t)} action={<Button onClick={begin}>{t.retry}</Button>} />}
      {ward.error !== null && with_ward && <Alert type="warning" showIcon className="failed" message={`${c.ward_failed} ${error_text(ward.error, t)}`} />}
      {shown.length === 0 && !busy && error === null && <p className="quiet" data-sight="empty">{c.nothing_recorded}</p>}
      <ul className="items timeline">{shown.map((event) => <EventLine key={key_of(event)} event={event} />)}</ul>
      {busy && <p className="quiet" data-sight="loading">{t.loading}</p>}
      {next && next_kind && !busy && <p><Button data-more onClick={() => go_on(next_kind, next)}>{c.show_more}</Button> {withheld > 0 && <span className="quiet">{c.show_withheld(withheld)}</span>}</p>}
    </section>
  );
}
