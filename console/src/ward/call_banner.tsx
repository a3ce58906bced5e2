// Above every page: what calls whoever is here, with a button to accept it.
import { Button } from "antd";
import { use_words } from "../i18n/language";
import { use_alarms, use_now } from "../live/ward_feed";
import { use_session } from "../shell/session";
import { use_acknowledge } from "../shell/use_acknowledge";
import { PriorityMark, use_alarm_text } from "./alarm_text";
import { calls } from "./calls";
import "./calls.css";

const shown_max = 3;

export function CallBanner() {
  const { t, age } = use_words();
  const { session } = use_session();
  const alarms = use_alarms();
  const now = use_now();
  const text = use_alarm_text();
  const { acknowledge, allowed, busy } = use_acknowledge();
  const mine = session ? calls(alarms, session) : [];
  if (mine.length === 0) return null;
  return (
    <div className="calls" role="alert">
      {mine.slice(0, shown_max).map((alarm) => {
        const last = alarm.escalated?.at(-1);
        return (
          <div key={alarm.id} className={`call alarm ${alarm.priority} unanswered`} data-alarm={alarm.id} data-step={last?.step ?? 0}>
            <PriorityMark priority={alarm.priority} />
            <b>{[alarm.ward, alarm.bed].filter(Boolean).join(" / ") || alarm.device}</b>
            <span>{text(alarm)}</span>
            <small>{age(now - Date.parse(alarm.raised))}</small>
            {last && <em>{t.people.nobody_accepted(last.step)}</em>}
            {allowed && <Button size="small" loading={busy === alarm.id} disabled={alarm.provisional} onClick={() => void acknowledge(alarm)}>{t.acknowledge}</Button>}
          </div>
        );
      })}
      {mine.length > shown_max && <small>{t.more_alarms(mine.length - shown_max)}</small>}
    </div>
  );
}
