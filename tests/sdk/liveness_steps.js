// Liveness sessions as an application's server sees them: made, begun by a device, polled, deleted. No film is sent here.
const assert = require("node:assert");

const reference = "Family1-Dad1.jpg";

/* The two generations of the client differ in their paths and in how the picture to verify against travels. */
function shapes(generation, picture) {
  const session = { livenessOperationMode: "Passive", deviceCorrelationId: "11111111-2222-3333-4444-555555555555",
    authTokenTimeToLiveInSeconds: 60 };
  const part = (name, body, more) => ({ name, body, ...more });
  const file = { filename: "verify.jpg", contentType: "image/jpeg" };
  return generation === "js-beta1" ? {
    session, plain: "/detectLiveness/singleModal/sessions",
    verify: "/detectLivenessWithVerify/singleModal/sessions",
    parts: [part("Parameters", session), part("VerifyImage", picture(reference), file)],
  } : {
    session: { ...session, enableSessionImage: true }, plain: "/detectLiveness-sessions",
    verify: "/detectLivenessWithVerify-sessions",
    parts: [...Object.entries(session).map(([name, body]) => part(name, String(body))),
      part("verifyImage", picture(reference), file)],
  };
}

async function device(route, token, body) {
  const response = await fetch(`${process.env.ENDPOINT}/face/v1.2/session/${route}`, {
    method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body });
  return response.status;
}

async function oneSession(client, call, made, sessions) {
  const one = `${sessions}/{sessionId}`;
  assert.match(made.sessionId, /^[0-9a-f-]{36}$/);
  assert.strictEqual((await call(client.path(one, made.sessionId).get())).status, "NotStarted");
  assert.strictEqual(await device("start", made.authToken, "{}"), 200);
  assert.notStrictEqual((await call(client.path(one, made.sessionId).get())).status, "NotStarted");
  const deleted = await client.path(one, made.sessionId).delete();
  assert.ok(["200", "204"].includes(deleted.status), deleted.status);
  assert.strictEqual((await client.path(one, made.sessionId).get()).status, "404");
  assert.strictEqual(await device("attempt/end", made.authToken, "{}"), 401);
}

async function liveness(client, call, picture, generation) {
  const shape = shapes(generation, picture);
  await oneSession(client, call, await call(client.path(shape.plain).post({ body: shape.session })), shape.plain);
  const made = await call(client.path(shape.verify).post({ contentType: "multipart/form-data", body: shape.parts }));
  await oneSession(client, call, made, shape.verify);
  if (generation === "js-beta1") return;
  const missing = await client.path("/sessionImages/{id}", "11111111-2222-3333-4444-555555555555").get();
  assert.strictEqual(missing.status, "404");
}

module.exports = { liveness };
