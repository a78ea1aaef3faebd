// A person at the page of `vigie http`, in a real Chromium: indexes a project, sees its progress move, cancels another job, searches, and
// looks at files whose names are markup. Prints what was seen as a line of JSON, and writes pictures of the page:
//   node page.mjs CHROMIUM URL PROJECT SECOND PICTURES
// VIGIE_TEST_PLAIN=1 leaves out the sandbox, which root cannot have.
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";

const [, , chromium, url, project, second, pictures] = process.argv;
const require = createRequire(process.env.VIGIE_TEST_MODULES + "/");
const { chromium: engine } = require("playwright-core");
const seen = { shares: [], errors: [], requests: [] };
const browser = await engine.launch({ executablePath: chromium, args: process.env.VIGIE_TEST_PLAIN ? ["--no-sandbox"] : [] });
const view = { width: 1440, height: 1000 };
const page = await browser.newPage({ viewport: view, colorScheme: "light" });
page.setDefaultTimeout(40000);
page.on("pageerror", (error) => seen.errors.push(String(error)));
// What the browser says of an answer that is no success is not the page's fault.
page.on("console", (message) => {
  if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) seen.errors.push(message.text());
});
page.on("request", (request) => seen.requests.push(request.url()));
page.on("dialog", (dialog) => { seen.errors.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });

const shoot = async (name) => {
  for (const [width, height] of [[1440, 1000], [375, 800]]) {
    for (const scheme of ["light", "dark"]) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: scheme });
      await page.screenshot({ path: `${pictures}/${name}-${width}-${scheme}.png`, fullPage: true });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (wide > 0) seen.errors.push(`${name} at ${width} px is ${wide} px too wide`);
    }
  }
  await page.setViewportSize(view);
  await page.emulateMedia({ colorScheme: "light" });
};

await page.goto(url);
await page.waitForSelector("#link[data-state=up]");
await page.waitForSelector("#no-projects:not([hidden])");

// A path that is refused says why.
await page.getByLabel("Directory to index").fill("/no/such/place");
await page.getByRole("button", { name: "Index", exact: true }).click();
await page.waitForFunction(() => document.getElementById("start-note").textContent.includes("does not exist"));

// A project is indexed, and its progress moves.
await page.getByLabel("Directory to index").fill(project);
await page.keyboard.press("Enter");
const bar = page.getByRole("progressbar");
await bar.waitFor();
while ((await bar.count()) > 0) {
  const share = Number(await bar.getAttribute("aria-valuenow", { timeout: 1000 }).catch(() => NaN));
  if (!Number.isNaN(share)) seen.shares.push(share);
  if (!seen.shot && share > 30) {
    seen.shot = true;
    await shoot("working");
  }
  await page.waitForTimeout(50);
}
await page.waitForFunction(() => document.getElementById("ended").textContent.includes("Done:"));
seen.done = await page.locator("#ended li").first().innerText();
seen.told = await page.locator("#told").innerText();
seen.standing = await page.locator("#projects tr").first().innerText();

// Another is cancelled.
await page.getByLabel("Directory to index").fill(second);
await page.keyboard.press("Enter");
await page.getByRole("button", { name: /^Cancel job/ }).click();
await page.waitForFunction(() => document.getElementById("ended").textContent.includes("ancelled"));
seen.cancelled = await page.locator("#ended li").first().innerText();

// A search, by keyboard alone.
await page.locator("body").click({ position: { x: 2, y: 2 } });
await page.keyboard.press("/");
seen.focus = await page.evaluate(() => document.activeElement.id);
await page.getByRole("combobox", { name: "Project" }).selectOption(project);
await page.getByLabel("What is it about?").fill("light the lantern");
await page.getByLabel("What is it about?").press("Enter");
await page.waitForSelector("#results li");
await page.getByRole("button", { name: /^Show \d+ more$/ }).press("Enter");
seen.results = await page.locator("#results li").allInnerTexts();
seen.found = await page.locator("#found").innerText();
seen.marked = await page.locator("#results mark").allInnerTexts();
seen.injected = await page.evaluate(() => [document.querySelectorAll("main img, main b script, main iframe").length, window.injected ?? null]);
await shoot("found");

// What has no name for whoever hears the page.
seen.nameless = await page.evaluate(() =>
  [...document.querySelectorAll("button, input, select")].filter((one) => !one.labels?.length && !one.ariaLabel && !one.textContent.trim()).length);

// A daemon that is stopped stays stopped under the page, which says so; one that is started is found.
const vigie = (...words) => execFileSync(process.env.VIGIE_TEST_COMMAND, words, { stdio: "ignore" });
vigie("daemon", "stop");
await page.waitForSelector("#link[data-state=down]");
seen.down = await page.locator("#trouble").innerText();
// Twice the time in which the page looks.
await page.waitForTimeout(4000);
seen.stayed = (await page.locator("#link").getAttribute("data-state")) !== "up";
vigie("daemon", "start");
await page.waitForSelector("#link[data-state=up]");
await browser.close();
process.stdout.write(JSON.stringify(seen) + "\n");
