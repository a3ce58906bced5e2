// Long lists on the real server: pages, searches, an order, and what a page says when the server is gone.
// node e2e/lists_test.mjs; SALUS_SCREENSHOTS: a folder for pictures of what was seen.
import { check, expect } from "./checks.mjs";
import { open_page, picture, sign_in } from "./browser.mjs";
import { gone, row, seen, visible } from "./dialogs.mjs";
import { until } from "./salus.mjs";
import { call, go, run_story } from "./story.mjs";

async function lists(page, salus) {
  await call(salus, "PUT", "/devices/list-1", { name: "List" });
  await call(salus, "PUT", "/api/devices/list-1/patient", { ward: "Lists", bed: "L1" });
  await call(salus, "PUT", "/api/limits", { device: "list-1", code: "hr", priority: "low", low: 30, high: 200, reason: "to be listed" });
  await check("the audit says in words who did what, and narrows by time", async () => {
    await go(page, "/audit");
    const text = await page.textContent(".rows");
    expect(text.includes("set a limit") && text.includes("changed a binding") && !text.includes("limits_put"), "actions are not in words");
    await picture(page, "desk-audit");
    await page.locator("input[type='datetime-local']").first().fill("2100-01-01T00:00");
    await visible(page, "[data-sight='empty']");
    await page.locator("input[type='datetime-local']").first().fill("");
    await visible(page, ".ant-table-row");
  });
  await check("audit and devices have a next page and a way back", async () => {
    for (let i = 0; i < 120; ++i) await call(salus, "PUT", `/devices/spare-${String(i % 60).padStart(2, "0")}`, { name: `Spare ${i}` });
    for (const place of ["/audit", "/devices"]) {
      await go(page, "/limits"); // from elsewhere, so that the list is a fresh one
      await go(page, place);
      await page.locator(".page-foot button", { hasText: "Next page" }).click();
      await visible(page, ".page-foot button:has-text('First page')");
      expect(await until(async () => (await page.locator(".ant-table-row").count()) > 0, 5_000), `${place} has an empty second page`);
      await page.locator(".page-foot button", { hasText: "First page" }).click();
    }
    for (let i = 0; i < 60; ++i) await call(salus, "DELETE", `/devices/spare-${String(i).padStart(2, "0")}`);
  });
  await check("active alarms are in order of priority", async () => {
    await go(page, "/alarms", ".page-head");
    const rank = { "!!!": 0, "!!": 1, "!": 2 };
    const seen = await until(async () => {
      const marks = await page.$$eval(".ant-table-row .mark b", (all) => all.map((one) => one.textContent));
      return marks.length > 0 && marks;
    }, 90_000);
    expect(seen, "no alarm came");
    expect(seen.every((mark, i) => i === 0 || rank[seen[i - 1]] <= rank[mark]), `the order is ${seen.join(" ")}`);
  });
  await check("a page says that it could not be refreshed when the server is gone", async () => {
    await go(page, "/devices");
    await salus.kill();
    await visible(page, ".server-silent");
    const failed = await visible(page, ".failed");
    expect((await failed.textContent()).includes("old"), "it is not said that the list is old");
    await picture(page, "desk-gone");
    await salus.run();
    await page.waitForSelector(".server-silent", { state: "detached", timeout: 20_000 });
    await page.waitForSelector(".failed", { state: "detached", timeout: 20_000 });
  });
}

await run_story({}, async ({ salus, browser }) => {
  const page = await open_page(browser, salus.address, { width: 1280, height: 800 });
  await sign_in(page, salus.password);
  await lists(page, salus);
  await check("no script complained", async () => expect(page.complaints.length === 0, page.complaints.join("; ")));
});
