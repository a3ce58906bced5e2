// A rule without its vital sign: for filters and counts.
import type { AlarmRule } from "../../api/types";
import { use_words } from "../../i18n/language";

export function use_rule_names(): Record<AlarmRule, string> {
  const { t } = use_words();
  return {
    low: t.rule_name_low, high: t.rule_name_high, no_data: t.rule_name_no_data, news2: "NEWS2", device_gone: t.rule_device_gone, asystole: t.rule_asystole, ecg_lead_off: t.rule_ecg_lead_off, ecg_noisy: t.rule_ecg_noisy, patient_mismatch: t.bedside.patient_mismatch, no_audible_screen: t.people.no_audible_screen, stations_gone: t.people.stations_gone,
  };
}

// A rule that this console does not know yet has its own name.
export function use_rule_name(): (rule: string) => string {
  const names: Record<string, string> = use_rule_names();
  return (rule) => names[rule] ?? rule;
}
