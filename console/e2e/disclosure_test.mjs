// Full disclosure, calipers and the printed strip in a real browser on the real server: node e2e/disclosure_test.mjs.
import { check, expect } from "./checks.mjs";
import { fits, open_page, picture, sign_in } from "./browser.mjs";
import { low_contrast } from "./contrast.mjs";
import { PastDevice } from "./history.mjs";
import { read_pdf } from "./pdf.mjs";
import { pause, until } from "./salus.mjs";
import { run_story } from "./story.mjs";

const zone = "Europe/Berlin"; // its clock shows the hour from 02:00 twice on 2026-10-25
const id = "past-2";
const first_half_past_two = Date.parse("2026-10-25T00:30:00Z");
const second_half_past_two = Date.parse("2026-10-25T01:30:00Z");
const minute = 60_000;
const label = "Anna Berg";
const px_per_mm = 96 / 25.4;

// A beat each second, its peak of 1 mV 300 ms after it begins.
const bump = (phase, at, width, height) => height * Math.exp(-(((phase - at) / width) ** 2));
const ecg = (t) => bump((t % 1000) / 1000, 0.3, 0.012, 1) + bump((t % 1000) / 1000, 0.6, 0.05, 0.25);
// Half a minute before both half-past-twos to one and a half after, but for twenty seconds.
async function write_past(salus) {
  const device = await PastDevice.create(salus, id, "P2", { id: "P-10", label });
  for (const at of [first_half_past_two, second_half_past_two]) {
    await device.wave("ecg_ii", 250, at - minute, at + minute, ecg);
    await device.wave("ecg_ii", 250, at + minute + 20_000, at + 2 * minute, ecg);
  }
  return device;
}

const at_of = async (page) => Number(await page.getAttribute(".chosen-strip", "data-at"));
const rows_ready = (page) => until(async () => (await page.getAttribute(".wave-rows", "data-loading")) === "ready", 10_000);
const strip_ready = (page, samples) => until(async () => Number(await page.getAttribute(".strip-paper", "data-loaded")) === samples, 8_000);
const value = (page, name) => page.textContent(`[data-value=${name}]`);
async function open(page, salus, at) {
  await page.goto(`${salus.address}/bed/${id}/waves?at=${new Date(at).toISOString()}`);
  await page.waitForSelector(".wave-rows");
  expect(await rows_ready(page), "the lines were not loaded");
}
// Pixels in the wave's colour on a part of a line.
const drawn = (page, time_ms, length_ms) =>
  page.$eval(".wave-rows", (canvas, [time, length]) => {
    const ratio = canvas.width / canvas.clientWidth;
    const row_ms = Number(canvas.dataset.rowMs);
    const row = Math.floor((time - Number(canvas.dataset.start)) / row_ms);
    const x_of = (t) => 78 + ((t - Number(canvas.dataset.start) - row * row_ms) / row_ms) * (canvas.clientWidth - 78);
    const { data } = canvas.getContext("2d").getImageData(x_of(time) * ratio, row * 48 * ratio, (x_of(time + length) - x_of(time)) * ratio, 46 * ratio);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) if (data[i + 1] > data[i] + 60 && data[i + 1] > data[i + 2] + 30) ++count;
    return count;
  }, [time_ms, length_ms]);

const words = {
  en: { filters: "Filters: none", simulated: "Simulated data", lead: "ECG" },
  zh: { filters: "滤波：无", simulated: "模拟数据", lead: "心电" },
};

async function story(browser, salus, language) {
  const page = await open_page(browser, salus.address, { language, zone });
  const say = (name) => `${name} (${language})`;
  const aborted = [];
  page.on("requestfailed", (one) => one.url().includes("/picture") && aborted.push(one.failure()?.errorText));
  await sign_in(page, salus.password);

  await check(say("lines show every second that was stored, gaps stay gaps"), async () => {
    await open(page, salus, first_half_past_two);
    await pause(300);
    expect((await drawn(page, first_half_past_two + 10_000, 30_000)) > 300, "nothing is drawn where there is data");
    expect((await drawn(page, first_half_past_two + minute + 2_000, 16_000)) === 0, "something is drawn in the gap");
    await picture(page, `disclosure-${language}`);
  });
  await check(say("a typed time that the clock shows twice: one is asked which"), async () => {
    await page.fill(".jump input", "2026-10-25 02:30");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".which-hour button[data-offset='UTC+02:00']");
    await page.click(".which-hour button[data-offset='UTC+01:00']");
    expect(await until(async () => (await at_of(page)) === second_half_past_two, 3_000), `it went to ${new Date(await at_of(page)).toISOString()}`);
    expect((await page.textContent(".chosen-strip h3")).includes("UTC+01:00"), "the strip does not say which hour it is");
    await page.fill(".jump input", "2026-03-29 02:30");
    await page.keyboard.press("Enter");
    expect(await page.waitForSelector(".jump [role=alert]"), "an hour that was left out is not said");
    await page.fill(".jump input", "02:29:30 +02:00");
    await page.keyboard.press("Enter");
    expect(await until(async () => (await at_of(page)) === first_half_past_two - 30_000, 3_000), "the offset does not decide");
  });
  await check(say("calipers by mouse and keyboard: interval, rate, amplitude"), async () => {
    await open(page, salus, first_half_past_two);
    expect(await strip_ready(page, 2_500), "the ten seconds are not 2,500 samples");
    const box = await page.locator(".strip-paper").boundingBox();
    expect(Math.abs(box.width - 250 * px_per_mm) < 1, `ten seconds are ${box.width} px wide`);
    await page.locator(".strip-paper").scrollIntoViewIfNeeded();
    const paper = await page.locator(".strip-paper").boundingBox();
    const drag = async (caliper, seconds) => {
      const slider = await page.locator(`[data-caliper=${caliper}]`).boundingBox();
      const y = paper.y + 6; // above the level ones
      await page.mouse.move(slider.x + slider.width / 2, y);
      await page.mouse.down();
      await page.mouse.move(paper.x + seconds * 25 * px_per_mm, y, { steps: 4 });
      await page.mouse.up();
    };
    await drag("t2", 5.3); // of two beats that follow each other
    await drag("t1", 4.3);
    expect(Math.abs(parseInt((await value(page, "interval")).replace(/\D/g, ""), 10) - 1_000) <= 12, `the interval is ${await value(page, "interval")}`);
    expect(/^(59|60|61) \/min$/.test(await value(page, "rate")), `the rate is ${await value(page, "rate")}`);
    expect((await value(page, "amplitude")).startsWith("1.00 mV"), `ten millimetres are ${await value(page, "amplitude")}`);
    const before = parseInt((await value(page, "interval")).replace(/\D/g, ""), 10);
    await page.focus("[data-caliper=t2]");
    await page.keyboard.press("Shift+ArrowRight");
    const after = parseInt((await value(page, "interval")).replace(/\D/g, ""), 10);
    expect(Math.abs(after - before - 10_000 / 25 / px_per_mm) <= 2, `ten steps are ${after - before} ms`);
    expect((await at_of(page)) === first_half_past_two, "the arrow moved the page as well");
    await page.focus("[data-caliper=v2]");
    for (let i = 0; i < 2; ++i) await page.keyboard.press("Shift+ArrowDown");
    expect(Math.abs(parseFloat(await value(page, "amplitude")) - (1 + 20 / px_per_mm / 10)) < 0.02, `the amplitude is ${await value(page, "amplitude")}`);
    await picture(page, `calipers-${language}`);
  });
  await check(say("pages, hours and lines by key and button; what is turned away is not waited for"), async () => {
    await page.mouse.click(5, 5);
    const start = async () => Number(await page.getAttribute(".wave-rows", "data-start"));
    await open(page, salus, first_half_past_two);
    const before = await start();
    await page.keyboard.press("PageUp");
    expect(await until(async () => (await start()) === before - 12 * minute, 3_000), "Page Up does not turn a page");
    await page.keyboard.press("PageDown");
    await page.locator(".time-moves .ant-btn", { hasText: "+1 h" }).click();
    expect(await until(async () => (await at_of(page)) === second_half_past_two, 3_000), "an hour later is not an hour later");
    await page.locator(".time-bar .ant-segmented-item").nth(3).click();
    expect(await until(async () => (await page.getAttribute(".wave-rows", "data-row-ms")) === String(5 * minute), 3_000), "a line is not five minutes");
    expect(await rows_ready(page), "the lines were not loaded");
    await page.route("**/picture**", async (route) => {
      await pause(600);
      await route.continue().catch(() => undefined);
    });
    aborted.length = 0;
    for (let i = 0; i < 3; ++i) {
      await page.keyboard.press("PageUp");
      await pause(150);
    }
    await page.unroute("**/picture**");
    expect(await until(() => aborted.length >= 2, 3_000), `ended: ${aborted.length}`);
  });
  await check(say("the strip as PDF: A4, 25 mm/s and 10 mm/mV true, and what must stand beside it"), async () => {
    await open(page, salus, first_half_past_two);
    await page.locator(".chosen-strip h3 a").click();
    for (const name of ["masked", "full"]) {
      await page.locator(".time-bar .ant-segmented-item").nth(name === "masked" ? 0 : 1).click();
      await page.waitForSelector(".sheet[data-ready=yes] svg");
      const [sheet, ...more] = read_pdf(await page.pdf({ preferCSSPageSize: true, printBackground: true }));
      expect(more.length === 0, `${more.length + 1} pages`);
      expect(Math.abs(sheet.width_mm - 297) < 0.5 && Math.abs(sheet.height_mm - 210) < 0.5, `the page is ${sheet.width_mm} × ${sheet.height_mm} mm`);
      const wanted = ["P2", id, "2026-10-25 02:30:00 UTC+02:00", zone, "25 mm/s", "10 mm/mV", words[language].filters, words[language].lead, words[language].simulated];
      const plain = sheet.text.replaceAll(" ", "");
      for (const one of wanted) expect(plain.includes(one.replaceAll(" ", "")), `"${one}" is not in "${sheet.text}"`);
      expect(plain.includes("AnnaBerg") === (name === "full"), `the name is not ${name}: ${sheet.text}`);
    }
    const box = await page.locator(".sheet svg").boundingBox();
    expect(Math.abs(box.width / px_per_mm - 250) < 0.1 && Math.abs(box.height / px_per_mm - 50) < 0.1, `the paper is ${box.width / px_per_mm} mm wide`);
    // Ten peaks of the path, a second (25 mm) apart, 10 mm above what follows them.
    const points = await page.$$eval(".paper-wave", (all) => all.at(-1).getAttribute("d").slice(1).split("L").map((one) => one.split(" ").map(Number)));
    const peaks = points.filter(([, y], i) => i > 0 && i < points.length - 1 && y < points[i - 1][1] && y <= points[i + 1][1] && points.some(([, other]) => other - y > 9));
    expect(peaks.length === 10, `${peaks.length} peaks`);
    for (let i = 1; i < peaks.length; ++i) expect(Math.abs(peaks[i][0] - peaks[i - 1][0] - 25) < 0.11, `a second is ${peaks[i][0] - peaks[i - 1][0]} mm`);
    const lowest = Math.max(...points.map(([, y]) => y));
    expect(Math.abs(lowest - peaks[0][1] - 10) < 0.15, `a millivolt is ${lowest - peaks[0][1]} mm`);
    await picture(page, `strip-${language}`);
  });
  await check(say("no script complained"), async () => expect(page.complaints.length === 0, page.complaints.join("; ")));
  await page.context().close();
}

async function by_touch(browser, salus) {
  await check("a caliper follows a finger (390 px)", async () => {
    const page = await open_page(browser, salus.address, { width: 390, height: 844, zone, touch: true });
    await sign_in(page, salus.password);
    await open(page, salus, first_half_past_two);
    expect(await strip_ready(page, 2_500), "the ten seconds are not 2,500 samples");
    await page.locator(".strip-scroll").evaluate((one) => {
      one.scrollIntoView({ block: "center" });
      one.scrollLeft = 300;
    });
    const before = await value(page, "interval");
    const box = await page.locator("[data-caliper=t2]").boundingBox();
    const devtools = await page.context().newCDPSession(page);
    const touch = (type, x) => devtools.send("Input.dispatchTouchEvent", { type, touchPoints: type === "touchEnd" ? [] : [{ x, y: box.y + 6 }] });
    await touch("touchStart", box.x + 12);
    for (const by of [15, 30, 45]) await touch("touchMove", box.x + 12 + by);
    await touch("touchEnd", 0);
    expect(await until(async () => (await value(page, "interval")) !== before, 2_000), "the caliper stayed");
    await page.context().close();
  });
}

async function looks(browser, salus) {
  for (const [theme, language, width] of [["dark", "en", 1920], ["light", "zh", 1280], ["dark", "zh", 390], ["light", "en", 390]])
    for (const place of ["waves", "strip"])
      await check(`/${place} is legible (${theme}, ${language}, ${width} px)`, async () => {
        const page = await open_page(browser, salus.address, { theme, language, width, height: width === 390 ? 844 : 1080, zone });
        await sign_in(page, salus.password);
        await page.goto(`${salus.address}/bed/${id}/${place}?at=${new Date(first_half_past_two).toISOString()}`);
        await page.waitForSelector(place === "waves" ? ".strip-paper[data-loaded]" : ".sheet[data-ready=yes]");
        await page.waitForTimeout(500);
        expect(await fits(page), "it scrolls sideways");
        const found = await low_contrast(page);
        expect(found.length === 0, found.slice(0, 4).join("; "));
        await picture(page, `${place}-${theme}-${width}`);
        expect(page.complaints.length === 0, page.complaints.join("; "));
        await page.context().close();
      });
}

await run_story({ command: "serve", prepare: write_past }, async ({ salus, browser }) => {
  await story(browser, salus, "en");
  await story(browser, salus, "zh");
  await by_touch(browser, salus);
  await looks(browser, salus);
});
