// The kiosk's page in a real browser whose camera shows CAMERA (.mjpeg). STEPS: join or greet; KIOSK: the page; SHOTS: a folder.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";

const require = createRequire(`${process.env.NODE_MODULES}/`);
const { chromium } = require("playwright-core");
const { CAMERA, KIOSK, SHOTS, STEPS } = process.env;

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking",
  "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${CAMERA}`] });
const context = await browser.newContext({ viewport: { width: 600, height: 960 }, permissions: ["camera"] });
const page = await context.newPage();
const press = (name) => page.getByRole("button", { name, exact: true }).click();
const shot = (name) => SHOTS && page.screenshot({ path: `${SHOTS}/kiosk-${name}.png` });

async function clean() {
  await page.addScriptTag({ content: await readFile(require.resolve("axe-core/axe.min.js"), "utf8") });
  const { violations } = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] }));
  assert.deepEqual(violations.map((one) => `${one.id}: ${one.nodes[0].html}`), []);
}

async function picture() { // the camera is on
  await page.waitForFunction(() => document.querySelector("section.now video").videoWidth > 0);
}

const steps = {
  async join() {
    await press("I am new here");
    await press("I agree: remember my face");
    assert.equal(await page.textContent("#said"), "Please choose first.");
    await page.getByLabel("Cappuccino").check();
    await clean();
    await shot("consent");
    await press("I agree: remember my face");
    await picture();
    await shot("camera");
    await press("Remember this face");
    await page.getByText("Next time look into the camera").waitFor();
    await shot("joined");
    await press("Done");
    await page.getByText("I am new here").waitFor();
  },
  async greet() {
    await press("With my face");
    await picture();
    await press("That's me");
    await page.getByText("Your usual:").waitFor();
    assert.equal(await page.textContent("#usual"), "Cappuccino");
    await shot("greeted");
    await press("Forget me");
    await page.getByText("You are forgotten").waitFor();
    await press("With my face");
    await picture();
    await press("That's me");
    await page.getByText("We do not know you").waitFor();
  },
};

try {
  await page.goto(KIOSK);
  await clean();
  await shot("start");
  await steps[STEPS]();
} catch (error) {
  console.error("the page says:", await page.textContent("#said"));
  throw error;
} finally {
  await browser.close();
}
