// What a device sent that could not be used, and why: what an engineer looks for when a number stays away.
import type { Device } from "../../api/types";
import { use_words } from "../../i18n/language";

export const has_troubles = (one: Device) =>
  one.rejected > 0 || one.malformed > 0 || one.duplicates > 0 || Boolean(one.last_error) || Object.keys(one.unknown_keys).length > 0;

export function DeviceTroubles({ device }: { device: Device }) {
  const { t, number } = use_words();
  const keys = Object.entries(device.unknown_keys);
  return (
    <div className="troubles">
      {device.duplicates > 0 && <p>{t.said_duplicates(number(device.duplicates))}</p>}
      {device.rejected > 0 && <p>{t.said_rejected(number(device.rejected))}</p>}
      {device.malformed > 0 && <p>{t.said_malformed(number(device.malformed))}</p>}
      {device.last_error && <p>{t.last_error}: <span lang="en">{device.last_error}</span></p>}
      {keys.length > 0 && (
        <>
          <p>{t.unknown_keys_hint}</p>
          <ul>{keys.map(([key, count]) => <li key={key}><code>{key}</code> × {number(count)}</li>)}</ul>
        </>
      )}
    </div>
  );
}
