// How evenly the ward is drawn: 16 sectors with two waves and 64 with one, a minute each (SECONDS: another time), in Chromium
// at 1920 x 1080. Prints the share of frames that took more than 33 ms; asserts nothing.
import { cpus } from "node:os";
import { open_browser, open_page, sign_in } from "./browser.mjs";
import { ModelWard } from "./model_ward.mjs";

const seconds = Number(process.env.SECONDS ?? 60);
const browser = await open_browser();
console.log(`Chromium ${browser.version()}, drawn by the processor (no GPU), ${cpus().length} cores, which also send the data`);
for (const [beds, density, waves] of [[16, "large", ["ecg_ii", "pleth"]], [64, "small", ["ecg_ii"]]]) {
  const ward = await new ModelWard({ beds, waves, alarm: (n) => (n === 3 ? "high" : null) }).start();
  const page = await open_page(browser, ward.address);
  await page.evaluate((chosen) => localStorage.setItem("salus.view", JSON.stringify({ density: chosen })), density);
  await page.reload();
  await sign_in(page, "any");
  await page.waitForTimeout(8_000);
  const frames = await page.evaluate(
    (ms) =>
      new Promise((done) => {
        const took = [];
        let last = performance.now();
        const end = last + ms;
        const step = (now) => {
          took.push(now - last);
          last = now;
          if (now < end) requestAnimationFrame(step);
          else done(took);
        };
        requestAnimationFrame((now) => ((last = now), requestAnimationFrame(step)));
      }),
    seconds * 1000,
  );
  const sorted = [...frames].sort((a, b) => a - b);
  const long = frames.filter((ms) => ms > 33.4).length;
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(1);
  console.log(
    `${beds} sectors, ${waves.length} wave(s): ${frames.length} frames in ${seconds} s (${(frames.length / seconds).toFixed(1)}/s), ` +
      `${long} over 33 ms (${((100 * long) / frames.length).toFixed(2)} %), median ${at(0.5)}, p99 ${at(0.99)}, longest ${at(1)} ms`,
  );
  await page.context().close();
  ward.end();
}
await browser.close();
