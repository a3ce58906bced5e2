// What stands at a bed now: its alarms, and the limits in force.
import { Button, Table } from "antd";
import { use_codes } from "../../api/codes";
import type { Alarm, Limit, Limits } from "../../api/types";
import { use_call } from "../../api/use_call";
import { use_words } from "../../i18n/language";
import { use_now } from "../../live/ward_feed";
import { Sights } from "../../shell/sights";
import { use_acknowledge } from "../../shell/use_acknowledge";
import { PriorityMark, use_alarm_text } from "../../ward/alarm_text";
import { in_force } from "../../ward/limits_off";

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
  const loaded = use_call<Limits>("/api/limits");
  const bound = (code: string, value: number | null) => (value === null ? "–" : codes.seen.text(code, value));
  return (
    <Sights from={loaded} is_empty={(limits) => in_force(limits, device).length === 0}>
      {(limits) => (
        <Table<Limit>
          size="small"
          pagination={false}
          scroll={{ x: true }}
          rowKey={(limit) => `${limit.code} ${limit.priority}`}
          dataSource={in_force(limits, device)}
          columns={[
            { title: t.vital, render: (_, limit) => codes.name(limit.code) },
            { title: t.low, render: (_, limit) => bound(limit.code, limit.low) },
            { title: t.high, render: (_, limit) => bound(limit.code, limit.high) },
            { render: (_, limit) => codes.seen.unit(limit.code) },
            { title: t.priority, render: (_, limit) => (limit.enabled ? <PriorityMark priority={limit.priority} quiet /> : t.off) },
          ]}
        />
      )}
    </Sights>
  );
}
