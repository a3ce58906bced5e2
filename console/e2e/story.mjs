// How every browser test runs: a server of its own and a browser, ended whatever happens, and the exit code at the end.
import { open_browser } from "./browser.mjs";
import { finish } from "./checks.mjs";
import { Salus } from "./salus.mjs";

// `command`: demo, serve (a ward without patients), or null for no server. `prepare(salus)` gives something with an end().
export async function run_story({ command = "demo", prepare = null }, tell) {
  const salus = command === null ? null : await Salus.start(command);
  const browser = await open_browser();
  let prepared = null;
  try {
    prepared = (await prepare?.(salus)) ?? null;
    await tell({ salus, browser, prepared });
  } finally {
    await prepared?.end();
    await browser.close();
    await salus?.end();
  }
  finish();
}

// The API as the administrator: {status, body}.
export async function call(salus, method, path, body, token = salus.addresses.admin_token) {
  const answer = await fetch(salus.addresses.http + path, {
    method,
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, body: text ? JSON.parse(text) : null };
}

// To another page without loading the console anew.
export async function go(page, path, wait = ".ant-table-row") {
  await page.evaluate((to) => (history.pushState(null, "", to), window.dispatchEvent(new PopStateEvent("popstate"))), path);
  if (wait) await page.waitForSelector(wait, { state: "visible", timeout: 10_000 });
}
