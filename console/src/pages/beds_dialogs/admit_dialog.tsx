// A patient comes to a bed, with all devices that measure them there, at once.
import { Form, Input } from "antd";
import { post } from "../../api/client";
import type { Bed, BindingPreview } from "../../api/types";
import { use_words } from "../../i18n/language";
import { TwoSteps } from "../../shell/two_steps";
import { preview_of } from "../devices_dialogs/bindings";
import { fields_of, person_of, PersonItems, use_person_text, type Person, type PersonFields } from "../devices_dialogs/person_fields";
import { Consequences, Facts } from "../devices_dialogs/preview";
import { bed_text } from "./bed";
import { DeviceSelect } from "./device_select";

interface Fields extends PersonFields {
  bed: string;
  ward?: string;
  patient_id: string;
  label?: string;
  devices: string[];
}
interface Admission extends Person {
  bed: string;
  ward: string;
  patient: { id: string; label: string };
  devices: string[];
}

export function AdmitDialog({ bed, on_close }: { bed: Bed | null; on_close: () => void }) {
  const { t } = use_words();
  const b = t.bedside;
  const [form] = Form.useForm<Fields>();
  const person_text = use_person_text();
  const choose = async (): Promise<Admission> => {
    const values = await form.validateFields();
    const id = values.patient_id.trim();
    return { bed: values.bed.trim(), ward: values.ward?.trim() ?? "", patient: { id, label: values.label?.trim() || id }, ...person_of(values), devices: values.devices };
  };
  return (
    <TwoSteps<Admission, BindingPreview[]>
      title={b.admit_title}
      confirm={b.admit}
      said={b.admitted}
      choose={choose}
      look={(admission) => Promise.all(admission.devices.map((device) => preview_of(device, admission)))}
      // A patient who lies elsewhere is transferred, not admitted again.
      blocked={(_, previews) => previews.some((one) => one.conflicts.length > 0)}
      show={(admission, previews) => (
        <>
          <Facts
            rows={[
              [t.bed, <b>{bed_text(admission)}</b>],
              [t.patient, <b>{admission.patient.label}</b>],
              [b.identifier, <b>{b.ends_in(previews[0]?.identifier_end ?? "")}</b>],
              [b.person, person_text(admission)],
              [b.devices_here, <b>{admission.devices.join(", ")}</b>],
            ]}
          />
          {previews.map((preview) => (
            <Consequences key={preview.device.id} preview={{ ...preview, beside: preview.beside.filter((one) => !admission.devices.includes(one.device)) }} />
          ))}
        </>
      )}
      act={({ devices, ...rest }, previews) => post("/api/beds/admit", { ...rest, devices: devices.map((device, i) => ({ device, version: previews[i]?.version })) })}
      on_close={on_close}
    >
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ bed: bed?.bed ?? "", ward: bed?.ward ?? "", patient_id: "", label: "", ...fields_of(), devices: bed?.devices.map((one) => one.device) ?? [] }}>
        <div className="pair">
          <Form.Item name="bed" label={t.bed} rules={[{ required: true, whitespace: true, message: t.bed_needed }]}><Input autoComplete="off" /></Form.Item>
          <Form.Item name="ward" label={t.ward_name}><Input autoComplete="off" /></Form.Item>
        </div>
        <Form.Item name="patient_id" label={t.patient_id} rules={[{ required: true, whitespace: true, message: b.patient_needed }]}><Input autoComplete="off" /></Form.Item>
        <Form.Item name="label" label={t.patient_label} extra={t.patient_label_hint}><Input autoComplete="off" /></Form.Item>
        <PersonItems />
        <Form.Item name="devices" label={b.choose_devices} extra={b.devices_hint} rules={[{ required: true, type: "array", min: 1, message: b.devices_needed }]}><DeviceSelect /></Form.Item>
      </Form>
    </TwoSteps>
  );
}
