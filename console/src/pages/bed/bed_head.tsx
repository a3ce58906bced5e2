// Who and what a bed's page is about: bed, name as far as the screen may show it, devices, how old the last message is.
import { ArrowLeftOutlined } from "@ant-design/icons";
import { Link, NavLink } from "react-router-dom";
import { query } from "../../api/client";
import { use_words } from "../../i18n/language";
import { use_link, use_now, use_sector } from "../../live/ward_feed";
import { use_session } from "../../shell/session";
import { name_shown } from "../../ward/mask";
import { LimitsOff } from "../../ward/limits_off";
import { PauseMark } from "../../ward/pauses";
import { NewsScore } from "../../ward/sector";
import { use_view } from "../../ward/view_settings";

const path_of = (device: string) => `/bed/${encodeURIComponent(device)}`;

function LastMessage({ device }: { device: string }) {
  const { t, age } = use_words();
  const state = use_sector(device);
  const link = use_link();
  const now = use_now();
  const heard = Math.max(0, ...[...(state?.readings.values() ?? [])].map((one) => one.heard));
  const old = state !== undefined && (!state.sector.connected || link.state !== "live" || now - heard > 30_000);
  return (
    <span className={old ? "last-message old-news" : "last-message"} data-last-message>
      {t.last_message}: {heard === 0 ? t.no_message : t.ago(age(now - heard))}
      {state && !state.sector.connected && ` · ${t.disconnected}`}
    </span>
  );
}

export function BedHead({ device, devices }: { device: string; devices: readonly string[] }) {
  const { t } = use_words();
  const { view } = use_view();
  const { session, may } = use_session();
  const state = use_sector(device);
  const now = use_now();
  const sector = state?.sector;
  const name = name_shown(sector?.patient?.label || sector?.patient?.id || "", view.names);
  return (
    <header className="bed-head">
      <Link to="/" className="back" aria-label={t.back_to_ward} title={t.back_to_ward}><ArrowLeftOutlined /></Link>
      <h2>{sector?.bed ?? device}</h2>
      <span className="bed-name">{name || t.no_patient}{sector?.ward && <small className="quiet"> · {sector.ward}</small>}</span>
      {sector?.simulated && <span className="simulated">{t.simulated}</span>}
      <NewsScore news2={sector?.news2 ?? null} now={now} />
      <LimitsOff off={sector?.limits_off ?? []} />
      <PauseMark pauses={sector?.pauses ?? []} now={now} />
      {sector?.patient && may("administrator", "clinician", "viewer") && !session?.station && (
        <Link to={`/patients${query({ q: sector.patient.id })}`} data-to-chart>{t.chart.to_chart}</Link>
      )}
      <LastMessage device={device} />
      <span className="bed-devices">
        {t.devices_here}: {devices.map((one, i) => <span key={one}>{i > 0 && ", "}{one === device ? <b>{one}</b> : <Link to={path_of(one)}>{one}</Link>}</span>)}
      </span>
      <nav className="bed-tabs">
        <NavLink to={path_of(device)} end>{t.trends}</NavLink>
        <NavLink to={`${path_of(device)}/waves`}>{t.disclosure}</NavLink>
      </nav>
    </header>
  );
}
