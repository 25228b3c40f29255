// Signs people in by their face: the server side uses the official SDK, the filming happens on Vultus' hosted page.
const { randomUUID } = require('node:crypto');
const { createServer } = require('node:http');
const { readFile } = require('node:fs/promises');
const path = require('node:path');
const { default: FaceClient, isUnexpected } = require('@azure-rest/ai-vision-face');
const { AzureKeyCredential } = require('@azure/core-auth');

const { VULTUS_URL = 'http://127.0.0.1:5000', VULTUS_KEY, PORT = '8080', PEOPLE = path.join(__dirname, 'people') } = process.env;
const home = process.env.APP_URL || `http://127.0.0.1:${PORT}`;
const face = FaceClient(VULTUS_URL, new AzureKeyCredential(VULTUS_KEY), { allowInsecureConnection: VULTUS_URL.startsWith('http://127.0.0.1') });

// browser's cookie -> { name, sessionId } while it is checked, { name, signedIn } afterwards. A real application keeps this in its store.
const visitors = new Map();

/** A liveness session that compares the person with the picture of their name, and a page to film them on. */
async function beginCheck(name) {
  const part = (key, body) => ({ name: key, body });
  const made = await face.path('/detectLivenessWithVerify-sessions').post({ contentType: 'multipart/form-data', body: [
    part('livenessOperationMode', 'PassiveActive'), part('deviceCorrelationId', randomUUID()), part('numberOfClientAttemptsAllowed', '3'),
    { ...part('verifyImage', await readFile(path.join(PEOPLE, `${name}.jpg`))), filename: 'verify.jpg', contentType: 'image/jpeg' } ] });
  if (isUnexpected(made)) throw new Error(made.body.error.message);
  const { sessionId } = made.body;
  const link = await fetch(`${VULTUS_URL}/vultus/v1/liveness/links`, { method: 'POST',
    headers: { 'ocp-apim-subscription-key': VULTUS_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ sessionId, verify: true, callbackUrl: `${home}/back` }) });
  if (!link.ok) throw new Error((await link.json()).error.message);
  return { sessionId, url: (await link.json()).url };
}

/** What counts is what the server says of the session, never what the browser brings along. */
async function passed(sessionId) {
  const read = await face.path('/detectLivenessWithVerify-sessions/{sessionId}', sessionId).get();
  await face.path('/detectLivenessWithVerify-sessions/{sessionId}', sessionId).delete();
  if (isUnexpected(read)) return false;
  const result = read.body.results.attempts[0]?.result; // the newest
  return result?.livenessDecision === 'realface' && result.verifyResult?.isIdentical === true;
}

const page = (text) => `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in</title><style>body{margin:0;font:1rem/1.5 system-ui,sans-serif;background:#eef1f5;color:#14202b}main{max-width:24rem;margin:12vh auto;padding:2rem;background:#fff;
border-radius:1.25rem;box-shadow:0 8px 30px #0000001a}h1{font-size:1.5rem;margin:0 0 1rem}form{display:grid;gap:.75rem}input,button{font:inherit;padding:.7rem 1rem;border-radius:.65rem;
border:1px solid #7b8894}button{background:#0b5cad;color:#fff;font-weight:650;border:0;cursor:pointer}:focus-visible{outline:3px solid #0b5cad;outline-offset:2px}</style><main>${text}</main></html>`;
const form = (note) => page(`<h1>Sign in</h1><p role="status">${note}</p><form method="post" action="/sign-in"><label for="name">Your name</label>
<input id="name" name="name" required pattern="[a-z]+" autocomplete="username"><button>Sign in with your face</button></form>`);

async function signIn(request, visitor) {
  let body = '';
  for await (const chunk of request) if ((body += chunk).length > 1000) throw new Error('too long a form');
  const name = new URLSearchParams(body).get('name') || '';
  if (!/^[a-z]{1,32}$/.test(name)) return { html: form('Names are lower-case letters.') };
  const { sessionId, url } = await beginCheck(name);
  visitors.set(visitor, { name, sessionId });
  return { location: url };
}

/** Only the browser that began a check may end it, and once. */
async function back(query, visitor) {
  const { name, sessionId } = visitors.get(visitor) || {};
  visitors.delete(visitor);
  if (!sessionId || query.get('sessionId') !== sessionId || !(await passed(sessionId))) return { html: form('We could not sign you in.') };
  visitors.set(visitor, { name, signedIn: true });
  return { location: '/' };
}

async function answer(request, visitor) {
  const url = new URL(request.url, home), known = visitors.get(visitor);
  if (request.method === 'POST' && url.pathname === '/sign-in') return signIn(request, visitor);
  if (url.pathname === '/back') return back(url.searchParams, visitor);
  return { html: known?.signedIn ? page(`<h1>Hello, ${known.name}</h1><p>You are signed in.</p>`) : form('') };
}

createServer(async (request, response) => {
  const visitor = /(?:^|; )visitor=([0-9a-f-]{36})/.exec(request.headers.cookie || '')?.[1] || randomUUID();
  const { html, location } = await answer(request, visitor).catch((error) => {
    console.error(error.message);
    return { html: form('We could not sign you in.') };
  });
  response.writeHead(location ? 303 : 200, { 'content-type': 'text/html; charset=utf-8', ...(location ? { location } : {}),
    'set-cookie': `visitor=${visitor}; HttpOnly; SameSite=Lax; Path=/${home.startsWith('https:') ? '; Secure' : ''}` }).end(html);
}).listen(Number(PORT), '127.0.0.1', () => console.log(`sign in at ${home}`));
