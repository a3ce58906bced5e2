// Beds: who lies where, with which devices; admission, transfer, discharge, handing over, undoing.
import { EllipsisOutlined } from "@ant-design/icons";
import { Button, Dropdown, Input } from "antd";
import { useState } from "react";
import { query } from "../api/client";
import type { Bed, Page } from "../api/types";
import { use_call } from "../api/use_call";
import { use_words } from "../i18n/language";
import { PagingFoot } from "../shell/paging_foot";
import { Rows } from "../shell/rows";
import { use_session } from "../shell/session";
import { Sights } from "../shell/sights";
import { AdmitDialog } from "./beds_dialogs/admit_dialog";
import { bed_key, bed_text } from "./beds_dialogs/bed";
import { DischargeDialog } from "./beds_dialogs/discharge_dialog";
import { HandOverDialog } from "./beds_dialogs/hand_over_dialog";
import { TransferDialog } from "./beds_dialogs/transfer_dialog";
import { UndoDialog } from "./beds_dialogs/undo_dialog";

const rows_per_page = 50;
const refresh_ms = 5_000;

type Dialog = { kind: "admit"; bed: Bed | null } | { kind: "transfer" | "discharge" | "hand_over" | "undo"; bed: Bed } | null;

export default function BedsPage() {
  const { t, moment } = use_words();
  const b = t.bedside;
  const { may } = use_session();
  const [search, set_search] = useState("");
  const [cursor, set_cursor] = useState<string | null>(null);
  const [dialog, set_dialog] = useState<Dialog>(null);
  const loaded = use_call<Page<Bed>>(`/api/beds${query({ search, limit: rows_per_page, cursor })}`, refresh_ms);
  const may_bind = may("clinician", "engineer", "administrator");
  const close = () => {
    set_dialog(null);
    loaded.reload();
  };
  const find = (text: string) => {
    set_search(text.trim());
    set_cursor(null);
  };
  const actions = (bed: Bed) => [
    ...(bed.patient
      ? [
          { key: "transfer", label: `${b.transfer} …`, onClick: () => set_dialog({ kind: "transfer", bed }) },
          { key: "discharge", label: `${b.discharge} …`, onClick: () => set_dialog({ kind: "discharge", bed }) },
        ]
      : [{ key: "admit", label: `${b.admit} …`, onClick: () => set_dialog({ kind: "admit", bed }) }]),
    { key: "hand_over", label: `${b.hand_over} …`, onClick: () => set_dialog({ kind: "hand_over", bed }) },
    { key: "undo", label: `${b.undo} …`, onClick: () => set_dialog({ kind: "undo", bed }) },
  ];
  return (
    <div className="page">
      <div className="page-head">
        <h2>{b.beds}</h2>
        <Input.Search
          allowClear
          placeholder={b.search}
          aria-label={b.search}
          style={{ width: 240 }}
          onChange={(event) => event.target.value === "" && find("")}
          onSearch={find}
        />
        {may_bind && <Button type="primary" onClick={() => set_dialog({ kind: "admit", bed: null })}>{b.admit}</Button>}
      </div>
      <Sights from={loaded} is_empty={(page) => page.items.length === 0} empty={search ? t.no_match : <><h2>{b.none}</h2>{may_bind && <p>{b.none_hint}</p>}</>}>
        {(page) => (
          <>
            <Rows<Bed>
              size="middle"
              rowKey={bed_key}
              width_px={760}
              dataSource={page.items}
              columns={[
                { title: t.bed, render: (one) => <b>{bed_text(one)}</b> },
                { title: t.patient, render: (one) => (one.patient ? <>{one.patient.label || one.patient.id}<br /><span className="quiet">{b.identifier_ends(one.identifier_end)}</span></> : <span className="quiet">{b.empty_bed}</span>) },
                { title: b.since, render: (one) => moment(one.since) },
                {
                  title: b.devices_here,
                  render: (one) => one.devices.map((device) => (
                    <div key={device.device}>
                      {device.device} {one.patient && !device.has_patient && <span className="quiet">({b.not_with_patient})</span>}
                    </div>
                  )),
                },
                ...(may_bind
                  ? [{
                      title: t.actions,
                      align: "right" as const,
                      render: (one: Bed) => (
                        <Dropdown trigger={["click"]} menu={{ items: actions(one) }}>
                          <Button icon={<EllipsisOutlined />} aria-label={`${t.actions}: ${one.bed}`} />
                        </Dropdown>
                      ),
                    }]
                  : []),
              ]}
            />
            <PagingFoot page={page} cursor={cursor} on_cursor={set_cursor} />
          </>
        )}
      </Sights>
      {dialog?.kind === "admit" && <AdmitDialog bed={dialog.bed} on_close={close} />}
      {dialog?.kind === "transfer" && <TransferDialog bed={dialog.bed} on_close={close} />}
      {dialog?.kind === "discharge" && <DischargeDialog bed={dialog.bed} on_close={close} />}
      {dialog?.kind === "hand_over" && <HandOverDialog bed={dialog.bed} on_close={close} />}
      {dialog?.kind === "undo" && <UndoDialog bed={dialog.bed} on_close={close} />}
    </div>
  );
}
