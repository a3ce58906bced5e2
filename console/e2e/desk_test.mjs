// The desk work of a ward on the real server: devices, bindings, limits, users, password, roles, conflicts, a lost session.
// node e2e/desk_test.mjs; SALUS_SCREENSHOTS: a folder for pictures of what was seen.
import { check, expect } from "./checks.mjs";
import { low_contrast } from "./contrast.mjs";
import { fits, open_page, picture, sign_in } from "./browser.mjs";
import { pause, until } from "./salus.mjs";
import { act, dialog, field, gone, ok, row, seen, visible } from "./dialogs.mjs";
import { call, go, run_story } from "./story.mjs";

const nurse = { name: "nurse.day", shown: "Nurse, day shift", password: "blue kettle seven doors" };
const viewer = { name: "visitor", shown: "Visitor", password: "quiet green corridor" };

const refusal = async (page) => (await visible(page, ".refusal.ant-alert-error")).textContent();
const confirm = (page) => page.locator(".ant-modal-confirm .ant-btn-primary").click();

async function devices(page, salus) {
  await go(page, "/devices");
  await check("a device is made with Enter, and its keys are shown", async () => {
    await page.locator(".page-head .ant-btn-primary").click();
    await visible(page, dialog);
    await pause(400);
    expect(await page.evaluate(() => document.activeElement?.id === "id"), "the first field has no focus");
    await page.keyboard.type("pump 7");
    await page.keyboard.press("Enter");
    await visible(page, ".ant-form-item-explain-error");
    await field(page, "id").fill("pump-7");
    await field(page, "name").fill("Pump 7");
    await seen(page, "desk-create");
    await page.keyboard.press("Enter");
    await visible(page, ".keys code");
    await seen(page, "desk-keys");
    const key = await page.locator(".keys code").first().textContent();
    await page.keyboard.press("Enter");
    await gone(page);
    const { body } = await call(salus, "GET", "/devices/pump-7");
    expect(key === body.authentication.symmetricKey.primaryKey, "the key shown is not the device's");
  });
  await check("a second device of the same id is refused and the first stays", async () => {
    await page.locator(".page-head .ant-btn-primary").click();
    await field(page, "id").fill("pump-7");
    await ok(page);
    expect((await refusal(page)).includes("exists already"), "it is not said that the device exists");
    expect((await call(salus, "GET", "/devices/pump-7")).body.name === "Pump 7", "the device was changed");
    await page.keyboard.press("Escape");
    await gone(page);
  });
  await check("keys are shown again", async () => {
    await act(page, "pump-7", "Show keys");
    await visible(page, ".keys code");
    await page.keyboard.press("Escape");
    await gone(page);
  });
  await check("two people edit a device: the second is told what it is now, and may save over it", async () => {
    await act(page, "pump-7", "Edit");
    await call(salus, "PUT", "/devices/pump-7", { name: "Pump seven", model: "P-1" });
    await field(page, "name").fill("Infusion pump");
    await ok(page);
    expect((await refusal(page)).includes("Pump seven"), "what it is now is not said");
    await seen(page, "desk-conflict-edit");
    expect((await call(salus, "GET", "/devices/pump-7")).body.name === "Pump seven", "the other's change was lost");
    await ok(page);
    await gone(page);
    expect((await call(salus, "GET", "/devices/pump-7")).body.name === "Infusion pump", "the second save did not save");
  });
  await check("binding says what stands at the bed", async () => {
    await act(page, "pump-7", /^Bind/);
    await field(page, "bed").fill("B02");
    await field(page, "ward").fill("Demo");
    await field(page, "patient_id").fill("P-1");
    await ok(page);
    const taken = await visible(page, ".refusal.ant-alert-error");
    expect((await taken.textContent()).includes("another patient"), "the other patient is not named");
    expect(await page.locator(`${dialog} .ant-modal-footer .ant-btn-primary`).isDisabled(), "it can be confirmed");
    await seen(page, "desk-bind");
    await page.locator(`${dialog} .confirm-step .back`).click();
    await field(page, "bed").fill("B21");
    await field(page, "label").fill("L. Z.");
    await page.keyboard.press("Enter");
    const step = await (await visible(page, `${dialog} [data-step='confirm']`)).textContent();
    expect(["B21", "pump-7", "L. Z.", "… P-1"].every((part) => step.includes(part)), `the confirmation says ${step}`);
    await seen(page, "desk-bind-confirm");
    await ok(page);
    await gone(page);
    await until(async () => (await row(page, "pump-7").textContent()).includes("B21"), 10_000);
    expect((await row(page, "pump-7").textContent()).includes("L. Z."), "the list does not show the binding");
  });
  await check("two people bind a device: the second is told where it is now", async () => {
    await act(page, "pump-7", /^Bind/);
    await field(page, "patient_id").fill("");
    await ok(page);
    await visible(page, `${dialog} [data-step='confirm']`);
    await call(salus, "PUT", "/api/devices/pump-7/patient", { bed: "B22", ward: "Demo", patient: { id: "P-2", label: "M. W." } });
    await ok(page);
    await refusal(page);
    const said = await page.locator(dialog).textContent();
    expect(said.includes("changed meanwhile") && said.includes("B22"), "the place of the other binding is not said");
    await seen(page, "desk-conflict-bind");
    await page.keyboard.press("Escape");
    await gone(page);
    expect((await call(salus, "GET", "/api/devices/pump-7/bindings")).body.items.at(-1).bed === "B22", "the other's binding was lost");
  });
  await check("unbinding ends only the binding that was shown", async () => {
    await until(async () => (await row(page, "pump-7").textContent()).includes("B22"), 10_000);
    await act(page, "pump-7", "Unbind");
    await call(salus, "PUT", "/api/devices/pump-7/patient", { bed: "B23", ward: "Demo" });
    await confirm(page);
    expect(await until(() => page.$(".ant-message-error"), 5_000), "the conflict is not said");
    expect((await call(salus, "GET", "/api/devices/pump-7/bindings")).body.items.at(-1).bed === "B23", "another binding was ended");
    await until(async () => (await row(page, "pump-7").textContent()).includes("B23"), 10_000);
    await gone(page);
    await act(page, "pump-7", "Unbind");
    await confirm(page);
    expect(await until(async () => (await call(salus, "GET", "/api/devices/pump-7/bindings")).body.items.at(-1).bed === "", 5_000), "the binding stays");
    await gone(page);
  });
  await check("where a device stood is listed", async () => {
    await act(page, "pump-7", "Where it stood");
    await visible(page, `${dialog} .ant-table-row`);
    expect((await page.locator(`${dialog} .ant-table-row`).count()) >= 4, "bindings are missing");
    await seen(page, "desk-history");
    await page.keyboard.press("Escape");
    await gone(page);
  });
  await check("an edited device that was deleted meanwhile is not made anew; searching finds, and finds nothing", async () => {
    await act(page, "pump-7", "Edit");
    await call(salus, "DELETE", "/devices/pump-7");
    await ok(page);
    expect((await refusal(page)).includes("not registered"), "it is not said that the device is gone");
    await page.keyboard.press("Escape");
    await gone(page);
    expect((await call(salus, "GET", "/devices/pump-7")).status === 404, "the device came back");
    await page.locator(".page-head input").fill("demo-03");
    await page.keyboard.press("Enter");
    expect(await until(async () => (await page.locator(".ant-table-row").count()) === 1, 5_000), "the search does not narrow");
    await page.locator(".page-head input").fill("no such thing");
    await page.keyboard.press("Enter");
    await visible(page, "[data-sight='empty']");
    await page.locator(".page-head input").fill("");
    expect(await until(async () => (await page.locator(".ant-table-row").count()) === 16, 5_000), "the list does not come back");
  });
}

async function limits(page, salus) {
  await go(page, "/limits");
  const low = async () => (await call(salus, "GET", "/api/limits")).body.default.find((one) => one.code === "spo2" && one.priority === "medium");
  await check("a limit needs a reason and an order of its bounds", async () => {
    await row(page, "Heart rate").locator("button").first().click();
    await field(page, "low").fill("150");
    await ok(page);
    expect(await until(async () => (await page.locator(".ant-form-item-explain-error").count()) === 2, 5_000), "not both mistakes are said");
    await seen(page, "desk-limit");
    await page.keyboard.press("Escape");
    await gone(page);
  });
  await check("two people set a limit: the second is told who set what and why", async () => {
    await page.locator(".ant-table-row", { hasText: "SpO2" }).nth(1).locator("button").first().click();
    await pause(300);
    const shown = await low();
    await call(salus, "PUT", "/api/limits", { ...shown, low: 91, reason: "ward round" });
    await field(page, "low").fill("90");
    await field(page, "reason").fill("agreed with the team");
    await ok(page);
    const said = await refusal(page);
    expect(said.includes("91") && said.includes("ward round"), "what it is now is not said");
    await seen(page, "desk-conflict-limit");
    await ok(page);
    await gone(page);
    expect((await low()).low === 90, "the second save did not save");
  });
  await check("a limit is set for one device and switched off with a reason", async () => {
    await row(page, "Heart rate").locator("button").nth(1).click();
    await field(page, "scope").fill("Device demo-05");
    await page.locator(".ant-select-item-option", { hasText: "Device demo-05" }).click();
    await page.locator(`${dialog} #enabled`).click();
    await visible(page, ".ant-alert-warning");
    await field(page, "reason").fill("paced, known rhythm");
    await seen(page, "desk-limit-off");
    await ok(page);
    await gone(page);
    const own = (await call(salus, "GET", "/api/limits")).body.devices["demo-05"];
    expect(own?.length === 1 && own[0].enabled === false && own[0].reason === "paced, known rhythm", "the row is not what was set");
    await page.locator("[data-scope='device']", { hasText: "demo-05" }).click();
    expect(await until(async () => (await page.locator(".page-part").first().textContent()).includes("demo-05"), 5_000), "the page does not show it");
    await picture(page, "desk-limits");
  });
  await check("what holds at a bed says whose row it is, and the changes who made them and why", async () => {
    await page.locator(".ant-segmented-item", { hasText: "At one bed" }).click();
    await page.locator("#limits-bed").fill("demo-05");
    await page.locator(".ant-select-item-option", { hasText: "demo-05" }).click();
    expect(await until(async () => (await page.locator(".rows .is-off").count()) === 1, 5_000), "the row that is off does not show");
    expect((await page.locator(".rows .is-off").textContent()).includes("Device demo-05"), "whose row it is is not said");
    await picture(page, "desk-limits-bed");
    await page.locator(".ant-segmented-item", { hasText: "Changes" }).click();
    expect(await until(async () => (await page.locator(".rows tbody .ant-table-row").count()) === 3, 5_000), "not all three changes are listed");
    expect((await page.locator(".rows tbody .ant-table-row").first().textContent()).includes("paced, known rhythm"), "the last reason is not said");
    await picture(page, "desk-limits-changes");
    await page.locator(".ant-segmented-item", { hasText: "Rows" }).click();
  });
  await check("a row is taken back with a reason", async () => {
    await page.locator("[data-scope='device']", { hasText: "demo-05" }).click();
    await page.locator(".rows button", { hasText: "Take back" }).click();
    await field(page, "reason").fill("not needed any more");
    await ok(page);
    await gone(page);
    expect((await call(salus, "GET", "/api/limits")).body.devices["demo-05"] === undefined, "the row is still there");
  });
}

async function users(page, salus) {
  await go(page, "/users");
  for (const [who, role] of [[nurse, "Clinician"], [viewer, null]])
    await check(`a user is made: ${role ?? "Viewer"}`, async () => {
      await page.locator(".page-head .ant-btn-primary").click();
      await visible(page, dialog);
      await field(page, "name").fill(who.name);
      await field(page, "display_name").fill(who.shown);
      await field(page, "password").fill("short");
      if (role) {
        await page.locator(`${dialog} .ant-select-selection-item-remove`).click();
        await field(page, "roles").click();
        await page.locator(".ant-select-dropdown:visible .ant-select-item-option", { hasText: role }).click();
        await page.keyboard.press("Escape");
        if (!(await page.$(dialog))) throw new Error("Escape in the list of roles closed the dialog");
      }
      await ok(page);
      await visible(page, ".ant-form-item-explain-error");
      await picture(page, `desk-user-${who.name}`);
      await field(page, "password").fill(who.password);
      await ok(page);
      await gone(page);
      await visible(page, `.ant-table-row:has-text("${who.name}")`);
    });
  await check("a second user of the same name is refused and the first keeps its password", async () => {
    await page.locator(".page-head .ant-btn-primary").click();
    await field(page, "name").fill(nurse.name);
    await field(page, "display_name").fill("Somebody else");
    await field(page, "password").fill("another long password");
    for (let i = 0; i < 2; ++i) {
      await ok(page);
      expect((await refusal(page)).includes("exists already"), "it is not said that the user exists");
      await pause(300);
    }
    await page.keyboard.press("Escape");
    await gone(page);
  });
  await check("one cannot delete oneself", async () => {
    expect(await row(page, "admin").locator("button").last().isDisabled(), "the own row offers Delete");
  });
}

async function as_nurse(browser, salus) {
  const page = await open_page(browser, salus.address, { width: 1280, height: 800 });
  await check("a nurse signs in and is offered limits and binding, but no keys and no users", async () => {
    await sign_in(page, nurse.password, nurse.name);
    const places = await page.textContent(".top");
    expect(!places.includes("Users") && !places.includes("Audit"), "pages are offered that she may not see");
    await go(page, "/limits");
    expect((await page.locator(".rows button").count()) > 0, "limits cannot be edited");
    await go(page, "/devices");
    expect((await page.locator(".page-head .ant-btn-primary").count()) === 0, "New device is offered");
    await row(page, "demo-01").locator("button").last().click();
    const menu = await (await visible(page, ".ant-dropdown-menu")).textContent();
    expect(menu.includes("Bind") && !menu.includes("keys") && !menu.includes("Delete"), `the menu is ${menu}`);
    await page.keyboard.press("Escape");
    await go(page, "/users", "[data-sight='forbidden']");
  });
  await check("she changes her password; the old one no longer opens", async () => {
    await page.click(".own");
    await page.locator(".ant-dropdown-menu-item", { hasText: "Change password" }).click();
    await visible(page, dialog);
    await field(page, "old").fill("not the old one!");
    await field(page, "new").fill("seven doors blue kettle");
    await field(page, "again").fill("seven doors");
    await ok(page);
    await visible(page, ".ant-form-item-explain-error");
    await field(page, "again").fill("seven doors blue kettle");
    await ok(page);
    await refusal(page);
    await seen(page, "desk-password");
    await field(page, "old").fill(nurse.password);
    await ok(page);
    await gone(page);
    const session = await fetch(`${salus.addresses.http}/api/sessions`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ user: nurse.name, password: nurse.password }) });
    expect(session.status === 401, `the old password still opens: ${session.status}`);
  });
  await check("a disabled user's session ends in words", async () => {
    await go(page, "/", ".sector");
    await call(salus, "PUT", `/api/users/${nurse.name}`, { display_name: nurse.shown, roles: ["clinician"], enabled: false });
    await visible(page, '.sign-in input[autocomplete="username"]');
    expect((await page.textContent(".sign-in")).includes("ended"), "it is not said that the session ended");
    await seen(page, "desk-session-over");
  });
  await check("no script complained (nurse)", async () => expect(page.complaints.length === 0, page.complaints.join("; ")));
  await page.context().close();
}

async function as_viewer(browser, salus) {
  const page = await open_page(browser, salus.address, { width: 1280, height: 800 });
  await check("a viewer is offered nothing that he may not do", async () => {
    await sign_in(page, viewer.password, viewer.name);
    expect(!(await page.textContent(".keys-hint")).includes("acknowledge"), "A is offered");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await visible(page, ".bed-parts .ant-table-row");
    expect((await page.locator(".bed-alarms button").count()) === 0, "Acknowledge is offered at the bed");
    await page.keyboard.press("Escape");
    await go(page, "/limits");
    expect((await page.locator(".rows button").count()) === 0, "limits are offered");
    await picture(page, "desk-viewer-limits");
    await go(page, "/alarms", ".page-head");
    await pause(1_000);
    expect((await page.locator(".rows .cell button").count()) === 0, "Acknowledge is offered in the list");
    await go(page, "/devices");
    await row(page, "demo-01").locator("button").last().click();
    const menu = await (await visible(page, ".ant-dropdown-menu")).textContent();
    expect(menu === "Where it stood", `the menu is ${menu}`);
    for (const place of ["/users", "/audit"]) await go(page, place, "[data-sight='forbidden']");
  });
  await check("no script complained (viewer)", async () => expect(page.complaints.length === 0, page.complaints.join("; ")));
  await page.context().close();
}

const places = ["", "alarms", "beds", "devices", "limits", "users", "audit", "status"];
async function looks(browser, salus) {
  for (const theme of ["dark", "light"])
    for (const language of ["en", "zh"])
      await check(`text stands at 4.5:1 and no number has an exponent (${theme}, ${language})`, async () => {
        const page = await open_page(browser, salus.address, { theme, language, width: 1280, height: 800 });
        const found = await low_contrast(page);
        await sign_in(page, salus.password);
        for (const place of places) {
          await go(page, `/${place}`, place === "" ? ".sector" : ".page-head");
          await pause(1_500);
          found.push(...(await low_contrast(page)).map((one) => `/${place} ${one}`));
          const exponent = (await page.textContent("main")).match(/\b\d(\.\d+)?E\d+\b/);
          expect(!exponent, `/${place} prints ${exponent?.[0]}`);
          await picture(page, `${place || "ward"}-${theme}-${language}`);
        }
        expect(found.length === 0, found.join(" | "));
        await page.context().close();
      });
  await check("on a phone every action can be reached without scrolling sideways", async () => {
    const page = await open_page(browser, salus.address, { width: 390, height: 844 });
    await sign_in(page, salus.password);
    for (const place of places.slice(1)) {
      await go(page, `/${place}`, ".page-head");
      await pause(1_000);
      expect(await fits(page), `/${place} scrolls sideways`);
      const outside = await page.$$eval(".page button", (all) => all.filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth).map((one) => one.textContent));
      expect(outside.length === 0, `/${place} hides ${outside.join(", ")}`);
      await picture(page, `${place}-phone`);
    }
    await page.context().close();
  });
}

await run_story({}, async ({ salus, browser }) => {
  const page = await open_page(browser, salus.address, { width: 1280, height: 800 });
  await sign_in(page, salus.password);
  await devices(page, salus);
  await limits(page, salus);
  await users(page, salus);
  await as_nurse(browser, salus);
  await as_viewer(browser, salus);
  await looks(browser, salus);
  await check("no script complained", async () => expect(page.complaints.length === 0, page.complaints.join("; ")));
});
