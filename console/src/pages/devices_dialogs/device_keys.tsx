// What an engineer gives to a device: its keys, and a command that sends a first message with them.
import { Typography } from "antd";
import type { DeviceIdentity } from "../../api/types";
import { use_words } from "../../i18n/language";

function first_message(id: string, key: string): string {
  return (
    `mosquitto_pub -h ${location.hostname} -p 8883 --cafile ca.pem -V mqttv5 -q 1 -i '${id}' -u '${id}' -P '${key}' ` +
    `-t 'devices/${id}/telemetry' -m '{"hr": 72, "spo2": 97}'`
  );
}

function Copied({ label, text }: { label: string; text: string }) {
  const { t } = use_words();
  return (
    <div className="copied">
      <div>{label}</div>
      <Typography.Text code copyable={{ text, tooltips: [t.copy, t.copied] }}>
        {text}
      </Typography.Text>
    </div>
  );
}

export function DeviceKeys({ device }: { device: DeviceIdentity }) {
  const { t } = use_words();
  const keys = device.authentication?.symmetricKey;
  if (!keys?.primaryKey) return <p className="quiet">{t.no_keys}</p>;
  return (
    <div className="keys">
      <Copied label={t.primary_key} text={keys.primaryKey} />
      {keys.secondaryKey && <Copied label={t.secondary_key} text={keys.secondaryKey} />}
      <Copied label={t.publish_command} text={first_message(device.deviceId, keys.primaryKey)} />
    </div>
  );
}
