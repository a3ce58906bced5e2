// How many alarms there were: by bed, by rule and by hour, as numbers and as bars, from the whole history.
import { Segmented } from "antd";
import { useState } from "react";
import { query } from "../../api/client";
import type { Burden, Priority } from "../../api/types";
import { use_call } from "../../api/use_call";
import { use_words } from "../../i18n/language";
import { use_now } from "../../live/ward_feed";
import { Sights } from "../../shell/sights";
import { use_zone } from "../../time/use_zone";
import { moment_text } from "../../time/zone";
import { symbol } from "../../ward/alarm_text";
import { use_rule_name } from "./rule_name";

const hour = 3_600_000;
const periods = { shift: 8, day: 24, week: 168, month: 720 } as const; // hours
type Period = keyof typeof periods;
const priorities: readonly Priority[] = ["high", "medium", "low"];

function Counts({ by, from, to }: { by: Burden["by"]; from: string; to: string }) {
  const { t, number } = use_words();
  const zone = use_zone();
  const rule_name = use_rule_name();
  const loaded = use_call<Burden>(`/api/alarms/burden${query({ by, from, to })}`);
  const title = { bed: t.bed, rule: t.rule, hour: t.hour }[by];
  const name = (key: string) => (by === "rule" ? rule_name(key) : by === "hour" ? moment_text(Date.parse(key), zone).replace(/:00:00/, ":00") : key);
  return (
    <section className="burden" data-by={by} data-total={loaded.data?.total}>
      <h3>{{ bed: t.burden_bed, rule: t.burden_rule, hour: t.burden_hour }[by]}</h3>
      <Sights from={loaded} is_empty={(burden) => burden.items.length === 0} empty={t.no_match_time}>
        {(burden) => {
          const most = Math.max(...burden.items.map((one) => one.count));
          return (
            <table>
              <thead>
                <tr>
                  <th>{title}</th>
                  <th>{t.count}</th>
                  {priorities.map((one) => <th key={one} aria-label={one}>{symbol[one]}</th>)}
                  <th className="bar-cell"><span className="quiet">{t.total(burden.total)}</span></th>
                </tr>
              </thead>
              <tbody>
                {burden.items.map((row) => (
                  <tr key={row.key} data-key={row.key}>
                    <th>{name(row.key)}</th>
                    <td><b>{number(row.count)}</b></td>
                    {priorities.map((one) => <td key={one}>{number(row[one])}</td>)}
                    <td className="bar-cell" aria-hidden>
                      <span className="bar">{priorities.map((one) => <i key={one} className={one} style={{ width: `${(100 * row[one]) / most}%` }} />)}</span>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          );
        }}
      </Sights>
    </section>
  );
}

export function AlarmBurden() {
  const { t } = use_words();
  const [period, set_period] = useState<Period>("day");
  const now = use_now(60_000);
  const to = Math.ceil(now / 60_000) * 60_000;
  const span = { from: new Date(to - periods[period] * hour).toISOString(), to: new Date(to).toISOString() };
  return (
    <>
      <div className="alarm-filters">
        <Segmented<Period> value={period} options={(Object.keys(periods) as Period[]).map((one) => ({ value: one, label: t.periods[one] }))} onChange={set_period} />
        <span className="quiet">{t.burden_hint}</span>
      </div>
      <div className="burdens">{(["bed", "rule", "hour"] as const).map((by) => <Counts key={by} by={by} {...span} />)}</div>
    </>
  );
}
