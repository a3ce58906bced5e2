// After how long an acknowledged alarm that persists is heard again, by priority.
import { Button, Form, Input, InputNumber } from "antd";
import { useState } from "react";
import { put } from "../../api/client";
import type { AlarmSettings, Priority } from "../../api/types";
import { use_call } from "../../api/use_call";
import { use_words } from "../../i18n/language";
import { Dialog } from "../../shell/dialog";
import { Sights } from "../../shell/sights";
import { use_doing } from "../../shell/use_doing";
import { PriorityMark } from "../../ward/alarm_text";

const priorities: readonly Priority[] = ["high", "medium", "low"];
const key_of = (priority: Priority) => `remind_${priority}_s` as const;

function RemindersDialog({ settings, on_close }: { settings: AlarmSettings; on_close: () => void }) {
  const { t } = use_words();
  const { busy, doing, error } = use_doing();
  const [form] = Form.useForm<AlarmSettings>();
  const save = async () => {
    const values = await form.validateFields();
    if (await doing(() => put("/api/alarm-settings", values), t.saved)) on_close();
  };
  return (
    <Dialog title={t.reminders} ok={t.save} busy={busy} error={error} on_ok={() => void save().catch(() => undefined)} on_close={on_close}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ ...settings, reason: "" }}>
        {priorities.map((priority) => (
          <Form.Item key={priority} name={key_of(priority)} label={<PriorityMark priority={priority} quiet />} rules={[{ required: true, message: t.number_needed }]}>
            <InputNumber min={0} max={3600} precision={0} addonAfter={t.seconds} />
          </Form.Item>
        ))}
        <p className="quiet">{t.zero_is_never}</p>
        <Form.Item name="reason" label={t.reason} extra={t.reason_hint} rules={[{ required: true, whitespace: true, message: t.reason_needed }]}><Input.TextArea rows={2} maxLength={500} /></Form.Item>
      </Form>
    </Dialog>
  );
}

export function Reminders({ may_edit }: { may_edit: boolean }) {
  const { t, moment } = use_words();
  const loaded = use_call<AlarmSettings>("/api/alarm-settings");
  const [open, set_open] = useState(false);
  return (
    <Sights from={loaded}>
      {(settings) => (
        <section className="reminders">
          <h3 className="page-part">{t.reminders}</h3>
          <p>
            {priorities.map((priority) => (
              <span key={priority}><PriorityMark priority={priority} quiet /> {settings[key_of(priority)] > 0 ? `${settings[key_of(priority)]} ${t.seconds}` : t.never_again} </span>
            ))}
            {may_edit && <Button size="small" onClick={() => set_open(true)}>{t.edit}</Button>}
          </p>
          <p className="quiet">{settings.by ? `${settings.reason} · ${settings.by}${settings.set ? ` · ${moment(settings.set)}` : ""}` : t.as_delivered}</p>
          {open && (
            <RemindersDialog
              settings={settings}
              on_close={() => {
                set_open(false);
                loaded.reload();
              }}
            />
          )}
        </section>
      )}
    </Sights>
  );
}
