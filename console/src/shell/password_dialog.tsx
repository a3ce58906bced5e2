import { Form, Input } from "antd";
import { put } from "../api/client";
import { use_words } from "../i18n/language";
import { Dialog } from "./dialog";
import { use_doing } from "./use_doing";

// The server counts bytes; a letter has at least one.
export const password_letters_min = 12;

export function PasswordDialog({ on_close }: { on_close: () => void }) {
  const { t } = use_words();
  const { busy, doing, error } = use_doing();
  const [form] = Form.useForm<{ old: string; new: string; again: string }>();
  const save = async () => {
    const { old, new: chosen } = await form.validateFields();
    if (await doing(() => put("/api/me/password", { old, new: chosen }), t.password_changed)) on_close();
  };
  return (
    <Dialog title={t.change_password} ok={t.save} busy={busy} error={error} on_ok={() => void save().catch(() => undefined)} on_close={on_close}>
      <Form form={form} layout="vertical" requiredMark={false}>
        <Form.Item name="old" label={t.old_password} rules={[{ required: true, message: t.password_needed }]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Form.Item name="new" label={t.new_password} extra={t.password_rule} rules={[{ required: true, min: password_letters_min, message: t.password_short }]}>
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Form.Item
          name="again"
          label={t.new_password_again}
          dependencies={["new"]}
          rules={[
            ({ getFieldValue }) => ({
              validator: (_, again) => (again === getFieldValue("new") ? Promise.resolve() : Promise.reject(new Error(t.passwords_differ))),
            }),
          ]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
      </Form>
    </Dialog>
  );
}
