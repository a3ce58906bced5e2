// A device with a past of its own: created and bound over the API, its numbers and waves published over MQTT with their times.
// Frames: docs/formats/waveform-frame.md.
import { request } from "node:https";
import { connectAsync } from "mqtt";

const mdc = { ecg_ii: 131330, pleth: 150452 };
const unit_of = { ecg_ii: "mV", pleth: "" };
const readings_max = 400; // in a message

// An answer of the API as JSON.
export function ask(salus, method, path, body) {
  const text = body === undefined ? "" : JSON.stringify(body);
  return new Promise((done, fail) => {
    const headers = { Authorization: `Bearer ${salus.addresses.admin_token}`, ...(text && { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) }) };
    const asked = request(salus.addresses.https + path, { method, headers, rejectUnauthorized: false }, (answer) => {
      let said = "";
      answer.on("data", (part) => (said += part));
      answer.on("end", () => (answer.statusCode < 300 ? done(said ? JSON.parse(said) : null) : fail(new Error(`${method} ${path}: ${answer.statusCode} ${said}`))));
    });
    asked.on("error", fail);
    asked.end(text);
  });
}

function crc32c(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; ++i) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

// `values` in the code's unit, `hz` of them a second from `first_ms` on, to a thousandth.
export function wave_frame(sequence, first_ms, hz, code, values) {
  const unit = Buffer.from(unit_of[code]);
  const head = Buffer.alloc(28);
  head.set([0x53, 0x57, 1, 1]);
  head.writeUInt32LE(sequence, 4);
  head.writeBigInt64LE(BigInt(Math.round(first_ms * 1e3)) * 1000n, 8);
  head.writeBigInt64LE(1_000_000_000n, 16);
  head.writeUInt32LE(hz, 24);
  const channel = Buffer.alloc(21);
  channel.writeUInt32LE(mdc[code], 0);
  channel.writeUInt16LE(1, 4);
  channel.writeUInt32LE(1, 10);
  channel.set([3, 0], 14);
  channel.writeUInt16LE(values.length, 16);
  channel[20] = unit.length;
  const data = Buffer.alloc(4 + 2 * values.length);
  data.writeUInt32LE(2 * values.length, 0);
  values.forEach((value, i) => data.writeInt16LE(Math.round(value * 1000), 4 + 2 * i));
  const all = Buffer.concat([head, channel, unit, data]);
  const end = Buffer.alloc(4);
  end.writeUInt32LE(crc32c(all), 0);
  return Buffer.concat([all, end]);
}

export class PastDevice {
  static async create(salus, id, bed, patient, from = "2025-01-01T00:00:00Z", ward = "Past") {
    const device = new PastDevice();
    const { authentication } = await ask(salus, "PUT", `/devices/${id}`, { name: id, model: "past", simulated: true });
    await ask(salus, "PUT", `/api/devices/${id}/patient`, { bed, ward, patient, from });
    const key = authentication.symmetricKey.primaryKey;
    device.client = await connectAsync(salus.addresses.mqtts, { clientId: id, username: id, password: key, rejectUnauthorized: false, protocolVersion: 5, reconnectPeriod: 0 });
    Object.assign(device, { id, sequence: 0 });
    return device;
  }
  // Rows of {t, alias: value}, ascending.
  async numbers(rows) {
    for (let i = 0; i < rows.length; i += readings_max)
      await this.client.publishAsync(`devices/${this.id}/telemetry`, JSON.stringify(rows.slice(i, i + readings_max)), { qos: 1 });
  }
  // `shape(t ms)`: the value at that time.
  async wave(code, hz, from_ms, to_ms, shape) {
    for (let at = from_ms; at < to_ms; at += 4_000) {
      const count = Math.min(4, (to_ms - at) / 1000) * hz;
      const values = Array.from({ length: count }, (_, i) => shape(at + (i * 1000) / hz));
      await this.client.publishAsync(`devices/${this.id}/waveforms`, wave_frame(++this.sequence, at, hz, code, values), { qos: 1 });
    }
  }
  end = () => this.client.endAsync();
}
