// The whole flow with @azure-rest/ai-vision-face (both generations), over plain http as the client allows on request.
const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { createRequire } = require("node:module");
const { liveness } = require("./liveness_steps.js");

const load = createRequire(path.join(process.env.MODULES, "x.js"));
const sdk = load("@azure-rest/ai-vision-face");
const { AzureKeyCredential } = load("@azure/core-auth");
const client = sdk.default(process.env.ENDPOINT, new AzureKeyCredential(process.env.KEY), { allowInsecureConnection: true });
const models = { recognitionModel: "recognition_04", detectionModel: "detection_03" };
const people = { Dad: [1, 2, 3], Mom: [1, 2], Daughter: [1, 2, 3], Son: [1, 2] };

function picture(name) {
  return fs.readFileSync(path.join(process.env.PICTURES, name));
}

async function call(promise, status = "200") {
  const response = await promise;
  assert.strictEqual(response.status, status, JSON.stringify(response.body));
  return response.body;
}

async function detect(name, extra = {}) {
  return call(client.path("/detect").post({
    contentType: "application/octet-stream", body: picture(name),
    queryParameters: { ...models, returnFaceId: true, ...extra },
  }));
}

async function detection() {
  const [face] = await detect("detection1.jpg", {
    returnFaceLandmarks: true, returnRecognitionModel: true,
    returnFaceAttributes: ["headPose", "mask", "qualityForRecognition", "blur", "occlusion", "glasses"],
  });
  assert.match(face.faceId, /^[0-9a-f-]{36}$/);
  assert.strictEqual(Object.keys(face.faceLandmarks).length, 27);
  assert.ok(face.faceLandmarks.pupilLeft.x < face.faceLandmarks.pupilRight.x);
  assert.deepStrictEqual(Object.keys(face.faceAttributes).sort(),
    ["blur", "glasses", "headPose", "mask", "occlusion", "qualityForRecognition"]);
  assert.strictEqual(face.recognitionModel, "recognition_04");
  const byUrl = await call(client.path("/detect").post({
    contentType: "application/json", body: { url: "http://pictures.test/detection1.jpg" },
    queryParameters: { ...models, returnFaceId: false },
  }));
  assert.deepStrictEqual(byUrl[0].faceRectangle, face.faceRectangle);
  assert.strictEqual(byUrl[0].faceId, undefined);
  const bad = await client.path("/detect").post({ contentType: "application/octet-stream", body: Buffer.alloc(2000),
    queryParameters: models });
  assert.ok(sdk.isUnexpected(bad));
  assert.strictEqual(bad.body.error.code, "InvalidImage");
}

async function comparison() {
  const ids = {};
  for (const name of ["Dad1", "Dad2", "Mom1", "Mom2"]) ids[name] = (await detect(`Family1-${name}.jpg`))[0].faceId;
  const same = await call(client.path("/verify").post({ body: { faceId1: ids.Dad1, faceId2: ids.Dad2 } }));
  assert.strictEqual(same.isIdentical, true);
  const other = await call(client.path("/verify").post({ body: { faceId1: ids.Dad1, faceId2: ids.Mom1 } }));
  assert.strictEqual(other.isIdentical, false);
  const grouping = await call(client.path("/group").post({ body: { faceIds: Object.values(ids) } }));
  assert.deepStrictEqual(grouping.groups.map((g) => g.slice().sort()).sort(),
    [[ids.Dad1, ids.Dad2].sort(), [ids.Mom1, ids.Mom2].sort()].sort());
  const similar = await call(client.path("/findsimilars").post({ body: { faceId: ids.Dad1, faceIds: [ids.Dad2, ids.Mom1] } }));
  assert.deepStrictEqual(similar.map((s) => s.faceId), [ids.Dad2]);
  return ids;
}

async function lists(ids) {
  for (const [kind, key] of [["facelists", "faceListId"], ["largefacelists", "largeFaceListId"]]) {
    const one = `/${kind}/{id}`;
    await call(client.path(one, "family").put({ body: { name: "family", recognitionModel: "recognition_04", userData: "x" } }));
    const added = {};
    for (const name of ["Dad3", "Mom2", "Son1"]) {
      added[name] = (await call(client.path(one + "/persistedfaces", "family").post({
        contentType: "application/octet-stream", body: picture(`Family1-${name}.jpg`),
        queryParameters: { detectionModel: "detection_03", userData: name },
      }))).persistedFaceId;
    }
    if (kind === "largefacelists") await train(client.path(one + "/train", "family"));
    const found = await call(client.path("/findsimilars").post({ body: { faceId: ids.Dad1, [key]: "family" } }));
    assert.deepStrictEqual(found.map((s) => s.persistedFaceId), [added.Dad3]);
    const all = await call(client.path("/findsimilars").post({ body: { faceId: ids.Dad1, [key]: "family", mode: "matchFace" } }));
    assert.strictEqual(all.length, 3);
    await call(client.path(one, "family").delete());
  }
}

async function train(at) {
  const started = await at.post();
  assert.strictEqual(started.status, "202");
  const poller = await sdk.getLongRunningPoller(client, started, { intervalInMs: 50 });
  const done = await poller.pollUntilDone();
  assert.strictEqual(done.body.status, "succeeded");
}

async function identification() {
  const group = "/largepersongroups/{id}";
  await call(client.path(group, "people").put({ body: { name: "people", recognitionModel: "recognition_04" } }));
  const names = {};
  for (const [name, numbers] of Object.entries(people)) {
    const { personId } = await call(client.path(group + "/persons", "people").post({ body: { name } }));
    names[personId] = name;
    for (const number of numbers) {
      await call(client.path(group + "/persons/{person}/persistedfaces", "people", personId).post({
        contentType: "application/octet-stream", body: picture(`Family1-${name}${number}.jpg`),
        queryParameters: { detectionModel: "detection_03" },
      }));
    }
  }
  await train(client.path(group + "/train", "people"));
  const faces = await detect("identification1.jpg");
  assert.strictEqual(faces.length, 4);
  const answers = await call(client.path("/identify").post({
    body: { faceIds: faces.map((f) => f.faceId), largePersonGroupId: "people" } }));
  const found = answers.map((a) => (a.candidates.length ? names[a.candidates[0].personId] : "nobody")).sort();
  assert.deepStrictEqual(found, ["Dad", "Daughter", "Mom", "Son"]);
  const [personId] = Object.keys(names);
  const one = answers.find((a) => a.candidates.length && a.candidates[0].personId === personId);
  const verified = await call(client.path("/verify").post({
    body: { faceId: one.faceId, personId, largePersonGroupId: "people" } }));
  assert.strictEqual(verified.isIdentical, true);
  const listed = await call(client.path(group + "/persons", "people").get({ queryParameters: { top: 3 } }));
  assert.strictEqual(listed.length, 3);
  await call(client.path(group, "people").delete());
  const gone = await client.path(group, "people").get();
  assert.strictEqual(gone.status, "404");
  assert.strictEqual(gone.body.error.code, "LargePersonGroupNotFound");
}

/* Person creation in the directory is a long-running operation that ends with a GET of the person. */
async function directory() {
  const started = await client.path("/persons").post({ body: { name: "Dad" } });
  assert.strictEqual(started.status, "202");
  const poller = await sdk.getLongRunningPoller(client, started, { intervalInMs: 50 });
  await poller.pollUntilDone();
  const { personId } = started.body;
  const added = await client.path("/persons/{p}/recognitionModels/{m}/persistedfaces", personId, "recognition_04").post({
    contentType: "application/octet-stream", body: picture("Family1-Dad1.jpg"), queryParameters: { detectionModel: "detection_03" } });
  assert.strictEqual(added.status, "202", JSON.stringify(added.body));
  const [face] = await detect("Family1-Dad2.jpg");
  const answers = await call(client.path("/identify").post({ body: { faceIds: [face.faceId], personIds: ["*"] } }));
  assert.strictEqual(answers[0].candidates[0].personId, personId);
  const group = await client.path("/dynamicpersongroups/{g}", "g").put({ body: { name: "g", addPersonIds: [personId] } });
  assert.strictEqual(group.status, "202");
  const inGroup = await call(client.path("/identify").post({ body: { faceIds: [face.faceId], dynamicPersonGroupId: "g" } }));
  assert.strictEqual(inGroup[0].candidates[0].personId, personId);
  assert.strictEqual((await client.path("/dynamicpersongroups/{g}", "g").delete()).status, "202");
  assert.strictEqual((await client.path("/persons/{p}", personId).delete()).status, "202");
}

async function main() {
  await detection();
  await lists(await comparison());
  await identification();
  if (process.argv[2] === "js-beta1") await directory();
  await liveness(client, call, picture, process.argv[2]);
  console.log(process.argv[2] + ": all steps passed");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
