// fhirclient (SMART Health IT's) against a running server: node fhirclient.mjs URL TOKEN
import { createRequire } from "node:module";
import { end, expect, refusal, same, test, token, url } from "./cases.mjs";

const smart = createRequire(import.meta.url)("fhirclient");

// What an app has once it has been launched: a token and, here, a patient in context.
const launched = (patient, access_token = token) => {
  const kept = new Map();
  const storage = {
    get: async (key) => kept.get(key),
    set: async (key, value) => kept.set(key, value),
    unset: async (key) => kept.delete(key),
  };
  const request = { headers: { host: "app.example.org" }, url: "/" };
  return smart(request, {}, storage).client({ serverUrl: url, tokenResponse: { access_token, patient } });
};
const client = launched();
const system = "https://example.org/fhirclient";

await test("create, read, update, patch, delete", async () => {
  const made = await client.create({ resourceType: "Patient", identifier: [{ system, value: "crud" }], active: true });
  same(await client.request(`Patient/${made.id}`), made, "what is read");
  const updated = await client.update({ ...made, gender: "male" });
  same(updated.gender, "male", "after update");
  const patched = await client.patch(`Patient/${made.id}`, [{ op: "replace", path: "/gender", value: "unknown" }]);
  same(patched.gender, "unknown", "after patch");
  await client.delete(`Patient/${made.id}`);
  same((await refusal(client.request(`Patient/${made.id}`))).status, 410, "after delete");
});

let patient;
await test("a transaction makes a patient with observations", async () => {
  const bundle = await client.request({
    url: "",
    method: "POST",
    headers: { "content-type": "application/fhir+json" },
    body: JSON.stringify({
      resourceType: "Bundle",
      type: "transaction",
      entry: [
        {
          fullUrl: "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a",
          resource: { resourceType: "Patient", identifier: [{ system, value: "in context" }] },
          request: { method: "POST", url: "Patient" },
        },
        ...Array.from({ length: 12 }, (_, i) => ({
          resource: {
            resourceType: "Observation",
            status: "final",
            code: { coding: [{ system: "http://loinc.org", code: i % 2 ? "8867-4" : "9279-1" }] },
            subject: { reference: "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a" },
            valueQuantity: { value: 60 + i, unit: "/min", system: "http://unitsofmeasure.org", code: "/min" },
          },
          request: { method: "POST", url: "Observation" },
        })),
      ],
    }),
  });
  same(bundle.type, "transaction-response", "type");
  patient = bundle.entry[0].response.location.match(/Patient\/([^/]+)/)[1];
});

await test("pages, flat, with their references resolved", async () => {
  let pages = 0;
  const found = await client.request(`Observation?patient=${patient}&_count=5&_sort=-_lastUpdated`, {
    pageLimit: 0,
    flat: true,
    resolveReferences: ["subject"],
  });
  same(found.map((one) => one.valueQuantity.value).sort(), Array.from({ length: 12 }, (_, i) => 60 + i), "values");
  expect(found.every((one) => one.subject.id === patient), "a subject is not resolved");
  await client.request(`Observation?patient=${patient}&_count=5`, { pageLimit: 0, onPage: () => (pages += 1) });
  same(pages, 3, "pages");
});

await test("the patient in context: read, and search of what is theirs", async () => {
  const app = launched(patient);
  same((await app.patient.read()).identifier[0].value, "in context", "patient.read");
  const rates = await app.patient.request("Observation?code=http://loinc.org|8867-4", { pageLimit: 0, flat: true });
  same(rates.length, 6, "patient.request");
});

await test("search by values, and what a search refuses", async () => {
  const high = await client.request(`Observation?patient=${patient}&value-quantity=ge70`, { flat: true });
  same(high.map((one) => one.valueQuantity.value).sort(), [70, 71], "values");
  const wrong = await refusal(client.request("Observation?no-such-parameter=1"));
  same(wrong.status, 400, "an unknown parameter");
  expect(wrong.message.includes("no-such-parameter"), `it does not say what was wrong: ${wrong.message}`);
});

await test("the server's version and a wrong token", async () => {
  same([await client.getFhirVersion(), await client.getFhirRelease()], ["4.0.1", 4], "version");
  same((await refusal(launched(undefined, "slt_wrong").request("Patient"))).status, 401, "a wrong token");
});

end();
