import { Form, Input } from "antd";
import { put } from "../api/client";
import { use_words } from "../i18n/language";
import { Dialog } from "./dialog";
import { use_doing } from "./use_doing";

const rule = /^\d{4,12}$/;

export function OwnPinDialog({ on_close }: { on_close: () => void }) {
  const { t } = use_words();
  const { busy, doing, error } = use_doing();
  const [form] = Form.useForm<{ password: string; pin: string; again: string }>();
  const save = async () => {
    const { password, pin } = await form.validateFields();
    if (await doing(() => put("/api/me/pin", { password, pin }), t.people.pin_set)) on_close();
  };
  return (
    <Dialog title={t.people.set_pin} ok={t.save} busy={busy} error={error} on_ok={() => void save().catch(() => undefined)} on_close={on_close}>
      <p>{t.people.pin_hint}</p>
      <Form form={form} layout="vertical" requiredMark={false}>
        <Form.Item name="password" label={t.password} rules={[{ required: true, message: t.password_needed }]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Form.Item name="pin" label={t.people.pin_new} extra={t.people.pin_rule} rules={[{ required: true, pattern: rule, message: t.people.pin_rule }]}>
          <Input.Password autoComplete="off" inputMode="numeric" />
        </Form.Item>
        <Form.Item
          name="again"
          label={t.people.pin_again}
          dependencies={["pin"]}
          rules={[
            ({ getFieldValue }) => ({
              validator: (_, again) => (again === getFieldValue("pin") ? Promise.resolve() : Promise.reject(new Error(t.people.pin_differ))),
            }),
          ]}
        >
          <Input.Password autoComplete="off" inputMode="numeric" />
        </Form.Item>
      </Form>
    </Dialog>
  );
}
