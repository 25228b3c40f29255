// The liveness element in a real browser against a real server. Needs playwright-core and axe-core (NODE_PATH or
// node_modules), chromium, and VULTUS_URL, VULTUS_KEY of a running server. CLIP: a .mjpeg that stands for the camera.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import assert from 'node:assert/strict';

const require = createRequire(`${process.env.NODE_MODULES || process.cwd()}/`);
const { chromium } = require('playwright-core');
const web = new URL('../../web/liveness/', import.meta.url);
const { VULTUS_URL, VULTUS_KEY, CLIP, SHOTS } = process.env;

const types = { js: 'text/javascript', html: 'text/html' };
const server = createServer(async (request, response) => {
  const path = new URL(request.url, 'http://h').pathname;
  try {
    if (path.startsWith('/face/')) {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const answer = await fetch(VULTUS_URL + path, { method: request.method, body: Buffer.concat(chunks),
        headers: { authorization: request.headers.authorization || '', 'content-type': request.headers['content-type'] } });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(Buffer.from(await answer.arrayBuffer()));
      return;
    }
    const name = path.slice(1);
    if (!/^[a-z-]+\.(js|html)$/.test(name)) throw new Error('no such file');
    response.writeHead(200, { 'content-type': types[name.split('.').pop()] }).end(await readFile(new URL(name, web)));
  } catch (error) {
    response.writeHead(404).end(String(error));
  }
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const origin = `http://localhost:${server.address().port}`;

async function api(method, path, body) {
  const answer = await fetch(`${VULTUS_URL}/face/v1.2/${path}`, { method, body: body && JSON.stringify(body),
    headers: { 'ocp-apim-subscription-key': VULTUS_KEY, ...(body ? { 'content-type': 'application/json' } : {}) } });
  return { status: answer.status, json: await answer.json().catch(() => null) };
}

const create = async (more = {}) => (await api('POST', 'detectLiveness-sessions', { livenessOperationMode: 'Passive', deviceCorrelationId: crypto.randomUUID(), ...more })).json;

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking',
  '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', ...(CLIP ? [`--use-file-for-fake-video-capture=${CLIP}`] : [])] });

async function open(token, permissions = ['camera']) {
  const context = await browser.newContext({ viewport: { width: 420, height: 900 }, permissions });
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error('page:', error.message));
  await page.goto(`${origin}/demo.html#token=${encodeURIComponent(token)}`);
  await page.evaluate((to) => document.querySelector('vultus-liveness').setAttribute('endpoint', to), origin);
  return page;
}

const result = async (page, timeout = 60000) => {
  await page.waitForFunction(() => document.querySelector('#result').textContent, null, { timeout });
  return JSON.parse(await page.textContent('#result'));
};
const shot = (page, name) => SHOTS && page.screenshot({ path: `${SHOTS}/${name}.png` });

try {
  // the whole flow: digest equal on both sides
  const session = await create({ enableSessionImage: true });
  let page = await open(session.authToken);
  await page.getByRole('button', { name: 'Start' }).waitFor();
  await shot(page, 'consent');
  await page.addScriptTag({ content: await readFile(require.resolve('axe-core/axe.min.js'), 'utf8') });
  const axe = await page.evaluate(() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] }));
  assert.deepEqual(axe.violations.map((v) => `${v.id}: ${v.nodes[0].html}`), []);
  await page.keyboard.press('Enter');
  await page.waitForTimeout(900);
  await shot(page, 'hold');
  await page.waitForTimeout(3000);
  await shot(page, 'closer');
  const outcome = await result(page);
  await shot(page, 'end');
  const seen = (await api('GET', `detectLiveness-sessions/${session.sessionId}`)).json;
  console.log('flow:', JSON.stringify(outcome), JSON.stringify(seen.results.attempts[0]));
  const attempt = seen.results.attempts[0];
  if (attempt.attemptStatus === 'Succeeded') {
    assert.equal(outcome.resultId, session.sessionId);
    assert.equal(attempt.result.digest, outcome.digest);
  } else {
    assert.equal(outcome.livenessError, attempt.error.code);
  }
  assert.notEqual(attempt.result?.livenessDecision, 'realface'); // the clip knows nothing of this script

  // the attempt is used up
  page = await open(session.authToken);
  await page.getByRole('button', { name: 'Start' }).click();
  assert.equal((await result(page)).livenessError, 'AttemptsExhausted');

  // cancelled by keyboard
  const other = await create();
  page = await open(other.authToken);
  await page.getByRole('button', { name: 'Cancel' }).press('Enter');
  assert.equal((await result(page)).livenessError, 'UserCanceledSession');

  // tampered and deleted
  page = await open(`${other.authToken.slice(0, -2)}AA`);
  await page.getByRole('button', { name: 'Start' }).click();
  assert.equal((await result(page)).livenessError, 'InvalidToken');
  assert.equal((await api('DELETE', `detectLiveness-sessions/${other.sessionId}`)).status, 204);
  page = await open(other.authToken);
  await page.getByRole('button', { name: 'Start' }).click();
  assert.equal((await result(page)).livenessError, 'InvalidToken');
  console.log('all passed');
} finally {
  await browser.close();
  server.close();
}
