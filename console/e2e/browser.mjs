// Debian's Chromium without its own calls to the outside, and the steps that every browser test begins with.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const screenshots = process.env.SALUS_SCREENSHOTS;

export const open_browser = () =>
  chromium.launch({
    executablePath: "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ],
  });

// A page of its own storage; what its scripts complain of is gathered in `page.complaints`.
export async function open_page(browser, address, { language = "en", theme = "dark", width = 1920, height = 1080, zone, touch = false } = {}) {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width, height },
    locale: language === "zh" ? "zh-CN" : "en-GB",
    hasTouch: touch,
    ...(zone && { timezoneId: zone }),
  });
  await context.addInitScript((chosen) => localStorage.getItem("salus.theme") ?? localStorage.setItem("salus.theme", chosen), theme);
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(error.message));
  await page.goto(address);
  return page;
}

export async function sign_in(page, password, user = "admin") {
  await page.fill('input[autocomplete="username"]', user);
  await page.fill('input[autocomplete="current-password"]', password);
  await page.click('button[type="submit"]');
  await page.waitForSelector(".sector", { timeout: 15_000 });
}

export async function picture(page, name) {
  if (!screenshots) return;
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`) });
}

export const fits = (page) => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
