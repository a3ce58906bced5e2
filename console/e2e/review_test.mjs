// The review of alarms, their burden, and a ward's units in a real browser on the real server: node e2e/review_test.mjs.
import { check, expect } from "./checks.mjs";
import { fits, open_page, picture, sign_in } from "./browser.mjs";
import { low_contrast } from "./contrast.mjs";
import { ask } from "./history.mjs";
import { pause, until } from "./salus.mjs";
import { run_story } from "./story.mjs";

const words = { en: { bed: "Bed", high: "High", medium: "Medium", kpa: "kPa" }, zh: { bed: "床位", high: "高", medium: "中", kpa: "kPa" } };
const alarm_wait_ms = 150_000;

// Every alarm of the server, page by page of the review.
async function all_alarms(salus, search = "") {
  const items = [];
  for (let cursor = ""; ; ) {
    const page = await ask(salus, "GET", `/api/alarms?from=2020-01-01T00:00:00Z&limit=2${search}${cursor && `&cursor=${cursor}`}`);
    items.push(...page.items);
    if (!page.next) return items;
    cursor = page.next;
  }
}
const choose = async (page, nth, text) => {
  await page.locator(".alarm-filters .ant-select").nth(nth).click();
  await page.locator(".ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option", { hasText: text }).first().click();
};
// Of a long list only a part is in the page: one types, and takes what is found.
const find = async (page, nth, text) => {
  await page.locator(".alarm-filters .ant-select").nth(nth).click();
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
};
const rows = (page) => page.$$eval(".rows .ant-table-row", (all) => all.map((one) => one.textContent));

async function story(browser, salus, language) {
  const page = await open_page(browser, salus.address, { language });
  const say = (name) => `${name} (${language})`;
  const word = words[language];
  await sign_in(page, salus.password);

  await check(say("alarms are narrowed to a bed, a priority and a time"), async () => {
    await page.goto(`${salus.address}/alarms`);
    await page.locator(".alarm-filters .ant-segmented-item").nth(2).click();
    await page.waitForSelector(".rows .ant-table-row");
    const [first] = await all_alarms(salus);
    await find(page, 0, first.bed);
    const of_bed = (await all_alarms(salus, `&bed=${first.bed}`)).length;
    expect(of_bed > 0 && (await until(async () => (await rows(page)).length === of_bed && (await rows(page)).every((row) => row.includes(first.bed)), 5_000)), `${(await rows(page)).length} rows, not ${of_bed}`);
    await choose(page, 2, first.priority === "high" ? word.high : word.medium);
    expect(await until(async () => (await rows(page)).every((row) => row.includes(first.priority === "high" ? word.high : word.medium)), 5_000), "another priority is shown");
    await picture(page, `review-${language}`);
    await page.locator(".alarm-filters input[placeholder*='2026']").last().fill("2020-01-01 00:00");
    await page.keyboard.press("Enter");
    await page.waitForSelector("[data-sight=empty]");
    await page.locator(".alarm-filters input[placeholder*='2026']").last().fill("half past");
    expect((await page.locator(".alarm-filters input[aria-invalid=true]").count()) === 1, "a time that is none is taken");
  });
  await check(say("an alarm opened shows the waves around it"), async () => {
    await page.goto(`${salus.address}/alarms`);
    await page.locator(".alarm-filters .ant-segmented-item").nth(2).click();
    await page.locator(".ant-table-row-expand-icon").first().click();
    const strip = page.locator(".alarm-details .strip-paper[data-loaded]").first();
    await strip.waitFor({ timeout: 10_000 });
    expect(Number(await strip.getAttribute("data-loaded")) > 1_000, "there are no samples");
    expect((await page.locator(".alarm-details .strip-mark").count()) > 0, "the alarm is not marked");
    expect((await page.locator(".alarm-details a").count()) === 2, "there is no way to the bed");
    await picture(page, `review-details-${language}`);
  });
  await check(say("the burden is what a naive count says, as numbers and bars"), async () => {
    await page.goto(`${salus.address}/alarms/burden`);
    await page.waitForSelector(".burden[data-by=hour] tbody tr");
    const right = await until(async () => {
      const to = new Date().toISOString();
      const naive = (await all_alarms(salus)).filter((one) => one.raised < to);
      for (const [by, key] of [["bed", (one) => one.bed || one.device], ["rule", (one) => one.rule], ["hour", (one) => one.raised.slice(0, 13)]]) {
        const burden = await ask(salus, "GET", `/api/alarms/burden?by=${by}&from=2020-06-01T00:00:00Z&to=2020-06-02T00:00:00Z`);
        if (burden.total !== 0) return false;
        const counted = await ask(salus, "GET", `/api/alarms/burden?by=${by}&from=${new Date(Date.now() - 86_400_000).toISOString()}&to=${to}`);
        const wanted = Map.groupBy ? Object.fromEntries([...Map.groupBy(naive, key)].map(([name, list]) => [name, list.length])) : naive.reduce((all, one) => ({ ...all, [key(one)]: (all[key(one)] ?? 0) + 1 }), {});
        const got = Object.fromEntries(counted.items.map((one) => [by === "hour" ? one.key.slice(0, 13) : one.key, one.count]));
        if (JSON.stringify(Object.entries(got).sort()) !== JSON.stringify(Object.entries(wanted).sort())) return false;
        if (counted.items.some((one) => one.high + one.medium + one.low !== one.count)) return false;
      }
      return true;
    }, 10_000, 300);
    expect(right, "the server counts otherwise");
    const shown = await page.$$eval(".burden[data-by=bed] tbody tr", (all) => all.map((row) => ({ count: Number(row.children[1].textContent), bar: row.querySelector(".bar").getBoundingClientRect().width > 0, width: [...row.querySelectorAll(".bar i")].reduce((sum, one) => sum + one.getBoundingClientRect().width, 0) })));
    const total = Number(await page.getAttribute(".burden[data-by=bed]", "data-total"));
    expect(shown.reduce((sum, one) => sum + one.count, 0) === total, "the rows do not add up");
    expect(shown[0].width > 0 && shown.every((one) => one.width <= shown[0].width + 1), "the greatest has not the longest bar");
    await picture(page, `burden-${language}`);
  });
  await check(say("a ward's units: kPa and °F everywhere, and back"), async () => {
    await page.goto(salus.address);
    await page.waitForSelector(".sector .number[data-code=nibp_sys]");
    await page.click(".view-button");
    await page.locator(".view-choices .ant-segmented-item", { hasText: "kPa" }).click();
    await page.locator(".view-choices .ant-segmented-item", { hasText: "°F" }).click();
    await page.keyboard.press("Escape");
    const said_by = (code) => page.$eval(`.sector[data-device=demo-05] .number[data-code^=${code}]`, (one) => `${one.querySelector(".number-value").textContent} ${one.querySelector(".number-unit").textContent}`);
    expect(await until(async () => /^\d\d\.\d\/\d+\.\d kPa$/.test(await said_by("nibp_sys")), 60_000, 500), `the cuff says ${await said_by("nibp_sys")}`);
    expect(await until(async () => /^(9\d|10\d)\.\d °F$/.test(await said_by("temp")), 30_000, 500), `the temperature is ${await said_by("temp")}`);
    await page.click(".sector[data-device=demo-05]");
    await page.waitForSelector("[data-readout=nibp_sys]");
    expect(await until(async () => /^\d+\.\d.* kPa/.test(await page.textContent("[data-readout=nibp_sys]")), 8_000), `the trend says ${await page.textContent("[data-readout=nibp_sys]")}`);
    const stored = (await ask(salus, "GET", "/api/series/demo-05/nibp_sys/latest")).v;
    const said = parseFloat(await page.textContent("[data-readout=nibp_sys]"));
    expect(Math.abs(said - stored * 0.133322) < 0.3, `${stored} mmHg are ${said} kPa`);
    // What is drawn stays while it is fetched again, also when limits are read anew.
    const seen = new Set();
    for (const end = Date.now() + 12_000; Date.now() < end; await pause(100)) seen.add(await page.textContent("[data-readout=nibp_sys]"));
    expect(!seen.has("---"), "the number went away for a while");
    await picture(page, `units-${language}`);
    await page.click(".view-button");
    await page.locator(".view-choices .ant-segmented-item", { hasText: "mmHg" }).last().click();
    expect(await until(async () => / mmHg/.test(await page.textContent("[data-readout=nibp_sys]")), 5_000), "it does not go back");
  });
  await check(say("no script complained"), async () => expect(page.complaints.length === 0, page.complaints.join("; ")));
  await page.context().close();
}

async function looks(browser, salus) {
  for (const [theme, language, width] of [["dark", "en", 1920], ["light", "zh", 1280], ["dark", "zh", 390], ["light", "en", 390]])
    for (const place of ["alarms", "alarms/burden"])
      await check(`/${place} is legible (${theme}, ${language}, ${width} px)`, async () => {
        const page = await open_page(browser, salus.address, { theme, language, width, height: width === 390 ? 844 : 1080 });
        await sign_in(page, salus.password);
        await page.goto(`${salus.address}/${place}`);
        await page.waitForSelector(place === "alarms" ? ".alarm-filters" : ".burden tbody tr");
        await page.waitForTimeout(1_000);
        expect(await fits(page), "it scrolls sideways");
        const found = await low_contrast(page);
        expect(found.length === 0, found.slice(0, 4).join("; "));
        await picture(page, `${place.replace("/", "-")}-${theme}-${width}`);
        await page.context().close();
      });
}

await run_story({}, async ({ salus, browser }) => {
  await check("the demo raises alarms", async () => expect(await until(async () => (await all_alarms(salus)).length >= 3, alarm_wait_ms, 1_000), "it raised fewer than three"));
  await story(browser, salus, "en");
  await story(browser, salus, "zh");
  await looks(browser, salus);
});
