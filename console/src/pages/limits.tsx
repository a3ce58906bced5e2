// Alarm limits: the rows of every scope, what holds at one bed, and who changed what.
import { Button, Segmented, Select } from "antd";
import { useState } from "react";
import { use_words } from "../i18n/language";
import type { Limits, Scope } from "../api/types";
import { use_call } from "../api/use_call";
import { use_session } from "../shell/session";
import { Sights } from "../shell/sights";
import { BedLimits } from "./limits_dialogs/bed_limits";
import { LimitDialog, ResetDialog, type Editing } from "./limits_dialogs/limit_dialog";
import { LimitHistory } from "./limits_dialogs/limit_history";
import { EditButton, LimitTable } from "./limits_dialogs/limit_table";
import { Reminders } from "./limits_dialogs/reminders";
import { hospital, rows_of, scope_key, scopes_with_rows, use_scope_text, use_scopes_to_choose } from "./limits_dialogs/scope";

type Part = "rows" | "bed" | "history";

function ScopeRows({ may_edit }: { may_edit: boolean }) {
  const { t } = use_words();
  const loaded = use_call<Limits>("/api/limits");
  const scope_text = use_scope_text();
  const choices = use_scopes_to_choose();
  const [scope, set_scope] = useState<Scope>(hospital);
  const [editing, set_editing] = useState<Editing | null>(null);
  const [resetting, set_resetting] = useState<Editing | null>(null);
  const done = () => {
    set_editing(null);
    set_resetting(null);
    loaded.reload();
  };
  return (
    <>
      <Sights from={loaded}>
        {(limits) => {
          const scopes = scopes_with_rows(limits);
          const known = scopes.some((one) => scope_key(one) === scope_key(scope)) ? scopes : [...scopes, scope];
          return (
            <div className="limits-scopes">
              <nav aria-label={t.whose_row}>
                {known.map((one) => (
                  <Button key={scope_key(one)} type={scope_key(one) === scope_key(scope) ? "primary" : "text"} data-scope={one.kind} onClick={() => set_scope(one)}>
                    {scope_text(one)} <small>{rows_of(limits, one).length}</small>
                  </Button>
                ))}
                <Select
                  showSearch
                  className="another-scope"
                  placeholder={t.another_scope}
                  value={null}
                  options={choices.map((one) => ({ value: scope_key(one), label: scope_text(one) }))}
                  optionFilterProp="label"
                  onChange={(key: string | null) => set_scope(choices.find((one) => scope_key(one) === key) ?? hospital)}
                />
              </nav>
              <section>
                <h3 className="page-part">{scope_text(scope)}</h3>
                {rows_of(limits, scope).length === 0 ? (
                  <p className="quiet">{t.no_own_rows}</p>
                ) : (
                  <LimitTable
                    rows={rows_of(limits, scope)}
                    actions={
                      may_edit
                        ? (row) => (
                            <>
                              <EditButton on_click={() => set_editing({ limit: row, scope, choices: null })} />
                              <Button onClick={() => set_editing({ limit: row, scope: null, choices })}>{t.add_override}</Button>
                              {row.by && <Button onClick={() => set_resetting({ limit: row, scope, choices: null })}>{t.take_back}</Button>}
                            </>
                          )
                        : null
                    }
                  />
                )}
              </section>
            </div>
          );
        }}
      </Sights>
      {editing && <LimitDialog editing={editing} on_close={done} />}
      {resetting && <ResetDialog editing={resetting} on_close={done} />}
    </>
  );
}

export default function LimitsPage() {
  const { t } = use_words();
  const { may } = use_session();
  const [part, set_part] = useState<Part>("rows");
  const may_edit = may("clinician", "administrator");
  return (
    <div className="page">
      <div className="page-head">
        <h2>{t.alarm_limits}</h2>
        <Segmented<Part>
          value={part}
          onChange={set_part}
          options={[
            { value: "rows", label: t.limit_rows },
            { value: "bed", label: t.limits_at_bed },
            { value: "history", label: t.limit_changes },
          ]}
        />
      </div>
      <p className="quiet page-intro">{t.limits_hint}</p>
      {part === "rows" && (
        <>
          <ScopeRows may_edit={may_edit} />
          <Reminders may_edit={may_edit} />
        </>
      )}
      {part === "bed" && <BedLimits may_edit={may_edit} />}
      {part === "history" && <LimitHistory />}
    </div>
  );
}
