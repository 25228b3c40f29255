// <vultus-liveness>: films a person who follows a session's script. start(token) resolves to {resultId, digest} or
// rejects with {livenessError, recognitionError}. Attributes: lang, endpoint (else the token's address), silent.
import { Payload, parseScript } from './payload.js';
import { pickLanguage, words } from './words.js';

const FRAME_EVERY_MS = 100;
const PART_EVERY_MS = 1000;
const WIDTH = 480;

const STYLE = `
:host{--ink:#14202b;--quiet:#4a5a68;--paper:#fff;--edge:#7b8894;--accent:#0b5cad;--on-accent:#fff;--bad:#a3261b;
display:block;position:relative;max-width:30rem;margin:auto;font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);
border-radius:1.25rem;padding:.75rem;box-shadow:0 1px 3px #0003,0 8px 30px #00000014}
@media (prefers-color-scheme:dark){:host{--ink:#e7ecf1;--quiet:#aab7c3;--paper:#18212a;--edge:#7d8b98;--accent:#6fb1ff;--on-accent:#06182b;--bad:#ff9d92}}
*{box-sizing:border-box}
.stage{position:relative;aspect-ratio:4/5;max-height:70vh;width:100%;border-radius:.9rem;overflow:hidden;background:#14202b}
video{position:absolute;inset:0;width:100%;height:100%;object-fit:cover;transform:scaleX(-1);visibility:hidden}
.on video{visibility:visible}
svg{position:absolute;inset:0;width:100%;height:100%}
.veil{fill:#101a24;fill-opacity:.72}
.on .veil{fill-opacity:.6}
.colour .veil{fill:var(--shown);fill-opacity:1}
.ring{fill:none;stroke:#fff;stroke-width:.7;stroke-dasharray:2 1.6}
.filming .ring{stroke-dasharray:none;stroke-width:1.1;stroke:#8ff0b4}
.good .ring{stroke:#8ff0b4;stroke-dasharray:none;stroke-width:1.4}
.bad .ring{stroke:#ffb4ab}
.head{fill:none;stroke:#b9c7d3;stroke-width:.6;stroke-linecap:round}
.on .head,.good .head,.bad .head,.busy .head{display:none}
.mark{fill:none;stroke:#8ff0b4;stroke-width:2.4;stroke-linecap:round;stroke-linejoin:round;display:none}
.good .tick,.bad .cross{display:block}.cross{stroke:#ffb4ab}
.bar{position:absolute;left:0;top:0;height:.35rem;width:0;background:#8ff0b4}
.prompt{margin:.75rem 0 0;padding:.25rem .5rem;font-size:1.2rem;line-height:1.35;font-weight:600;text-align:center;min-height:3.6rem;display:grid;place-items:center;text-wrap:balance}
.filming .prompt,.filming+.prompt{font-size:1.35rem}
.bad+.prompt{color:var(--bad)}
.hint{margin:0 0 .25rem;padding:0 .5rem;text-align:center;color:var(--quiet)}
form{display:grid;gap:.6rem;padding:.5rem .25rem .25rem}
label{display:flex;gap:.65rem;align-items:center;min-height:2.5rem}
select,button{font:inherit;padding:.65rem 1rem;border-radius:.65rem;border:1px solid var(--edge);background:var(--paper);color:var(--ink);min-height:2.9rem;cursor:pointer}
select{flex:1;min-width:0;text-overflow:ellipsis}
input{width:1.35rem;height:1.35rem;flex:none;accent-color:var(--accent)}
button.main{background:var(--accent);border-color:var(--accent);color:var(--on-accent);font-weight:650}
.row{display:flex;gap:.75rem;margin-top:.25rem}.row button{flex:1;white-space:nowrap}.row .main{flex:2}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
@media (prefers-reduced-motion:no-preference){.ring{transition:rx .5s,ry .5s}}
@media (forced-colors:active){.ring{stroke:CanvasText}button.main{border:2px solid}}
[hidden]{display:none!important}`;

const PAGE = `<div class="stage" part="stage"><video playsinline muted aria-hidden="true" tabindex="-1"></video>
<svg viewBox="0 0 80 100" preserveAspectRatio="xMidYMid slice" aria-hidden="true"><path class="veil" fill-rule="evenodd"/><ellipse class="ring" cx="40" cy="46"/>
<path class="head" d="M33 42.5v1.5M47 42.5v1.5M40 44v5.5h-1.8M35 54.5q5 3.6 10 0"/><path class="mark tick" d="M31 47l6.5 6.5L50 40"/><path class="mark cross" d="M33 39l14 14M47 39L33 53"/></svg>
<div class="bar"></div></div><p class="prompt" role="status" aria-live="assertive"></p><p class="hint"></p>
<form><label><span class="camera-word"></span><select></select></label>
<label><input type="checkbox" class="noflash"><span class="noflash-word"></span></label>
<label><input type="checkbox" class="aloud"><span class="aloud-word"></span></label>
<div class="row"><button type="button" class="cancel"></button><button type="submit" class="main"></button></div></form>`;

// What the person is told when an attempt or the session ends so; else "failed".
const TOLD = {
  CameraPermissionDenied: 'denied', NoCamera: 'nocamera', InvalidToken: 'expired', AttemptsExhausted: 'exhausted', LinkAlreadyOpened: 'opened',
  NetworkError: 'network', UserCanceledActiveSession: 'away', UserCanceledSession: 'canceled', NoFaceDetected: 'noface', FaceTrackingFailed: 'faces',
  FaceWithMaskDetected: 'covered', FaceEyeRegionNotVisible: 'covered', FaceMouthRegionNotVisible: 'covered', TimedOut: 'late',
};

class LivenessFailure extends Error {
  constructor(livenessError, recognitionError = null) {
    super(livenessError);
    this.livenessError = livenessError;
    this.recognitionError = recognitionError;
  }
}

function claims(token) {
  try {
    return JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')));
  } catch {
    throw new LivenessFailure('InvalidToken');
  }
}

// Sends what is filmed while filming, a part after the other, so that only the last is waited for.
class Stream {
  #send;
  #busy = null;
  #broken = false;
  #failure = null;

  constructor(send) {
    this.#send = send;
  }

  offer(payload) {
    if (this.#failure) throw this.#failure;
    if (this.#busy || this.#broken) return;
    this.#busy = this.#send(payload.part()).catch((error) => {
      if (error.livenessError === '429') this.#broken = true; // the server holds no more films: it takes this one whole
      else this.#failure = error;
    }).finally(() => (this.#busy = null));
  }

  async rest(payload) {
    await this.#busy;
    if (this.#failure) throw this.#failure;
    return this.#broken ? payload.whole() : payload.part();
  }
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export class VultusLiveness extends HTMLElement {
  #root = this.attachShadow({ mode: 'open' });
  #words;
  #language;
  #stream = null;
  #running = null;

  connectedCallback() {
    if (this.#root.childElementCount) return;
    this.#language = pickLanguage(this.lang || document.documentElement.lang || navigator.languages);
    this.#words = words[this.#language];
    const style = new CSSStyleSheet();
    style.replaceSync(STYLE);
    this.#root.adoptedStyleSheets = [style];
    this.#root.innerHTML = PAGE;
    for (const part of this.#root.querySelectorAll('.prompt,.hint,form')) part.lang = this.#language;
    for (const word of ['camera', 'noflash', 'aloud']) this.#find(`.${word}-word`).textContent = this.#words[word];
    this.#find('.cancel').textContent = this.#words.cancel;
    this.#find('.main').textContent = this.#words.start;
    this.#find('.noflash').checked = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#find('.aloud').checked = !this.hasAttribute('silent');
    this.#find('.aloud').parentElement.hidden = this.hasAttribute('silent') || !globalThis.speechSynthesis;
    this.#oval(20);
    this.#find('.prompt').textContent = this.#words.intro;
    this.#find('form').hidden = true;
  }

  disconnectedCallback() {
    this.#running?.abort();
    this.#close();
  }

  /** Runs the session of a token with the person's consent; one at a time. */
  async start(token) {
    if (this.#running) throw new LivenessFailure('AnotherAttemptIsRunning');
    this.#running = new AbortController();
    const { signal } = this.#running;
    try {
      const session = claims(token);
      await this.#consent(signal);
      const base = (this.getAttribute('endpoint') || session.address || location.origin).replace(/\/$/, '');
      const call = (path, body, type) => this.#call(`${base}/face/v1.2/${path}`, token, body, type, signal);
      for (;;) {
        const begun = await call('session/start', JSON.stringify({ flashes: !this.#find('.noflash').checked }), 'application/json');
        let outcome;
        try {
          const stream = new Stream((body) => call('session/attempt/frames', body, 'application/octet-stream'));
          const payload = await this.#film(token, parseScript(begun.script), stream, signal);
          this.#state('busy');
          this.#say('wait');
          outcome = await call(`detectLiveness${session.verify ? 'WithVerify' : ''}/singleModal`, await stream.rest(payload), 'application/octet-stream');
          if (outcome.digest !== payload.digest) throw new LivenessFailure('UnexpectedServerResponse');
        } catch (error) {
          const name = error.livenessError || 'UnexpectedClientError';
          await this.#call(`${base}/face/v1.2/session/attempt/end`, token, JSON.stringify({ error: name }), 'application/json').catch(() => {});
          throw error;
        }
        if (outcome.attemptStatus === 'Succeeded') {
          this.#close();
          this.#state('good');
          this.#say('done');
          return { resultId: outcome.resultId, digest: outcome.digest };
        }
        if (outcome.attemptsLeft < 1) throw new LivenessFailure(outcome.livenessError, outcome.recognitionError);
        this.#find('.main').textContent = this.#words.retry;
        await this.#consent(signal, TOLD[outcome.livenessError] || 'failed');
      }
    } catch (error) {
      this.#close();
      this.fail(error.livenessError);
      throw error instanceof LivenessFailure ? error : new LivenessFailure('UnexpectedClientError');
    } finally {
      this.#close();
      this.#running = null;
    }
  }

  /** Tells the person in plain words how the session ended; start() does so by itself. */
  fail(livenessError) {
    this.#find('form').hidden = true;
    this.#find('.hint').textContent = '';
    this.#state('bad');
    this.#say(TOLD[livenessError] || 'failed');
  }

  // What the stage shows beside the camera: "", filming, busy, good or bad.
  #state(name) {
    this.#find('.stage').className = `stage ${this.#stream ? 'on' : ''} ${name}`;
    this.#find('.bar').style.width = 0;
    if (name) this.#find('.hint').textContent = '';
    if (name !== 'filming') this.#oval(20);
  }

  #find(selector) {
    return this.#root.querySelector(selector);
  }

  async #call(url, token, body, type, signal) {
    let response;
    try {
      response = await fetch(url, { method: 'POST', body, signal, headers: { Authorization: `Bearer ${token}`, 'Content-Type': type } });
    } catch {
      throw new LivenessFailure(signal?.aborted ? this.#reason : 'NetworkError');
    }
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    throw new LivenessFailure(response.status === 401 ? 'InvalidToken' : answer.error?.code || 'UnexpectedServerResponse');
  }

  #reason = 'UserCanceledSession';

  // Camera, choices and a start by the person's own hand.
  async #consent(signal, word = 'intro') {
    this.#find('.prompt').textContent = this.#words.opening;
    await this.#open();
    if (signal.aborted) throw new LivenessFailure(this.#reason);
    const form = this.#find('form');
    form.hidden = false;
    this.#state('');
    this.#find('.prompt').textContent = this.#words[word];
    this.#find('.hint').textContent = this.#words.ready;
    this.#find('.main').focus();
    await new Promise((go, stop) => {
      form.onsubmit = (event) => (event.preventDefault(), go());
      this.#find('.cancel').onclick = () => this.#running.abort();
      this.#find('select').onchange = (event) => this.#open(event.target.value).catch(stop);
      signal.addEventListener('abort', () => stop(new LivenessFailure(this.#reason)), { once: true });
    });
    form.hidden = true;
  }

  async #open(deviceId) {
    this.#close();
    try {
      const video = { width: { ideal: 640 }, height: { ideal: 480 }, ...(deviceId ? { deviceId: { exact: deviceId } } : { facingMode: 'user' }) };
      this.#stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
    } catch (error) {
      throw new LivenessFailure(error.name === 'NotFoundError' ? 'NoCamera' : 'CameraPermissionDenied');
    }
    const player = this.#find('video');
    player.srcObject = this.#stream;
    await player.play();
    this.#find('.stage').classList.add('on');
    const current = this.#stream.getVideoTracks()[0].getSettings().deviceId;
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((d) => d.kind === 'videoinput');
    this.#find('select').parentElement.hidden = cameras.length < 2;
    this.#find('select').replaceChildren(...cameras.map((c, i) => new Option(c.label || `${this.#words.camera} ${i + 1}`, c.deviceId, false, c.deviceId === current)));
  }

  #close() {
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.#find('.stage')?.classList.remove('on', 'colour');
    globalThis.speechSynthesis?.cancel();
  }

  #say(word) {
    const text = this.#words[word];
    this.#find('.prompt').textContent = text;
    if (!this.#find('.aloud').checked || !globalThis.speechSynthesis) return;
    const speech = new SpeechSynthesisUtterance(text);
    speech.lang = this.#language;
    speechSynthesis.cancel();
    speechSynthesis.speak(speech);
  }

  #oval(width) {
    const height = width * 1.32;
    const ring = this.#find('.ring');
    ring.setAttribute('rx', width);
    ring.setAttribute('ry', height);
    this.#find('.veil').setAttribute('d', `M-40-40H120V140H-40Z M${40 - width} 46a${width} ${height} 0 1 0 ${2 * width} 0a${width} ${height} 0 1 0 ${-2 * width} 0Z`);
  }

  #show(step) {
    const stage = this.#find('.stage');
    stage.classList.toggle('colour', step.act === 'colour');
    stage.style.setProperty('--shown', step.colour || '');
    this.#oval(step.act === 'hold' && !this.near ? 17 : 28);
    if (step.act === 'closer') this.near = true;
    this.#say(step.act);
  }

  // Frames on the script's own clock; leaving the tab ends the attempt.
  async #film(token, script, stream, signal) {
    const player = this.#find('video');
    const canvas = document.createElement('canvas');
    canvas.width = WIDTH;
    canvas.height = Math.round((WIDTH * player.videoHeight) / player.videoWidth);
    const context = canvas.getContext('2d');
    const payload = await Payload.begin(token);
    const begun = performance.now();
    const end = script.steps.at(-1).end + 200;
    let current = null;
    let sent = 0;
    this.near = false;
    this.#state('filming');
    for (let due = 0; performance.now() - begun < end; ) {
      const now = performance.now() - begun;
      if (signal.aborted) throw new LivenessFailure(this.#reason);
      if (document.hidden) throw new LivenessFailure('UserCanceledActiveSession');
      const step = script.steps.find((s) => now >= s.start && now < s.end);
      if (step && step !== current) this.#show((current = step));
      this.#find('.bar').style.width = `${Math.min(100, (100 * now) / end)}%`;
      context.drawImage(player, 0, 0, canvas.width, canvas.height);
      const jpeg = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.8));
      await payload.add(now, new Uint8Array(await jpeg.arrayBuffer()));
      if (now - sent >= PART_EVERY_MS) {
        stream.offer(payload);
        sent = now;
      }
      due = Math.max(due + FRAME_EVERY_MS, performance.now() - begun);
      await pause(due - (performance.now() - begun) || FRAME_EVERY_MS / 2);
    }
    this.#find('.stage').classList.remove('colour');
    return payload;
  }
}

customElements.define('vultus-liveness', VultusLiveness);
