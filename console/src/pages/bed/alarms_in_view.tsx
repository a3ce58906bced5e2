// Alarms that were there in the time shown, each with a way to it.
import { Button } from "antd";
import type { Alarm } from "../../api/types";
import { use_words } from "../../i18n/language";
import type { Span } from "../../time/span";
import { moment_text } from "../../time/zone";
import { PriorityMark, use_alarm_text } from "../../ward/alarm_text";

const listed_max = 30;

export const alarms_within = (alarms: readonly Alarm[], span: Span) =>
  alarms.filter((one) => Date.parse(one.raised) <= span.to && (one.ended === null || Date.parse(one.ended) >= span.from));

export function AlarmsInView({ alarms, zone, on_jump }: { alarms: readonly Alarm[]; zone: string; on_jump: (time: number) => void }) {
  const { t } = use_words();
  const text = use_alarm_text();
  return (
    <section>
      <h3>{t.alarms_in_view} {alarms.length > 0 && <small className="quiet">{alarms.length}</small>}</h3>
      {alarms.length === 0 && <p className="quiet">{t.no_alarms_in_view}</p>}
      <ul className="bed-alarms">
        {alarms.slice(0, listed_max).map((one) => (
          <li key={one.id}>
            <PriorityMark priority={one.priority} quiet />
            <span>{text(one)}<small>{moment_text(Date.parse(one.raised), zone)}</small></span>
            <Button onClick={() => on_jump(Date.parse(one.raised))}>{t.go_there}</Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
