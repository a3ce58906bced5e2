// Which numbers share a lane of the trends: what a device sends under one vital's name stands together, pressures as three lines.
import { is_cuff } from "../live/stale";
import type { Channel } from "../samples/fetch";

export interface Trace extends Channel {
  key: string;
  colour: string; // a variable of the style
}
export interface Lane {
  key: string;
  traces: Trace[]; // one to three
}

// Hues that differ in lightness and belong to no alarm; every line has its name beside it.
const pressure: Record<string, string> = { sys: "--trend-blue", mean: "--trend-blue-2", map: "--trend-blue-2", dia: "--trend-blue-3" };
const rank = (code: string) => {
  const order = ["hr", "pulse", "spo2", "rr", "nibp", "art", "abp", "temp", "etco2"];
  const at = order.findIndex((one) => code.startsWith(one));
  return at < 0 ? order.length : at;
};

function colour_of(code: string): string {
  const part = /_(sys|mean|map|dia)$/.exec(code)?.[1];
  if (part) return pressure[part] ?? "--trend-blue";
  if (/^(hr|pulse)/.test(code)) return "--trend-green";
  if (/^spo2/.test(code)) return "--trend-violet";
  if (/^temp/.test(code)) return "--trend-violet-2";
  if (/^(rr|resp|etco2)/.test(code)) return "--trend-grey";
  return "--trend-green-2";
}

export function lanes_of(channels: readonly Channel[]): Lane[] {
  const lanes = new Map<string, Lane>();
  for (const channel of [...channels].sort((a, b) => rank(a.code) - rank(b.code) || a.code.localeCompare(b.code) || a.device.localeCompare(b.device))) {
    const stem = channel.code.replace(/_(sys|mean|map|dia)$/, "");
    const key = `${channel.device} ${stem}`;
    const lane = lanes.get(key) ?? { key, traces: [] };
    lane.traces.push({ device: channel.device, code: channel.code, key: `${channel.device} ${channel.code}`, colour: colour_of(channel.code) });
    lanes.set(key, lane);
  }
  // Systolic above mean above diastolic, as on every monitor.
  const height = (code: string) => (code.endsWith("_sys") ? 0 : /_(mean|map)$/.test(code) ? 1 : 2);
  for (const lane of lanes.values()) lane.traces.sort((a, b) => height(a.code) - height(b.code));
  return [...lanes.values()];
}

// Two values further apart than this are not joined: the number was `---` between them (live/stale.ts).
export const joined_ms_max = (code: string) => (is_cuff(code) ? 30 * 60_000 : 30_000);
