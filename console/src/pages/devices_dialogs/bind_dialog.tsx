// Whose values a device's are from now on. Says what it will do, and what stands in the way, before it does it.
import { Alert, Form, Input } from "antd";
import { useEffect, useRef } from "react";
import { put, query } from "../../api/client";
import type { Binding, Device, Page } from "../../api/types";
import { use_call } from "../../api/use_call";
import { use_words } from "../../i18n/language";
import { Dialog } from "../../shell/dialog";
import { unchanged } from "../../shell/unchanged";
import { use_doing } from "../../shell/use_doing";
import { place_text, present_binding } from "./bindings";

interface Fields {
  bed?: string;
  ward?: string;
  patient_id?: string;
  label?: string;
}

// The other devices at the same bed of the same ward.
const neighbours = (devices: readonly Device[], self: string, bed: string, ward: string) =>
  devices.filter((one) => one.id !== self && one.bed === bed && (one.ward ?? "") === ward);

export function BindDialog({ device, on_close }: { device: Device; on_close: () => void }) {
  const { t, moment } = use_words();
  const { busy, doing, error } = use_doing();
  const [form] = Form.useForm<Fields>();
  const now: Fields | undefined = Form.useWatch([], form);
  const bed = now?.bed?.trim() ?? "";
  const ward = now?.ward?.trim() ?? "";
  const beside = use_call<Page<Device>>(bed ? `/api/devices${query({ search: bed, limit: 100 })}` : null);
  const shown = useRef<Binding | null>(null);
  const looked = useRef<Promise<unknown>>(Promise.resolve());
  useEffect(() => {
    looked.current = present_binding(device.id).then((binding) => (shown.current = binding), () => undefined);
  }, [device.id]);

  const say = (binding: Binding | null) =>
    binding ? t.bound_meanwhile(binding.by, moment(binding.from), place_text(binding)) : t.unbound_meanwhile;
  const bind = async () => {
    const values = await form.validateFields();
    const patient_id = values.patient_id?.trim();
    const patient = patient_id ? { patient: { id: patient_id, label: values.label?.trim() || patient_id } } : {};
    const work = async () => {
      await looked.current;
      await unchanged(shown, () => present_binding(device.id), say);
      await put(`/api/devices/${encodeURIComponent(device.id)}/patient`, { bed, ward, ...patient });
    };
    if (await doing(work, t.bound)) on_close();
  };
  const present = place_text({ ward: device.ward ?? "", bed: device.bed ?? "", patient: device.patient });
  const who = now?.patient_id ? now.label || now.patient_id : t.no_patient_given;
  const others = bed ? neighbours(beside.data?.items ?? [], device.id, bed, ward) : [];
  const stranger = others.find((one) => one.patient && now?.patient_id && one.patient.id !== now.patient_id.trim());
  return (
    <Dialog title={t.bind_title(device.id)} ok={t.bind} busy={busy} error={error} on_ok={() => void bind().catch(() => undefined)} on_close={on_close}>
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ bed: device.bed ?? "", ward: device.ward ?? "", patient_id: device.patient?.id ?? "", label: device.patient?.label ?? "" }}
      >
        <Form.Item name="bed" label={t.bed} rules={[{ required: true, whitespace: true, message: t.bed_needed }]}><Input autoComplete="off" /></Form.Item>
        <Form.Item name="ward" label={t.ward_name}><Input autoComplete="off" /></Form.Item>
        <Form.Item name="patient_id" label={t.patient_id} extra={t.patient_id_hint}><Input autoComplete="off" /></Form.Item>
        <Form.Item name="label" label={t.patient_label} extra={t.patient_label_hint}><Input autoComplete="off" /></Form.Item>
      </Form>
      <Alert type="info" message={t.bind_effect(device.id, bed, who)} description={present && t.replaces(present)} />
      {others.length > 0 && (
        <Alert
          className="refusal"
          type="warning"
          showIcon
          message={stranger ? t.bed_has_other_patient(bed, stranger.patient?.label ?? "", stranger.id) : t.bed_has(bed, others.map((one) => one.id).join(", "))}
        />
      )}
    </Dialog>
  );
}
