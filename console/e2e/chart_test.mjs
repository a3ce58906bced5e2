// The patients of the record and their chart, on the real server: found in Latin and Chinese, read, written and corrected, two people
// at one resource, versions. node e2e/chart_test.mjs; SALUS_SCREENSHOTS: a folder for pictures of what was seen.
import { check, done, expect } from "./checks.mjs";
import { open_page, sign_in } from "./browser.mjs";
import { field, gone, ok, seen_whole as seen, top, visible } from "./dialogs.mjs";
import { PastDevice } from "./history.mjs";
import { until } from "./salus.mjs";
import { call, go, run_story } from "./story.mjs";

const password = "correct horse battery";
const words = {
  en: { chart: "Patients", age: " y", heart: "Heart rate", saved: "Saved", impossible: "cannot be", mine: "Keep mine", none: "Nobody found", no_allergies: "No allergies recorded" },
  zh: { chart: "患者", age: "岁", heart: "心率", saved: "已保存", impossible: "不可能", mine: "保留我的", none: "未找到", no_allergies: "未登记过敏信息" },
};

const day = (n) => new Date(Date.now() - n * 86_400_000).toISOString();
const loinc = (code, display) => ({ coding: [{ system: "http://loinc.org", code, display }], text: display });
const category = (code) => [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code }] }];

// A patient of each language with the same record: the digits of 4.10 must survive.
function record_of(id, name, identifier, birthDate) {
  const subject = { reference: `Patient/${id}` };
  const status = (kind, code) => ({ coding: [{ system: `http://terminology.hl7.org/CodeSystem/${kind}-clinical`, code }] });
  const resources = [
    { resourceType: "Patient", id, name: [name], gender: "female", birthDate, identifier: [{ system: "urn:test:mrn", type: { coding: [{ code: "MR" }] }, value: identifier }] },
    { resourceType: "Condition", id: `${id}-asthma`, subject, code: { text: "Asthma 哮喘" }, clinicalStatus: status("condition", "active"), onsetDateTime: "2019", recordedDate: day(400) },
    { resourceType: "AllergyIntolerance", id: `${id}-penicillin`, patient: subject, code: { text: "Penicillin 青霉素" }, criticality: "high", clinicalStatus: status("allergyintolerance", "active"), reaction: [{ manifestation: [{ text: "rash 皮疹" }] }] },
    { resourceType: "MedicationRequest", id: `${id}-salbutamol`, status: "active", intent: "order", subject, medicationCodeableConcept: { text: "Salbutamol 沙丁胺醇" }, authoredOn: day(30), dosageInstruction: [{ text: "2 × 100 µg" }] },
    { resourceType: "Encounter", id: `${id}-visit`, status: "finished", class: { code: "AMB" }, type: [{ text: "Check-up 复诊" }], subject, period: { start: day(30), end: day(30) } },
    { resourceType: "DocumentReference", id: `${id}-note`, status: "current", subject, date: day(29), description: "Plan 计划", content: [{ attachment: { contentType: "text/plain; charset=utf-8", data: Buffer.from("Come back in spring. 春天复诊。").toString("base64") } }] },
    ...[[3, "4.10"], [200, "3.9"], [500, "4.4"]].map(([ago, value], i) => ({
      resourceType: "Observation", id: `${id}-k${i}`, status: "final", subject, code: loinc("2823-3", "Potassium 钾"), category: category("laboratory"), effectiveDateTime: day(ago),
      valueQuantity: { value, unit: "mmol/L", system: "http://unitsofmeasure.org", code: "mmol/L" }, referenceRange: [{ low: { value: 3.5, unit: "mmol/L" }, high: { value: 5.1, unit: "mmol/L" } }],
    })),
  ];
  const entry = resources.map((resource) => ({ resource, request: { method: "PUT", url: `${resource.resourceType}/${resource.id}` } }));
  return JSON.stringify({ resourceType: "Bundle", type: "transaction", entry }).replace(/"value":"(\d\.\d+)","unit"/g, '"value":$1,"unit"');
}

const fhir = async (salus, method, path, body, headers = {}) => {
  const answer = await fetch(`${salus.addresses.http}/fhir${path}`, { method, headers: { Authorization: `Bearer ${salus.addresses.admin_token}`, "Content-Type": "application/fhir+json", ...headers }, body: typeof body === "object" ? JSON.stringify(body) : body });
  const text = await answer.text();
  return { status: answer.status, text, body: text ? JSON.parse(text) : null };
};

const people = {
  en: { id: "anna", name: { family: "Müller", given: ["Anna"] }, identifier: "MRN-700017", born: "1984-03-02", typed: "muller ann", shown: "Anna Müller", masked: "A•• M••" },
  zh: { id: "xiaoming", name: { family: "王", given: ["小明"] }, identifier: "MRN-800018", born: "1990-05-01", typed: "王小明", shown: "王小明", masked: "王••" },
};

async function prepare(salus) {
  for (const one of Object.values(people)) done(await fhir(salus, "POST", "", record_of(one.id, one.name, one.identifier, one.born)));
  const many = Array.from({ length: 25 }, (_, i) => ({ resource: { resourceType: "Patient", name: [{ family: "Listed", given: [`N${i}`] }] }, request: { method: "POST", url: "Patient" } }));
  done(await fhir(salus, "POST", "", { resourceType: "Bundle", type: "transaction", entry: many }));
  done(await call(salus, "PUT", "/api/users/looker", { display_name: "Looker", roles: ["viewer"], password }));
  const device = await PastDevice.create(salus, "m-1", "B1", { id: people.en.identifier, label: people.en.shown }, new Date(Date.now() - 3 * 3_600_000).toISOString(), "ICU");
  done(await call(salus, "PUT", "/api/limits", { code: "hr", priority: "high", low: 40, high: 130, delay_ms: 0, reason: "for this test" }));
  await device.numbers([{ t: Date.now(), hr: 180 }]);
  await until(async () => (await call(salus, "GET", "/api/alarms?device=m-1&state=all")).body.items.some((one) => one.rule === "high"), 10_000);
  return device;
}

const search = (page, text) => page.fill(".patients input", text);
const names = (page) => page.$$eval("a[data-open]", (all) => all.map((one) => one.textContent));

async function finding(page, language) {
  const one = people[language];
  await check(`a patient is found as one types, by keyboard alone (${language})`, async () => {
    await go(page, "/patients", "a[data-open]");
    await search(page, one.typed);
    expect(await until(async () => (await names(page)).join() === one.shown, 5_000), `found: ${await names(page)}`);
    const text = await page.textContent(".rows");
    expect(text.includes(words[language].age) && text.includes(one.identifier.slice(-4)) && !text.includes(one.identifier), "age or the identifier's end is missing");
    expect(await until(async () => (await page.textContent(".rows")).includes("Check-up"), 5_000), "the last encounter is missing");
    await seen(page, `patients-${language}`);
    await page.focus(".patients input");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await visible(page, `.chart[data-patient="${one.id}"] .chart-head`);
  });
  await check(`by identifier, by birth date, and nobody (${language})`, async () => {
    await go(page, "/patients", "a[data-open]");
    for (const [typed, by] of [[one.identifier, "identifier"], [one.born, "birth_date"]]) {
      await search(page, typed);
      await visible(page, `[data-found-by="${by}"]`);
      expect(await until(async () => (await names(page)).join() === one.shown, 5_000), `${typed}: ${await names(page)}`);
    }
    await search(page, "Nobodyhere");
    await visible(page, "[data-sight='empty']");
    expect((await page.textContent(".patients")).includes(words[language].none), "it is not said that there is nobody");
    await seen(page, `patients-none-${language}`);
  });
  await check(`pages follow the server's links, and names can be masked (${language})`, async () => {
    await search(page, "listed");
    await visible(page, ".page-foot button");
    expect((await names(page)).length === 20, "the first page is not 20");
    await page.locator(".page-foot button").last().click();
    expect(await until(async () => (await names(page)).length === 5, 5_000), "the second page is not the other 5");
    await search(page, one.typed);
    expect(await until(async () => (await names(page)).join() === one.shown, 5_000), "not found again");
    await page.click("[data-names]");
    expect((await names(page)).join() === one.masked, `masked: ${await names(page)}`);
    await page.click("[data-names]");
  });
}

const open_chart = (page, id, part = "") => go(page, `/patients/${id}${part && `/${part}`}`, ".chart-head");

async function reading(page, language) {
  const one = people[language];
  await check(`the summary says what holds, each number with unit and age (${language})`, async () => {
    await open_chart(page, one.id);
    await visible(page, "[data-allergies='some']");
    expect((await page.textContent("[data-allergies]")).includes("Penicillin"), "the allergy is not in the head");
    await visible(page, "[data-latest='http://loinc.org|2823-3'] .reading-part");
    const potassium = await page.textContent("[data-latest='http://loinc.org|2823-3']");
    expect(potassium.includes("4.10 mmol/L") && potassium.includes("3.5–5.1") && potassium.includes("3"), `potassium: ${potassium}`);
    const text = await page.textContent(".summary");
    for (const wanted of ["Asthma", "2019", "Salbutamol", "2 × 100 µg", "Check-up"]) expect(text.includes(wanted), `${wanted} is missing`);
    await seen(page, `chart-${language}`);
  });
  await check(`results have a trend (${language})`, async () => {
    await open_chart(page, one.id, "results");
    await page.click("[data-code='http://loinc.org|2823-3'] .result-name");
    await visible(page, "[data-trend='3'] svg");
    expect((await page.textContent(".trend-said")).includes("4.10 mmol/L"), "the newest value is not said");
    await page.focus(".trend svg");
    await page.keyboard.press("Home");
    expect((await page.textContent(".trend-said")).includes("4.4 mmol/L"), "the first value is not said");
    await seen(page, `chart-results-${language}`);
  });
  await check(`documents are read (${language})`, async () => {
    await open_chart(page, one.id, "documents");
    await page.locator(".read-text").first().click();
    expect((await page.textContent(".document-text")).includes("春天复诊"), "the text is not there");
  });
  await check(`the timeline is newest first and goes by kind (${language})`, async () => {
    await open_chart(page, one.id, "timeline");
    await page.waitForSelector("[data-sight='loading']", { state: "detached" });
    const order = await page.$$eval(".timeline [data-resource]", (all) => all.map((each) => each.dataset.resource));
    const at = (name) => order.indexOf(name);
    expect(at(`Observation/${one.id}-k0`) >= 0 && at(`Observation/${one.id}-k0`) < at(`DocumentReference/${one.id}-note`) && at(`DocumentReference/${one.id}-note`) < at(`Condition/${one.id}-asthma`), `order: ${order}`);
    if (language === "en") {
      const stay = await (await visible(page, "[data-monitoring='m-1']")).textContent();
      expect(stay.includes("B1") && stay.includes("still") && stay.includes("3 h ago"), `the ward's monitoring: ${stay}`);
      await visible(page, ".timeline [data-alarm]");
      expect((await page.textContent(".timeline [data-alarm]")).includes("130"), "the alarm does not say its limit");
    }
    await seen(page, `chart-timeline-${language}`);
  });
}

async function writing(page, salus, language) {
  const one = people[language];
  await check(`a vital sign is added digit for digit, an impossible one is not (${language})`, async () => {
    await open_chart(page, one.id);
    await page.locator("[data-add='Observation']").first().click();
    await visible(page, ".record-form");
    await field(page, "field-value").fill("4000");
    await ok(page);
    expect(await until(async () => (await top(page).textContent()).includes(words[language].impossible), 5_000), "4000/min was taken");
    await seen(page, `chart-form-${language}`);
    await field(page, "field-value").fill("72.0");
    await ok(page);
    await gone(page);
    const added = await visible(page, "[data-latest='http://loinc.org|8867-4']");
    const text = await added.textContent();
    expect(text.includes("72.0 /min") && text.includes(words[language].heart), `shown: ${text}`);
    const stored = await fhir(salus, "GET", `/Observation?patient=Patient/${one.id}&code=8867-4`);
    expect(/"value":72\.0[,}]/.test(stored.text), "the digits were lost");
  });
  await check(`a problem, an allergy, a medication and a note are added (${language})`, async () => {
    for (const [kind, part, id, text] of [["Condition", "problems", "problem", "Migraine 偏头痛"], ["AllergyIntolerance", "problems", "substance", "Latex 乳胶"], ["MedicationRequest", "medications", "medication", "Ibuprofen 布洛芬"], ["DocumentReference", "documents", "title", "Ward round 查房"]]) {
      await open_chart(page, one.id, part);
      await page.locator(`[data-add='${kind}']`).first().click();
      await visible(page, ".record-form");
      await field(page, `field-${id}`).fill(text);
      if (kind === "DocumentReference") await field(page, "field-text").fill("Slept well. 睡眠良好。");
      await ok(page);
      await gone(page);
      await visible(page, `.chart .item:has-text("${text}")`);
    }
    expect(await until(async () => (await page.textContent("[data-allergies]")).includes("乳胶"), 5_000), "the new allergy is not in the head");
  });
}

async function meeting(page, salus, language) {
  const one = people[language];
  const path = `/Condition/${one.id}-asthma`;
  const edit = () => page.locator(`[data-resource="Condition/${one.id}-asthma"] .item-actions button`).first().click();
  await check(`two people at one problem: both are asked, nothing is lost (${language})`, async () => {
    await open_chart(page, one.id, "problems");
    await edit();
    await visible(page, ".record-form");
    const before = done(await fhir(salus, "GET", path));
    await field(page, "field-onset").fill("2018");
    await field(page, "field-note").fill("since school");
    const theirs = { ...before, onsetDateTime: "2017", severity: { text: "mild" }, clinicalStatus: { coding: [{ ...before.clinicalStatus.coding[0], code: "remission" }] } };
    done(await fhir(salus, "PUT", path, theirs));
    await ok(page);
    await visible(page, "[data-meeting]");
    expect((await page.getAttribute("[data-meeting-field='onset']", "data-conflict")) === "true", "the conflict is not seen");
    expect((await page.getAttribute("[data-meeting-field='clinical_status']", "data-conflict")) === "false", "what only they changed is asked");
    await ok(page);
    await visible(page, "[data-meeting] [role='alert']");
    await seen(page, `chart-meeting-${language}`);
    await page.locator("[data-meeting-field='onset'] label", { hasText: words[language].mine }).click();
    await ok(page);
    await gone(page);
    const now = done(await fhir(salus, "GET", path));
    expect(now.onsetDateTime === "2018" && now.note?.[0]?.text === "since school" && now.severity?.text === "mild" && now.clinicalStatus.coding[0].code === "remission", JSON.stringify(now));
  });
  await check(`who meets a deletion is told (${language})`, async () => {
    await open_chart(page, one.id, "problems");
    await edit();
    await visible(page, ".record-form");
    await field(page, "field-note").fill("gone?");
    await fhir(salus, "DELETE", path);
    await ok(page);
    await visible(page, ".refusal");
    await page.keyboard.press("Escape");
    await gone(page);
  });
}

async function versions(page, salus, language) {
  const one = people[language];
  await check(`an engineer sees versions, what changed, and how it stood (${language})`, async () => {
    await fhir(salus, "PUT", `/Observation/${one.id}-k0`, (await fhir(salus, "GET", `/Observation/${one.id}-k0`)).text.replace("4.10", "4.20"));
    await go(page, `/patients/${one.id}/raw/Observation/${one.id}-k0`, "[data-raw]");
    expect((await page.$$("[data-version]")).length === 2, "there are not two versions");
    await visible(page, "[data-difference='valueQuantity.value']");
    const text = await page.textContent("[data-difference='valueQuantity.value']");
    expect(text.includes("4.10") && text.includes("4.20"), `the difference: ${text}`);
    expect((await page.textContent("[data-raw]")).includes('"value": 4.20'), "the digits are not there");
    await seen(page, `chart-raw-${language}`);
    await page.locator("[data-version]").last().click();
    await visible(page, "[data-not-newest]");
    expect(await until(async () => (await page.textContent("[data-raw]"))?.includes('"value": 4.10'), 5_000), "the old version is not shown");
    await page.locator(".raw-choices input").fill("2001-01-01T00:00");
    await visible(page, "[data-as-of='none']");
  });
}

await run_story({ command: "serve", prepare }, async ({ salus, browser }) => {
  for (const language of ["en", "zh"]) {
    const page = await open_page(browser, salus.address, { language, width: 1280, height: 900 });
    await sign_in(page, salus.password);
    await finding(page, language);
    await reading(page, language);
    await writing(page, salus, language);
    await meeting(page, salus, language);
    await versions(page, salus, language);
    if (language === "en")
      await check("the bed leads to the chart and the chart to the bed", async () => {
        await open_chart(page, people.en.id);
        await page.click("[data-at-bed='m-1']");
        await page.click("[data-to-chart]");
        expect(await until(async () => (await names(page)).join() === people.en.shown, 5_000), "the bed's patient is not found");
      });
    await check(`no script complained (${language})`, async () => expect(page.complaints.length === 0, page.complaints.join("; ")));
    await page.context().close();
    const phone = await open_page(browser, salus.address, { language, theme: "light", width: 390, height: 844, touch: true });
    await check(`a phone and somebody who may only look (${language})`, async () => {
      await sign_in(phone, password, "looker");
      await go(phone, "/patients", "a[data-open]");
      await seen(phone, `phone-patients-${language}`);
      for (const part of ["", "results", "timeline", "problems", "documents"]) {
        await open_chart(phone, people[language].id, part);
        await phone.waitForSelector(".chart-part .items, .chart-part .quiet");
        await seen(phone, `phone-chart-${part || "summary"}-${language}`);
        expect((await phone.$$("[data-add]")).length === 0, "a viewer is offered to add");
      }
    });
    await phone.context().close();
  }
});
