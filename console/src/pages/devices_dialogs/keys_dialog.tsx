// The keys of a device that exists, for those who may see them.
import { Button, Modal } from "antd";
import type { DeviceIdentity } from "../../api/types";
import { use_call } from "../../api/use_call";
import { use_words } from "../../i18n/language";
import { Sights } from "../../shell/sights";
import { DeviceKeys } from "./device_keys";

export function KeysDialog({ id, on_close }: { id: string; on_close: () => void }) {
  const { t } = use_words();
  const loaded = use_call<DeviceIdentity>(`/devices/${encodeURIComponent(id)}`);
  return (
    <Modal open title={t.keys_of(id)} onCancel={on_close} footer={<Button type="primary" autoFocus onClick={on_close}>{t.close}</Button>}>
      <Sights from={loaded}>{(device) => <DeviceKeys device={device} />}</Sights>
    </Modal>
  );
}
