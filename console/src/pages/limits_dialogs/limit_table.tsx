// Rows of limits: what alarms, after how long, since when and why. With `origin`: whose row each is.
import { Button } from "antd";
import type { ReactNode } from "react";
import { use_codes } from "../../api/codes";
import type { Limit, Scope } from "../../api/types";
import { use_words } from "../../i18n/language";
import { Rows } from "../../shell/rows";
import { PriorityMark } from "../../ward/alarm_text";
import { use_scope_text } from "./scope";

export type Row = Limit & { scope?: Scope };

export function LimitReason({ row }: { row: Limit }) {
  const { t, moment } = use_words();
  if (row.by) return <>{row.reason}<br /><span className="quiet">{row.by}{row.set && ` · ${moment(row.set)}`}</span></>;
  return <span className="quiet">{t.as_delivered}{row.source && <><br />{row.source}</>}</span>;
}

export function LimitTable({ rows, origin, actions }: { rows: readonly Row[]; origin?: boolean; actions: ((row: Row) => ReactNode) | null }) {
  const { t } = use_words();
  const codes = use_codes();
  const scope_text = use_scope_text();
  const with_unit = (limit: Limit, value: number | null) => (value === null ? "–" : `${codes.text(limit.code, value)} ${codes.unit(limit.code)}`.trim());
  const seconds = (limit: Limit) => `${limit.delay_ms / 1000} ${t.seconds}${limit.end_delay_ms > 0 ? ` / ${limit.end_delay_ms / 1000} ${t.seconds}` : ""}`;
  return (
    <Rows<Row>
      size="small"
      width_px={origin ? 1080 : 940}
      rowKey={(limit) => `${limit.code} ${limit.priority}`}
      rowClassName={(limit) => (limit.enabled ? "" : "is-off")}
      dataSource={rows}
      columns={[
        { title: t.vital, render: (one) => <b>{codes.name(one.code)}</b> },
        { title: t.priority, render: (one) => <PriorityMark priority={one.priority} quiet /> },
        { title: t.low, align: "right", render: (one) => with_unit(one, one.low) },
        { title: t.high, align: "right", render: (one) => with_unit(one, one.high) },
        { title: t.delay, align: "right", render: seconds },
        { title: t.hysteresis, align: "right", render: (one) => `${one.hysteresis} ${codes.unit(one.code)}`.trim() },
        { title: t.state, render: (one) => (one.enabled ? t.on : <b>⊘ {t.off}</b>) },
        ...(origin ? [{ title: t.whose_row, render: (one: Row) => one.scope && <b>{scope_text(one.scope)}</b> }] : []),
        { title: t.reason, render: (one) => <LimitReason row={one} /> },
        ...(actions ? [{ title: t.actions, align: "right" as const, render: (one: Row) => <span className="row-actions">{actions(one)}</span> }] : []),
      ]}
    />
  );
}

export function EditButton({ on_click }: { on_click: () => void }) {
  const { t } = use_words();
  return <Button onClick={on_click}>{t.edit}</Button>;
}
