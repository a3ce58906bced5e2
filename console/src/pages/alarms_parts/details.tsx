// An alarm opened: the thirty seconds of waves around its beginning, and ways to the bed's trends and full disclosure.
import { Link } from "react-router-dom";
import { query } from "../../api/client";
import { use_codes } from "../../api/codes";
import type { Alarm, Page, SeriesRow } from "../../api/types";
import { use_call } from "../../api/use_call";
import { use_words } from "../../i18n/language";
import { Sights } from "../../shell/sights";
import { StripView } from "../../strip/strip_view";
import { use_addressee } from "../../ward/addressee";
import { shown_waves } from "../../ward/sector";

const before_ms = 20_000;
const seconds = 30;
const waves_max = 2;

// To which screen it came, and who was told because nobody accepted it.
function People({ alarm }: { alarm: Alarm }) {
  const { t, moment } = use_words();
  const told = use_addressee();
  return (
    <ul className="alarm-people">
      {alarm.delivered && <li>{t.people.delivered(alarm.delivered.to, moment(alarm.delivered.at))}</li>}
      {(alarm.escalated ?? []).map((one) => <li key={`${one.step} ${one.at}`}>{t.people.escalated(one.step, told(one.to), moment(one.at))}</li>)}
      {alarm.acknowledged && <li>{t.acknowledged_by(alarm.acknowledged.by)} · {moment(alarm.acknowledged.at)}</li>}
    </ul>
  );
}

export function AlarmDetails({ alarm }: { alarm: Alarm }) {
  const { t } = use_words();
  const codes = use_codes();
  const stored = use_call<Page<SeriesRow>>(alarm.device ? `/api/series${query({ device: alarm.device })}` : null);
  const raised = Date.parse(alarm.raised);
  const from = raised - before_ms;
  const bed = `/bed/${encodeURIComponent(alarm.device)}`;
  const span = query({ from: new Date(raised - 300_000).toISOString(), to: new Date(raised + 300_000).toISOString() });
  return (
    <div className="alarm-details">
      <p>
        {alarm.text}
        {alarm.device && <> · <Link to={bed + span}>{t.trends}</Link> · <Link to={`${bed}/waves${query({ at: new Date(raised - 5_000).toISOString() })}`}>{t.disclosure}</Link></>}
      </p>
      <People alarm={alarm} />
      {alarm.device && <Sights from={stored} is_empty={(page) => !page.items.some((row) => codes.is_wave(row.code))} empty={t.no_waves}>
        {(page) =>
          shown_waves(page.items.filter((row) => codes.is_wave(row.code)).map((row) => row.code), waves_max).map((code) => (
            <StripView key={code} channel={{ device: alarm.device, code }} from={from} seconds={seconds} mm_per_s={12.5} mark={raised} />
          ))
        }
      </Sights>}
    </div>
  );
}
