// Medplum's client against a running server: node medplum.mjs URL TOKEN
import { MedplumClient } from "@medplum/core";
import { createRequire } from "node:module";
import { end, expect, refusal, same, test, token, url } from "./cases.mjs";

const client = () => {
  const medplum = new MedplumClient({ baseUrl: url, cacheTime: 0 });
  medplum.setAccessToken(token);
  return medplum;
};
const medplum = client();
const system = "https://example.org/medplum";
const ids = (resources) => resources.map((one) => one.identifier[0].value);

await test("the server says what it can do", async () => {
  const statement = await medplum.get("fhir/R4/metadata");
  same([statement.resourceType, statement.fhirVersion], ["CapabilityStatement", "4.0.1"], "metadata");
});

await test("create, read, update, patch, delete", async () => {
  const made = await medplum.createResource({
    resourceType: "Patient",
    identifier: [{ system, value: "crud" }],
    gender: "female",
    birthDate: "1951-03-02",
  });
  expect(made.id && made.meta.versionId, "no id or version");
  same(await medplum.readResource("Patient", made.id), made, "what is read");
  const updated = await medplum.updateResource({ ...made, gender: "other" });
  same(updated.gender, "other", "gender after update");
  const patched = await medplum.patchResource("Patient", made.id, [
    { op: "test", path: "/gender", value: "other" },
    { op: "add", path: "/active", value: true },
  ]);
  same([patched.active, patched.gender], [true, "other"], "after patch");
  const refused = await refusal(
    medplum.patchResource("Patient", made.id, [{ op: "test", path: "/gender", value: "male" }]),
  );
  expect(refused.outcome?.resourceType === "OperationOutcome", `a refused patch is no outcome: ${refused}`);
  same((await medplum.readVersion("Patient", made.id, made.meta.versionId)).gender, "female", "the first version");
  const history = await medplum.readHistory("Patient", made.id);
  same(
    history.entry.map((entry) => entry.resource.meta.versionId),
    [patched, updated, made].map((one) => one.meta.versionId),
    "history",
  );
  await medplum.deleteResource("Patient", made.id);
  const gone = await refusal(medplum.readResource("Patient", made.id));
  same(gone.outcome.issue[0].code, "deleted", "what is read after delete");
});

await test("createResourceIfNoneExist makes one, also when twenty ask at once", async () => {
  const resource = { resourceType: "Organization", name: "Ward", identifier: [{ system, value: "once" }] };
  const all = await Promise.all(
    Array.from({ length: 20 }, () => medplum.createResourceIfNoneExist(resource, `identifier=${system}|once`)),
  );
  same(new Set(all.map((one) => one.id)).size, 1, "organizations");
});

await test("upsertResource creates, then updates the same", async () => {
  const resource = { resourceType: "Organization", identifier: [{ system, value: "upsert" }], name: "before" };
  const first = await medplum.upsertResource(resource, { identifier: `${system}|upsert` });
  const second = await medplum.upsertResource({ ...resource, name: "after" }, { identifier: `${system}|upsert` });
  same([second.id, second.name], [first.id, "after"], "the second");
});

const codes = Array.from({ length: 25 }, (_, i) => `page-${String(i).padStart(2, "0")}`);

await test("executeBatch: a batch with a bad entry, and a transaction with references", async () => {
  const batch = await medplum.executeBatch({
    resourceType: "Bundle",
    type: "batch",
    entry: [
      ...codes.map((value) => ({
        resource: { resourceType: "Device", identifier: [{ system, value }], status: "active" },
        request: { method: "POST", url: "Device" },
      })),
      { request: { method: "GET", url: "Device/there-is-none" } },
    ],
  });
  same(
    batch.entry.map((entry) => entry.response.status.split(" ")[0]),
    [...codes.map(() => "201"), "404"],
    "statuses",
  );
  const transaction = await medplum.executeBatch({
    resourceType: "Bundle",
    type: "transaction",
    entry: [
      {
        fullUrl: "urn:uuid:88f151c0-a954-468a-88bd-5ae15c08e059",
        resource: { resourceType: "Patient", identifier: [{ system, value: "pair" }] },
        request: { method: "POST", url: "Patient" },
      },
      {
        resource: {
          resourceType: "Observation",
          status: "final",
          code: { coding: [{ system: "http://loinc.org", code: "8867-4" }] },
          subject: { reference: "urn:uuid:88f151c0-a954-468a-88bd-5ae15c08e059" },
          valueQuantity: { value: 71, unit: "/min", system: "http://unitsofmeasure.org", code: "/min" },
        },
        request: { method: "POST", url: "Observation" },
      },
    ],
  });
  same(transaction.type, "transaction-response", "type");
  const found = await medplum.searchResources("Observation", {
    "patient.identifier": `${system}|pair`,
    _include: "Observation:patient",
  });
  same(found.map((one) => one.resourceType).sort(), ["Observation", "Patient"], "what the transaction made");
});

await test("an automatic batch answers each of its reads", async () => {
  const batching = new MedplumClient({ baseUrl: url, cacheTime: 0, autoBatchTime: 20 });
  batching.setAccessToken(token);
  const [first, second] = await medplum.searchResources("Device", "_count=2");
  const read = await Promise.all([
    batching.readResource("Device", first.id),
    batching.readResource("Device", second.id),
    batching.search("Device", `identifier=${system}|page-07`),
    refusal(batching.readResource("Device", "there-is-none")),
  ]);
  same([read[0].id, read[1].id], [first.id, second.id], "what is read");
  same(ids(read[2].entry.map((entry) => entry.resource)), ["page-07"], "what is found");
  same(read[3].outcome.issue[0].code, "not-found", "what is refused");
});

await test("search, searchOne, searchResources", async () => {
  const bundle = await medplum.search("Device", { identifier: `${system}|page-03`, _total: "accurate" });
  same([bundle.type, bundle.total], ["searchset", 1], "bundle");
  const one = await medplum.searchOne("Device", `_sort=-identifier&identifier=${system}|`);
  same(ids([one]), ["page-24"], "searchOne");
  same(await medplum.searchOne("Device", "identifier=none"), undefined, "searchOne of nothing");
  const several = await medplum.searchResources("Device", `identifier=${system}|page-01,${system}|page-02`);
  same(ids(several).sort(), ["page-01", "page-02"], "searchResources");
  const wrong = await refusal(medplum.search("Device", { "no-such-parameter": "1" }));
  expect(wrong.outcome.issue[0].details?.text || wrong.message, "an unknown parameter is not named");
});

await test("searchResourcePages gives each resource once, by links, by _cursor and by _offset", async () => {
  const pages = async (query) => {
    const seen = [];
    for await (const page of medplum.searchResourcePages("Device", query)) seen.push(ids(page));
    return seen;
  };
  const query = { identifier: `${system}|`, _sort: "identifier", _count: "10" };
  same((await pages(query)).flat(), codes, "pages");
  same((await pages(query)).map((page) => page.length), [10, 10, 5], "sizes");
  same((await pages({ ...query, _cursor: "" })).flat(), codes, "pages from an empty cursor");
  same((await pages({ ...query, _sort: "_lastUpdated" })).flat().sort(), codes, "pages by _lastUpdated");
  same((await pages({ ...query, _offset: "20" })).flat(), codes.slice(20), "pages from an offset");

  const first = await medplum.search("Device", query);
  const next = new URL(first.link.find((link) => link.relation === "next").url).searchParams;
  const second = await medplum.search("Device", { ...query, _cursor: next.get("_page") });
  same(ids(second.entry.map((entry) => entry.resource)), codes.slice(10, 20), "what the cursor gives");

  const offset = async (_offset) => medplum.search("Device", { ...query, _offset, _total: "accurate" });
  const middle = await offset("5");
  same([middle.total, ids(middle.entry.map((entry) => entry.resource))], [25, codes.slice(5, 15)], "by offset");
  const behind = await offset("25");
  same([behind.total, behind.entry ?? []], [25, []], "behind all");
  expect((await refusal(offset("10001"))).outcome.issue[0].severity === "error", "an offset without end");
});

await test("_fields asks for elements", async () => {
  const one = await medplum.searchOne("Device", { identifier: `${system}|page-01`, _fields: "identifier,_lastUpdated" });
  same(Object.keys(one).sort(), ["id", "identifier", "meta", "resourceType"], "members");
  same(one.meta.tag?.[0].code, "SUBSETTED", "tag");
});

// Node.js has a WebSocket of its own from 22 on.
globalThis.WebSocket ??= createRequire(import.meta.url)("ws");

await test("subscribeToCriteria hears what meets it, in order and numbered, and nothing else", async () => {
  const heard = [];
  const emitter = medplum.subscribeToCriteria("Communication?status=completed");
  const connected = new Promise((resolve, reject) => {
    emitter.addEventListener("connect", resolve);
    emitter.addEventListener("error", (event) => reject(event.payload));
    setTimeout(() => reject(new Error("no connection in 10 s")), 10_000).unref();
  });
  emitter.addEventListener("message", (event) => heard.push(event.payload));
  await connected;
  for (let i = 0; i < 20; i += 1) {
    const status = i % 2 ? "in-progress" : "completed";
    await medplum.createResource({ resourceType: "Communication", status, payload: [{ contentString: `${i}` }] });
  }
  const deadline = Date.now() + 10_000;
  while (heard.length < 10 && Date.now() < deadline) await new Promise((resume) => setTimeout(resume, 10));
  const texts = heard.map((bundle) => bundle.entry[1].resource.payload[0].contentString);
  same(texts, ["0", "2", "4", "6", "8", "10", "12", "14", "16", "18"], "what is heard");
  const numbers = heard.map((bundle) => bundle.entry[0].resource.notificationEvent[0].eventNumber);
  same(numbers, ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"], "numbers");
  same([heard[0].type, heard[0].entry[0].resource.type], ["history", "event-notification"], "types");
  medplum.unsubscribeFromCriteria("Communication?status=completed");
});

await test("a criteria that cannot be served is refused when it is made", async () => {
  const refused = await refusal(
    medplum.createResource({
      resourceType: "Subscription",
      status: "active",
      reason: "test",
      criteria: "Communication?no-such-parameter=1",
      channel: { type: "websocket" },
    }),
  );
  expect(refused.message.includes("no-such-parameter"), `it does not say why: ${refused.message}`);
});

await test("a wrong token is refused", async () => {
  const stranger = new MedplumClient({ baseUrl: url, cacheTime: 0 });
  stranger.setAccessToken("slt_wrong");
  const refused = await refusal(stranger.search("Patient"));
  same(refused.outcome.id, "unauthorized", "outcome");
});

end();
