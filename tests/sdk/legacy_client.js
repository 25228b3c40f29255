// The whole flow with @azure/cognitiveservices-face 5.0.0 (v1.0).
const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { createRequire } = require("node:module");

const load = createRequire(path.join(process.env.MODULES, "x.js"));
const { FaceClient } = load("@azure/cognitiveservices-face");
const { ApiKeyCredentials } = load("@azure/ms-rest-js");
const credentials = new ApiKeyCredentials({ inHeader: { "Ocp-Apim-Subscription-Key": process.env.KEY } });
const client = new FaceClient(credentials, process.env.ENDPOINT);
const people = { Dad: [1, 2, 3], Mom: [1, 2], Daughter: [1, 2, 3], Son: [1, 2] };
const models = { recognitionModel: "recognition_04", detectionModel: "detection_03" };

function picture(name) {
  return () => fs.createReadStream(path.join(process.env.PICTURES, name)); // sent with Transfer-Encoding: chunked
}

async function detect(name, extra = {}) {
  return client.face.detectWithStream(picture(name), { ...models, returnFaceId: true, ...extra });
}

async function trained(status) {
  for (let i = 0; i < 200; i++) {
    const now = await status();
    if (now.status === "succeeded") return;
    assert.notStrictEqual(now.status, "failed", now.message);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail("training did not end");
}

async function main() {
  const [face] = await detect("detection1.jpg", { returnFaceLandmarks: true, detectionModel: "detection_01",
    returnFaceAttributes: ["headPose", "glasses", "occlusion", "accessories", "blur", "exposure", "noise"] });
  assert.ok(face.faceLandmarks.pupilLeft.x < face.faceLandmarks.pupilRight.x);
  assert.match(face.faceAttributes.glasses, /^[A-Z]/);
  assert.ok(Array.isArray(face.faceAttributes.accessories));
  const byUrl = await client.face.detectWithUrl("http://pictures.test/detection1.jpg", models);
  assert.strictEqual(byUrl.length, 1);

  const ids = {};
  for (const name of ["Dad1", "Dad2", "Mom1", "Mom2"]) ids[name] = (await detect(`Family1-${name}.jpg`))[0].faceId;
  assert.strictEqual((await client.face.verifyFaceToFace(ids.Dad1, ids.Dad2)).isIdentical, true);
  assert.strictEqual((await client.face.verifyFaceToFace(ids.Dad1, ids.Mom1)).isIdentical, false);
  assert.strictEqual((await client.face.group(Object.values(ids))).groups.length, 2);

  await client.faceList.create("family", "family", { recognitionModel: "recognition_04" });
  const added = await client.faceList.addFaceFromStream("family", picture("Family1-Dad3.jpg"), { detectionModel: "detection_03" });
  const found = await client.face.findSimilar(ids.Dad1, { faceListId: "family" });
  assert.strictEqual(found[0].persistedFaceId, added.persistedFaceId);
  assert.strictEqual((await client.faceList.get("family")).persistedFaces.length, 1);
  await client.faceList.deleteMethod("family");

  await client.largeFaceList.create("family", "family", { recognitionModel: "recognition_04" });
  const large = await client.largeFaceList.addFaceFromStream("family", picture("Family1-Dad3.jpg"), { detectionModel: "detection_03" });
  await client.largeFaceList.train("family");
  await trained(() => client.largeFaceList.getTrainingStatus("family"));
  const inLarge = await client.face.findSimilar(ids.Dad1, { largeFaceListId: "family" });
  assert.strictEqual(inLarge[0].persistedFaceId, large.persistedFaceId);
  await client.largeFaceList.deleteMethod("family");

  await client.personGroup.create("people", "people", { recognitionModel: "recognition_04" });
  const names = {};
  for (const [name, numbers] of Object.entries(people)) {
    const { personId } = await client.personGroupPerson.create("people", { name, userData: "of the family" });
    names[personId] = name;
    for (const number of numbers)
      await client.personGroupPerson.addFaceFromStream("people", personId, picture(`Family1-${name}${number}.jpg`),
        { detectionModel: "detection_03" });
  }
  await client.personGroup.train("people");
  await trained(() => client.personGroup.getTrainingStatus("people"));
  const faces = await detect("identification1.jpg");
  const answers = await client.face.identify(faces.map((f) => f.faceId), { personGroupId: "people" });
  const who = answers.map((a) => (a.candidates.length ? names[a.candidates[0].personId] : "nobody")).sort();
  assert.deepStrictEqual(who, ["Dad", "Daughter", "Mom", "Son"]);
  assert.strictEqual((await client.personGroupPerson.list("people")).length, 4);
  await client.personGroup.deleteMethod("people");
  await assert.rejects(client.personGroup.get("people"), (e) => e.statusCode === 404 && e.body.error.code === "PersonGroupNotFound");
  console.log("js-legacy: all steps passed");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
