// Takes the picture of the page of `vigie http`, with a search and a job at work: page.mjs URL PROJECT WORDS BUSY PICTURE. `.ci/pictures`
// runs it.
import { createRequire } from "node:module";

const [, , url, project, words, busy, picture] = process.argv;
const require = createRequire(process.env.VIGIE_MODULES + "/");
const { chromium } = require("playwright-core");
const plain = process.getuid() === 0 ? ["--no-sandbox"] : [];
const browser = await chromium.launch({ executablePath: process.env.VIGIE_CHROMIUM, args: plain });
const page = await browser.newPage({ viewport: { width: 1280, height: 1000 }, colorScheme: "light" });
page.setDefaultTimeout(300000);
await page.goto(url);
await page.waitForSelector("#projects tr");
await page.waitForFunction(() => !document.querySelector("[role=progressbar]"));
await page.locator("#where").selectOption(project);
await page.getByLabel("What is it about?").fill(words);
await page.keyboard.press("Enter");
await page.waitForSelector("#results li");
await page.getByLabel("Directory to index").fill(busy);
await page.getByLabel("Read and parse every file again").check();
await page.keyboard.press("Tab");
await page.getByRole("button", { name: "Index", exact: true }).click();
await page.waitForFunction(() => Number(document.querySelector("[role=progressbar]")?.getAttribute("aria-valuenow")) >= 55);
await page.getByLabel("Read and parse every file again").uncheck();
await page.evaluate(() => document.activeElement.blur());
await page.screenshot({ path: picture });
await browser.close();
