// A new device: asks for its id, then shows its keys. Never changes a device that exists already.
import { Alert, Button, Form, Input, Modal } from "antd";
import { useState } from "react";
import { ApiError, get, put } from "../../api/client";
import type { DeviceIdentity } from "../../api/types";
import { use_words } from "../../i18n/language";
import { Dialog } from "../../shell/dialog";
import { use_doing } from "../../shell/use_doing";
import { DeviceKeys } from "./device_keys";

interface Fields {
  id: string;
  name?: string;
  model?: string;
}

const exists = (path: string) =>
  get<DeviceIdentity>(path).then(
    () => true,
    (error: unknown) => {
      if (error instanceof ApiError && error.status === 404) return false;
      throw error;
    },
  );

export function CreateDialog({ on_close }: { on_close: () => void }) {
  const { t } = use_words();
  const { busy, doing, error } = use_doing();
  const [form] = Form.useForm<Fields>();
  const [made, set_made] = useState<DeviceIdentity | null>(null);
  const create = async () => {
    const { id, name, model } = await form.validateFields();
    const path = `/devices/${encodeURIComponent(id)}`;
    await doing(async () => {
      // PUT would change a device of this id.
      if (await exists(path)) throw new ApiError(409, "changed", t.device_exists(id));
      set_made(await put<DeviceIdentity>(path, { deviceId: id, name: name || id, model: model ?? "" }));
    });
  };
  if (made)
    return (
      <Modal open title={made.deviceId} maskClosable={false} onCancel={on_close} footer={<Button type="primary" autoFocus onClick={on_close}>{t.close}</Button>}>
        <Alert type="info" showIcon message={t.keys_once} style={{ marginBottom: 12 }} />
        <DeviceKeys device={made} />
      </Modal>
    );
  return (
    <Dialog title={t.create_device} ok={t.create} busy={busy} error={error} on_ok={() => void create().catch(() => undefined)} on_close={on_close}>
      <Form form={form} layout="vertical" requiredMark={false}>
        <Form.Item name="id" label={t.device_id} extra={t.device_id_rule} rules={[{ required: true, pattern: /^[A-Za-z0-9._-]{1,128}$/, message: t.device_id_needed }]}>
          <Input autoComplete="off" />
        </Form.Item>
        <Form.Item name="name" label={t.name}><Input maxLength={200} /></Form.Item>
        <Form.Item name="model" label={t.model}><Input maxLength={200} /></Form.Item>
      </Form>
    </Dialog>
  );
}
