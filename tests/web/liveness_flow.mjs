// The liveness element and the hosted page in a real browser against a real server. Needs playwright-core and axe-core
// (NODE_MODULES), chromium, and VULTUS_URL, VULTUS_KEY, VULTUS_PROGRAM, CLIP, CALLBACK_PORT, PRINT_FILM, CLIP_FILM (what
// chromium's camera shows). SHOTS: a folder for pictures. PART=screens: how it looks, and
// cameras that are files; else what happens.
import { createServer } from 'node:http';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import assert from 'node:assert/strict';
import { words } from '../../web/liveness/words.js';
import { look } from './look.mjs';

const require = createRequire(`${process.env.NODE_MODULES || process.cwd()}/`);
const { chromium } = require('playwright-core');
const { VULTUS_URL, VULTUS_KEY, VULTUS_PROGRAM, CLIP, SHOTS, CALLBACK_PORT, PRINT_FILM, CLIP_FILM, PART } = process.env;
const cameraText = await readFile(new URL('camera.js', import.meta.url), 'utf8');
const web = new URL('../../web/liveness/', import.meta.url);

async function api(method, path, body) {
  const answer = await fetch(`${VULTUS_URL}/${path}`, { method, body: body && JSON.stringify(body),
    headers: { 'ocp-apim-subscription-key': VULTUS_KEY, ...(body ? { 'content-type': 'application/json' } : {}) } });
  return { status: answer.status, json: await answer.json().catch(() => null) };
}
const sessions = 'face/v1.2/detectLiveness-sessions';
const create = async (more = {}) => (await api('POST', sessions, { livenessOperationMode: 'Passive', deviceCorrelationId: crypto.randomUUID(), ...more })).json;
const read = async (id) => (await api('GET', `${sessions}/${id}`)).json;

let seed = 100;
async function renderFilm(script) {
  const folder = await mkdtemp('/tmp/vultus-film-');
  await promisify(execFile)(VULTUS_PROGRAM, ['eval', 'film', CLIP, folder, '--script', script, '--seed', String(seed++), '--every', '70']);
  const frames = await Promise.all((await readdir(folder)).sort().map(async (name) => ({ ms: parseInt(name, 10), jpeg: await readFile(`${folder}/${name}`, 'base64') })));
  await rm(folder, { recursive: true });
  return frames;
}

const called = [];
const application = createServer((request, response) => {
  if (request.url.startsWith('/back')) called.push(new URL(request.url, 'http://x').searchParams);
  response.writeHead(200, { 'content-type': 'text/html' }).end('<title>back</title>');
});
await new Promise((done) => application.listen(Number(CALLBACK_PORT), '127.0.0.1', done));

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking',
  '--use-fake-device-for-media-stream'] });

async function open(path, { permissions = ['camera'], ...more } = {}) {
  const context = await browser.newContext({ viewport: { width: 420, height: 900 }, permissions, ...more });
  const page = await context.newPage();
  page.setDefaultTimeout(30000);
  page.on('pageerror', (error) => console.error('page:', error.message));
  await page.exposeFunction('renderFilm', renderFilm);
  await page.addInitScript(cameraText);
  await page.goto(`${VULTUS_URL}/liveness${path}`);
  return page;
}

/* The element alone, as an application has it in a page of its own: start(token). */
async function begin(token, { shown, lang, ...more } = {}) {
  const page = await open('', more);
  await page.waitForFunction(() => document.querySelector('vultus-liveness').shadowRoot.querySelector('.bad'));
  await page.evaluate(({ given, what, language }) => {
    window.shown = what;
    if (language) document.documentElement.lang = language;
    const element = document.createElement('vultus-liveness');
    element.setAttribute('endpoint', location.origin);
    document.querySelector('vultus-liveness').replaceWith(element);
    window.outcome = element.start(given).then((good) => ({ good }), ({ livenessError, recognitionError }) => ({ bad: { livenessError, recognitionError } }));
  }, { given: token, what: shown, language: lang });
  return page;
}
const outcome = (page) => page.evaluate(() => window.outcome);
const state = (page, name) => page.waitForFunction((word) => document.querySelector('vultus-liveness')?.shadowRoot.querySelector(`.stage.${word}`), name, { timeout: 60000 });

const flow = {
  async 'a link opens once, films, and calls back'() {
    const session = await create({ enableSessionImage: true });
    const wish = { sessionId: session.sessionId, callbackUrl: `http://127.0.0.1:${CALLBACK_PORT}/back?own=1` };
    const link = (await api('POST', 'vultus/v1/liveness/links', wish)).json.url;
    const page = await open(link.slice(link.indexOf('#')), { viewport: { width: 360, height: 740 } });
    await page.getByRole('button', { name: 'Start' }).waitFor();
    await look(page, 'ready-360');
    assert.equal(await page.evaluate(() => location.hash), '');
    await page.keyboard.press('Enter'); // the focus is on Start
    await state(page, 'filming');
    await page.waitForURL(`http://127.0.0.1:${CALLBACK_PORT}/**`, { timeout: 60000 });
    const [{ attemptStatus, result }] = (await read(session.sessionId)).results.attempts;
    console.log(`  ${attemptStatus} ${result?.livenessDecision}`);
    assert.equal(called.at(-1).get('sessionId'), session.sessionId);
    assert.equal(called.at(-1).get('own'), '1');
    assert.equal(called.at(-1).get('resultId'), session.sessionId);
    assert.equal(result.livenessDecision, 'realface');
    const again = await open(link.slice(link.indexOf('#')));
    await state(again, 'bad');
    assert.match(await again.textContent('.prompt'), /used before/);
    await look(again, 'opened');
  },
  async 'links lead nowhere else'() {
    const session = await create();
    for (const callbackUrl of ['https://evil.example/', `http://127.0.0.1:${CALLBACK_PORT}@evil.example/`, `http://127.0.0.1:${CALLBACK_PORT}0/`, 'javascript:alert(1)',
      `http://127.0.0.1:${CALLBACK_PORT}\\@evil.example`, '//evil.example', `http://127.0.0.1:${CALLBACK_PORT}/${'a'.repeat(600)}`])
      assert.equal((await api('POST', 'vultus/v1/liveness/links', { sessionId: session.sessionId, callbackUrl })).status, 400, callbackUrl);
    const link = (await api('POST', 'vultus/v1/liveness/links', { sessionId: session.sessionId })).json.url;
    const bearer = (token) => ({ method: 'POST', body: '{}', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } });
    const token = link.split('#')[1];
    assert.equal((await fetch(`${VULTUS_URL}/face/v1.2/session/start`, bearer(token))).status, 401); // a link films nothing by itself
    assert.equal((await fetch(`${VULTUS_URL}/vultus/v1/liveness/links/open`, bearer(session.authToken))).status, 401);
    const opened = await Promise.all([1, 2, 3, 4].map(() => fetch(`${VULTUS_URL}/vultus/v1/liveness/links/open`, bearer(token))));
    assert.deepEqual(opened.map((answer) => answer.status).sort(), [200, 403, 403, 403]);
    assert.equal((await api('DELETE', `${sessions}/${session.sessionId}`)).status, 204);
    assert.equal((await fetch(`${VULTUS_URL}/vultus/v1/liveness/links/open`, bearer(token))).status, 401);
  },
  async 'PassiveActive resolves to resultId and digest'() {
    const session = await create({ livenessOperationMode: 'PassiveActive', numberOfClientAttemptsAllowed: 3 });
    const page = await begin(session.authToken, { viewport: { width: 1280, height: 900 } });
    await page.getByRole('button', { name: 'Start' }).waitFor();
    await look(page, 'ready-1280');
    for (let more = true; more;) {
      await page.getByRole('button', { name: /Start|Try again/ }).click();
      await state(page, 'filming');
      await page.waitForTimeout(700);
      await look(page, 'filming');
      more = await Promise.race([outcome(page).then(() => false), page.getByRole('button', { name: 'Try again' }).waitFor({ timeout: 60000 }).then(() => true, () => false)]);
    }
    const { good } = await outcome(page);
    const attempts = (await read(session.sessionId)).results.attempts;
    console.log(`  ${attempts.length} attempt(s), ${attempts[0].result?.livenessDecision}`);
    assert.deepEqual(good, { resultId: session.sessionId, digest: attempts[0].result.digest });
    assert.equal(attempts[0].result.livenessDecision, 'realface');
    await look(page, 'done');
    const reused = await begin(session.authToken);
    await reused.getByRole('button', { name: 'Start' }).click();
    assert.deepEqual(await outcome(reused), { bad: { livenessError: 'AttemptsExhausted', recognitionError: null } });
    await look(reused, 'exhausted');
  },
  async 'reduced motion asks for turns instead of light, on a slow network'() {
    const session = await create();
    const page = await begin(session.authToken, { reducedMotion: 'reduce', lang: 'de' });
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 200, downloadThroughput: 250000, uploadThroughput: 250000 });
    assert.ok(await page.getByRole('checkbox', { name: /Farben/ }).isChecked());
    await page.getByRole('button', { name: 'Starten' }).click();
    const { good, bad } = await outcome(page);
    const [attempt] = (await read(session.sessionId)).results.attempts;
    console.log(`  ${attempt.attemptStatus} ${attempt.result?.livenessDecision || bad.livenessError}`);
    assert.doesNotMatch(await page.evaluate(() => window.script), /colour/);
    assert.match(await page.evaluate(() => window.script), /left|right/);
    if (good) assert.equal(good.digest, attempt.result.digest);
    else assert.equal(bad.livenessError, attempt.error.code);
    assert.ok(['Succeeded', 'Failed'].includes(attempt.attemptStatus));
  },
  async 'a denied camera is told'() {
    const page = await begin((await create()).authToken, { permissions: [] });
    assert.deepEqual(await outcome(page), { bad: { livenessError: 'CameraPermissionDenied', recognitionError: null } });
    await look(page, 'denied');
  },
  async 'no face is told, and three attempts are all there are'() {
    const session = await create({ numberOfClientAttemptsAllowed: 3 });
    const page = await begin(session.authToken, { shown: 'nobody' });
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('button', { name: 'Try again' }).waitFor({ timeout: 60000 });
    assert.match(await page.textContent('.prompt'), /could not see your face/);
    await look(page, 'again');
    await page.getByRole('button', { name: 'Try again' }).click(); // the same wall is no replayed film
    await state(page, 'filming');
    await page.getByRole('button', { name: 'Try again' }).waitFor({ timeout: 60000 });
    assert.match(await page.textContent('.prompt'), /could not see your face/);
    for (const attempt of (await read(session.sessionId)).results.attempts) assert.equal(attempt.error.code, 'NoFaceDetected');
    { // as another tab would use the last
      const begun = await fetch(`${VULTUS_URL}/face/v1.2/session/start`, { method: 'POST', body: '{}',
        headers: { authorization: `Bearer ${session.authToken}`, 'content-type': 'application/json' } });
      assert.equal(begun.status, 200);
    }
    await page.getByRole('button', { name: 'Try again' }).press('Enter');
    assert.deepEqual(await outcome(page), { bad: { livenessError: 'AttemptsExhausted', recognitionError: null } });
    assert.equal((await read(session.sessionId)).results.attempts.length, 3);
    await look(page, 'three');
  },
  async 'another tab, a cancel and a tampered or deleted token end it'() {
    const session = await create();
    let page = await begin(session.authToken);
    await page.getByRole('button', { name: 'Start' }).click();
    await state(page, 'filming');
    await page.evaluate(() => Object.defineProperty(document, 'hidden', { get: () => true })); // headless tabs are never hidden
    assert.equal((await outcome(page)).bad.livenessError, 'UserCanceledActiveSession');
    assert.equal((await read(session.sessionId)).results.attempts[0].attemptStatus, 'Canceled');
    const other = await create();
    page = await begin(other.authToken);
    await page.getByRole('button', { name: 'Cancel' }).press('Enter');
    assert.equal((await outcome(page)).bad.livenessError, 'UserCanceledSession');
    page = await begin(`${other.authToken.slice(0, -3)}AAA`);
    await page.getByRole('button', { name: 'Start' }).click();
    assert.equal((await outcome(page)).bad.livenessError, 'InvalidToken');
    assert.equal((await api('DELETE', `${sessions}/${other.sessionId}`)).status, 204);
    page = await begin(other.authToken);
    await page.getByRole('button', { name: 'Start' }).click();
    assert.equal((await outcome(page)).bad.livenessError, 'InvalidToken');
  },
  async 'an expired token is told'() {
    await new Promise((done) => setTimeout(done, Math.max(0, begunMs + 61000 - Date.now())));
    const page = await begin(soon.authToken);
    await page.getByRole('button', { name: 'Start' }).click();
    assert.deepEqual(await outcome(page), { bad: { livenessError: 'InvalidToken', recognitionError: null } });
    await look(page, 'expired');
  },
};

const screens = {
  async 'six languages have the same words'() {
    assert.deepEqual(Object.keys(words).sort(), ['de', 'en', 'es', 'fr', 'ja', 'zh']);
    for (const [language, own] of Object.entries(words)) {
      assert.deepEqual(Object.keys(own).sort(), Object.keys(words.en).sort(), language);
      assert.ok(Object.values(own).every((text) => text.trim()), language);
    }
  },
  async 'the component is under 40 kB gzip'() {
    const bytes = await Promise.all(['vultus-liveness.js', 'payload.js', 'words.js'].map(async (name) => readFile(new URL(name, web))));
    const size = gzipSync(Buffer.concat(bytes)).length;
    console.log(`  ${size} bytes`);
    assert.ok(size < 40000);
  },
  async 'every language fits on a small screen'() {
    for (const [language, own] of Object.entries(words)) {
      const page = await begin((await create()).authToken, { lang: language, viewport: { width: 320, height: 640 } });
      await page.getByRole('button', { name: own.start }).waitFor();
      await look(page, `ready-${language}`);
      const wide = await page.evaluate((texts) => {
        const root = document.querySelector('vultus-liveness').shadowRoot, prompt = root.querySelector('.prompt');
        return texts.filter((text) => (prompt.textContent = text) && (prompt.scrollWidth > prompt.clientWidth + 1 || document.documentElement.scrollWidth > innerWidth));
      }, Object.values(own));
      assert.deepEqual(wide, [], language);
      assert.equal(await page.locator('.prompt').first().getAttribute('lang'), language);
      await page.context().close();
    }
  },
  async 'the other pages are accessible'() {
    for (const [path, name] of [['/', 'status'], ['/console/review', 'review'], ['/liveness', 'liveness']]) {
      const page = await open('');
      await page.goto(`${VULTUS_URL}${path}`);
      await page.waitForTimeout(500);
      await look(page, `page-${name}`);
    }
  },
  async 'a print and a film without the script, out of a camera, are nobody'() {
    for (const [file, name] of [[PRINT_FILM, 'print'], [CLIP_FILM, 'clip']]) {
      const own = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking',
        '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-video-capture=${file}`] });
      const page = await (await own.newContext({ viewport: { width: 420, height: 900 }, permissions: ['camera'] })).newPage();
      const session = await create();
      const link = (await api('POST', 'vultus/v1/liveness/links', { sessionId: session.sessionId })).json.url;
      await page.goto(link);
      await page.getByRole('button', { name: 'Start' }).click();
      await state(page, 'filming');
      await page.waitForTimeout(2500);
      if (SHOTS) await page.screenshot({ path: `${SHOTS}/camera-${name}.png` });
      let attempt;
      for (let i = 0; i < 120 && !(attempt = (await read(session.sessionId)).results?.attempts?.[0])?.attemptStatus?.match(/Succeeded|Failed/); i++) await page.waitForTimeout(500);
      console.log(`  ${name}: ${attempt.attemptStatus} ${attempt.result?.livenessDecision || attempt.error?.code}`);
      assert.ok(attempt.attemptStatus === 'Failed' || attempt.result.livenessDecision !== 'realface', name);
      await own.close();
    }
  },
};

const begunMs = Date.now(), soon = await create({ authTokenTimeToLiveInSeconds: 60 });
let failed = 0;
for (const [name, test] of Object.entries(PART === 'screens' ? screens : flow)) {
  if (process.env.ONLY && !name.includes(process.env.ONLY)) continue;
  try {
    await test();
    console.log(`ok ${name}`);
  } catch (error) {
    failed++;
    console.log(`not ok ${name}\n${error.stack}`);
  }
  for (const context of browser.contexts()) await context.close();
}
await browser.close();
application.close();
process.exit(failed ? 1 : 0);
