// A bed's own page in a real browser on the real server: node e2e/bed_test.mjs. One line a case, exit code 1 when one failed.
import { check, expect } from "./checks.mjs";
import { fits, open_page, picture, sign_in } from "./browser.mjs";
import { low_contrast } from "./contrast.mjs";
import { ask, PastDevice } from "./history.mjs";
import { pause, until } from "./salus.mjs";
import { run_story } from "./story.mjs";

const hour = 3_600_000;
const begin = Date.parse("2026-10-24T00:00:00Z"); // its clock change is in the night after
const id = "past-1";
const words = {
  en: { trends: "Trends", hr: "Heart rate", other: "another patient" },
  zh: { trends: "趋势", hr: "心率", other: "其他患者" },
};

// Two days of a number a minute, without the hour from 10:00 of the first day; a year of one an hour before.
const heart = (t) => 70 + Math.round(10 * Math.sin(t / hour));
async function write_past(salus) {
  const device = await PastDevice.create(salus, id, "P1", { id: "P-9", label: "Past Patient" });
  const year = Array.from({ length: 8_760 }, (_, i) => begin - (8_760 - i) * hour);
  const days = Array.from({ length: 2_880 }, (_, i) => begin + i * 60_000).filter((t) => t < begin + 10 * hour || t >= begin + 11 * hour);
  await device.numbers([...year, ...days].map((t) => ({ t, hr: heart(t), spo2: 97, nibp_sys: 120, nibp_dia: 80, temp: 36.8 })));
  return device;
}

const span = (page) => page.$eval(".shown-time", (one) => ({ from: Number(one.dataset.from), to: Number(one.dataset.to), loading: one.dataset.loading }));
const ready = (page) => until(async () => (await span(page)).loading === "ready", 10_000);
// The view has come to rest where `is` says.
async function rests(page, is, why) {
  expect(await until(async () => is(await span(page)), 5_000), `${why}: ${JSON.stringify(await span(page))}`);
  expect(await ready(page), "it was not loaded");
}
const show = async (page, salus, from, to) => {
  await page.goto(`${salus.address}/bed/${id}?from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`);
  await page.waitForSelector(".lane[data-lane=hr] canvas");
  await rests(page, (one) => Math.abs(one.from - from) < 2 && Math.abs(one.to - to) < 2, "the address is not followed");
};
const readout = (page, code) => page.textContent(`[data-readout=${code}]`);
const canvas_box = (page, lane) => page.locator(`.lane[data-lane=${lane}] canvas`).boundingBox();
const point = async (page, lane, share) => {
  const box = await canvas_box(page, lane);
  await page.mouse.move(box.x + share * box.width, box.y + box.height / 2);
};
// How many pixels of a strip of the lane are drawn in the line's colour, opaque: none in a gap.
const drawn_in = (page, lane, from, to) =>
  page.$eval(`.lane[data-lane=${lane}] canvas`, (canvas, [from, to]) => {
    const colour = getComputedStyle(canvas).getPropertyValue("--trend-green").trim();
    const wanted = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
    const left = Math.round(from * canvas.width);
    const { data } = canvas.getContext("2d").getImageData(left, 0, Math.max(1, Math.round(to * canvas.width) - left), canvas.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) if (wanted.every((value, at) => Math.abs(data[i + at] - value) < 24) && data[i + 3] > 200) ++count;
    return count;
  }, [from, to]);

async function story(browser, salus, language) {
  const page = await open_page(browser, salus.address, { language });
  const say = (name) => `${name} (${language})`;
  const word = words[language];
  const aborted = [];
  page.on("requestfailed", (one) => one.url().includes("/picture") && aborted.push(one.failure()?.errorText));

  await sign_in(page, salus.password);
  await check(say("Enter opens the chosen bed, back returns to its sector"), async () => {
    await page.waitForSelector(".sector[data-device=demo-05]");
    await page.evaluate(() => sessionStorage.removeItem("salus.chosen"));
    for (let i = 0; i < 40 && !(await page.$('.sector.chosen[data-device="demo-05"]')); ++i) await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.waitForSelector('.bed-page[data-device="demo-05"] .lane[data-lane=hr] canvas');
    expect(page.url().includes("/bed/demo-05"), page.url());
    await page.waitForTimeout(1_500);
    expect(/\d+ \/min/.test(await readout(page, "hr")), `no heart rate with its unit: ${await readout(page, "hr")}`);
    expect(/\d/.test(await page.textContent("[data-last-message]")), "the last message has no age");
    const name = await page.textContent(".bed-name");
    expect(name.includes("••"), `the name is not masked: ${name}`);
    await picture(page, `bed-page-${language}`);
    await page.goBack();
    await page.waitForSelector('.sector.chosen[data-device="demo-05"]');
  });
  await check(say("a click opens a bed, Escape returns to it"), async () => {
    await page.click('.sector[data-device="demo-03"] .numbers');
    await page.waitForSelector('.bed-page[data-device="demo-03"]');
    await page.keyboard.press("Escape");
    await page.waitForSelector('.sector.chosen[data-device="demo-03"]');
  });
  await check(say("trends of a day: values with units under the cursor, the gap stays a gap"), async () => {
    await show(page, salus, begin, begin + 24 * hour);
    expect((await page.textContent(".bed-tabs")).includes(word.trends), "the words are not of the language");
    await point(page, "hr", 5 / 24);
    const wanted = heart(begin + 5 * hour);
    expect(await until(async () => Math.abs(parseInt(await readout(page, "hr"), 10) - wanted) <= 1, 3_000), `at 05:00 ${await readout(page, "hr")}, not ${wanted}`);
    expect((await readout(page, "spo2")).startsWith("97 %"), "the cursor is not shared");
    await point(page, "hr", 10.5 / 24);
    expect(await until(async () => (await readout(page, "hr")) === "---", 3_000), `a gap says ${await readout(page, "hr")}`);
    await page.mouse.move(5, 5);
    await pause(200);
    expect((await drawn_in(page, "hr", 10.1 / 24, 10.9 / 24)) === 0, "something is drawn in the gap");
    expect((await drawn_in(page, "hr", 8.1 / 24, 8.9 / 24)) > 10, "nothing is drawn where there is data");
    await picture(page, `bed-day-${language}`);
  });
  await check(say("zoom by wheel, keys and buttons, from a year to a second"), async () => {
    await show(page, salus, begin, begin + 24 * hour);
    await point(page, "hr", 0.25);
    await page.mouse.wheel(0, -600);
    await rests(page, (one) => one.to - one.from < 12 * hour && one.from < begin + 6 * hour && one.to > begin + 6 * hour, "the wheel does not zoom at the pointer");
    await page.mouse.move(5, 5);
    let before = await span(page);
    await page.keyboard.press("-");
    await rests(page, (one) => one.to - one.from > 1.5 * (before.to - before.from), "- does not zoom out");
    before = await span(page);
    await page.keyboard.press("ArrowLeft");
    await rests(page, (one) => one.from < before.from && Math.abs(one.to - one.from - (before.to - before.from)) < 2, "the arrow does not move");
    for (let i = 0; i < 40; ++i) await page.keyboard.press("+");
    await rests(page, (one) => Math.abs(one.to - one.from - 1_000) < 2, "it does not stop at a second");
    for (let i = 0; i < 60; ++i) await page.keyboard.press("-");
    await rests(page, (one) => one.to - one.from > 365 * 24 * hour, "it does not reach a year");
    expect((await drawn_in(page, "hr", 0, 1)) > 200, "a year shows nothing");
    await picture(page, `bed-year-${language}`);
    await page.keyboard.press("End");
    await rests(page, (one) => Math.abs(one.to - Date.now()) < 366 * 24 * hour * 0.05, "End is not now");
    await page.locator(".time-bar .ant-segmented-item").nth(3).click();
    await rests(page, (one) => Math.abs(one.to - one.from - hour) < 1_000, "an hour is not an hour");
    await page.keyboard.press("Home");
    await rests(page, (one) => Math.abs(one.from - (begin - 8_760 * hour)) < 2_000, "Home is not the first sample");
  });
  await check(say("what is not in sight any more is not waited for"), async () => {
    await page.route("**/picture**", async (route) => {
      await pause(400);
      await route.continue().catch(() => undefined);
    });
    aborted.length = 0;
    for (let i = 0; i < 4; ++i) {
      await page.keyboard.press("ArrowRight");
      await pause(250); // long enough to ask, too short for an answer
    }
    await page.unroute("**/picture**");
    expect(await ready(page), "it was not loaded");
    expect(aborted.length >= 3 && aborted.every((one) => one.includes("ABORTED")), `ended: ${aborted.length} ${aborted[0]}`);
  });
  await check(say("an alarm on the time axis: a click goes there"), async () => {
    const alarm = await until(async () => (await ask(salus, "GET", "/api/alarms?limit=50")).items.find((one) => one.device.startsWith("demo")), 90_000, 500);
    expect(alarm, "the demo raised none");
    await page.goto(`${salus.address}/bed/${alarm.device}`);
    await page.locator(".time-bar .ant-segmented-item").nth(5).click();
    const mark = page.locator(`[data-mark="${alarm.id}"]`);
    await mark.waitFor({ timeout: 5_000 });
    expect((await mark.textContent()).startsWith("!"), "the mark has no symbol");
    await mark.dispatchEvent("click"); // others may lie over it
    const at = Date.parse(alarm.raised);
    await rests(page, (one) => one.to - one.from <= 600_001 && one.from < at && one.to > at, "the click does not go there");
    await picture(page, `bed-alarm-${language}`);
  });
  await check(say("the table says what the trend says, and is copied as CSV"), async () => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await show(page, salus, begin, begin + 2 * hour);
    await page.locator(".time-bar .ant-segmented").nth(1).locator(".ant-segmented-item").nth(1).click();
    await page.waitForSelector(".table-scroll tbody tr");
    expect((await page.textContent(".table-scroll thead")).includes(word.hr), "the vital has no name");
    const rows = await page.$$eval(".table-scroll tbody tr", (all) => all.length);
    expect(rows === 120, `${rows} rows of a minute`);
    await page.locator(".table-head .ant-segmented-item").nth(2).click();
    expect(await until(async () => (await page.$$(".table-scroll tbody tr")).length === 8, 5_000), "not eight rows of a quarter of an hour");
    await picture(page, `bed-table-${language}`);
    await page.locator(".table-head .ant-btn").click();
    const copied = await until(() => page.evaluate(() => navigator.clipboard.readText()), 3_000);
    const lines = copied.trim().split(/\r?\n/);
    expect(lines.length === 9 && lines[0].includes(word.hr) && lines[0].includes("/min"), `copied: ${lines.length} lines, ${lines[0]}`);
    const cells = lines[1].split(",");
    const mean = Array.from({ length: 15 }, (_, i) => heart(begin + i * 60_000)).reduce((a, b) => a + b) / 15;
    expect(Math.abs(Number(cells[1]) - mean) < 0.01, `the first mean is ${cells[1]}, not ${mean}`);
    expect(Math.abs(Date.parse(cells[0]) - begin) < 1, `the first row is ${cells[0]}`);
  });
  await check(say("a time of another patient is hatched and said"), async () => {
    await show(page, salus, Date.parse("2024-12-31T12:00:00Z"), Date.parse("2025-01-01T12:00:00Z"));
    expect((await page.textContent(".keys-hint")).includes(word.other), "nothing is said");
    const hatched = await page.$eval(".lane[data-lane=hr] canvas", (canvas) => {
      const some = (x) => canvas.getContext("2d").getImageData(x, 0, 20, canvas.height).data.some((value, i) => i % 4 === 3 && value > 0);
      return [some(Math.round(canvas.width * 0.25)), some(Math.round(canvas.width * 0.9))];
    });
    expect(hatched[0] && !hatched[1], `hatched before, after: ${hatched}`);
  });
  await check(say("no script complained"), async () => expect(page.complaints.length === 0, page.complaints.join("; ")));
  await page.context().close();
}

async function looks(browser, salus) {
  for (const [theme, language, width] of [["dark", "en", 1920], ["light", "zh", 1280], ["dark", "zh", 390], ["light", "en", 390]])
    await check(`the bed's page is legible (${theme}, ${language}, ${width} px)`, async () => {
      const page = await open_page(browser, salus.address, { theme, language, width, height: width === 390 ? 844 : 1080 });
      await sign_in(page, salus.password);
      await page.goto(`${salus.address}/bed/demo-05`);
      await page.waitForSelector(".lane[data-lane=hr] canvas");
      await page.waitForTimeout(2_000);
      expect(await fits(page), "it scrolls sideways");
      const found = await low_contrast(page);
      expect(found.length === 0, found.slice(0, 4).join("; "));
      await picture(page, `bed-${theme}-${width}`);
      expect(page.complaints.length === 0, page.complaints.join("; "));
      await page.context().close();
    });
}

await run_story({ prepare: write_past }, async ({ salus, browser }) => {
  await story(browser, salus, "en");
  await story(browser, salus, "zh");
  await looks(browser, salus);
});
