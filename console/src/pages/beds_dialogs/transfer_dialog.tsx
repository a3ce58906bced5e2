// The patient goes to another bed with chosen devices, at one instant: nothing is lost between.
import { Alert, Checkbox, Form, Input } from "antd";
import { post } from "../../api/client";
import type { Bed } from "../../api/types";
import { use_call } from "../../api/use_call";
import { query } from "../../api/client";
import type { Page } from "../../api/types";
import { use_words } from "../../i18n/language";
import { TwoSteps } from "../../shell/two_steps";
import { Facts } from "../devices_dialogs/preview";
import { bed_now, bed_text, place_of, seen, who_text } from "./bed";

interface Fields {
  bed: string;
  ward?: string;
  devices: string[];
}
interface Look {
  from: Bed | null;
  to: Bed | null;
}

export function TransferDialog({ bed, on_close }: { bed: Bed; on_close: () => void }) {
  const { t } = use_words();
  const b = t.bedside;
  const [form] = Form.useForm<Fields>();
  const to_bed = (Form.useWatch("bed", form) as string | undefined)?.trim() ?? "";
  const to_ward = (Form.useWatch("ward", form) as string | undefined)?.trim() ?? "";
  const target = use_call<Page<Bed>>(to_bed ? `/api/beds${query({ ward: to_ward, search: to_bed, limit: 100 })}` : null);
  const there = target.data?.items.find((one) => one.bed === to_bed && one.ward === to_ward && one.bed !== bed.bed)?.devices ?? [];
  const choose = async () => {
    const values = await form.validateFields();
    return { to: { bed: values.bed.trim(), ward: values.ward?.trim() ?? "" }, devices: values.devices };
  };
  return (
    <TwoSteps<{ to: { bed: string; ward: string }; devices: string[] }, Look>
      title={b.transfer_title(bed_text(bed))}
      confirm={b.transfer}
      said={b.transferred}
      choose={choose}
      look={async ({ to }) => ({ from: await bed_now(bed.ward, bed.bed), to: await bed_now(to.ward, to.bed) })}
      blocked={(_, { from, to }) => !from?.patient || (to?.patient !== null && to?.patient !== undefined)}
      show={({ to, devices }, look) => (
        <>
          <Facts
            rows={[
              [t.patient, <b>{look.from ? who_text(look.from) : "–"}</b>],
              [b.identifier, <b>{b.ends_in(look.from?.identifier_end ?? "")}</b>],
              [t.from, <b>{bed_text(bed)}</b>],
              [b.to_bed, <b>{bed_text(to)}</b>],
              [b.devices_here, <b>{devices.join(", ")}</b>],
            ]}
          />
          {look.to?.patient && <Alert className="refusal" type="error" showIcon message={b.new_bed_taken(bed_text(to), who_text(look.to))} />}
          <p>{b.goes(look.from ? who_text(look.from) : "–", bed_text(bed), bed_text(to))}</p>
          {look.from?.devices.filter((one) => !devices.includes(one.device)).map((one) => <p key={one.device} className="quiet">{b.stays_behind(one.device, bed_text(bed))}</p>)}
        </>
      )}
      act={({ to, devices }, look) => post("/api/beds/transfer", { from: place_of(bed), to, devices: devices.map((device) => ({ device })), seen: seen(look.from, look.to) })}
      on_close={on_close}
    >
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ bed: "", ward: bed.ward, devices: bed.devices.map((one) => one.device) }}>
        <div className="pair">
          <Form.Item
            name="bed"
            label={b.to_bed}
            dependencies={["ward"]}
            rules={[
              { required: true, whitespace: true, message: t.bed_needed },
              ({ getFieldValue }) => ({ validator: (_, name: string) => (name.trim() === bed.bed && ((getFieldValue("ward") as string) ?? "").trim() === bed.ward ? Promise.reject(new Error(b.same_bed)) : Promise.resolve()) }),
            ]}
          >
            <Input autoComplete="off" />
          </Form.Item>
          <Form.Item name="ward" label={b.to_ward}><Input autoComplete="off" /></Form.Item>
        </div>
        <Form.Item name="devices" label={b.take_along} extra={b.take_hint} rules={[{ required: true, type: "array", min: 1, message: b.devices_needed }]}>
          <Checkbox.Group
            className="choices"
            options={[
              ...bed.devices.map((one) => ({ value: one.device, label: one.device })),
              ...there.map((one) => ({ value: one.device, label: `${one.device} · ${bed_text({ ward: to_ward, bed: to_bed })}` })),
            ]}
          />
        </Form.Item>
      </Form>
    </TwoSteps>
  );
}
