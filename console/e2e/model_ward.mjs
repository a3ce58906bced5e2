// A ward of any size without a server: serves console/dist and speaks the live feed with made-up beds, for what the demo's
// eight cannot show (16 and 64 sectors, numbers that stop, a feed that stops). What it says is docs/formats/live-feed.md.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const dist = join(dirname(fileURLToPath(import.meta.url)), "../dist");
const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const code = (alias, unit, decimals, en, zh, kind = "numeric") => ({ alias, mdc: 0, refid: "", loinc: "", unit, decimals, kind, name: { en, zh } });
const codes = [
  code("hr", "/min", 0, "Heart rate", "心率"), code("spo2", "%", 0, "SpO2", "血氧饱和度"), code("rr", "/min", 0, "Respiration rate", "呼吸频率"),
  code("nibp_sys", "mm[Hg]", 0, "NIBP systolic", "无创收缩压"), code("nibp_dia", "mm[Hg]", 0, "NIBP diastolic", "无创舒张压"), code("temp", "Cel", 1, "Temperature", "体温"),
  code("ecg_ii", "mV", 3, "ECG II", "心电 II", "wave"), code("pleth", "1", 3, "Pleth", "容积脉搏波", "wave"), code("resp", "Ohm", 3, "Respiration", "呼吸", "wave"),
];
const session = { token: "model", expires: "2100-01-01T00:00:00Z", user: "model", roles: ["clinician"], display_name: "Model" };

// One period of each wave, as a function of its phase; nothing that a heart would do, enough to be drawn.
const bump = (phase, at, width, height) => height * Math.exp(-(((phase - at) / width) ** 2));
const shape = {
  ecg_ii: (p) => bump(p, 0.2, 0.03, 0.12) + bump(p, 0.33, 0.008, -0.12) + bump(p, 0.36, 0.012, 1.1) + bump(p, 0.39, 0.01, -0.2) + bump(p, 0.62, 0.05, 0.28),
  pleth: (p) => bump(p, 0.3, 0.11, 1) + bump(p, 0.55, 0.12, 0.4),
  resp: (p) => Math.sin(2 * Math.PI * p),
};
const rate_hz = { ecg_ii: 250, pleth: 125, resp: 25 };

function text_frame(opcode, payload) {
  const size = payload.length;
  const head = size < 126 ? Buffer.from([0x80 | opcode, size]) : Buffer.from([0x80 | opcode, 126, size >> 8, size & 255]);
  return Buffer.concat([head, payload]);
}

function wave_frame(device, alias, first_ms, count, per_minute) {
  const names = Buffer.from(device + alias);
  const head = Buffer.alloc(48);
  head.set([1, device.length, alias.length, 0]);
  head.writeBigInt64LE(BigInt(Math.round(first_ms * 1e6)), 4);
  head.writeBigUInt64LE(BigInt(1e9 / rate_hz[alias]), 12);
  head.writeUInt32LE(1, 20);
  head.writeUInt32LE(count, 24);
  head.writeDoubleLE(0.001, 32);
  const samples = Buffer.alloc(2 * count);
  for (let i = 0; i < count; ++i) {
    const t = first_ms + (i * 1000) / rate_hz[alias];
    samples.writeInt16LE(Math.round(1000 * shape[alias](((t * per_minute) / 60_000) % 1)), 2 * i);
  }
  return Buffer.concat([head, names, Buffer.alloc(names.length % 2), samples]);
}

export class ModelWard {
  // `alarm(bed number)`: a priority or null; `limits_off`: rows by device.
  constructor({ beds, waves = ["ecg_ii", "pleth"], alarm = () => null, limits_off = {} }) {
    Object.assign(this, { beds, waves, alarm, limits_off, sockets: new Set(), speaking: true, numbers: true });
  }

  async start() {
    this.server = createServer((request, answer) => this.answer(request, answer));
    this.server.on("upgrade", (request, socket) => this.open(request, socket));
    await new Promise((done) => this.server.listen(0, "127.0.0.1", done));
    this.address = `http://127.0.0.1:${this.server.address().port}`;
    this.sent_to = Date.now();
    this.timers = [setInterval(() => this.send_waves(), 250), setInterval(() => this.send_numbers(), 1_000)];
    return this;
  }
  end() {
    this.timers.forEach(clearInterval);
    for (const socket of this.sockets) socket.destroy();
    this.server.closeAllConnections();
    this.server.close();
  }

  answer(request, answer) {
    const path = new URL(request.url, "http://x").pathname;
    const known = { "/api/sessions": session, "/api/sessions/current": session, "/api/codes": codes };
    if (path in known) {
      answer.writeHead(200, { "Content-Type": "application/json" });
      answer.end(JSON.stringify(known[path]));
      return;
    }
    const file = resolve(dist, `.${path}`);
    const found = file.startsWith(dist) && extname(file) && existsSync(file) ? file : join(dist, "index.html");
    answer.writeHead(200, { "Content-Type": types[extname(found)] ?? "application/octet-stream" });
    answer.end(readFileSync(found));
  }

  open(request, socket) {
    const key = createHash("sha1").update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`);
    socket.on("error", () => undefined);
    socket.on("close", () => this.sockets.delete(socket));
    socket.once("data", () => {
      this.sockets.add(socket);
      const now = Date.now();
      this.say({ type: "welcome", user: "model", now: new Date(now).toISOString(), epoch: 1, offset: 1, resumed: false, recording: true, simulated: true, version: "model" });
      this.say({ type: "ward", sectors: this.all().map((n) => this.sector(n, now)), alarms: this.all().flatMap((n) => this.alarms(n, now)) });
    });
  }

  all = () => Array.from({ length: this.beds }, (_, i) => i + 1);
  device = (n) => `m-${n}`;
  heart = (n) => 55 + ((n * 13) % 100);
  values = (n) => ({ hr: this.heart(n), spo2: 94 + (n % 6), rr: 12 + (n % 9), temp: 36.5 + (n % 10) / 10 });
  sector(n, t) {
    const values = { ...this.values(n), nibp_sys: 110 + (n % 30), nibp_dia: 60 + (n % 20) };
    return {
      device: this.device(n), bed: `B${String(n).padStart(2, "0")}`, ward: "Model", patient: { id: `P-${1000 + n}`, label: `SIM ${1000 + n}` }, age_class: "adult", paced: null, limits_off: this.limits_off[this.device(n)] ?? [], pauses: [], simulated: true, connected: true,
      values: Object.fromEntries(Object.entries(values).map(([key, v]) => [key, { v, t }])), waves: this.waves,
      news2: { score: n % 4, at_least: n % 5 === 0, missing: [], any_three: false, risk: "low", t },
    };
  }
  alarms(n, now) {
    const priority = this.alarm(n);
    if (!priority) return [];
    return [{ id: `a-${n}`, device: this.device(n), bed: `B${String(n).padStart(2, "0")}`, code: "hr", rule: "high", priority, state: "active", acknowledged: null, acknowledged_before: null, reminders: 0, latching: false, raised: new Date(now).toISOString(), ended: null, value: 140, limit: 130, unit: "/min", text: "", provisional: false, version: 1 }];
  }

  say(message) {
    this.write(text_frame(1, Buffer.from(JSON.stringify(message))));
  }
  write(bytes) {
    for (const socket of this.sockets) socket.write(bytes);
  }
  send_waves() {
    const from = this.sent_to;
    this.sent_to = Date.now();
    if (!this.speaking) return;
    for (const n of this.all())
      for (const wave of this.waves) {
        // Whole samples of the grid that begins at 1970, so that frames join.
        const first = Math.ceil((from * rate_hz[wave]) / 1000);
        const count = Math.ceil((this.sent_to * rate_hz[wave]) / 1000) - first;
        this.write(text_frame(2, wave_frame(this.device(n), wave, (first * 1000) / rate_hz[wave], count, wave === "resp" ? 15 : this.heart(n))));
      }
  }
  send_numbers() {
    if (!this.speaking) return;
    const t = Date.now();
    if (this.numbers) for (const n of this.all()) this.say({ type: "numerics", device: this.device(n), t, values: this.values(n) });
    this.say({ type: "status", now: new Date(t).toISOString(), recording: true, reason: null, messages_per_s: this.beds, late_ms: 0 });
  }
}
