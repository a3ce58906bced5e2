// What stands at a bed now: its alarms, and the limits in force.
import { Button, Table } from "antd";
import { query } from "../../api/client";
import { use_codes } from "../../api/codes";
import type { Alarm, EffectiveLimits, ScopedLimit } from "../../api/types";
import { use_call } from "../../api/use_call";
import { use_words } from "../../i18n/language";
import { use_now } from "../../live/ward_feed";
import { Sights } from "../../shell/sights";
import { use_acknowledge } from "../../shell/use_acknowledge";
import { PriorityMark, use_alarm_text } from "../../ward/alarm_text";
import { use_scope_text } from "../limits_dialogs/scope";

export function BedAlarms({ alarms }: { alarms: readonly Alarm[] }) {
  const { t, moment, age } = use_words();
  const text = use_alarm_text();
  const now = use_now();
  const { acknowledge, allowed, busy } = use_acknowledge();
  if (alarms.length === 0) return <p className="quiet">{t.no_alarms}</p>;
  return (
    <ul className="bed-alarms">
      {alarms.map((alarm) => (
        <li key={alarm.id}>
          <PriorityMark priority={alarm.priority} quiet={alarm.acknowledged !== null} />
          <span>
            {text(alarm)}
            <small>
              {moment(alarm.raised)} · {t.ago(age(now - Date.parse(alarm.raised)))}
              {alarm.provisional && ` · ${t.provisional}`}
              {alarm.state === "latched" && ` · ${t.latched}`}
              {alarm.reminders > 0 && alarm.acknowledged_before && ` · ${t.heard_again(alarm.acknowledged_before.by)}`}
              {alarm.acknowledged && ` · ${t.acknowledged_by(alarm.acknowledged.by)}`}
            </small>
          </span>
          {allowed && alarm.acknowledged === null && (
            <Button disabled={alarm.provisional} loading={busy === alarm.id} onClick={() => void acknowledge(alarm)}>
              {t.acknowledge}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

export function BedLimits({ device }: { device: string }) {
  const { t } = use_words();
  const codes = use_codes();
  const scope_text = use_scope_text();
  const loaded = use_call<EffectiveLimits>(`/api/limits/effective${query({ device })}`);
  const bound = (code: string, value: number | null) => (value === null ? "–" : codes.seen.text(code, value));
  return (
    <Sights from={loaded} is_empty={(limits) => limits.rows.length === 0}>
      {(limits) => (
        <>
          {limits.age_class === "unknown" && <p className="quiet">{t.watched_as_adult}</p>}
          <Table<ScopedLimit>
            size="small"
            pagination={false}
            scroll={{ x: true }}
            rowKey={(limit) => `${limit.code} ${limit.priority}`}
            dataSource={limits.rows}
            columns={[
              { title: t.vital, render: (_, limit) => codes.name(limit.code) },
              { title: t.low, render: (_, limit) => bound(limit.code, limit.low) },
              { title: t.high, render: (_, limit) => bound(limit.code, limit.high) },
              { render: (_, limit) => codes.seen.unit(limit.code) },
              { title: t.priority, render: (_, limit) => (limit.enabled ? <PriorityMark priority={limit.priority} quiet /> : t.off) },
              { title: t.whose_row, render: (_, limit) => <small>{scope_text(limit.scope)}</small> },
            ]}
          />
        </>
      )}
    </Sights>
  );
}
