// A new device: asks for its id, then shows its keys and a command that sends a first message with them.
import { Alert, Button, Form, Input, Modal, Typography } from "antd";
import { useState } from "react";
import { put } from "../../api/client";
import type { DeviceIdentity } from "../../api/types";
import { use_words } from "../../i18n/language";
import { use_doing } from "../../shell/use_doing";

interface Fields {
  id: string;
  name?: string;
  model?: string;
}

function first_message(id: string, key: string): string {
  return (
    `mosquitto_pub -h ${location.hostname} -p 8883 --cafile ca.pem -V mqttv5 -q 1 -i '${id}' -u '${id}' -P '${key}' ` +
    `-t 'devices/${id}/telemetry' -m '{"hr": 72, "spo2": 97}'`
  );
}

function Copied({ label, text }: { label: string; text: string }) {
  return (
    <>
      {label}
      <Typography.Text code copyable={{ text }}>
        {text}
      </Typography.Text>
    </>
  );
}

export function CreateDialog({ on_close }: { on_close: () => void }) {
  const { t } = use_words();
  const { busy, doing } = use_doing();
  const [form] = Form.useForm<Fields>();
  const [made, set_made] = useState<DeviceIdentity | null>(null);
  const create = async () => {
    const { id, name, model } = await form.validateFields();
    await doing(async () => {
      set_made(await put<DeviceIdentity>(`/devices/${encodeURIComponent(id)}`, { deviceId: id, name: name ?? "", model: model ?? "" }));
    });
  };
  const keys = made?.authentication?.symmetricKey;
  return (
    <Modal
      open
      title={made ? made.deviceId : t.create_device}
      onCancel={on_close}
      footer={
        made ? (
          <Button type="primary" onClick={on_close}>{t.close}</Button>
        ) : (
          <>
            <Button onClick={on_close}>{t.cancel}</Button>
            <Button type="primary" loading={busy} onClick={() => void create()}>{t.save}</Button>
          </>
        )
      }
    >
      {made ? (
        <div className="keys">
          <Alert type="info" showIcon message={t.keys_once} style={{ marginBottom: 12 }} />
          {keys?.primaryKey && <Copied label={t.primary_key} text={keys.primaryKey} />}
          <br />
          {keys?.secondaryKey && <Copied label={t.secondary_key} text={keys.secondaryKey} />}
          <br />
          {keys?.primaryKey && <Copied label={t.publish_command} text={first_message(made.deviceId, keys.primaryKey)} />}
        </div>
      ) : (
        <Form form={form} layout="vertical">
          <Form.Item name="id" label={t.device_id} extra={t.device_id_rule} rules={[{ required: true, pattern: /^[A-Za-z0-9._-]{1,128}$/, message: t.device_id_rule }]}>
            <Input autoFocus />
          </Form.Item>
          <Form.Item name="name" label={t.name}><Input /></Form.Item>
          <Form.Item name="model" label={t.model}><Input /></Form.Item>
        </Form>
      )}
    </Modal>
  );
}
