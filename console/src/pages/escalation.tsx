// Who is told when nobody accepts an alarm, ward by ward; who set it when and why; and which screens would be heard now.
import { Button, Form, Input, InputNumber, Select } from "antd";
import { useState } from "react";
import { put } from "../api/client";
import type { Rota, ScreenNow } from "../api/people_types";
import type { Page, Role } from "../api/types";
import { use_call } from "../api/use_call";
import { use_words } from "../i18n/language";
import { Dialog } from "../shell/dialog";
import { Rows } from "../shell/rows";
import { use_session } from "../shell/session";
import { Sights } from "../shell/sights";
import { use_doing } from "../shell/use_doing";
import { use_addressee } from "../ward/addressee";

const steps_max = 10;
const roles: readonly Role[] = ["clinician", "administrator", "engineer", "viewer"];

interface Fields {
  ward: string;
  reason: string;
  steps: { kind: string; name: string; high_s: number; medium_s: number }[];
}
const fields_of = (rota: Rota | null): Fields => ({
  ward: rota?.ward ?? "",
  reason: "",
  steps: (rota?.steps ?? [{ to: "role:clinician", high_s: 60, medium_s: 120 }]).map(({ to, ...times }) => ({ kind: to.slice(0, to.indexOf(":")), name: to.slice(to.indexOf(":") + 1), ...times })),
});

function RotaDialog({ rota, on_close }: { rota: Rota | null; on_close: () => void }) {
  const { t } = use_words();
  const { busy, doing, error } = use_doing();
  const told = use_addressee();
  const [form] = Form.useForm<Fields>();
  const kinds = Form.useWatch("steps", form)?.map((step) => step?.kind);
  const save = async () => {
    const { ward, reason, steps } = await form.validateFields();
    const body = { ward: ward.trim(), reason: reason.trim(), steps: steps.map((one) => ({ to: `${one.kind}:${one.name.trim()}`, high_s: one.high_s, medium_s: one.medium_s })) };
    if (await doing(() => put("/api/escalation", body), t.saved)) on_close();
  };
  const required = [{ required: true, message: t.people.step_needed }];
  return (
    <Dialog title={rota ? t.edit_title(rota.ward) : t.people.new_rota} ok={t.save} busy={busy} error={error} on_ok={() => void save().catch(() => undefined)} on_close={on_close}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={fields_of(rota)}>
        <Form.Item name="ward" label={t.ward_name} rules={[{ required: true, whitespace: true, message: t.people.ward_needed }]}><Input autoComplete="off" disabled={rota !== null} /></Form.Item>
        <p className="quiet">{t.people.rota_hint}</p>
        <Form.List name="steps">
          {(rows, { add, remove }) => (
            <>
              {rows.map((row, index) => (
                <div key={row.key} className="rota-step">
                  <b>{index + 1}</b>
                  <Form.Item name={[row.name, "kind"]} rules={required} label={t.people.told}>
                    <Select options={[{ value: "role", label: t.roles }, { value: "user", label: t.user }, { value: "station", label: t.people.station }]} onChange={() => form.setFieldValue(["steps", row.name, "name"], "")} />
                  </Form.Item>
                  <Form.Item name={[row.name, "name"]} rules={required} label={t.name}>
                    {kinds?.[index] === "role" ? <Select options={roles.map((role) => ({ value: role, label: told(`role:${role}`) }))} /> : <Input autoComplete="off" />}
                  </Form.Item>
                  <Form.Item name={[row.name, "high_s"]} rules={required} label={t.priority_high}><InputNumber min={0} max={3600} precision={0} addonAfter={t.seconds} /></Form.Item>
                  <Form.Item name={[row.name, "medium_s"]} rules={required} label={t.priority_medium}><InputNumber min={0} max={3600} precision={0} addonAfter={t.seconds} /></Form.Item>
                  <Button onClick={() => remove(row.name)} aria-label={`${t.remove} ${index + 1}`}>{t.remove}</Button>
                </div>
              ))}
              {rows.length < steps_max && <Button className="rota-add" onClick={() => add({ kind: "role", name: "clinician", high_s: 120, medium_s: 240 })}>{t.people.add_step}</Button>}
            </>
          )}
        </Form.List>
        <Form.Item name="reason" label={t.reason} rules={[{ required: true, whitespace: true, message: t.reason_needed }]}><Input.TextArea rows={2} maxLength={500} /></Form.Item>
      </Form>
    </Dialog>
  );
}

function Steps({ rota }: { rota: Rota }) {
  const { t } = use_words();
  const told = use_addressee();
  const after = (seconds: number) => (seconds === 0 ? "–" : `${seconds} ${t.seconds}`);
  if (rota.steps.length === 0) return <>{t.people.no_steps}</>;
  return (
    <ol className="rota">
      {rota.steps.map((step, i) => <li key={i}><b>{told(step.to)}</b> · {t.priority_high} {after(step.high_s)} · {t.priority_medium} {after(step.medium_s)}</li>)}
    </ol>
  );
}

export default function EscalationPage() {
  const { t, moment, age } = use_words();
  const { may } = use_session();
  const rotas = use_call<Page<Rota>>("/api/escalation");
  const history = use_call<Page<Rota>>("/api/escalation/history");
  const screens = use_call<Page<ScreenNow>>("/api/screens", 5_000);
  const [editing, set_editing] = useState<{ rota: Rota | null } | null>(null);
  const columns = [
    { title: t.ward, render: (one: Rota) => <b>{one.ward}</b> },
    { title: t.people.steps, render: (one: Rota) => <Steps rota={one} /> },
    { title: t.reason, render: (one: Rota) => one.reason },
    { title: t.actor, render: (one: Rota) => `${one.by} · ${moment(one.set)}` },
  ];
  const allowed = may("clinician", "administrator");
  return (
    <div className="page">
      <div className="page-head">
        <h2>{t.people.escalation}</h2>
        {allowed && rotas.data && <Button type="primary" onClick={() => set_editing({ rota: null })}>{t.people.new_rota}</Button>}
      </div>
      <p className="quiet">{t.people.escalation_hint}</p>
      <Sights from={rotas} is_empty={(page) => page.items.length === 0} empty={t.people.no_rotas}>
        {(page) => (
          <Rows<Rota>
            rowKey="ward"
            size="middle"
            width_px={760}
            dataSource={page.items}
            columns={allowed ? [...columns, { title: t.actions, align: "right", render: (one) => <Button onClick={() => set_editing({ rota: one })}>{t.edit}</Button> }] : columns}
          />
        )}
      </Sights>
      <h3 className="page-part">{t.people.screens}</h3>
      <Sights from={screens} is_empty={(page) => page.items.length === 0} empty={t.people.no_screens}>
        {(page) => (
          <Rows<ScreenNow & { key: number }>
            size="small"
            width_px={600}
            dataSource={page.items.map((one, key) => ({ ...one, key }))}
            columns={[
              { title: t.people.screen, render: (one) => (one.station ? t.people.own_at_station(one.who) : one.who) },
              { title: t.ward, render: (one) => one.ward ?? t.all },
              { title: t.people.sound, render: (one) => (one.audible ? t.people.audible : <b>⊘ {t.people.silent}</b>) },
              { title: t.last_seen, render: (one) => t.ago(age(one.said_ms)) },
            ]}
          />
        )}
      </Sights>
      {(history.data?.items.length ?? 0) > 0 && (
        <>
          <h3 className="page-part">{t.people.rota_history}</h3>
          <Rows<Rota & { key: number }> size="small" width_px={760} dataSource={(history.data?.items ?? []).map((one, key) => ({ ...one, key }))} columns={columns} />
        </>
      )}
      {editing && <RotaDialog rota={editing.rota} on_close={() => { set_editing(null); rotas.reload(); history.reload(); }} />}
    </div>
  );
}
