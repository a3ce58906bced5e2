// Screens that sign in as themselves, each for one ward. For administrators.
import { App, Button, Form, Input } from "antd";
import { useState } from "react";
import { post, put, remove } from "../api/client";
import type { Station, StationCode } from "../api/people_types";
import type { Page } from "../api/types";
import { use_call } from "../api/use_call";
import { use_words } from "../i18n/language";
import { Dialog } from "../shell/dialog";
import { Rows } from "../shell/rows";
import { Sights } from "../shell/sights";
import { use_doing } from "../shell/use_doing";
import "../shell/pin.css";

const path = (id: string) => `/api/stations/${encodeURIComponent(id)}`;

// A new one, or the name of one that is there.
function StationDialog({ station, on_close, on_code }: { station: Station | null; on_close: () => void; on_code: (made: StationCode) => void }) {
  const { t } = use_words();
  const { busy, doing, error } = use_doing();
  const [form] = Form.useForm<{ name: string; ward: string }>();
  const save = async () => {
    const { name, ward } = await form.validateFields();
    const work = async () => {
      if (station) await put(path(station.id), { name: name.trim() });
      else on_code(await post<StationCode>("/api/stations", { name: name.trim(), ward: ward.trim() }));
    };
    if (await doing(work, t.saved)) on_close();
  };
  return (
    <Dialog title={station ? t.edit_title(station.name) : t.people.new_station} ok={station ? t.save : t.create} busy={busy} error={error} on_ok={() => void save().catch(() => undefined)} on_close={on_close}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={station ?? {}}>
        <Form.Item name="name" label={t.people.station_name} rules={[{ required: true, whitespace: true, message: t.people.name_needed }]}><Input autoComplete="off" maxLength={64} /></Form.Item>
        {!station && (
          <Form.Item name="ward" label={t.people.station_ward} extra={t.people.station_hint} rules={[{ required: true, whitespace: true, message: t.people.ward_needed }]}>
            <Input autoComplete="off" maxLength={64} />
          </Form.Item>
        )}
      </Form>
    </Dialog>
  );
}

export default function StationsPage() {
  const { t, moment } = use_words();
  const { modal } = App.useApp();
  const { doing } = use_doing("page");
  const loaded = use_call<Page<Station>>("/api/stations", 10_000);
  const [editing, set_editing] = useState<{ station: Station | null } | null>(null);
  const show_code = (made: StationCode) =>
    void modal.info({
      title: t.people.code_title(made.name),
      okText: t.close,
      content: (
        <>
          <p className="pairing-code">{made.code}</p>
          <p>{t.people.code_hint(made.code_expires ? moment(made.code_expires) : "")}</p>
        </>
      ),
    });
  const ask = (content: string, okText: string, work: () => Promise<unknown>) =>
    void modal.confirm({ title: okText, content, okText, cancelText: t.cancel, autoFocusButton: "cancel", onOk: () => doing(work).then(loaded.reload) });
  return (
    <div className="page">
      <div className="page-head">
        <h2>{t.people.stations}</h2>
        {loaded.data && <Button type="primary" onClick={() => set_editing({ station: null })}>{t.people.new_station}</Button>}
      </div>
      <Sights from={loaded} is_empty={(page) => page.items.length === 0} empty={`${t.people.no_stations}. ${t.people.no_stations_hint}`}>
        {(page) => (
          <Rows<Station>
            rowKey="id"
            size="middle"
            width_px={760}
            dataSource={page.items}
            columns={[
              { title: t.people.station, render: (one) => <b>{one.name}</b> },
              { title: t.ward, render: (one) => one.ward },
              { title: t.people.paired, render: (one) => <>{one.paired ? moment(one.paired) : t.people.not_paired}{one.code_expires && ` · ${t.people.code_waits(moment(one.code_expires))}`}</> },
              { title: t.created, render: (one) => moment(one.created) },
              {
                title: t.actions,
                align: "right",
                render: (one) => (
                  <span className="row-actions">
                    <Button onClick={() => set_editing({ station: one })}>{t.people.rename}</Button>
                    <Button onClick={() => ask(t.people.new_code_ask(one.name), t.people.new_code, () => post<StationCode>(`${path(one.id)}/code`, {}).then(show_code))}>{t.people.new_code}</Button>
                    <Button onClick={() => ask(t.people.revoke_ask(one.name), t.people.revoke, () => remove(path(one.id)))}>{t.people.revoke}</Button>
                  </span>
                ),
              },
            ]}
          />
        )}
      </Sights>
      {editing && <StationDialog station={editing.station} on_code={show_code} on_close={() => { set_editing(null); loaded.reload(); }} />}
    </div>
  );
}
