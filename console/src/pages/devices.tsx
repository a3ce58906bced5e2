// Devices: what is registered, whether it is heard, whose it is; made, bound, changed and removed here.
import { Button, Dropdown, Input, Table, App } from "antd";
import { useState } from "react";
import { put, query, remove } from "../api/client";
import type { Device, Page } from "../api/types";
import { use_call } from "../api/use_call";
import { use_words } from "../i18n/language";
import { use_now } from "../live/ward_feed";
import { PagingFoot } from "../shell/paging_foot";
import { use_session } from "../shell/session";
import { Sights } from "../shell/sights";
import { use_doing } from "../shell/use_doing";
import { BindDialog } from "./devices_dialogs/bind_dialog";
import { CreateDialog } from "./devices_dialogs/create_dialog";
import { EditDialog } from "./devices_dialogs/edit_dialog";

const rows_per_page = 50;
const refresh_ms = 5_000;

function UnknownKeys({ keys }: { keys: Record<string, number> }) {
  const { number } = use_words();
  return (
    <ul>
      {Object.entries(keys).map(([key, count]) => (
        <li key={key}>
          <code>{key}</code> × {number(count)}
        </li>
      ))}
    </ul>
  );
}

type Dialog = { kind: "create" } | { kind: "edit" | "bind"; device: Device } | null;

export default function DevicesPage() {
  const { t, number, age } = use_words();
  const { may } = use_session();
  const { modal } = App.useApp();
  const { doing } = use_doing();
  const now = use_now();
  const [search, set_search] = useState("");
  const [cursor, set_cursor] = useState<string | null>(null);
  const [dialog, set_dialog] = useState<Dialog>(null);
  const loaded = use_call<Page<Device>>(`/api/devices${query({ search, limit: rows_per_page, cursor })}`, refresh_ms);
  const { reload } = loaded;
  const may_register = may("engineer", "administrator");
  const may_bind = may("clinician", "engineer", "administrator");
  const path = (device: Device) => `/devices/${encodeURIComponent(device.id)}`;
  const close = () => {
    set_dialog(null);
    reload();
  };
  const ask = (content: string, okText: string, work: () => Promise<unknown>, said: string) =>
    modal.confirm({ content, okText, cancelText: t.cancel, onOk: () => doing(work, said).then(reload) });

  const actions = (device: Device) => [
    ...(may_bind ? [{ key: "bind", label: t.bind, onClick: () => set_dialog({ kind: "bind", device }) }] : []),
    ...(may_bind && (device.bed || device.patient)
      ? [{
          key: "unbind",
          label: t.unbind,
          onClick: () => ask(t.unbind_ask(device.id), t.unbind, () => remove(`/api${path(device)}/patient`), t.unbound),
        }]
      : []),
    ...(may_register
      ? [
          { key: "edit", label: t.edit, onClick: () => set_dialog({ kind: "edit", device }) },
          {
            key: "status",
            label: device.status === "disabled" ? t.enable : t.disable,
            onClick: () =>
              void doing(
                () => put(path(device), { name: device.name, model: device.model, simulated: device.simulated, status: device.status === "disabled" ? "enabled" : "disabled" }),
                t.saved,
              ).then(reload),
          },
          { key: "delete", label: t.remove, danger: true, onClick: () => ask(t.delete_ask(device.id), t.remove, () => remove(path(device)), t.deleted) },
        ]
      : []),
  ];

  return (
    <div className="page">
      <div className="page-head">
        <h2>{t.devices}</h2>
        <Input.Search
          allowClear
          placeholder={t.search}
          style={{ width: 240 }}
          onSearch={(text) => {
            set_search(text.trim());
            set_cursor(null);
          }}
        />
        {may_register && <Button type="primary" onClick={() => set_dialog({ kind: "create" })}>{t.create_device}</Button>}
      </div>
      <Sights
        from={loaded}
        is_empty={(page) => page.items.length === 0}
        empty={search ? t.no_match : <><h2>{t.no_devices}</h2>{may_register && <p>{t.no_devices_hint}</p>}</>}
      >
        {(page) => (
          <>
            <Table<Device>
              size="middle"
              rowKey="id"
              pagination={false}
              scroll={{ x: 1000 }}
              dataSource={page.items}
              expandable={{
                rowExpandable: (one) => Object.keys(one.unknown_keys ?? {}).length > 0,
                expandedRowRender: (one) => <UnknownKeys keys={one.unknown_keys} />,
              }}
              columns={[
                { title: t.device, render: (_, one) => <><b>{one.id}</b> {one.simulated && <span className="simulated">{t.simulated}</span>}<br /><span className="quiet">{one.name}</span></> },
                { title: t.state, render: (_, one) => (one.status === "disabled" ? t.disabled : one.connected ? `● ${t.connected}` : `○ ${t.not_connected}`) },
                { title: t.last_seen, render: (_, one) => (one.last_seen ? t.ago(age(now - Date.parse(one.last_seen))) : t.never) },
                { title: t.bed, render: (_, one) => [one.ward, one.bed].filter(Boolean).join(" / ") },
                { title: t.patient, render: (_, one) => one.patient?.label ?? "" },
                { title: t.messages, align: "right", render: (_, one) => number(one.messages) },
                { title: t.rejected, align: "right", render: (_, one) => number(one.rejected) },
                { title: t.unknown_keys, align: "right", render: (_, one) => number(Object.keys(one.unknown_keys ?? {}).length) },
                { title: t.clock_offset, align: "right", render: (_, one) => (one.clock_offset_ms === null ? "" : `${number(one.clock_offset_ms)} ms`) },
                {
                  render: (_, one) =>
                    actions(one).length > 0 && (
                      <Dropdown trigger={["click"]} menu={{ items: actions(one) }}>
                        <Button aria-label={t.edit}>…</Button>
                      </Dropdown>
                    ),
                },
              ]}
            />
            <PagingFoot page={page} cursor={cursor} on_cursor={set_cursor} />
          </>
        )}
      </Sights>
      {dialog?.kind === "create" && <CreateDialog on_close={close} />}
      {dialog?.kind === "edit" && <EditDialog device={dialog.device} on_close={close} />}
      {dialog?.kind === "bind" && <BindDialog device={dialog.device} on_close={close} />}
    </div>
  );
}
