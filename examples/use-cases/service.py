"""How the applications in this folder reach Vultus: the official client for what the cloud has as well, and one function for
what it has not (consent, erasure with a receipt). VULTUS_ENDPOINT and VULTUS_KEY say where and as whom."""
import json
import os
import pathlib
import sys
import urllib.error
import urllib.request

from azure.ai.vision.face import FaceAdministrationClient, FaceClient
from azure.ai.vision.face.models import FaceAttributeTypeRecognition04, FaceDetectionModel, FaceRecognitionModel
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

MODELS = {"detection_model": FaceDetectionModel.DETECTION03, "recognition_model": FaceRecognitionModel.RECOGNITION04}


class Refused(Exception):
    """What the user of an application is told, in words for a person."""


def endpoint_and_key():
    try:
        return os.environ["VULTUS_ENDPOINT"].rstrip("/"), os.environ["VULTUS_KEY"]
    except KeyError as missing:
        raise Refused(f"set {missing.args[0]}: the server's address in VULTUS_ENDPOINT, a key of it in VULTUS_KEY") from None


def clients():
    endpoint, key = endpoint_and_key()
    return FaceClient(endpoint, AzureKeyCredential(key)), FaceAdministrationClient(endpoint, AzureKeyCredential(key))


def ask(method, path, body=None):
    """One of Vultus' own routes, below /vultus/v1/: the answer's JSON, None for an empty one."""
    endpoint, key = endpoint_and_key()
    request = urllib.request.Request(f"{endpoint}/vultus/v1/{path}", method=method, data=None if body is None else json.dumps(body).encode(),
                                     headers={"Ocp-Apim-Subscription-Key": key, "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        raise Refused(json.load(error)["error"]["message"]) from None
    return json.loads(text) if text else None


def one_good_face(client, picture):
    """The id of the picture's one face, which must be good enough to be found again."""
    faces = client.detect(pathlib.Path(picture).read_bytes(), return_face_id=True, **MODELS,
                          return_face_attributes=[FaceAttributeTypeRecognition04.QUALITY_FOR_RECOGNITION])
    if len(faces) != 1:
        raise Refused(f"{len(faces)} faces in the picture; one person at a time, please")
    if faces[0].face_attributes.quality_for_recognition == "low":
        raise Refused("the picture is too poor; come closer, look ahead, with light from the front")
    return faces[0].face_id


def exists(get, name):
    try:
        get(name)
    except ResourceNotFoundError:
        return False
    return True


def erase(person_or_face, receipts):
    """Takes all that Vultus holds of a person out of it; the signed receipt goes into the folder."""
    receipt = ask("DELETE", f"subjects/{person_or_face}")
    folder = pathlib.Path(receipts)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{person_or_face}.json").write_text(json.dumps(receipt))


class Register:
    """What the application itself remembers, a JSON file: no picture and no template is ever in it."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.entries = json.loads(self.path.read_text()) if self.path.exists() else {}

    def save(self):
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(self.entries, indent=1))
        new.replace(self.path)


def run(commands, usage):
    """Runs the command that the first argument names: 0 it went through, 1 refused, 2 wrong use."""
    name, *arguments = sys.argv[1:] or [""]
    command = commands.get(name)
    if not command or len(arguments) < command.__code__.co_argcount:
        sys.exit(f"usage:\n{usage}")
    try:
        answer = command(*arguments)
    except Refused as why:
        print(why)
        sys.exit(1)
    except OSError as why:
        print(f"{why.filename}: {why.strerror}" if why.filename else f"Vultus cannot be reached: {why}")
        sys.exit(1)
    except HttpResponseError as error:
        print(f"Vultus refused: {error.error.message if error.error else error.message}")
        sys.exit(1)
    print(answer)
