// The newest change at a bed is taken back, for every device that it concerned.
import { Form, Input } from "antd";
import { post } from "../../api/client";
import type { Bed } from "../../api/types";
import { use_words } from "../../i18n/language";
import { TwoSteps } from "../../shell/two_steps";
import { Facts } from "../devices_dialogs/preview";
import { bed_now, bed_text } from "./bed";

const newest = (bed: Bed | null) => bed?.devices.reduce((a, one) => (one.change > a.change ? one : a)) ?? null;

export function UndoDialog({ bed, on_close }: { bed: Bed; on_close: () => void }) {
  const { t, moment } = use_words();
  const b = t.bedside;
  const [form] = Form.useForm<{ reason: string }>();
  return (
    <TwoSteps<string, Bed | null>
      title={b.undo_title(bed_text(bed))}
      confirm={b.undo}
      said={b.undone}
      choose={async () => (await form.validateFields()).reason.trim()}
      look={() => bed_now(bed.ward, bed.bed)}
      blocked={(_, now) => newest(now) === null}
      show={(reason, now) => {
        const last = newest(now);
        const devices = now?.devices.filter((one) => one.change === last?.change).map((one) => one.device).join(", ") ?? "";
        return (
          <>
            <Facts rows={[[t.bed, <b>{bed_text(bed)}</b>], [t.from, <b>{last && moment(last.from)}</b>], [b.devices_here, <b>{devices}</b>], [t.reason, reason]]} />
            {last && <p>{b.undo_effect(devices, moment(last.from))}</p>}
          </>
        );
      }}
      act={(reason, now) => post("/api/bindings/undo", { change: newest(now)?.change, reason })}
      on_close={on_close}
    >
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ reason: "" }}>
        <Form.Item name="reason" label={t.reason} rules={[{ required: true, whitespace: true, message: t.reason_needed }]}><Input autoComplete="off" maxLength={500} /></Form.Item>
      </Form>
    </TwoSteps>
  );
}
