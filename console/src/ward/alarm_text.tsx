// How an alarm is said and marked, everywhere alike: symbol, text and colour, never colour alone.
import { use_codes } from "../api/codes";
import type { Alarm, Priority } from "../api/types";
import { use_words } from "../i18n/language";

export const symbol: Record<Priority, string> = { high: "!!!", medium: "!!", low: "!" };

// `brief`: for a sector of a sixty-fourth of the screen.
export function use_alarm_text(): (alarm: Alarm, brief?: boolean) => string {
  const { t } = use_words();
  const codes = use_codes();
  return (alarm, brief) => {
    const name = codes.name(alarm.code);
    const limit = alarm.limit === null ? "" : `${codes.seen.text(alarm.code, alarm.limit)} ${codes.seen.unit(alarm.code)}`.trim();
    switch (alarm.rule) {
      case "low":
        return brief ? `${name} < ${limit.replace(" ", "\u2009")}` : t.rule_low(name, limit);
      case "high":
        return brief ? `${name} > ${limit.replace(" ", "\u2009")}` : t.rule_high(name, limit);
      case "no_data":
        return t.rule_no_data(name);
      case "news2":
        return t.rule_news2(alarm.value === null ? "" : String(alarm.value));
      case "asystole":
        return t.rule_asystole;
      case "ecg_lead_off":
        return t.rule_ecg_lead_off;
      case "ecg_noisy":
        return t.rule_ecg_noisy;
      case "patient_mismatch":
        return t.bedside.patient_mismatch;
      case "no_audible_screen":
        return t.people.no_audible_screen;
      case "stations_gone":
        return t.people.stations_gone;
      case "device_gone":
        return t.rule_device_gone;
      default:
        return alarm.text;
    }
  };
}

export function PriorityMark({ priority, quiet }: { priority: Priority; quiet?: boolean }) {
  const { t } = use_words();
  const names: Record<Priority, string> = { high: t.priority_high, medium: t.priority_medium, low: t.priority_low };
  return (
    <span className={`mark ${priority} ${quiet ? "quiet" : ""}`}>
      <b aria-hidden>{symbol[priority]}</b> <span className="mark-name">{names[priority]}</span>
    </span>
  );
}
