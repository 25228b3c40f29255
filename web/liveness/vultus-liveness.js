// <vultus-liveness>: films a person who follows a session's script. start(token) resolves to {resultId, digest} or
// rejects with {livenessError, recognitionError}. Attributes: lang, endpoint (else the token's address), silent.
import { Payload, parseScript } from './payload.js';
import { pickWords } from './words.js';

const FRAME_EVERY_MS = 100;
const PART_EVERY_MS = 1000;
const WIDTH = 480;

const STYLE = `
:host{display:block;position:relative;max-width:30rem;margin:auto;font:1rem/1.5 system-ui,sans-serif;color:#14202b}
*{box-sizing:border-box}
.stage{position:relative;aspect-ratio:3/4;border-radius:1rem;overflow:hidden;background:#14202b;transition:background .05s}
video{position:absolute;inset:0;width:100%;height:100%;object-fit:cover;transform:scaleX(-1);visibility:hidden}
.on video{visibility:visible}
svg{position:absolute;inset:0;width:100%;height:100%}
.veil{fill:#14202bd9}
.stage.colour .veil{fill:var(--shown);fill-opacity:1}
.ring{fill:none;stroke:#fff;stroke-width:.9;transition:all .5s}
.part{stroke:#5ad18b;stroke-width:1.6;fill:none}
@media (prefers-reduced-motion:reduce){.ring,.stage{transition:none}}
.prompt{margin:0;position:absolute;left:0;right:0;bottom:0;padding:.9rem 1rem 1.1rem;color:#fff;background:#14202b;font-size:1.25rem;font-weight:600;text-align:center;min-height:4.4rem;display:grid;place-items:center}
form{display:grid;gap:.9rem;padding:1rem .25rem}
label{display:flex;gap:.6rem;align-items:center}
select,button{font:inherit;padding:.65rem 1rem;border-radius:.6rem;border:1px solid #5b6b79;background:#fff;color:#14202b;min-height:2.9rem}
select{flex:1;min-width:0}
input{width:1.4rem;height:1.4rem}
button.main{background:#0b5cad;border-color:#0b5cad;color:#fff;font-weight:600}
.row{display:flex;gap:.75rem}.row button{flex:1}
:focus-visible{outline:3px solid #0b5cad;outline-offset:3px}
[hidden]{display:none!important}`;

const PAGE = `<div class="stage" part="stage"><video playsinline muted aria-hidden="true"></video>
<svg viewBox="0 0 75 100" aria-hidden="true"><path class="veil" fill-rule="evenodd"/><ellipse class="ring" cx="37.5" cy="42"/></svg>
<p class="prompt" role="status" aria-live="assertive"></p></div>
<form><label><span class="camera-word"></span><select></select></label>
<label><input type="checkbox"><span class="noflash-word"></span></label>
<div class="row"><button type="button" class="cancel"></button><button type="submit" class="main"></button></div></form>`;

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
  #stream = null;
  #running = null;

  connectedCallback() {
    if (this.#root.childElementCount) return;
    this.#words = pickWords(this.lang || document.documentElement.lang || navigator.language);
    const style = new CSSStyleSheet();
    style.replaceSync(STYLE);
    this.#root.adoptedStyleSheets = [style];
    this.#root.innerHTML = PAGE;
    this.#find('.camera-word').textContent = this.#words.camera;
    this.#find('.noflash-word').textContent = this.#words.noflash;
    this.#find('.cancel').textContent = this.#words.cancel;
    this.#find('.main').textContent = this.#words.start;
    this.#find('select').setAttribute('aria-label', this.#words.camera);
    this.#find('input').checked = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#oval(19);
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
        const begun = await call('session/start', JSON.stringify({ flashes: !this.#find('input').checked }), 'application/json');
        let outcome;
        try {
          const stream = new Stream((body) => call('session/attempt/frames', body, 'application/octet-stream'));
          const payload = await this.#film(token, parseScript(begun.script), stream, signal);
          this.#say('wait');
          outcome = await call(`detectLiveness${session.verify ? 'WithVerify' : ''}/singleModal`, await stream.rest(payload), 'application/octet-stream');
          if (outcome.digest !== payload.digest) throw new LivenessFailure('UnexpectedServerResponse');
        } catch (error) {
          const name = error.livenessError || 'UnexpectedClientError';
          await this.#call(`${base}/face/v1.2/session/attempt/end`, token, JSON.stringify({ error: name }), 'application/json').catch(() => {});
          throw error;
        }
        if (outcome.attemptStatus === 'Succeeded') {
          this.#say('done');
          return { resultId: outcome.resultId, digest: outcome.digest };
        }
        if (outcome.attemptsLeft < 1) throw new LivenessFailure(outcome.livenessError);
        this.#find('.main').textContent = this.#words.retry;
        await this.#consent(signal, 'failed');
      }
    } catch (error) {
      this.#say(error.livenessError === 'CameraPermissionDenied' ? 'denied' : 'failed');
      throw error instanceof LivenessFailure ? error : new LivenessFailure('UnexpectedClientError');
    } finally {
      this.#close();
      this.#running = null;
    }
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
    await this.#open();
    const form = this.#find('form');
    form.hidden = false;
    this.#find('.prompt').textContent = this.#words[word];
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
    if (this.hasAttribute('silent') || !globalThis.speechSynthesis) return;
    const speech = new SpeechSynthesisUtterance(text);
    speech.lang = this.lang || document.documentElement.lang || navigator.language;
    speechSynthesis.cancel();
    speechSynthesis.speak(speech);
  }

  #oval(width) {
    const height = width * 1.32;
    const ring = this.#find('.ring');
    ring.setAttribute('rx', width);
    ring.setAttribute('ry', height);
    this.#find('.veil').setAttribute('d', `M0 0H75V100H0Z M${37.5 - width} 42a${width} ${height} 0 1 0 ${2 * width} 0a${width} ${height} 0 1 0 ${-2 * width} 0Z`);
  }

  #show(step) {
    const stage = this.#find('.stage');
    stage.classList.toggle('colour', step.act === 'colour');
    stage.style.setProperty('--shown', step.colour || '');
    this.#oval(step.act === 'hold' && !this.near ? 15 : 25);
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
    for (let due = 0; performance.now() - begun < end; ) {
      const now = performance.now() - begun;
      if (signal.aborted) throw new LivenessFailure(this.#reason);
      if (document.hidden) throw new LivenessFailure('UserCanceledActiveSession');
      const step = script.steps.find((s) => now >= s.start && now < s.end);
      if (step && step !== current) this.#show((current = step));
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
