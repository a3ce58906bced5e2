// A device was elsewhere in an interval of the past than was held: who was it, where, and why is this known now.
import { Form, Input } from "antd";
import { get, post } from "../../api/client";
import type { Binding, Bindings } from "../../api/types";
import { use_words } from "../../i18n/language";
import { TwoSteps } from "../../shell/two_steps";
import { bindings_path, place_text, type Stay } from "./bindings";
import { fields_of, person_of, PersonItems, use_person_text, type Person, type PersonFields } from "./person_fields";
import { Facts } from "./preview";

interface Fields extends PersonFields {
  from: string;
  to?: string;
  bed?: string;
  ward?: string;
  patient_id?: string;
  label?: string;
  reason: string;
}
type Correction = Stay & Person & { from: string; to: string | null; reason: string };

// What an input of local time takes: 2026-03-01T08:00:00.
const local = (iso: string) => {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
};

export function CorrectDialog({ device, binding, on_close }: { device: string; binding: Binding; on_close: () => void }) {
  const { t, moment } = use_words();
  const b = t.bedside;
  const [form] = Form.useForm<Fields>();
  const person_text = use_person_text();
  const choose = async (): Promise<Correction> => {
    const values = await form.validateFields();
    const id = values.patient_id?.trim();
    // An untouched end keeps its parts of a second.
    const instant = (text: string, was: string | null) => (was !== null && text === local(was) ? was : new Date(text).toISOString());
    return {
      bed: values.bed?.trim() ?? "",
      ward: values.ward?.trim() ?? "",
      ...(id ? { patient: { id, label: values.label?.trim() || id } } : {}),
      ...person_of(values),
      from: instant(values.from, binding.from),
      to: values.to ? instant(values.to, binding.to) : null,
      reason: values.reason.trim(),
    };
  };
  const past = { validator: (_: unknown, text?: string) => (text && Date.parse(text) > Date.now() ? Promise.reject(new Error(b.in_past)) : Promise.resolve()) };
  const at = ({ bed, ward, patient }: Stay) => place_text({ bed, ward, patient: patient ?? null }) || b.nobody;
  return (
    <TwoSteps<Correction, number>
      title={b.correct_title(device)}
      confirm={b.correct}
      said={b.corrected}
      choose={choose}
      look={async () => (await get<Bindings>(bindings_path(device))).version}
      show={(correction) => (
        <>
          <Facts
            rows={[
              [t.device, <b>{device}</b>],
              [t.from, <b>{moment(correction.from)}</b>],
              [t.until, <b>{correction.to === null ? t.still : moment(correction.to)}</b>],
              [t.place, <b>{at(correction)}</b>],
              ...(correction.patient ? [[b.identifier, <b>{b.ends_in(correction.patient.id.slice(-4))}</b>] as [string, JSX.Element]] : []),
              [b.person, person_text(correction)],
              [t.reason, correction.reason],
            ]}
          />
          <p>{b.correct_hint}</p>
        </>
      )}
      act={(correction, now) => post(`${bindings_path(device)}/correct`, { ...correction, version: now })}
      on_close={on_close}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ from: local(binding.from), to: binding.to === null ? "" : local(binding.to), bed: binding.bed, ward: binding.ward, patient_id: binding.patient?.id ?? "", label: binding.patient?.label ?? "", ...fields_of(binding), reason: "" }}
      >
        <div className="pair">
          <Form.Item name="from" label={t.from} rules={[{ required: true, message: t.number_needed }, past]}><Input type="datetime-local" step={1} /></Form.Item>
          <Form.Item
            name="to"
            label={t.until}
            extra={b.to_hint}
            dependencies={["from"]}
            rules={[past, ({ getFieldValue }) => ({ validator: (_, to?: string) => (to && Date.parse(to) <= Date.parse(getFieldValue("from") as string) ? Promise.reject(new Error(b.after_from)) : Promise.resolve()) })]}
          >
            <Input type="datetime-local" step={1} />
          </Form.Item>
        </div>
        <div className="pair">
          <Form.Item name="bed" label={t.bed}><Input autoComplete="off" /></Form.Item>
          <Form.Item name="ward" label={t.ward_name}><Input autoComplete="off" /></Form.Item>
        </div>
        <div className="pair">
          <Form.Item name="patient_id" label={t.patient_id}><Input autoComplete="off" /></Form.Item>
          <Form.Item name="label" label={t.patient_label}><Input autoComplete="off" /></Form.Item>
        </div>
        <PersonItems />
        <Form.Item name="reason" label={t.reason} rules={[{ required: true, whitespace: true, message: t.reason_needed }]}><Input.TextArea rows={2} maxLength={500} /></Form.Item>
      </Form>
    </TwoSteps>
  );
}
