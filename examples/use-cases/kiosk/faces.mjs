// What the kiosk asks of Vultus: the official client, and one call for what the cloud has not (consent, erasure).
import createFaceClient, { getLongRunningPoller, isUnexpected } from "@azure-rest/ai-vision-face";
import { AzureKeyCredential } from "@azure/core-auth";

const group = "kiosk-guests";
const models = { recognitionModel: "recognition_04", detectionModel: "detection_03" };
const consentText = "kiosk-2026-1"; // the version of the text on the page
const year = 365 * 24 * 3600 * 1000;

export class Refused extends Error {} // what the guest is told

export function faces(endpoint, key) {
  const client = createFaceClient(endpoint, new AzureKeyCredential(key), { allowInsecureConnection: endpoint.startsWith("http:") });
  const picture = (body, queryParameters) => ({ contentType: "application/octet-stream", body, queryParameters: { ...models, ...queryParameters } });

  async function call(promise) {
    const answer = await promise;
    if (isUnexpected(answer)) throw new Error(`${answer.body.error.code}: ${answer.body.error.message}`);
    return answer.body;
  }

  async function own(method, path, body) {
    const answer = await fetch(`${endpoint}/vultus/v1/${path}`, { method, body: body && JSON.stringify(body),
      headers: { "ocp-apim-subscription-key": key, "content-type": "application/json" } });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text);
    return text;
  }

  async function oneFace(jpeg) {
    const found = await call(client.path("/detect").post(picture(jpeg, { returnFaceId: true, returnFaceAttributes: ["qualityForRecognition"] })));
    if (found.length !== 1) throw new Refused(found.length ? "More than one face: one guest at a time, please." : "No face seen: please look into the camera.");
    if (found[0].faceAttributes.qualityForRecognition === "low") throw new Refused("The picture is too dark or blurred: please come closer.");
    return found[0].faceId;
  }

  async function trained() {
    const poller = await getLongRunningPoller(client, await client.path("/largepersongroups/{id}/train", group).post(), { intervalInMs: 100 });
    await poller.pollUntilDone();
  }

  async function begin() {
    const at = client.path("/largepersongroups/{id}", group);
    if ((await at.get()).status === "404") await call(at.put({ body: { name: "Kiosk guests", recognitionModel: models.recognitionModel } }));
  }

  return {
    /** The guest's person id, or null for somebody who is not enrolled or not surely told from others. */
    async whoIs(jpeg) {
      await begin();
      const faceIds = [await oneFace(jpeg)];
      const answer = await client.path("/identify").post({ headers: { "x-vultus-camera": "kiosk" },
        body: { faceIds, largePersonGroupId: group, returnDecision: true, targetFpir: 0.001 } });
      if (answer.status === "400" && answer.body.error.code === "LargePersonGroupNotTrained") return null; // the first guest of all
      const [who] = await call(answer);
      return who.decision === "match" && !who.ambiguous ? who.candidates[0].personId : null;
    },

    /** Enrols a guest who agreed, under a code and not a name; the consent ends after a year by itself. */
    async remember(code, jpeg) {
      await begin();
      await oneFace(jpeg);
      const persons = client.path("/largepersongroups/{id}/persons", group);
      const { personId } = await call(persons.post({ body: { name: code } }));
      await own("PUT", `consents/${personId}`, { how: "button on the kiosk's screen", textVersion: consentText,
        until: new Date(Date.now() + year).toISOString().replace(/\.\d+/, "") });
      await call(client.path("/largepersongroups/{id}/persons/{p}/persistedfaces", group, personId).post(
        picture(jpeg, {})));
      await trained();
      return personId;
    },

    /** Erases all that is held of a guest; the signed receipt, as text. */
    forget: (personId) => own("DELETE", `subjects/${personId}`),
  };
}
