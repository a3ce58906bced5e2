// What stands above every page: that the server is silent, that nothing is recorded, and the alarms of the whole ward.
import { Link } from "react-router-dom";
import { use_words } from "../i18n/language";
import { use_alarms, use_link, use_now } from "../live/ward_feed";
import { PriorityMark, use_alarm_text } from "./alarm_text";
import { ViewButton } from "./view_button";

const shown_max = 4;

export function LinkBanner() {
  const link = use_link();
  const { t, clock } = use_words();
  return (
    <>
      {link.state === "silent" && (
        <div className="server-silent" role="alert">
          ⚠ {link.heard === null ? t.silent : t.silent_since(clock(link.heard))}
        </div>
      )}
      {!link.recording && (
        <div className="not-recording" role="alert">
          ⚠ {t.not_recording_hint(link.reason ?? "")}
        </div>
      )}
    </>
  );
}

export function AlarmBanner({ on_open }: { on_open: (device: string) => void }) {
  const alarms = use_alarms();
  const text = use_alarm_text();
  const now = use_now();
  const { t, age } = use_words();
  return (
    <div className={`alarm-banner ${alarms.length === 0 ? "none" : ""}`} role="status">
      {alarms.length === 0 && <span>{t.no_alarms}</span>}
      {alarms.slice(0, shown_max).map((alarm) => (
        <button
          key={alarm.id}
          className={`alarm-chip alarm ${alarm.priority} ${alarm.acknowledged ? "answered" : "unanswered"}`}
          data-alarm={alarm.id}
          onClick={() => alarm.device && on_open(alarm.device)}
        >
          <PriorityMark priority={alarm.priority} quiet={alarm.acknowledged !== null} />
          <b>{alarm.bed || alarm.device || alarm.ward}</b>
          <span>{text(alarm)}</span>
          <small>{age(now - Date.parse(alarm.raised))}</small>
          {alarm.state === "latched" && <em title={t.latched_hint}>{t.latched}</em>}
          {alarm.provisional && <em>{t.provisional}</em>}
          {alarm.acknowledged && <em>✓</em>}
        </button>
      ))}
      {alarms.length > shown_max && <Link to="/alarms" className="alarm-more">{t.more_alarms(alarms.length - shown_max)}</Link>}
      <span className="push" />
      <ViewButton />
    </div>
  );
}
