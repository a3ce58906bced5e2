// Who changed which limit, when and why, newest first.
import { useState } from "react";
import { query } from "../../api/client";
import { use_codes } from "../../api/codes";
import type { Limit, LimitChange } from "../../api/types";
import { use_call } from "../../api/use_call";
import { use_words } from "../../i18n/language";
import { PagingFoot } from "../../shell/paging_foot";
import { Rows } from "../../shell/rows";
import { Sights } from "../../shell/sights";
import { PriorityMark } from "../../ward/alarm_text";
import { use_scope_text } from "./scope";

const rows_per_page = 50;

export function LimitHistory() {
  const { t, moment } = use_words();
  const codes = use_codes();
  const scope_text = use_scope_text();
  const [cursor, set_cursor] = useState<string | null>(null);
  const loaded = use_call<{ items: LimitChange[]; next: string | null }>(`/api/limits/history${query({ limit: rows_per_page, cursor })}`);
  const bound = (limit: Limit, value: number | null) => (value === null ? "–" : codes.text(limit.code, value));
  const bounds = (limit: Limit | null) =>
    limit === null ? "–" : limit.enabled ? `${bound(limit, limit.low)} … ${bound(limit, limit.high)} ${codes.unit(limit.code)}`.trim() : `⊘ ${t.off}`;
  return (
    <Sights from={loaded} is_empty={(page) => page.items.length === 0} empty={t.no_limit_changes}>
      {(page) => (
        <>
          <Rows<LimitChange>
            size="small"
            width_px={1080}
            rowKey="number"
            dataSource={page.items}
            columns={[
              { title: t.time, render: (one) => moment(one.time) },
              { title: t.whose_row, render: (one) => <b>{scope_text(one.scope)}</b> },
              { title: t.vital, render: (one) => codes.name(one.code) },
              { title: t.priority, render: (one) => <PriorityMark priority={one.priority} quiet /> },
              { title: t.change, render: (one) => t.limit_action[one.action] },
              { title: t.before, render: (one) => bounds(one.action === "put" ? one.before : one.row) },
              { title: t.after, render: (one) => (one.action === "put" ? bounds(one.row) : t.inherited) },
              { title: t.user, render: (one) => one.by || "–" },
              { title: t.reason, render: (one) => one.reason || "–" },
            ]}
          />
          <PagingFoot page={page} cursor={cursor} on_cursor={set_cursor} />
        </>
      )}
    </Sights>
  );
}
