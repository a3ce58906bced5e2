// A device goes from one bed to another, and measures whoever lies there.
import { Form, Input, Select } from "antd";
import { post } from "../../api/client";
import type { Bed, BindingPreview } from "../../api/types";
import { use_words } from "../../i18n/language";
import { TwoSteps } from "../../shell/two_steps";
import { preview_of } from "../devices_dialogs/bindings";
import { Consequences, Facts } from "../devices_dialogs/preview";
import { bed_now, bed_text, who_text } from "./bed";

interface Fields {
  device: string;
  bed: string;
  ward?: string;
}
type Choice = { device: string; to: { bed: string; ward: string } };
type Look = { to: Bed | null; preview: BindingPreview };

export function HandOverDialog({ bed, on_close }: { bed: Bed; on_close: () => void }) {
  const { t } = use_words();
  const b = t.bedside;
  const [form] = Form.useForm<Fields>();
  const look = async ({ device, to }: Choice): Promise<Look> => {
    const there = await bed_now(to.ward, to.bed);
    return { to: there, preview: await preview_of(device, { ...to, ...(there?.patient ? { patient: there.patient } : {}) }) };
  };
  return (
    <TwoSteps<Choice, Look>
      title={b.hand_over_title(bed_text(bed))}
      confirm={b.hand_over}
      said={b.handed_over}
      choose={async () => {
        const values = await form.validateFields();
        return { device: values.device, to: { bed: values.bed.trim(), ward: values.ward?.trim() ?? "" } };
      }}
      look={look}
      blocked={(_, { preview }) => preview.ends.some((one) => one.last_device)}
      show={({ device, to }, { to: there, preview }) => (
        <>
          <Facts
            rows={[
              [t.device, <><b>{device}</b> {preview.device.name}</>],
              [b.to_bed, <b>{bed_text(to)}</b>],
              [t.patient, <b>{there?.patient ? who_text(there) : t.no_patient_given}</b>],
              ...(there?.patient ? [[b.identifier, <b>{b.ends_in(there.identifier_end)}</b>] as [string, JSX.Element]] : []),
            ]}
          />
          <p>{b.hands(device, bed_text(to), there?.patient ? who_text(there) : t.no_patient_given)}</p>
          <Consequences preview={preview} />
        </>
      )}
      act={({ device, to }, { preview }) => post("/api/beds/hand_over", { device, to, version: preview.version })}
      on_close={on_close}
    >
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ device: bed.devices[0]?.device, bed: "", ward: bed.ward }}>
        <Form.Item name="device" label={t.device} rules={[{ required: true, message: t.device_needed }]}>
          <Select options={bed.devices.map((one) => ({ value: one.device, label: one.device }))} />
        </Form.Item>
        <div className="pair">
          <Form.Item name="bed" label={b.to_bed} rules={[{ required: true, whitespace: true, message: t.bed_needed }]}><Input autoComplete="off" /></Form.Item>
          <Form.Item name="ward" label={b.to_ward}><Input autoComplete="off" /></Form.Item>
        </div>
      </Form>
    </TwoSteps>
  );
}
