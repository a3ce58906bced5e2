// Who saw and did what, newest first.
import { Input } from "antd";
import { useState } from "react";
import { query } from "../api/client";
import type { AuditRecord, Page } from "../api/types";
import { use_call } from "../api/use_call";
import { use_words } from "../i18n/language";
import { PagingFoot } from "../shell/paging_foot";
import { Rows } from "../shell/rows";
import { Sights } from "../shell/sights";

// What stands in a field for an instant, as the server wants it; empty while it is none.
const instant = (text: string) => (text && !Number.isNaN(Date.parse(text)) ? new Date(text).toISOString() : "");

export default function AuditPage() {
  const { t, moment } = use_words();
  const [cursor, set_cursor] = useState<string | null>(null);
  const [from, set_from] = useState("");
  const [to, set_to] = useState("");
  const loaded = use_call<Page<AuditRecord>>(`/api/audit${query({ from: instant(from), to: instant(to), limit: 100, cursor })}`);
  const field = (label: string, value: string, set: (text: string) => void) => (
    <label className="field-beside">
      {label}
      <Input
        type="datetime-local"
        value={value}
        onChange={(event) => {
          set(event.target.value);
          set_cursor(null);
        }}
      />
    </label>
  );
  return (
    <div className="page">
      <div className="page-head">
        <h2>{t.audit}</h2>
        {field(t.from, from, set_from)}
        {field(t.until, to, set_to)}
      </div>
      <Sights from={loaded} is_empty={(page) => page.items.length === 0} empty={from || to ? t.no_match_time : t.no_entries}>
        {(page) => (
          <>
            <Rows<AuditRecord & { key: number }>
              size="small"
              width_px={800}
              dataSource={page.items.map((one, key) => ({ ...one, key }))}
              columns={[
                { title: t.time, render: (one) => moment(one.time) },
                { title: t.actor, render: (one) => <>{one.actor || t.nobody}{one.station && <small> · {t.people.own_at_station(one.station)}</small>}</> },
                { title: t.action, render: (one) => <span title={one.action}>{t.actions_done[one.action] ?? one.action}</span> },
                { title: t.target, render: (one) => one.target || "–" },
                { title: t.outcome, render: (one) => (one.outcome === "ok" ? t.outcome_ok : one.outcome === "refused" ? t.outcome_refused : one.outcome) },
                { title: t.peer, render: (one) => one.peer || "–" },
              ]}
            />
            <PagingFoot page={page} cursor={cursor} on_cursor={set_cursor} />
          </>
        )}
      </Sights>
    </div>
  );
}
