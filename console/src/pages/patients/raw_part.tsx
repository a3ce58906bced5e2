// For engineers: a resource as it is, every version of it, what changed between two, and how it stood at an instant.
import { App, Button, Input, Select } from "antd";
import { useState } from "react";
import { Link, useParams } from "react-router-dom";
import { use_words } from "../../i18n/language";
import { call_record } from "../../api/client";
import { use_call } from "../../api/use_call";
import { write_keeping } from "../../record/decimal";
import { differences } from "../../record/differences";
import { local_text } from "../../record/forms";
import type { Bundle, Resource } from "../../record/types";
import { use_told } from "../../record/use_told";
import { version_at, versions_of, type Version } from "../../record/versions";
import { Sights } from "../../shell/sights";
import { use_chart } from "./chart_context";
import { chart_path } from "./patients_page";

const versions_max = 100;
const read_history = (path: string) => call_record<Bundle>("GET", path);
const read_version = (path: string) => call_record<Resource>("GET", path);

function Differences({ before, after }: { before: Resource; after: Resource }) {
  const { t } = use_words();
  const f = t.forms;
  const list = differences(before, after);
  if (list.length === 0) return <p className="quiet">{f.no_differences}</p>;
  return (
    <ul className="differences">
      {list.map((one) => (
        <li key={one.path} data-difference={one.path}>
          <code>{one.path}</code>
          <pre className="gone">− {one.before ?? f.added}</pre>
          <pre className="new">+ {one.after ?? f.removed}</pre>
        </li>
      ))}
    </ul>
  );
}

function VersionBody({ path, version }: { path: string; version: Version }) {
  const { t } = use_words();
  const { message } = App.useApp();
  const loaded = use_call<Resource>(version.is_deleted ? null : `${path}/_history/${version.id}`, 0, read_version);
  if (version.is_deleted) return <p className="quiet">{t.forms.was_deleted}</p>;
  return (
    <Sights from={loaded}>
      {(resource) => {
        const text = write_keeping(resource, 2);
        const copy = () => navigator.clipboard.writeText(text).then(() => message.success(t.copied), (reason: unknown) => message.error(String(reason)));
        return <><Button size="small" onClick={() => void copy()}>{t.copy}</Button><pre className="raw-json" data-raw={version.id}>{text}</pre></>;
      }}
    </Sights>
  );
}

function Compared({ path, from, to }: { path: string; from: Version; to: Version }) {
  const before = use_call<Resource>(`${path}/_history/${from.id}`, 0, read_version);
  const after = use_call<Resource>(`${path}/_history/${to.id}`, 0, read_version);
  return <Sights from={before}>{(one) => <Sights from={after}>{(other) => <Differences before={one} after={other} />}</Sights>}</Sights>;
}

function Versions({ path, versions }: { path: string; versions: readonly Version[] }) {
  const { t } = use_words();
  const f = t.forms;
  const told = use_told();
  const [chosen, set_chosen] = useState(versions[0]?.id ?? "");
  const [other, set_other] = useState<string | null>(null);
  const [instant, set_instant] = useState("");
  const shown = versions.find((one) => one.id === chosen) ?? versions[0];
  const beside = versions.find((one) => one.id === other);
  const before = shown && versions[versions.indexOf(shown) + 1];
  const at = Date.parse(instant);
  const then = Number.isNaN(at) ? undefined : version_at(versions, at + 59_999); // the field says minutes
  if (!shown) return null;
  const [older, newer] = beside ? (versions.indexOf(beside) > versions.indexOf(shown) ? [beside, shown] : [shown, beside]) : [before, shown];
  const how = (one: Version) => (one.is_deleted ? f.deleted : one.is_made ? f.made : f.changed);
  const name = (one: Version) => `${f.shown_version(one.id)} · ${told.when(one.at)} · ${how(one)}`;
  return (
    <div className="raw">
      <div className="raw-choices">
        <label className="field-beside">{f.as_of}
          <Input
            type="datetime-local"
            value={instant}
            max={local_text(new Date().toISOString())}
            title={f.as_of_hint}
            onChange={(event) => {
              set_instant(event.target.value);
              const found = version_at(versions, Date.parse(event.target.value) + 59_999);
              if (found) set_chosen(found.id);
            }}
          />
        </label>
        {then === null && <b data-as-of="none">{f.not_yet}</b>}
        {then && <span className="quiet" data-as-of={then.id}>{f.shown_version(then.id)}</span>}
      </div>
      <div className="raw-columns">
        <div>
          <h3>{f.versions}</h3>
          <ul className="items versions">
            {versions.map((one, i) => (
              <li key={one.id} className={one === shown ? "item chosen" : "item"}>
                <Button type="text" aria-pressed={one === shown} data-version={one.id} onClick={() => { set_chosen(one.id); set_instant(""); }}>{name(one)}{i === 0 && ` · ${f.newest}`}</Button>
              </li>
            ))}
          </ul>
          {versions.length >= versions_max && <p className="quiet">{f.only_newest_versions(versions_max)}</p>}
        </div>
        <div>
          <h3>{f.differences}</h3>
          <label className="field-beside">{f.compare_with}
            <Select<string> allowClear aria-label={f.compare_with} value={beside?.id ?? null} placeholder={before ? name(before) : f.no_differences} options={versions.filter((one) => one !== shown && !one.is_deleted).map((one) => ({ value: one.id, label: name(one) }))} onChange={(value) => set_other(value ?? null)} className="version-select" />
          </label>
          {older && newer && !older.is_deleted && !newer.is_deleted && <Compared path={path} from={older} to={newer} />}
          <h3>{f.shown_version(shown.id)}</h3>
          {shown !== versions[0] && <p data-not-newest><b>{f.not_newest}</b></p>}
          <VersionBody path={path} version={shown} />
        </div>
      </div>
    </div>
  );
}

export function RawPart() {
  const { t } = use_words();
  const { id } = use_chart();
  const { type = "", resource = "" } = useParams();
  const path = `/fhir/${encodeURIComponent(type)}/${encodeURIComponent(resource)}`;
  const loaded = use_call<Bundle>(`${path}/_history?_count=${versions_max}`, 0, read_history);
  return (
    <section className="chart-part" aria-label={t.chart.raw}>
      <div className="chart-part-head">
        <h3>{t.chart.kinds[type] ?? type} <code>{type}/{resource}</code></h3>
        <Link to={chart_path(id)}>{t.chart.summary}</Link>
      </div>
      <Sights from={loaded}>{(bundle) => <Versions key={path} path={path} versions={versions_of(bundle)} />}</Sights>
    </section>
  );
}
