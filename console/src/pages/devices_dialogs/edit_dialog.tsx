import { Form, Input, Modal } from "antd";
import { put } from "../../api/client";
import type { Device } from "../../api/types";
import { use_words } from "../../i18n/language";
import { use_doing } from "../../shell/use_doing";

export function EditDialog({ device, on_close }: { device: Device; on_close: () => void }) {
  const { t } = use_words();
  const { busy, doing } = use_doing();
  const [form] = Form.useForm<{ name: string; model: string }>();
  const save = async () => {
    const values = await form.validateFields();
    // Without keys in the body the device keeps those it has.
    const body = { ...values, status: device.status, simulated: device.simulated };
    if (await doing(() => put(`/devices/${encodeURIComponent(device.id)}`, body), t.saved)) on_close();
  };
  return (
    <Modal open title={device.id} onCancel={on_close} onOk={() => void save()} confirmLoading={busy} okText={t.save} cancelText={t.cancel}>
      <Form form={form} layout="vertical" initialValues={{ name: device.name, model: device.model }}>
        <Form.Item name="name" label={t.name}><Input autoFocus /></Form.Item>
        <Form.Item name="model" label={t.model}><Input /></Form.Item>
      </Form>
    </Modal>
  );
}
