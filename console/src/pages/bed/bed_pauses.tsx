// Pauses the sound or the alarms of one bed, or switches them off: for how long, and why.
import { Button, Form, Input, Radio, Select } from "antd";
import { useState } from "react";
import { post, put } from "../../api/client";
import type { Sector } from "../../api/types";
import { use_words } from "../../i18n/language";
import { use_now } from "../../live/ward_feed";
import { Dialog } from "../../shell/dialog";
import { use_session } from "../../shell/session";
import { use_doing } from "../../shell/use_doing";
import { in_force, PauseMark } from "../../ward/pauses";

interface Fields {
  what: "audio" | "alarm";
  minutes: number; // 0: until somebody ends it
  reason: string;
}
const lengths_min = [2, 5, 10, 30, 60];

function PauseDialog({ sector, on_close }: { sector: Sector; on_close: () => void }) {
  const { t } = use_words();
  const { busy, doing, error } = use_doing();
  const [form] = Form.useForm<Fields>();
  const now: Partial<Fields> | undefined = Form.useWatch([], form);
  const why_needed = now?.what === "alarm" || now?.minutes === 0;
  const save = async () => {
    const { what, minutes, reason } = await form.validateFields();
    const until = minutes > 0 ? { until: new Date(Date.now() + minutes * 60_000).toISOString() } : {};
    const body = { ward: sector.ward ?? "", bed: sector.bed ?? "", what, reason: reason.trim(), ...until };
    if (await doing(() => put("/api/pauses", body), t.saved)) on_close();
  };
  return (
    <Dialog title={`${sector.bed ?? ""} · ${t.pause_bed}`} ok={t.save} busy={busy} error={error} on_ok={() => void save().catch(() => undefined)} on_close={on_close}>
      <p>{t.pause_hint}</p>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ what: "audio", minutes: 2, reason: "" }}>
        <Form.Item name="what" label={t.pause_what}>
          <Radio.Group options={[{ value: "audio", label: t.pause_state.audio.paused }, { value: "alarm", label: t.pause_state.alarm.paused }]} />
        </Form.Item>
        <Form.Item name="minutes" label={t.pause_minutes}>
          <Select options={[...lengths_min.map((n) => ({ value: n, label: t.minutes(n) })), { value: 0, label: t.until_ended }]} />
        </Form.Item>
        <Form.Item name="reason" label={t.reason} extra={t.reason_hint} rules={why_needed ? [{ required: true, whitespace: true, message: t.reason_needed }] : []}>
          <Input.TextArea rows={2} maxLength={500} />
        </Form.Item>
      </Form>
    </Dialog>
  );
}

export function BedPauses({ sector }: { sector: Sector }) {
  const { t } = use_words();
  const { may } = use_session();
  const now = use_now();
  const { busy, doing } = use_doing();
  const [open, set_open] = useState(false);
  if (!sector.bed) return null;
  const held = in_force(sector.pauses, now);
  const end = (what: string) => doing(() => post("/api/pauses/end", { ward: sector.ward ?? "", bed: sector.bed, what }), t.saved);
  return (
    <>
      <PauseMark pauses={sector.pauses} now={now} words />
      {may("clinician", "administrator") && (
        <p className="row-actions">
          <Button onClick={() => set_open(true)}>{t.pause_bed}</Button>
          {held.map((one) => (
            <Button key={one.what} loading={busy} onClick={() => void end(one.what)}>{t.end_pause} ({t.pause_brief[one.what]})</Button>
          ))}
        </p>
      )}
      {open && <PauseDialog sector={sector} on_close={() => set_open(false)} />}
    </>
  );
}
