// A consent-based kiosk: it remembers what a guest likes, by face for whoever agrees, by a code for everybody else.
// VULTUS_ENDPOINT and VULTUS_KEY say where Vultus is; KIOSK_FOLDER (.) takes guests.json and receipts; PORT (8080) is the page's.
import { randomInt } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { faces, Refused } from "./faces.mjs";

const { VULTUS_ENDPOINT, VULTUS_KEY, KIOSK_FOLDER = ".", PORT = "8080" } = process.env;
if (!VULTUS_ENDPOINT || !VULTUS_KEY) {
  console.error("set VULTUS_ENDPOINT to the server's address and VULTUS_KEY to a key of it");
  process.exit(2);
}
const vultus = faces(VULTUS_ENDPOINT.replace(/\/$/, ""), VULTUS_KEY);
const file = `${KIOSK_FOLDER}/guests.json`;
const guests = new Map(Object.entries(JSON.parse(await readFile(file, "utf8").catch(() => "{}"))));
let wrongCodes = 0;
setInterval(() => { wrongCodes = 0; }, 60000).unref();

async function save() {
  await writeFile(`${file}.new`, JSON.stringify(Object.fromEntries(guests)), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

function newCode() {
  for (;;) {
    const code = String(randomInt(1e6)).padStart(6, "0");
    if (!guests.has(code)) return code;
  }
}

function guestOf(code) {
  if (wrongCodes >= 10) throw new Refused("Too many wrong codes: please wait a minute, or ask at the counter.");
  const guest = guests.get(code);
  if (!guest) {
    wrongCodes += 1;
    throw new Refused("That code is not known: please try again, or ask at the counter.");
  }
  return guest;
}

const answers = {
  async greet(_, jpeg) {
    const person = await vultus.whoIs(jpeg);
    const [code, guest] = [...guests].find(([, known]) => person && known.person === person) || [];
    return guest ? { code, likes: guest.likes } : { unknown: true };
  },
  async code({ code }) {
    return { code, likes: guestOf(code).likes };
  },
  async join({ likes, agreed }, jpeg) {
    if (!likes) throw new Refused("Please choose first.");
    const code = newCode();
    const guest = { likes };
    if (agreed === "yes") guest.person = await vultus.remember(code, jpeg);
    guests.set(code, guest);
    await save();
    return { code, likes, face: Boolean(guest.person) };
  },
  async leave({ code }) {
    const { person } = guestOf(code);
    if (person) {
      await mkdir(`${KIOSK_FOLDER}/receipts`, { recursive: true });
      await writeFile(`${KIOSK_FOLDER}/receipts/${person}.json`, await vultus.forget(person));
    }
    guests.delete(code);
    await save();
    return {};
  },
};

async function body(request) {
  const parts = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += part.length;
    if (bytes > 6 << 20) throw new Refused("The picture is too large.");
    parts.push(part);
  }
  return Buffer.concat(parts);
}

const page = await readFile(new URL("page.html", import.meta.url));

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://kiosk");
  if (request.method === "GET" && pathname === "/") {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page);
    return;
  }
  const send = (status, value) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  const answer = request.method === "POST" && Object.hasOwn(answers, pathname.slice(1)) && answers[pathname.slice(1)];
  if (!answer) {
    send(404, { error: "there is no such page" });
    return;
  }
  try {
    send(200, await answer(Object.fromEntries(searchParams), await body(request)));
  } catch (error) {
    if (!(error instanceof Refused)) console.error(error.message);
    send(error instanceof Refused ? 409 : 502, { error: error instanceof Refused ? error.message : "Faces are not available: please use your code." });
  }
});
server.listen(Number(PORT), "127.0.0.1", () => console.log(`the kiosk is at http://127.0.0.1:${server.address().port}`));
