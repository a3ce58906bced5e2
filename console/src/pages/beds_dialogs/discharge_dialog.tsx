// The patient leaves: every binding of the bed ends at one instant. A monitor on the wall stays at its bed.
import { Checkbox, Form } from "antd";
import { post } from "../../api/client";
import type { Bed } from "../../api/types";
import { use_words } from "../../i18n/language";
import { TwoSteps } from "../../shell/two_steps";
import { Facts } from "../devices_dialogs/preview";
import { bed_now, bed_text, place_of, seen, who_text } from "./bed";

export function DischargeDialog({ bed, on_close }: { bed: Bed; on_close: () => void }) {
  const { t } = use_words();
  const b = t.bedside;
  const [form] = Form.useForm<{ stay: string[] }>();
  return (
    <TwoSteps<string[], Bed | null>
      title={b.discharge_title(bed_text(bed))}
      confirm={b.discharge}
      said={b.discharged}
      choose={async () => (await form.validateFields()).stay}
      look={() => bed_now(bed.ward, bed.bed)}
      blocked={(_, now) => now === null}
      show={(stay, now) => (
        <>
          <Facts
            rows={[
              [t.bed, <b>{bed_text(bed)}</b>],
              [t.patient, <b>{now ? who_text(now) : "–"}</b>],
              [b.identifier, <b>{b.ends_in(now?.identifier_end ?? "")}</b>],
              [b.devices_here, <b>{now?.devices.map((one) => one.device).join(", ")}</b>],
            ]}
          />
          {now && <p>{b.leaves(who_text(now), bed_text(bed))}</p>}
          {stay.map((device) => <p key={device} className="quiet">{b.stays_behind(device, bed_text(bed))}</p>)}
        </>
      )}
      act={(stay, now) => post("/api/beds/discharge", { ...place_of(bed), seen: seen(now), stay: stay.map((device) => ({ device })) })}
      on_close={on_close}
    >
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ stay: [] }}>
        <Form.Item name="stay" label={b.stay_at_bed} extra={b.stay_hint}>
          <Checkbox.Group className="choices" options={bed.devices.map((one) => ({ value: one.device, label: one.device }))} />
        </Form.Item>
      </Form>
    </TwoSteps>
  );
}
