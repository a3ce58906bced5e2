// One round trip with mqtt.js: node mqttjs_round_trip.mjs URL VERSION CA DEVICE SECRET FIRST COUNT
// Subscribes to the device's topics, publishes COUNT messages of QoS 1 from `seq` FIRST and time FIRST_MS on, and prints
// what it saw as JSON: {"granted", "acknowledged", "heard"}.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { connectAsync } = createRequire(new URL("../../console/package.json", import.meta.url))("mqtt");
const [url, version, ca, device, secret, first, count] = process.argv.slice(2);

const client = await connectAsync(url, {
  protocolVersion: Number(version),
  clientId: device,
  username: device,
  password: secret,
  ca: ca ? readFileSync(ca) : undefined,
  reconnectPeriod: 0,
  connectTimeout: 10_000,
});
const heard = new Set();
client.on("message", (_topic, payload) => heard.add(payload.toString()));
const [grant] = await client.subscribeAsync(`devices/${device}/#`, { qos: 1 });

const payloads = Array.from({ length: Number(count) }, (_, i) =>
  JSON.stringify({ t: Number(first) + i, seq: Number(first) + i, rr: 18 }),
);
await Promise.all(payloads.map((one) => client.publishAsync(`devices/${device}/telemetry`, one, { qos: 1 })));
const end = Date.now() + 10_000;
while (heard.size < payloads.length && Date.now() < end) await new Promise((resume) => setTimeout(resume, 20));
console.log(
  JSON.stringify({
    granted: grant.qos,
    acknowledged: payloads.length,
    heard: payloads.filter((one) => heard.has(one)).length,
  }),
);
await client.endAsync();
