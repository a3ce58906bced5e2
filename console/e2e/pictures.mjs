// Makes the pictures of docs/images anew: node e2e/pictures.mjs. The ward is the demo's, on the real server; sixteen and
// sixty-four beds are the model's (model_ward.mjs), because the demo has eight.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { open_browser, open_page, sign_in } from "./browser.mjs";
import { ModelWard } from "./model_ward.mjs";
import { Salus } from "./salus.mjs";

const folder = join(dirname(fileURLToPath(import.meta.url)), "../../docs/images");
const take = (page, name) => page.screenshot({ path: join(folder, `${name}.png`) });

async function hear_the_tone(page) {
  await page.click(".sound-bar button");
  await page.click(".ant-modal-confirm .ant-btn-primary");
  await page.waitForSelector(".ant-modal-confirm", { state: "detached" });
  await page.waitForSelector(".sound-bar", { state: "detached" });
}

const browser = await open_browser();
const salus = await Salus.start();
try {
  for (const [name, options] of [["ward", {}], ["ward-zh", { language: "zh" }], ["ward-phone", { width: 390, height: 844 }]]) {
    const page = await open_page(browser, salus.address, options);
    await sign_in(page, salus.password);
    await hear_the_tone(page);
    await page.waitForSelector(".alarm-banner .alarm-chip", { timeout: 90_000 });
    await page.waitForTimeout(8_000);
    await take(page, name);
    if (name === "ward") {
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("Enter");
      await page.waitForSelector(".ant-drawer .trend canvas");
      await page.waitForTimeout(1_500);
      await take(page, "bed");
    }
    await page.context().close();
  }
} finally {
  await salus.end();
}
const priorities = ["high", "medium", "low"];
for (const [name, beds, night] of [["station-16", 16, false], ["station-64", 64, false], ["station-night", 16, true]]) {
  const ward = await new ModelWard({ beds, alarm: (n) => (n % 9 === 0 ? priorities[(n / 9) % 3] : null) }).start();
  const page = await open_page(browser, ward.address);
  await page.evaluate((dark) => localStorage.setItem("salus.view", JSON.stringify({ night: dark })), night);
  await page.reload();
  await sign_in(page, "any");
  await hear_the_tone(page);
  await page.waitForTimeout(10_000);
  await take(page, name);
  await page.context().close();
  ward.end();
}
await browser.close();
