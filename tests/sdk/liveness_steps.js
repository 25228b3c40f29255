// Liveness sessions as an application's server sees them: made, filmed by a device (device.py), polled, read, deleted.
const assert = require("node:assert");
const path = require("node:path");
const { spawn } = require("node:child_process");
const { text } = require("node:stream/consumers");

const reference = "Family1-Dad1.jpg";

/* The two generations of the client differ in their paths and in how the picture to verify against travels. */
function shapes(generation, picture) {
  const session = { livenessOperationMode: "Passive", deviceCorrelationId: "11111111-2222-3333-4444-555555555555",
    authTokenTimeToLiveInSeconds: 120 };
  const wish = { ...session, enableSessionImage: true, numberOfClientAttemptsAllowed: 3 };
  const part = (name, body, more) => ({ name, body, ...more });
  const file = { filename: "verify.jpg", contentType: "image/jpeg" };
  return generation === "js-beta1" ? {
    session, plain: "/detectLiveness/singleModal/sessions",
    verify: "/detectLivenessWithVerify/singleModal/sessions",
    parts: [part("Parameters", session), part("VerifyImage", picture(reference), file)],
  } : {
    session: wish, plain: "/detectLiveness-sessions",
    verify: "/detectLivenessWithVerify-sessions",
    parts: [...Object.entries(wish).map(([name, body]) => part(name, String(body))),
      part("verifyImage", picture(reference), file)],
  };
}

async function device(route, token, body) {
  const response = await fetch(`${process.env.ENDPOINT}/face/v1.2/session/${route}`, {
    method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body });
  return response.status;
}

/* A simulated person before the camera; another one each time, so that no film is shown twice. */
let seed = 1;
async function film(token, verify) {
  const child = spawn("python3", [path.join(__dirname, "device.py")], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify({ token, verify, seed: seed++ }));
  const answer = await text(child.stdout);
  assert.ok(answer, "the device failed");
  return JSON.parse(answer);
}

async function deleted(client, one, id, token) {
  const { status } = await client.path(one, id).delete();
  assert.ok(["200", "204"].includes(status), status);
  assert.strictEqual((await client.path(one, id).get()).status, "404");
  assert.strictEqual(await device("attempt/end", token, "{}"), 401);
}

/* beta.1: one result, and an audit of attempts. */
function readPreview(read, audit, filmed) {
  assert.strictEqual(read.status, "ResultAvailable");
  assert.strictEqual(read.result.digest, filmed.digest);
  assert.deepStrictEqual(audit.map((a) => a.digest).filter(Boolean), [filmed.digest]);
  return { decision: read.result.response.body.livenessDecision, verify: read.result.response.body.verifyResult };
}

/* beta.3: attempts, the newest first. */
function readAttempts(read, filmed) {
  assert.strictEqual(read.status, "Succeeded");
  const ids = read.results.attempts.map((a) => a.attemptId);
  assert.deepStrictEqual(ids, ids.slice().sort((a, b) => b - a));
  const [{ attemptStatus, result }] = read.results.attempts;
  assert.strictEqual(attemptStatus, "Succeeded");
  assert.strictEqual(result.digest, filmed.digest);
  assert.ok(result.targets.color.faceRectangle.width > 50);
  return { decision: result.livenessDecision, verify: result.verifyResult, image: result.sessionImageId };
}

/* The filmed frame is the application's only where it asked for it, and serves as a picture does. */
async function sessionImage(client, id) {
  const jpeg = await client.path("/sessionImages/{id}", id).get().asNodeStream();
  assert.strictEqual(jpeg.status, "200", id);
  const chunks = [];
  for await (const chunk of jpeg.body) chunks.push(chunk);
  assert.strictEqual(Buffer.concat(chunks).subarray(0, 3).toString("hex"), "ffd8ff");
  const faces = await client.path("/detect").post({ contentType: "application/json", body: { sessionImageId: id },
    queryParameters: { recognitionModel: "recognition_04", detectionModel: "detection_03", returnFaceId: true } });
  assert.strictEqual(faces.status, "200", JSON.stringify(faces.body));
  assert.strictEqual(faces.body.length, 1);
}

/* One whole session; an attempt that fails is followed by another, as a device would. */
async function oneSession(client, call, made, sessions, verify) {
  const one = `${sessions}/{sessionId}`, preview = sessions.includes("singleModal");
  assert.match(made.sessionId, /^[0-9a-f-]{36}$/);
  assert.strictEqual((await call(client.path(one, made.sessionId).get())).status, "NotStarted");
  let filmed;
  do filmed = await film(made.authToken, verify);
  while (filmed.outcome.attemptStatus === "Failed" && filmed.outcome.attemptsLeft > 0);
  assert.strictEqual(filmed.outcome.attemptStatus, "Succeeded", JSON.stringify(filmed));
  assert.strictEqual(filmed.outcome.digest, filmed.digest);
  const read = await call(client.path(one, made.sessionId).get());
  const result = preview ? readPreview(read, await call(client.path(`${one}/audit`, made.sessionId).get()), filmed) : readAttempts(read, filmed);
  console.log(`${sessions}: ${result.decision}`, verify ? JSON.stringify(result.verify) : "");
  if (verify) assert.strictEqual(result.verify.isIdentical, false); // the film is of somebody else
  if (!preview) await sessionImage(client, result.image);
  await deleted(client, one, made.sessionId, made.authToken);
  if (!preview) assert.strictEqual((await client.path("/sessionImages/{id}", result.image).get()).status, "404");
}

async function liveness(client, call, picture, generation) {
  const shape = shapes(generation, picture);
  await oneSession(client, call, await call(client.path(shape.plain).post({ body: shape.session })), shape.plain, false);
  const made = await call(client.path(shape.verify).post({ contentType: "multipart/form-data", body: shape.parts }));
  await oneSession(client, call, made, shape.verify, true);
}

module.exports = { liveness };
