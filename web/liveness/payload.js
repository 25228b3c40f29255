// Frames with times, each chained to the one before by SHA-256 (docs/formats.md, "Liveness payload").
const HEAD = 40;

async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

export function parseScript(text) {
  const [version, mode, ...steps] = text.split(' ');
  if (version !== '1') throw new Error(`script of version ${version} is not known`);
  return {
    mode,
    steps: steps.map((step) => {
      const [act, times, colour] = step.split(':');
      const [start, end] = times.split('-').map(Number);
      return { act, start, end, colour: colour ? `#${colour}` : null };
    }),
  };
}

export class Payload {
  #parts = [new TextEncoder().encode('VLP1')];
  #sent = 0;
  #chain;

  static async begin(token) {
    const payload = new Payload();
    payload.#chain = await sha256(new TextEncoder().encode(token));
    return payload;
  }

  async add(timeMs, jpeg) {
    const head = new Uint8Array(HEAD);
    const view = new DataView(head.buffer);
    view.setUint32(0, Math.round(timeMs));
    view.setUint32(4, jpeg.length);
    const chained = new Uint8Array(32 + 8 + jpeg.length);
    chained.set(this.#chain);
    chained.set(head.subarray(0, 8), 32);
    chained.set(jpeg, 40);
    this.#chain = await sha256(chained);
    head.set(this.#chain, 8);
    this.#parts.push(head, jpeg);
  }

  get digest() {
    return Array.from(this.#chain, (b) => b.toString(16).padStart(2, '0')).join('').toUpperCase();
  }

  /** What was added since the last part. */
  part() {
    const blob = new Blob(this.#parts.slice(this.#sent), { type: 'application/octet-stream' });
    this.#sent = this.#parts.length;
    return blob;
  }

  /** Everything from the start, for a server that has forgotten the parts. */
  whole() {
    this.#sent = 0;
    return this.part();
  }
}
