// examples/liveness-app in a real browser: a simulated person signs in, and does not under somebody else's name.
import { execFile, spawn } from 'node:child_process';
import { copyFile, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import assert from 'node:assert/strict';
import { look } from './look.mjs';

const { VULTUS_URL, VULTUS_KEY, VULTUS_PROGRAM, CLIP, CALLBACK_PORT, NODE_MODULES, SDK_MODULES, SOMEBODY } = process.env;
const { chromium } = createRequire(`${NODE_MODULES}/`)('playwright-core');
const people = await mkdtemp('/tmp/vultus-people-');

let seed = 99; // of the simulated person: the shape of their face depends on it
async function render(script) {
  const folder = await mkdtemp('/tmp/vultus-film-');
  await promisify(execFile)(VULTUS_PROGRAM, ['eval', 'film', CLIP, folder, '--script', script, '--seed', String(seed), '--every', '70']);
  return { folder, names: (await readdir(folder)).sort() };
}

async function renderFilm(script) {
  const { folder, names } = await render(script);
  const frames = await Promise.all(names.map(async (name) => ({ ms: parseInt(name, 10), jpeg: await readFile(`${folder}/${name}`, 'base64') })));
  await rm(folder, { recursive: true });
  return frames;
}

// A picture of Anna as near as in the film: bending frames, which stands for coming closer, changes the face's shape.
async function enrol() {
  seed++;
  const { folder, names } = await render('1 passive hold:0-1000 closer:1000-4000');
  await copyFile(`${folder}/${names.at(-1)}`, `${people}/anna.jpg`);
  await rm(folder, { recursive: true });
}

await copyFile(SOMEBODY, `${people}/otto.jpg`);
const application = spawn('node', [new URL('../../examples/liveness-app/server.js', import.meta.url).pathname], { stdio: ['ignore', 'pipe', 'inherit'],
  env: { ...process.env, NODE_PATH: `${SDK_MODULES}/node_modules`, PORT: CALLBACK_PORT, PEOPLE: people, VULTUS_URL, VULTUS_KEY } });
await new Promise((done) => application.stdout.once('data', done));
const home = `http://127.0.0.1:${CALLBACK_PORT}`;
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking',
  '--use-fake-device-for-media-stream'] });
const cameraText = await readFile(new URL('camera.js', import.meta.url), 'utf8');

async function signIn(name) {
  const context = await browser.newContext({ viewport: { width: 420, height: 900 }, permissions: ['camera'] });
  const page = await context.newPage();
  page.setDefaultTimeout(30000);
  await page.exposeFunction('renderFilm', renderFilm);
  await page.addInitScript(cameraText);
  await page.goto(home);
  await look(page, 'app');
  await page.getByLabel('Your name').fill(name);
  await page.keyboard.press('Enter');
  for (let tries = 0; tries < 3; tries++) {
    await page.getByRole('button', { name: /Start|Try again/ }).click();
    const again = page.getByRole('button', { name: 'Try again' }).waitFor({ timeout: 90000 }).then(() => true, () => false);
    if (!(await Promise.race([page.waitForURL(`${home}/**`, { timeout: 90000 }).then(() => false), again]))) break;
  }
  await page.waitForLoadState();
  const text = await page.textContent('main');
  await look(page, `app-${name}`);
  const elsewhere = await fetch(`${home}/back?sessionId=${crypto.randomUUID()}`); // a browser that began nothing
  assert.match(await elsewhere.text(), /could not sign you in/);
  await context.close();
  return text;
}

try {
  let tries = 0, text = '';
  while (!text.includes('Hello') && tries++ < 3) { // simulated people are refused at times, as people are
    await enrol();
    text = await signIn('anna');
  }
  assert.match(text, /Hello, anna/);
  console.log(`anna is signed in, try ${tries}`);
  seed++;
  assert.match(await signIn('otto'), /could not sign you in/);
  console.log('under the name of otto nobody is');
} finally {
  await browser.close();
  application.kill();
  await rm(people, { recursive: true });
}
