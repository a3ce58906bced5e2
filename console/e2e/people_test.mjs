// Stations and the people who act at them, on the real server: pairing, acknowledging by keyboard with a PIN, what a station does
// not see, revoking. node e2e/people_test.mjs; SALUS_SCREENSHOTS: a folder for pictures of what was seen.
import { check, done, expect } from "./checks.mjs";
import { open_page, sign_in } from "./browser.mjs";
import { seen_whole as seen, visible } from "./dialogs.mjs";
import { PastDevice } from "./history.mjs";
import { until } from "./salus.mjs";
import { call, go, run_story } from "./story.mjs";

const pin = "271828";
const password = "correct horse battery";
const words = {
  en: { as_station: "This screen is a station", locked: "not right", over: "revoked" },
  zh: { as_station: "本屏幕是中央站", locked: "不正确", over: "已被撤销" },
};
const pin_dialog = ".pin-dialog";
const hidden = (page, selector) => page.waitForSelector(selector, { state: "hidden", timeout: 10_000 });

// Two wards with a bed each; a clinician with a PIN.
async function prepare(salus) {
  const devices = {};
  for (const [id, ward] of [["icu-1", "ICU"], ["ed-1", "ED"]]) {
    devices[id] = await PastDevice.create(salus, id, "B1", { id: `P-${id}`, label: id }, new Date().toISOString(), ward);
    await devices[id].numbers([{ t: Date.now(), hr: 70 }]);
  }
  done(await call(salus, "PUT", "/api/users/day.nurse", { display_name: "Day nurse", roles: ["clinician"], password }));
  const own = done(await call(salus, "POST", "/api/sessions", { user: "day.nurse", password })).token;
  done(await call(salus, "PUT", "/api/me/pin", { password, pin }, own));
  done(await call(salus, "PUT", "/api/limits", { code: "hr", priority: "high", low: 40, high: 130, delay_ms: 0, reason: "for this test" }));
  return { devices, end: () => Promise.all(Object.values(devices).map((one) => one.end())) };
}

async function pairing(browser, salus, language) {
  const made = done(await call(salus, "POST", "/api/stations", { name: `Desk ${language}`, ward: "ICU" }));
  const page = await open_page(browser, salus.address, { language, width: 1280, height: 800 });
  await check(`a screen becomes a station by its code (${language})`, async () => {
    await page.locator(".other-way", { hasText: words[language].as_station }).click();
    await page.fill("#code", "AAAAA-AAAAA");
    await page.keyboard.press("Enter");
    await visible(page, ".ant-alert-error");
    await seen(page, `station-pair-${language}`);
    await page.fill("#code", made.code.toLowerCase());
    await page.keyboard.press("Enter");
    await visible(page, ".sector");
    expect((await page.textContent(".top")).includes(`Desk ${language}`), "the station is not named");
    expect((await page.$$eval(".sector", (all) => all.map((one) => one.dataset.device))).join() === "icu-1", "it shows another ward");
    await seen(page, `station-ward-${language}`);
    await page.reload();
    await visible(page, ".sector");
  });
  return { page, id: made.id };
}

const high = async (salus, device) => (await call(salus, "GET", "/api/alarms?state=active")).body.items.find((one) => one.device === device.id && one.rule === "high" && one.state === "active");
async function high_alarm(page, salus, device) {
  await device.numbers([{ t: Date.now(), hr: 180 }]);
  const { id } = await until(() => high(salus, device), 10_000);
  await page.waitForSelector(`.sector .alarm-line[data-alarm="${id}"][data-provisional="no"]`); // durable: only then it can be acknowledged
  return id;
}
async function calm(page, device) {
  await device.numbers([{ t: Date.now(), hr: 70 }]);
  const over = () => page.evaluate(() => !document.querySelector(".sector .alarm-line")?.dataset.alarm);
  expect(await until(over, 20_000), "the alarm stays");
}
const alarm = async (salus, id) => (await call(salus, "GET", "/api/alarms?limit=100")).body.items.find((one) => one.id === id);

async function by_keyboard(page, salus, device, language) {
  await check(`A, a name, a PIN and Enter acknowledge (${language})`, async () => {
    const id = await high_alarm(page, salus, device);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("a");
    await visible(page, pin_dialog);
    await page.keyboard.press("Escape");
    await hidden(page, pin_dialog);
    expect((await alarm(salus, id)).acknowledged === null, "Escape acknowledged");
    await page.keyboard.press("a");
    await visible(page, `${pin_dialog} [data-pin='person']`);
    await page.keyboard.type("day.nurse");
    await page.keyboard.press("Enter"); // goes on to the PIN
    await page.keyboard.type("000001");
    await page.keyboard.press("Enter");
    await visible(page, `${pin_dialog} .refusal`);
    expect((await page.textContent(pin_dialog)).includes(words[language].locked), "the refusal is not said");
    await seen(page, `pin-refused-${language}`);
    await page.keyboard.type("day.nurse");
    await page.keyboard.press("Enter");
    await page.keyboard.type(pin);
    await page.keyboard.press("Enter");
    expect(await until(async () => (await alarm(salus, id)).acknowledged?.by === "day.nurse", 10_000), "it is not acknowledged by her");
    const event = await until(async () => done(await call(salus, "GET", "/api/audit?limit=5")).items.find((one) => one.action === "alarm_acknowledged" && one.outcome === "ok"), 5_000);
    expect(event?.actor === "day.nurse" && event.station.startsWith("desk-"), `the audit says ${JSON.stringify(event)}`);
  });
  await check(`the next time digits alone do (${language})`, async () => {
    await calm(page, device);
    const id = await high_alarm(page, salus, device);
    await page.keyboard.press("a");
    await visible(page, `${pin_dialog} [aria-checked='true']`);
    expect((await page.textContent(`${pin_dialog} [aria-checked='true']`)).includes("DN"), "her initials are not chosen");
    await seen(page, `pin-${language}`);
    await page.keyboard.type(pin);
    await page.keyboard.press("Enter");
    expect(await until(async () => (await alarm(salus, id)).acknowledged?.by === "day.nurse", 10_000), "it is not acknowledged");
    await calm(page, device);
  });
}

async function called(browser, salus, device, language) {
  await check(`an alarm that nobody accepts calls a person on whatever page is open (${language})`, async () => {
    done(await call(salus, "PUT", "/api/escalation", { ward: "ICU", steps: [{ to: "user:day.nurse", high_s: 1, medium_s: 0 }], reason: "nights" }));
    const page = await open_page(browser, salus.address, { language, width: language === "en" ? 1280 : 390, height: 844 });
    await sign_in(page, password, "day.nurse");
    await device.numbers([{ t: Date.now(), hr: 180 }]);
    const { id } = await until(() => high(salus, device), 10_000);
    expect(await until(async () => (await alarm(salus, id)).delivered?.to === "day.nurse", 10_000), "the screen that shows it did not say so");
    await go(page, "/limits", ".page");
    await visible(page, `.call[data-alarm="${id}"][data-step="1"]`);
    await seen(page, `call-${language}`);
    await page.click(`.call[data-alarm="${id}"] button`);
    expect(await until(async () => (await alarm(salus, id)).acknowledged?.by === "day.nurse", 10_000), "it is not acknowledged");
    await hidden(page, `.call[data-alarm="${id}"]`);
    await device.numbers([{ t: Date.now(), hr: 70 }]);
    expect(await until(async () => !(await alarm(salus, id)) || (await alarm(salus, id)).state === "ended", 20_000), "the alarm stays");
    await go(page, "/escalation", ".rota");
    await seen(page, `escalation-${language}`);
    expect(page.complaints.length === 0, page.complaints.join("; "));
    await page.context().close();
  });
}

async function rotas(page, salus) {
  await check("a rota is set with its reason, and kept with who set it", async () => {
    await go(page, "/escalation", ".page-head .ant-btn-primary");
    await page.locator(".page-head .ant-btn-primary").click();
    await page.locator(".ant-modal #ward").fill("ED");
    await page.locator(".ant-modal #reason").fill("as agreed");
    await seen(page, "rota-dialog");
    await page.locator(".ant-modal-footer .ant-btn-primary").click();
    await hidden(page, ".ant-modal");
    const rota = done(await call(salus, "GET", "/api/escalation")).items.find((one) => one.ward === "ED");
    expect(rota?.steps[0].to === "role:clinician" && rota.by === "admin" && rota.reason === "as agreed", `it is ${JSON.stringify(rota)}`);
    await visible(page, ".ant-table-row:has-text('as agreed')");
  });
}

async function administers(browser, salus) {
  const page = await open_page(browser, salus.address, { width: 1280, height: 800 });
  await sign_in(page, salus.password);
  await check("an administrator makes a station and reads its code once", async () => {
    await go(page, "/stations", ".page-head .ant-btn-primary");
    await page.locator(".page-head .ant-btn-primary").click();
    await page.locator(".ant-modal #name").fill("Corridor");
    await page.locator(".ant-modal #ward").fill("ED");
    await page.keyboard.press("Enter");
    const code = await (await visible(page, ".pairing-code")).textContent();
    expect(/^[0-9A-Z]{5}-[0-9A-Z]{5}$/.test(code), `the code is ${code}`);
    await seen(page, "station-code");
    await page.locator(".ant-modal-confirm-btns button").click();
    await hidden(page, ".pairing-code");
    expect((await page.textContent("main")).includes("Corridor"), "it is not listed");
    await seen(page, "stations");
  });
  await check("a person sets a PIN", async () => {
    await page.locator(".own").click();
    await page.locator(".ant-dropdown-menu-item", { hasText: "Set PIN" }).click();
    await page.locator(".ant-modal #password").fill(salus.password);
    await page.locator(".ant-modal #pin").fill("1234");
    await page.locator(".ant-modal #again").fill("1234");
    await page.keyboard.press("Enter");
    await visible(page, ".ant-modal .refusal");
    await page.locator(".ant-modal #pin").fill("314159");
    await page.locator(".ant-modal #again").fill("314159");
    await seen(page, "pin-set");
    await page.keyboard.press("Enter");
    await hidden(page, ".ant-modal");
    const own = done(await call(salus, "GET", "/api/sessions/current"));
    expect(own.pin === "set", `it is ${own.pin}`);
  });
  return page;
}

await run_story({ command: "serve", prepare }, async ({ salus, browser, prepared }) => {
  for (const language of ["en", "zh"]) {
    const { page, id } = await pairing(browser, salus, language);
    await by_keyboard(page, salus, prepared.devices["icu-1"], language);
    await check(`a revoked station is out at once and says why (${language})`, async () => {
      done(await call(salus, "DELETE", `/api/stations/${id}`));
      await visible(page, ".sign-in");
      expect((await page.textContent(".sign-in")).includes(words[language].over), "it is not said");
      expect(page.complaints.length === 0, page.complaints.join("; "));
    });
    await page.context().close();
  }
  for (const language of ["en", "zh"]) await called(browser, salus, prepared.devices["icu-1"], language);
  const page = await administers(browser, salus);
  await rotas(page, salus);
  await check("no script complained", async () => expect(page.complaints.length === 0, page.complaints.join("; ")));
});
