import { Form, Input, Modal } from "antd";
import { put } from "../api/client";
import { use_words } from "../i18n/language";
import { use_doing } from "./use_doing";

export function PasswordDialog({ open, on_close }: { open: boolean; on_close: () => void }) {
  const { t } = use_words();
  const { busy, doing } = use_doing();
  const [form] = Form.useForm<{ old: string; new: string }>();
  const save = async () => {
    const values = await form.validateFields();
    if (await doing(() => put("/api/me/password", values), t.password_changed)) on_close();
  };
  return (
    <Modal open={open} title={t.change_password} onCancel={on_close} onOk={() => void save()} confirmLoading={busy} okText={t.save} destroyOnHidden>
      <Form form={form} layout="vertical" preserve={false}>
        <Form.Item name="old" label={t.old_password} rules={[{ required: true, message: t.password_needed }]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Form.Item name="new" label={t.new_password} rules={[{ required: true, message: t.password_needed }]}>
          <Input.Password autoComplete="new-password" />
        </Form.Item>
      </Form>
    </Modal>
  );
}
