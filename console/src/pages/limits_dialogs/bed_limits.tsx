// What holds at one bed now, and whose row each limit is.
import { Alert, Select } from "antd";
import { useState } from "react";
import { query } from "../../api/client";
import type { EffectiveLimits } from "../../api/types";
import { use_call } from "../../api/use_call";
import { use_words } from "../../i18n/language";
import { use_devices, use_store } from "../../live/ward_feed";
import { Sights } from "../../shell/sights";
import { EditButton, LimitTable } from "./limit_table";
import { LimitDialog, type Editing } from "./limit_dialog";
import { bed_name, scopes_of } from "./scope";

export function BedLimits({ may_edit }: { may_edit: boolean }) {
  const { t } = use_words();
  const store = use_store();
  const devices = use_devices();
  const [chosen, set_chosen] = useState<string | null>(null);
  const device = chosen ?? devices[0] ?? null;
  const loaded = use_call<EffectiveLimits>(device ? `/api/limits/effective${query({ device })}` : null);
  const [editing, set_editing] = useState<Editing | null>(null);
  const name = (id: string) => {
    const sector = store.sector(id)?.sector;
    return sector?.bed ? `${bed_name(sector.ward ?? "", sector.bed)} · ${id}` : id;
  };
  if (device === null) return <div className="sight" data-sight="empty">{t.no_beds}</div>;
  return (
    <>
      <p className="limits-of">
        <label htmlFor="limits-bed">{t.bed} </label>
        <Select id="limits-bed" showSearch optionFilterProp="label" value={device} onChange={set_chosen} options={devices.map((id) => ({ value: id, label: name(id) }))} />
      </p>
      <Sights from={loaded}>
        {(limits) => (
          <>
            {limits.age_class === "unknown" && <Alert type="info" showIcon message={t.watched_as_adult} style={{ marginBottom: 12 }} />}
            <LimitTable
              rows={limits.rows}
              origin
              actions={may_edit ? (row) => <EditButton on_click={() => set_editing({ limit: row, scope: null, choices: scopes_of(limits) })} /> : null}
            />
          </>
        )}
      </Sights>
      {editing && (
        <LimitDialog
          editing={editing}
          on_close={() => {
            set_editing(null);
            loaded.reload();
          }}
        />
      )}
    </>
  );
}
