// The central station without a server. What is heard, measured: each burst is rendered by Chromium's own audio and its pulses are found in the samples. Then what the
// screen says about its sound, and what the ward does at 16 and 64 beds, when numbers stop and when the feed stops.
import { build } from "esbuild";
import { check, expect } from "./checks.mjs";
import { fits, open_page, picture, sign_in } from "./browser.mjs";
import { low_contrast } from "./contrast.mjs";
import { ModelWard } from "./model_ward.mjs";
import { until } from "./salus.mjs";
import { run_story } from "./story.mjs";

let browser;
const { outputFiles } = await build({ entryPoints: [new URL("../src/sound/bursts.ts", import.meta.url).pathname], bundle: true, write: false, format: "iife", globalName: "salus_sound" });

// Pulses of the rendered burst: [begin, end] in ms, where the signal's envelope passes a tenth of full scale's part.
async function rendered(page, priority) {
  return page.evaluate(async (which) => {
    const { bursts, burst_ms, schedule_burst } = window.salus_sound;
    const rate = 48_000;
    const context = new OfflineAudioContext(1, Math.ceil(((burst_ms(bursts[which]) + 300) / 1000) * rate), rate);
    schedule_burst(context, bursts[which], 0.1);
    const samples = (await context.startRendering()).getChannelData(0);
    const pulses = [];
    const hold = rate / 50; // a silence of 20 ms ends a pulse
    let begin = -1;
    let last = -1;
    let peak = 0;
    for (let i = 0; i <= samples.length; ++i) {
      const loud = i < samples.length && Math.abs(samples[i]) > 0.03;
      if (i < samples.length) peak = Math.max(peak, Math.abs(samples[i]));
      if (loud && begin < 0) begin = i;
      if (loud) last = i;
      if (begin >= 0 && i - last > hold) {
        pulses.push([((begin / rate) - 0.1) * 1000, ((last / rate) - 0.1) * 1000]);
        begin = -1;
      }
    }
    // Power at the fundamental and its multiples in the first pulse, by Goertzel.
    const { tone_hz, pulse_ms, rise_ms } = bursts[which];
    const from = Math.floor((0.1 + rise_ms / 1000) * rate);
    const count = Math.floor(((pulse_ms - 2 * rise_ms) / 1000) * rate);
    const level = (hz) => {
      let re = 0;
      let im = 0;
      for (let i = 0; i < count; ++i) {
        const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / count);
        re += samples[from + i] * window * Math.cos((2 * Math.PI * hz * i) / rate);
        im += samples[from + i] * window * Math.sin((2 * Math.PI * hz * i) / rate);
      }
      return 20 * Math.log10(Math.hypot(re, im));
    };
    const first = level(tone_hz);
    return { pulses, peak, tone_hz, levels: [1, 2, 3, 4, 5].map((k) => [k * tone_hz, level(k * tone_hz) - first]), between: level(tone_hz * 1.5) - first };
  }, priority);
}

const near = (got, wanted, what) => expect(Math.abs(got - wanted) < 12, `${what} is ${got.toFixed(1)} ms, not ${wanted}`);
async function tones() {
  const page = await (await browser.newContext()).newPage();
  await page.addScriptTag({ content: outputFiles[0].text });
  const x = 100;
  const wanted = {
    high: { pulse: 150, gaps: [x, x, 2 * x + 150, x, 600, x, x, 2 * x + 150, x] },
    medium: { pulse: 200, gaps: [200, 200] },
    low: { pulse: 200, gaps: [200] },
  };
  for (const [priority, { pulse, gaps }] of Object.entries(wanted))
    await check(`the ${priority} burst has ${gaps.length + 1} pulses where the standard puts them`, async () => {
      const { pulses, peak, levels, between } = await rendered(page, priority);
      expect(pulses.length === gaps.length + 1, `${pulses.length} pulses were heard`);
      pulses.forEach(([begin, end], i) => near(end - begin, pulse, `pulse ${i + 1}`));
      gaps.forEach((gap, i) => near(pulses[i + 1][0] - pulses[i][1], gap, `the gap after pulse ${i + 1}`));
      expect(peak > 0.2 && peak < 1, `the peak is ${peak}`);
      const heard = levels.filter(([hz, db]) => hz >= 300 && hz <= 4000 && Math.abs(db) <= 15);
      expect(heard.length >= 4, `components: ${levels.map(([hz, db]) => `${hz} Hz ${db.toFixed(1)} dB`).join(", ")}`);
      expect(between < -30, "there is as much between the components as in them");
    });
  await page.context().close();
}

const state = (page) => page.evaluate(() => document.querySelector(".sound-bar")?.dataset.sound ?? "on");
const becomes = async (page, wanted) => {
  if (!(await until(async () => (await state(page)) === wanted, 4_000))) throw new Error(`the sound is ${await state(page)}, not ${wanted}`);
};
async function spoken() {
  const ward = await new ModelWard({ beds: 4, alarm: (n) => (n === 2 ? "medium" : null) }).start();
  const page = await open_page(browser, ward.address);
  // What the page gives to the loudspeaker.
  await page.addInitScript(() => {
    window.started = [];
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...rest) {
      window.started.push({ at: performance.now(), hz: this.frequency.value });
      return start.apply(this, rest);
    };
  });
  await page.reload();
  await check("the screen says that it is silent until somebody has heard the test tone", async () => {
    await sign_in(page, "any");
    await becomes(page, "unconfirmed");
    await picture(page, "sound-unconfirmed");
    expect((await low_contrast(page)).length === 0, "its words are hard to read");
    await page.click(".sound-bar button");
    await page.waitForSelector(".ant-modal-confirm");
    expect(await until(() => page.evaluate(() => window.started.length > 0), 3_000), "no tone was played");
    await page.click(".ant-modal-confirm .ant-btn:not(.ant-btn-primary)");
    await becomes(page, "unconfirmed");
    await page.waitForSelector(".ant-modal-confirm", { state: "detached" });
    await page.click(".sound-bar button");
    await page.click(".ant-modal-confirm .ant-btn-primary");
    await becomes(page, "on");
  });
  await check("an unanswered alarm of medium priority sounds with its own tone", async () => {
    await page.evaluate(() => (window.started = []));
    expect(await until(() => page.evaluate(() => window.started.some((one) => one.hz === 440)), 16_000), "it does not sound");
  });
  await check("a more urgent alarm cuts in at once", async () => {
    await page.evaluate(() => (window.started = []));
    ward.say({ type: "alarm", alarm: { ...ward.alarms(2, Date.now())[0], id: "a-x", priority: "high" } });
    expect(await until(() => page.evaluate(() => window.started.some((one) => one.hz === 523)), 2_000), "it waits its turn");
  });
  await check("P pauses the sound for two minutes, counts down in sight, and P again ends it", async () => {
    await page.keyboard.press("p");
    await becomes(page, "paused");
    expect(/1:5\d|2:00/.test(await page.textContent(".sound-bar")), `it says ${await page.textContent(".sound-bar")}`);
    await picture(page, "sound-paused");
    const before = await page.evaluate(() => window.started.length);
    await page.waitForTimeout(6_000);
    expect((await page.evaluate(() => window.started.length)) === before, "it sounds while paused");
    await page.keyboard.press("p");
    await becomes(page, "on");
    expect(await until(() => page.evaluate((count) => window.started.length > count, before), 3_000), "it stays silent");
  });
  await check("a suspended audio is said, and the next key ends it", async () => {
    await page.reload();
    await page.waitForSelector(".sector");
    const said = await state(page);
    expect(said === "suspended", `after a reload the sound is ${said}`);
    await page.keyboard.press("ArrowRight");
    await becomes(page, "on");
  });
  await check("numbers that stop turn grey, then ---; a feed that stops is said within 3 s", async () => {
    ward.numbers = false;
    expect(await until(() => page.$(".number.stale[data-code='hr']"), 5_000), "no number is grey");
    expect(await until(async () => (await page.textContent(".sector .number[data-code='hr'] .number-value")) === "---", 33_000), "old numbers stay");
    ward.speaking = false;
    const stopped = Date.now();
    expect(await until(() => page.$(".server-silent"), 4_000, 20), "silence is not said");
    console.log(`  silence was said ${Date.now() - stopped} ms after the last call to speak`);
    await picture(page, "sound-silent");
    ward.speaking = ward.numbers = true;
    await page.waitForSelector(".server-silent", { state: "detached" });
  });
  await check("no script complained", async () => expect(page.complaints.length === 0, page.complaints.join("; ")));
  await page.context().close();
  ward.end();
}

async function sizes() {
  const row = { code: "hr", unit: "/min", low: 40, high: 130, priority: "high", delay_ms: 5000, hysteresis: 2, enabled: false, by: "lee", reason: "paced", set: "2026-11-21T08:00:00Z" };
  for (const [beds, kind, waves, columns] of [[16, "large", 2, 4], [20, "small", 1, 5], [64, "small", 1, 8]])
    await check(`${beds} beds fill 1920 x 1080 with ${waves} wave(s) each, nothing cut off, limits that are off marked`, async () => {
      const priorities = ["high", "medium", "low"];
      const ward = await new ModelWard({ beds, alarm: (n) => (n % 9 === 0 ? priorities[(n / 9) % 3] : null), limits_off: { "m-2": [row] } }).start();
      const page = await open_page(browser, ward.address);
      await sign_in(page, "any");
      await page.waitForTimeout(8_000);
      await picture(page, `ward-${beds}`);
      const seen = await page.$$eval(".sector", (all) =>
        all.map((one) => ({
          bottom: one.getBoundingClientRect().bottom, waves: one.querySelectorAll("canvas").length, small: one.classList.contains("small"), top: one.getBoundingClientRect().top,
          cut: [...one.querySelectorAll(".number-value, .bed, .news2")].some((part) => {
            const ink = document.createRange();  // of the digits, which may be wider than their box
            ink.selectNodeContents(part);
            return ink.getBoundingClientRect().right > one.getBoundingClientRect().right || ink.getBoundingClientRect().bottom > one.getBoundingClientRect().bottom;
          }),
          hundreds: [...one.querySelectorAll(".number[data-code='hr'] .number-value")].some((part) => part.textContent.length === 3),
        })),
      );
      expect(seen.length === beds && seen.every((one) => one.waves === waves && one.small === (kind === "small")), "sectors or waves are not what they should be");
      expect(seen.filter((one) => one.top === seen[0].top).length === columns, "they do not stand in rows of the right length");
      expect(seen.every((one) => one.bottom <= 1080), "some are out of sight");
      expect(seen.some((one) => one.hundreds), "no rate has three digits");
      expect(seen.every((one) => !one.cut), `cut off: ${seen.filter((one) => one.cut).length}`);
      expect((await page.getAttribute(".sector[data-device='m-2'] .limits-off", "title")).includes("lee"), "who switched the limit off is not said");
      expect((await low_contrast(page)).length === 0, (await low_contrast(page)).join(" | "));
      expect(await fits(page), "it scrolls sideways");
      await page.context().close();
      ward.end();
    });
  await check("night dims all but alarms, names can be shown and hidden, the density is the user's", async () => {
    const ward = await new ModelWard({ beds: 6, waves: ["ecg_ii", "pleth", "resp"], alarm: (n) => (n === 2 ? "medium" : null) }).start();
    const page = await open_page(browser, ward.address, { width: 1280, height: 800 });
    await sign_in(page, "any");
    expect((await page.textContent(".sector .patient")).startsWith("S••"), "the name is not masked");
    await page.click(".view-button");
    const choose = (text) => page.locator(".view-choices .ant-segmented-item", { hasText: text }).click();
    await choose("In full");
    expect(await until(async () => (await page.textContent(".sector .patient")).startsWith("SIM 1001"), 3_000), "the name is not shown");
    await choose("Hidden");
    expect(await until(async () => (await page.textContent(".sector .patient")).startsWith("•••"), 3_000), "the name is not hidden");
    await choose("64");
    expect(await until(() => page.$(".sector.small"), 3_000), "the sectors stay large");
    await choose("16");
    const colour = (selector) => page.$eval(selector, (one) => getComputedStyle(one).color);
    const bright = await colour(".sector[data-device='m-1'] .number.hr");
    await page.click("#night");
    expect(await until(async () => (await colour(".sector[data-device='m-1'] .number.hr")) !== bright, 3_000), "nothing is dimmed");
    await page.keyboard.press("Escape");
    await page.waitForTimeout(3_000);
    await picture(page, "ward-night");
    expect((await low_contrast(page)).length === 0, (await low_contrast(page)).join(" | "));
    await page.context().close();
    ward.end();
  });
}

await run_story({ command: null }, async (told) => {
  browser = told.browser;
  await tones();
  await sizes();
  await spoken();
});
