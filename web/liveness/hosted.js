// The hosted page: opens its link once, runs the session, and leads back to the application. What went well or wrong the
// application reads from its session; the address it is called back at says only which session ended, and how.
import './vultus-liveness.js';
import { pickLanguage, pickWords } from './words.js';

const language = pickLanguage(navigator.languages);
const words = pickWords(language);
const element = document.querySelector('vultus-liveness');
document.documentElement.lang = language;
document.title = document.querySelector('h1').textContent = words.title;

function end(opened, values, text) {
  if (opened?.callbackUrl) {
    const to = new URL(opened.callbackUrl); // signed by the server, of an origin that it allows
    for (const [name, value] of Object.entries({ sessionId: opened.sessionId, ...values })) to.searchParams.set(name, value);
    location.replace(to);
  } else document.querySelector('#end').textContent = text;
}

async function open(link) {
  const answer = await fetch('/vultus/v1/liveness/links/open', { method: 'POST', headers: { Authorization: `Bearer ${link}` } });
  const json = await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error(), { livenessError: json.error?.code || 'InvalidToken' });
  return json;
}

async function run() {
  const link = location.hash.slice(1);
  history.replaceState(null, '', location.pathname); // the link stays out of the history
  let opened;
  try {
    opened = await open(link);
    element.setAttribute('endpoint', location.origin);
    const { resultId } = await element.start(opened.authToken);
    end(opened, { resultId }, words.close);
  } catch (error) {
    if (!opened) element.fail(error.livenessError || 'NetworkError');
    end(opened, { livenessError: error.livenessError || 'UnexpectedClientError' }, words.close);
  }
}

run();
