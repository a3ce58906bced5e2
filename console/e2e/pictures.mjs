// Makes the pictures of docs/images anew: node e2e/pictures.mjs [RECORD...]. The ward is the demo's; sixty-four beds are
// `salus sim`'s; with records, as `salus replay` takes them, a ward of their recordings as well. All on the real server.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { open_browser, open_page, sign_in } from "./browser.mjs";
import { pause, Salus } from "./salus.mjs";

const folder = join(dirname(fileURLToPath(import.meta.url)), "../../docs/images");
const take = (page, name) => page.screenshot({ path: join(folder, `${name}.png`) });
const alarm_ms_max = 120_000;

async function hear_the_tone(page) {
  await page.click(".sound-bar button");
  await page.click(".ant-modal-confirm .ant-btn-primary");
  await page.waitForSelector(".ant-modal-confirm", { state: "detached" });
  await page.waitForSelector(".sound-bar", { state: "detached" });
}

// The ward as somebody sees it who has signed in and heard the tone, once there is an alarm.
async function watch(browser, salus, options = {}, view = {}) {
  const page = await open_page(browser, salus.address, options);
  await page.evaluate((chosen) => localStorage.setItem("salus.view", JSON.stringify(chosen)), view);
  await page.reload();
  await sign_in(page, salus.password);
  await hear_the_tone(page);
  await page.waitForSelector(".alarm-banner .alarm-chip", { timeout: alarm_ms_max });
  await page.waitForTimeout(8_000);
  return page;
}

async function demo(browser) {
  const salus = await Salus.start();
  const ways = [["ward"], ["ward-zh", { language: "zh" }], ["ward-phone", { width: 390, height: 844 }], ["station-night", {}, { night: true }]];
  try {
    for (const [name, options, view] of ways) {
      const page = await watch(browser, salus, options, view);
      await take(page, name);
      if (name === "ward") {
        await page.keyboard.press("ArrowRight");
        await page.keyboard.press("Enter");
        await page.waitForSelector(".bed-page .lane canvas");
        await page.waitForTimeout(1_500);
        await take(page, "bed");
      }
      await page.context().close();
    }
  } finally {
    await salus.end();
  }
}

// A server of its own whose devices are another command's.
async function played(browser, name, command) {
  const salus = await Salus.start("serve");
  const stop = salus.play(command);
  try {
    await pause(5_000); // the first devices are there
    const page = await watch(browser, salus);
    await page.waitForTimeout(10_000);
    await take(page, name);
    await page.context().close();
  } finally {
    await stop();
    await salus.end();
  }
}

const browser = await open_browser();
const scenarios = ["healthy", "healthy", "desaturation", "healthy", "tachycardia", "healthy", "healthy", "probe-off", "healthy"];
await demo(browser);
await played(browser, "station-64", ["sim", "--beds", "64", ...scenarios.flatMap((one) => ["--scenario", one])]);
const records = process.argv.slice(2);
if (records.length > 0) await played(browser, "replay", ["replay", "--loop", ...records]);
await browser.close();
