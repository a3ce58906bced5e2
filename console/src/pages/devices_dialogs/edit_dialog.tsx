import { Form, Input } from "antd";
import { useRef } from "react";
import { get, put } from "../../api/client";
import type { Device, DeviceIdentity } from "../../api/types";
import { use_words } from "../../i18n/language";
import { Dialog } from "../../shell/dialog";
import { unchanged } from "../../shell/unchanged";
import { use_doing } from "../../shell/use_doing";

type Fields = Pick<Device, "name" | "model">;
const named = ({ name, model }: Fields): Fields => ({ name, model });

export function EditDialog({ device, on_close }: { device: Device; on_close: () => void }) {
  const { t } = use_words();
  const { busy, doing, error } = use_doing();
  const [form] = Form.useForm<Fields>();
  const shown = useRef(named(device));
  const path = `/devices/${encodeURIComponent(device.id)}`;
  const save = async () => {
    const values = await form.validateFields();
    const work = async () => {
      // A device that was deleted meanwhile answers 404 here; PUT would make it anew.
      await unchanged(shown, () => get<DeviceIdentity>(path).then(named), (now) => t.device_changed(now.name, now.model));
      await put(path, values); // what the body leaves out stays
    };
    if (await doing(work, t.saved)) on_close();
  };
  return (
    <Dialog title={t.edit_title(device.id)} ok={t.save} busy={busy} error={error} on_ok={() => void save().catch(() => undefined)} on_close={on_close}>
      <Form form={form} layout="vertical" initialValues={named(device)}>
        <Form.Item name="name" label={t.name}><Input maxLength={200} /></Form.Item>
        <Form.Item name="model" label={t.model}><Input maxLength={200} /></Form.Item>
      </Form>
    </Dialog>
  );
}
