// Tables and dialogs of the console, as tests handle them.
import { low_contrast } from "./contrast.mjs";
import { expect } from "./checks.mjs";
import { fits, picture } from "./browser.mjs";
import { pause } from "./salus.mjs";

export const dialog = ".ant-modal:visible";
export const top = (page) => page.locator(dialog).last();
export const visible = (page, selector) => page.waitForSelector(selector, { state: "visible", timeout: 10_000 });
export const field = (page, id) => top(page).locator(`#${id}`);
export const gone = (page) => page.waitForSelector(dialog, { state: "hidden", timeout: 10_000 });
export const ok = (page) => top(page).locator(".ant-modal-footer .ant-btn-primary").click();
export const row = (page, text) => page.locator(".ant-table-row", { hasText: text }).first();

export async function act(page, text, action) {
  await row(page, text).locator("button").last().click();
  await page.locator(".ant-dropdown:not(.ant-dropdown-hidden) .ant-dropdown-menu-item", { hasText: action }).click();
  await visible(page, dialog);
}

// A picture of what is there, whose every word must be readable.
export async function seen(page, name) {
  await pause(400); // a dialog has opened
  await picture(page, name);
  const found = await low_contrast(page);
  expect(found.length === 0, `hard to read: ${found.join(" | ")}`);
}

// The same of a page that must not scroll sideways.
export async function seen_whole(page, name) {
  await seen(page, name);
  expect(await fits(page), "it scrolls sideways");
}
