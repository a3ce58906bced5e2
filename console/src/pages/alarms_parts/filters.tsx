// What the review of alarms is narrowed to. Times are typed as the ward's clock shows them.
import { Input, Select } from "antd";
import { useState } from "react";
import type { AlarmRule, Priority } from "../../api/types";
import { use_words } from "../../i18n/language";
import { use_devices, use_store } from "../../live/ward_feed";
import { use_zone } from "../../time/use_zone";
import { parse_local } from "../../time/zone";
import { use_rule_names } from "./rule_name";

export interface Filters {
  bed: string | null;
  rule: AlarmRule | null;
  priority: Priority | null;
  from: number | null; // ms
  to: number | null;
}
export const no_filters: Filters = { bed: null, rule: null, priority: null, from: null, to: null };
export const is_filtered = (filters: Filters) => Object.values(filters).some((one) => one !== null);

interface TimeProps {
  label: string;
  end: boolean;
  on_change: (time: number | null) => void;
}
// Of an hour that comes twice a beginning is the first, an end the last: nothing is left out.
function TimeField({ label, end, on_change }: TimeProps) {
  const { t } = use_words();
  const zone = use_zone();
  const [text, set_text] = useState("");
  const times = parse_local(text, zone, Date.now());
  const wrong = text.trim() !== "" && times.length === 0;
  const take = () => on_change(text.trim() === "" ? null : ((end ? times[times.length - 1] : times[0]) ?? null));
  return (
    <Input
      aria-label={label} placeholder={`${label}: ${t.time_hint}`} title={wrong ? t.no_such_time(zone) : label} status={wrong ? "error" : ""} aria-invalid={wrong}
      value={text} onChange={(event) => set_text(event.target.value)} onPressEnter={take} onBlur={take} allowClear
    />
  );
}

export function AlarmFilters({ filters, on_change }: { filters: Filters; on_change: (change: Partial<Filters>) => void }) {
  const { t } = use_words();
  const store = use_store();
  const devices = use_devices();
  const rules = Object.entries(use_rule_names()) as [AlarmRule, string][];
  const beds = [...new Set(devices.map((one) => store.sector(one)?.sector.bed).filter((one) => one != null))];
  const priorities: Record<Priority, string> = { high: t.priority_high, medium: t.priority_medium, low: t.priority_low };
  return (
    <div className="alarm-filters" role="group" aria-label={t.filters}>
      <Select<string> aria-label={t.bed} placeholder={t.bed} value={filters.bed} allowClear showSearch options={beds.map((one) => ({ value: one, label: one }))} onChange={(bed) => on_change({ bed: bed ?? null })} />
      <Select<AlarmRule> aria-label={t.rule} placeholder={t.rule} value={filters.rule} allowClear popupMatchSelectWidth={false} options={rules.map(([value, label]) => ({ value, label }))} onChange={(rule) => on_change({ rule: rule ?? null })} />
      <Select<Priority>
        aria-label={t.priority} placeholder={t.priority} value={filters.priority} allowClear
        options={(["high", "medium", "low"] as const).map((one) => ({ value: one, label: priorities[one] }))} onChange={(priority) => on_change({ priority: priority ?? null })}
      />
      <TimeField label={t.from} end={false} on_change={(from) => on_change({ from })} />
      <TimeField label={t.until} end on_change={(to) => on_change({ to })} />
    </div>
  );
}
