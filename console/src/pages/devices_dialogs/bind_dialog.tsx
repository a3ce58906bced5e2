// Whose values a device's are from now on. Says what it will do before it does it.
import { Alert, Form, Input, Modal } from "antd";
import { put } from "../../api/client";
import type { Device } from "../../api/types";
import { use_words } from "../../i18n/language";
import { use_doing } from "../../shell/use_doing";

interface Fields {
  bed?: string;
  ward?: string;
  patient_id?: string;
  label?: string;
}

export function BindDialog({ device, on_close }: { device: Device; on_close: () => void }) {
  const { t } = use_words();
  const { busy, doing } = use_doing();
  const [form] = Form.useForm<Fields>();
  const now: Fields | undefined = Form.useWatch([], form);
  const present = [device.ward, device.bed, device.patient?.label].filter(Boolean).join(" / ");
  const bind = async () => {
    const { bed, ward, patient_id, label } = await form.validateFields();
    const body = { bed, ward: ward ?? "", ...(patient_id ? { patient: { id: patient_id, label: label || patient_id } } : {}) };
    if (await doing(() => put(`/api/devices/${encodeURIComponent(device.id)}/patient`, body), t.bound)) on_close();
  };
  const who = now?.patient_id ? now.label || now.patient_id : t.no_patient_given;
  return (
    <Modal open title={t.bind_title(device.id)} onCancel={on_close} onOk={() => void bind()} confirmLoading={busy} okText={t.bind} cancelText={t.cancel}>
      <Form form={form} layout="vertical" initialValues={{ bed: device.bed ?? "", ward: device.ward ?? "" }}>
        <Form.Item name="bed" label={t.bed} rules={[{ required: true, whitespace: true, message: t.bed }]}><Input autoFocus /></Form.Item>
        <Form.Item name="ward" label={t.ward_name}><Input /></Form.Item>
        <Form.Item name="patient_id" label={t.patient_id}><Input /></Form.Item>
        <Form.Item name="label" label={t.patient_label}><Input /></Form.Item>
      </Form>
      <Alert type="info" message={t.bind_effect(device.id, now?.bed ?? "", who)} description={present && t.replaces(present)} />
    </Modal>
  );
}
