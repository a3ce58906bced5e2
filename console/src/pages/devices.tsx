// Devices: what is registered, whether it is heard, whose it is; made, bound, changed and removed here.
import { EllipsisOutlined } from "@ant-design/icons";
import { App, Button, Dropdown, Input } from "antd";
import { useState } from "react";
import { ApiError, put, query, remove } from "../api/client";
import type { Device, Page } from "../api/types";
import { use_call } from "../api/use_call";
import { use_words } from "../i18n/language";
import { use_now } from "../live/ward_feed";
import { PagingFoot } from "../shell/paging_foot";
import { Rows } from "../shell/rows";
import { use_session } from "../shell/session";
import { Sights } from "../shell/sights";
import { use_doing } from "../shell/use_doing";
import { BindDialog } from "./devices_dialogs/bind_dialog";
import { CreateDialog } from "./devices_dialogs/create_dialog";
import { place_text, present_binding } from "./devices_dialogs/bindings";
import { DeviceTroubles, has_troubles } from "./devices_dialogs/device_troubles";
import { EditDialog } from "./devices_dialogs/edit_dialog";
import { HistoryDialog } from "./devices_dialogs/history_dialog";
import { KeysDialog } from "./devices_dialogs/keys_dialog";

const rows_per_page = 50;
const refresh_ms = 5_000;

type Dialog = { kind: "create" } | { kind: "edit" | "bind" | "keys" | "history"; device: Device } | null;

export default function DevicesPage() {
  const { t, number, age, moment } = use_words();
  const { may } = use_session();
  const { modal } = App.useApp();
  const { doing } = use_doing("page");
  const now = use_now();
  const [search, set_search] = useState("");
  const [cursor, set_cursor] = useState<string | null>(null);
  const [dialog, set_dialog] = useState<Dialog>(null);
  const loaded = use_call<Page<Device>>(`/api/devices${query({ search, limit: rows_per_page, cursor })}`, refresh_ms);
  const { reload } = loaded;
  const may_register = may("engineer", "administrator");
  const may_bind = may("clinician", "engineer", "administrator");
  const path = (device: Device) => `/devices/${encodeURIComponent(device.id)}`;
  const offset = (ms: number) => (Math.abs(ms) < 1000 ? `${number(ms)} ms` : `${ms < 0 ? "−" : ""}${age(Math.abs(ms))}`);
  const close = () => {
    set_dialog(null);
    reload();
  };
  const ask = (content: string, okText: string, work: () => Promise<unknown>, said: string) =>
    modal.confirm({ title: okText, content, okText, cancelText: t.cancel, autoFocusButton: "cancel", onOk: () => doing(work, said).then(reload) });

  const place = (one: Device) => place_text({ ward: one.ward ?? "", bed: one.bed ?? "", patient: one.patient });
  // Ends the binding that was on the screen, and no other.
  const unbind = async (device: Device) => {
    const { binding: now, version } = await present_binding(device.id);
    if (now && place_text(now) !== place(device)) throw new ApiError(409, "changed", t.bound_meanwhile(now.by, moment(now.from), place_text(now)));
    await remove(`/api${path(device)}/patient${query({ version })}`);
  };
  const set_status = (device: Device, status: "enabled" | "disabled") => doing(() => put(path(device), { status }), t.saved).then(reload);

  const actions = (device: Device) => [
    ...(may_bind ? [{ key: "bind", label: `${t.bind} …`, onClick: () => set_dialog({ kind: "bind", device }) }] : []),
    ...(may_bind && (device.bed || device.patient)
      ? [{ key: "unbind", label: `${t.unbind} …`, onClick: () => ask(t.unbind_ask(device.id, place(device)), t.unbind, () => unbind(device), t.unbound) }]
      : []),
    { key: "history", label: t.history, onClick: () => set_dialog({ kind: "history", device }) },
    ...(may_register
      ? [
          { key: "keys", label: t.show_keys, onClick: () => set_dialog({ kind: "keys", device }) },
          { key: "edit", label: `${t.edit} …`, onClick: () => set_dialog({ kind: "edit", device }) },
          device.status === "disabled"
            ? { key: "status", label: t.enable, onClick: () => void set_status(device, "enabled") }
            : { key: "status", label: `${t.disable} …`, onClick: () => ask(t.disable_ask(device.id), t.disable, () => put(path(device), { status: "disabled" }), t.saved) },
          { key: "delete", label: `${t.remove} …`, onClick: () => ask(t.delete_device_ask(device.id), t.remove, () => remove(path(device)), t.deleted) },
        ]
      : []),
  ];

  return (
    <div className="page">
      <div className="page-head">
        <h2>{t.devices}</h2>
        <Input.Search
          allowClear
          placeholder={t.search_devices}
          aria-label={t.search_devices}
          style={{ width: 240 }}
          onChange={(event) => {
            if (event.target.value !== "") return;
            set_search("");
            set_cursor(null);
          }}
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
            <Rows<Device>
              size="middle"
              rowKey="id"
              width_px={1000}
              dataSource={page.items}
              expandable={{
                showExpandColumn: page.items.some(has_troubles),
                rowExpandable: has_troubles,
                expandedRowRender: (one) => <DeviceTroubles device={one} />,
              }}
              columns={[
                { title: t.device, render: (one) => <><b>{one.id}</b> {one.simulated && <span className="simulated">{t.simulated}</span>}<br /><span className="quiet">{one.name}{one.model && ` · ${one.model}`}</span></> },
                { title: t.state, render: (one) => (one.status === "disabled" ? `⊘ ${t.disabled}` : one.connected ? `● ${t.connected}` : `○ ${t.not_connected}`) },
                { title: t.last_seen, render: (one) => (one.last_seen ? t.ago(age(now - Date.parse(one.last_seen))) : t.never) },
                { title: t.bed, render: (one) => [one.ward, one.bed].filter(Boolean).join(" / ") || "–" },
                { title: t.patient, render: (one) => one.patient?.label || one.patient?.id || "–" },
                { title: t.messages, align: "right", render: (one) => number(one.messages) },
                { title: t.rejected, align: "right", render: (one) => number(one.rejected + one.malformed) },
                { title: t.clock_offset, align: "right", render: (one) => (one.clock_offset_ms === null ? "–" : offset(one.clock_offset_ms)) },
                {
                  title: t.actions,
                  align: "right",
                  render: (one) => (
                    <Dropdown trigger={["click"]} menu={{ items: actions(one) }}>
                      <Button icon={<EllipsisOutlined />} aria-label={`${t.actions}: ${one.id}`} />
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
      {dialog?.kind === "keys" && <KeysDialog id={dialog.device.id} on_close={close} />}
      {dialog?.kind === "history" && <HistoryDialog device={dialog.device} on_close={close} />}
      {dialog?.kind === "bind" && <BindDialog device={dialog.device} on_close={close} />}
    </div>
  );
}
