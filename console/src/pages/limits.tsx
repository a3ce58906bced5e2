// Alarm limits: the default for every device, and the rows that a device has of its own.
import { Button } from "antd";
import { useState } from "react";
import { use_codes } from "../api/codes";
import type { Limit, Limits } from "../api/types";
import { use_call } from "../api/use_call";
import { use_words } from "../i18n/language";
import { use_devices, use_store } from "../live/ward_feed";
import { Rows } from "../shell/rows";
import { use_session } from "../shell/session";
import { Sights } from "../shell/sights";
import { PriorityMark } from "../ward/alarm_text";
import { LimitDialog, type Editing } from "./limits_dialogs/limit_dialog";

function LimitTable({ rows, device, on_edit }: { rows: Limit[]; device: string | null; on_edit: ((editing: Editing) => void) | null }) {
  const { t, moment } = use_words();
  const codes = use_codes();
  const with_unit = (limit: Limit, value: number | null) => (value === null ? "–" : `${codes.text(limit.code, value)} ${codes.unit(limit.code)}`.trim());
  return (
    <Rows<Limit>
      size="small"
      width_px={1080}
      rowKey={(limit) => `${limit.code} ${limit.priority}`}
      rowClassName={(limit) => (limit.enabled ? "" : "is-off")}
      dataSource={rows}
      columns={[
        { title: t.vital, render: (one) => <b>{codes.name(one.code)}</b> },
        { title: t.priority, render: (one) => <PriorityMark priority={one.priority} quiet /> },
        { title: t.low, align: "right", render: (one) => with_unit(one, one.low) },
        { title: t.high, align: "right", render: (one) => with_unit(one, one.high) },
        { title: t.delay, align: "right", render: (one) => `${one.delay_ms / 1000} ${t.seconds}` },
        { title: t.hysteresis, align: "right", render: (one) => `${one.hysteresis} ${codes.unit(one.code)}`.trim() },
        { title: t.state, render: (one) => (one.enabled ? t.on : <b>⊘ {t.off}</b>) },
        { title: t.reason, render: (one) => (one.by ? <>{one.reason}<br /><span className="quiet">{one.by}{one.set && ` · ${moment(one.set)}`}</span></> : <span className="quiet">{t.as_delivered}</span>) },
        ...(on_edit
          ? [{
              title: t.actions,
              align: "right" as const,
              render: (one: Limit) => (
                <span className="row-actions">
                  <Button onClick={() => on_edit({ device, limit: one, choose_device: false })}>{t.edit}</Button>
                  {device === null && <Button onClick={() => on_edit({ device: null, limit: one, choose_device: true })}>{t.add_override}</Button>}
                </span>
              ),
            }]
          : []),
      ]}
    />
  );
}

export default function LimitsPage() {
  const { t } = use_words();
  const { may } = use_session();
  const store = use_store();
  use_devices(); // a bed that moved is named anew
  const loaded = use_call<Limits>("/api/limits");
  const [editing, set_editing] = useState<Editing | null>(null);
  const on_edit = may("clinician", "administrator") ? set_editing : null;
  const bed = (device: string) => store.sector(device)?.sector.bed;
  return (
    <div className="page">
      <div className="page-head"><h2>{t.alarm_limits}</h2></div>
      <p className="quiet page-intro">{t.limits_hint}</p>
      <Sights from={loaded}>
        {(limits) => (
          <>
            {Object.entries(limits.devices).map(([device, rows]) => (
              <section key={device}>
                <h3 className="page-part">{t.override_for(bed(device) ? `${bed(device)} · ${device}` : device)}</h3>
                <LimitTable rows={rows} device={device} on_edit={on_edit} />
              </section>
            ))}
            <h3 className="page-part">{t.default_limits}</h3>
            <LimitTable rows={limits.default} device={null} on_edit={on_edit} />
          </>
        )}
      </Sights>
      {editing && loaded.data && (
        <LimitDialog
          editing={editing}
          limits={loaded.data}
          on_close={() => {
            set_editing(null);
            loaded.reload();
          }}
        />
      )}
    </div>
  );
}
