// Who saw and did what, newest first.
import { Table } from "antd";
import { useState } from "react";
import { query } from "../api/client";
import type { AuditRecord, Page } from "../api/types";
import { use_call } from "../api/use_call";
import { use_words } from "../i18n/language";
import { PagingFoot } from "../shell/paging_foot";
import { Sights } from "../shell/sights";

export default function AuditPage() {
  const { t, moment } = use_words();
  const [cursor, set_cursor] = useState<string | null>(null);
  const loaded = use_call<Page<AuditRecord>>(`/api/audit${query({ limit: 100, cursor })}`);
  return (
    <div className="page">
      <div className="page-head"><h2>{t.audit}</h2></div>
      <Sights from={loaded} is_empty={(page) => page.items.length === 0}>
        {(page) => (
          <>
            <Table<AuditRecord & { key: number }>
              size="small"
              pagination={false}
              scroll={{ x: 800 }}
              dataSource={page.items.map((one, key) => ({ ...one, key }))}
              columns={[
                { title: t.time, render: (_, one) => moment(one.time) },
                { title: t.actor, dataIndex: "actor" },
                { title: t.action, dataIndex: "action" },
                { title: t.target, dataIndex: "target" },
                { title: t.outcome, dataIndex: "outcome" },
                { title: t.peer, dataIndex: "peer" },
              ]}
            />
            <PagingFoot page={page} cursor={cursor} on_cursor={set_cursor} />
          </>
        )}
      </Sights>
    </div>
  );
}
