// Whose values a device's are from now on: chosen first, then shown as the server sees it, and only then done.
import { Form, Input } from "antd";
import { put } from "../../api/client";
import type { Device } from "../../api/types";
import { use_words } from "../../i18n/language";
import { TwoSteps } from "../../shell/two_steps";
import { preview_of, type Stay } from "./bindings";
import { fields_of, person_of, PersonItems, use_person_text, type Person, type PersonFields } from "./person_fields";
import { Consequences, Facts, is_blocked } from "./preview";

interface Fields extends PersonFields {
  bed: string;
  ward?: string;
  patient_id?: string;
  label?: string;
}

export function BindDialog({ device, on_close }: { device: Device; on_close: () => void }) {
  const { t } = use_words();
  const [form] = Form.useForm<Fields>();
  const person_text = use_person_text();
  const choose = async (): Promise<Stay & Person> => {
    const { bed, ward, patient_id, label, ...person } = await form.validateFields();
    const id = patient_id?.trim();
    return { bed: bed.trim(), ward: ward?.trim() ?? "", ...person_of(person), ...(id ? { patient: { id, label: label?.trim() || id } } : {}) };
  };
  return (
    <TwoSteps
      title={t.bind_title(device.id)}
      confirm={t.bind}
      said={t.bound}
      choose={choose}
      look={(stay) => preview_of(device.id, stay)}
      blocked={(_, preview) => is_blocked(preview)}
      show={(stay, preview) => (
        <>
          <Facts
            rows={[
              [t.bed, <b>{[stay.ward, stay.bed].filter(Boolean).join(" / ")}</b>],
              [t.device, <><b>{preview.device.id}</b> {preview.device.name}</>],
              [t.patient, <b>{stay.patient ? stay.patient.label : t.no_patient_given}</b>],
              [t.bedside.person, person_text(stay)],
              ...(stay.patient ? [[t.bedside.identifier, <b>{t.bedside.ends_in(preview.identifier_end)}</b>] as [string, JSX.Element]] : []),
            ]}
          />
          <Consequences preview={preview} />
        </>
      )}
      act={(stay, { version, transfer }) => put(`/api/devices/${encodeURIComponent(device.id)}/patient`, { ...stay, version, ...(transfer ? { transfer } : {}) })}
      on_close={on_close}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ bed: device.bed ?? "", ward: device.ward ?? "", patient_id: device.patient?.id ?? "", label: device.patient?.label ?? "", ...fields_of(device) }}
      >
        <Form.Item name="bed" label={t.bed} rules={[{ required: true, whitespace: true, message: t.bed_needed }]}><Input autoComplete="off" /></Form.Item>
        <Form.Item name="ward" label={t.ward_name}><Input autoComplete="off" /></Form.Item>
        <Form.Item name="patient_id" label={t.patient_id} extra={t.patient_id_hint}><Input autoComplete="off" /></Form.Item>
        <Form.Item name="label" label={t.patient_label} extra={t.patient_label_hint}><Input autoComplete="off" /></Form.Item>
        <PersonItems />
      </Form>
    </TwoSteps>
  );
}
