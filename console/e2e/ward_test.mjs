// The ward in a real browser on the real server: node e2e/ward_test.mjs. One line a case, exit code 1 when one failed.
// SALUS_SCREENSHOTS: a folder for pictures of what was seen.
import { check, expect } from "./checks.mjs";
import { fits, open_page, picture, sign_in } from "./browser.mjs";
import { pause, until } from "./salus.mjs";
import { run_story } from "./story.mjs";

const pixels = (page, code) => page.$eval(`.sector canvas[data-wave="${code}"]`, (canvas) => canvas.toDataURL());
const numbers = (page) => page.$$eval(".number-value", (all) => all.map((one) => one.textContent).join(" "));
const banner = (page) => page.$(".server-silent");
const words = {
  en: { ward: "Ward", alarms: "Alarms", silent: "Server silent since", wrong: "not right" },
  zh: { ward: "病区", alarms: "报警", silent: "服务器自", wrong: "不正确" },
};

const alarm_wait_ms = 90_000;
const unanswered = '.sector .alarm-line[data-alarm]:not([data-alarm=""])[data-acknowledged="no"]';

async function is_acknowledged(salus, device, id) {
  const answer = await fetch(`${salus.addresses.http}/api/alarms?device=${device}`, { headers: { Authorization: `Bearer ${salus.addresses.admin_token}` } });
  return (await answer.json()).items.some((one) => one.id === id && one.acknowledged !== null);
}

// Goes to the sector of an unanswered alarm with the arrows and presses A. Alarms may end by themselves meanwhile, so the
// next one is tried until the time is over. A sector with several alarms shows the next unanswered one then.
async function acknowledge_by_keyboard(page, salus) {
  const end = Date.now() + alarm_wait_ms;
  while (Date.now() < end) {
    const line = await page.waitForSelector(unanswered, { timeout: end - Date.now() });
    const id = await line.getAttribute("data-alarm");
    const device = await line.evaluate((element) => element.closest(".sector")?.dataset.device);
    for (let i = 0; i < 64; ++i) {
      if (await page.$(`.sector.chosen[data-device="${device}"]`)) break;
      await page.keyboard.press("ArrowRight");
    }
    await page.waitForSelector(`.alarm-line[data-alarm="${id}"][data-provisional="no"]`); // durable: only then it can be acknowledged
    await page.keyboard.press("a");
    const gone = () => page.$(`.alarm-line[data-alarm="${id}"][data-acknowledged="no"]`).then((found) => found === null);
    if (await until(async () => (await is_acknowledged(salus, device, id)) && (await gone()), 3_000)) return;
  }
  throw new Error("no alarm could be acknowledged in time");
}

async function story(browser, salus, language) {
  const page = await open_page(browser, salus.address, { language });
  const say = (name) => `${name} (${language})`;
  const word = words[language];

  await check(say("a wrong password is refused in words"), async () => {
    await page.fill('input[autocomplete="username"]', "admin");
    await page.fill('input[autocomplete="current-password"]', "certainly-not-this");
    await page.click('button[type="submit"]');
    const alert = await page.waitForSelector(".ant-alert-error", { timeout: 10_000 });
    expect((await alert.textContent()).includes(word.wrong), "the refusal does not say what was wrong");
    await picture(page, `sign-in-${language}`);
  });
  await check(say("signs in and shows sixteen beds"), async () => {
    await sign_in(page, salus.password);
    expect(await until(async () => (await page.$$(".sector")).length === 16, 10_000), "there are not sixteen sectors");
    expect((await page.textContent(".top")).includes(word.ward), "the language is not the browser's");
  });
  await check(say("ECG and pleth move"), async () => {
    await pause(3_000);
    for (const code of ["ecg_ii", "pleth"]) {
      const before = await pixels(page, code);
      expect(await until(async () => (await pixels(page, code)) !== before, 3_000), `${code} stands still`);
    }
  });
  await check(say("numbers change"), async () => {
    const before = await numbers(page);
    expect(/\d/.test(before), "there is no number");
    expect(await until(async () => (await numbers(page)) !== before, 20_000), "the numbers stand still");
  });
  await check(say("an alarm appears within 90 s"), async () => {
    await page.waitForSelector(".alarm-banner .alarm-chip", { timeout: alarm_wait_ms });
    await picture(page, `ward-${language}`);
  });
  await check(say("A acknowledges the chosen bed's alarm"), () => acknowledge_by_keyboard(page, salus));
  await check(say("Enter opens the bed"), async () => {
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".bed-page .lane canvas");
    await pause(500);
    await picture(page, `bed-${language}`);
    await page.keyboard.press("Escape");
    await page.waitForSelector(".sector.chosen");
  });
  await check(say("a killed server is said to be silent"), async () => {
    await salus.kill();
    const killed = Date.now();
    expect(await until(() => banner(page), 4_000), "no banner within 4 s");
    expect((await page.textContent(".server-silent")).includes(word.silent), "the banner does not say since when");
    expect(Date.now() - killed > 1_000, "the banner came before the server was silent");
    await picture(page, `silent-${language}`);
  });
  await check(say("the ward recovers when the server is back"), async () => {
    await salus.run();
    expect(await until(async () => !(await banner(page)), 20_000), "the banner stays");
    const before = await pixels(page, "ecg_ii");
    expect(await until(async () => (await pixels(page, "ecg_ii")) !== before, 10_000), "the ECG stands still");
    expect((await page.$$(".sector")).length === 16, "there are not sixteen sectors");
  });
  await check(say("alarms and devices have rows"), async () => {
    await page.click('a[href="/alarms"]');
    await page.click(".ant-segmented-item:last-child");
    await page.waitForSelector(".ant-table-row", { timeout: 10_000 });
    await picture(page, `alarms-${language}`);
    await page.click('a[href="/devices"]');
    await page.waitForSelector(".ant-table-row", { timeout: 10_000 });
    await picture(page, `devices-${language}`);
  });
  await check(say("no script complained"), async () => expect(page.complaints.length === 0, page.complaints.join("; ")));
  await page.context().close();
}

async function widths(browser, salus) {
  for (const [width, height] of [[1920, 1080], [1280, 800], [390, 844]]) {
    await check(`nothing is cut off at ${width} px`, async () => {
      const page = await open_page(browser, salus.address, { width, height });
      expect(await fits(page), "the sign-in page scrolls sideways");
      await sign_in(page, salus.password);
      await pause(6_000);
      expect(await fits(page), "the ward scrolls sideways");
      await picture(page, `ward-${width}`);
      for (const place of ["alarms", "devices", "limits", "users", "audit", "status"]) {
        await page.goto(`${salus.address}/${place}`);
        await page.waitForSelector(".page .ant-table, .page .ant-descriptions, .page [data-sight='empty']", { timeout: 10_000 });
        expect(await fits(page), `/${place} scrolls sideways`);
        await picture(page, `${place}-${width}`);
      }
      expect(page.complaints.length === 0, page.complaints.join("; "));
      await page.context().close();
    });
  }
}

await run_story({}, async ({ salus, browser }) => {
  await story(browser, salus, "en");
  await story(browser, salus, "zh");
  await widths(browser, salus);
});
