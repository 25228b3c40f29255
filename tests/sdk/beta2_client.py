"""The whole flow with azure-ai-vision-face 1.0.0b2 (v1.2-preview.1)."""
import json
import os
import pathlib
import subprocess
import sys

from azure.ai.vision.face import FaceAdministrationClient, FaceClient, FaceSessionClient
from azure.ai.vision.face.models import (CreateLivenessSessionContent, CreateLivenessWithVerifySessionContent,
                                         FaceAttributeTypeDetection03, FaceDetectionModel, FaceRecognitionModel)
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError

PICTURES = pathlib.Path(os.environ["PICTURES"])
PEOPLE = {"Dad": [1, 2, 3], "Mom": [1, 2], "Daughter": [1, 2, 3], "Son": [1, 2]}
MODEL = {"detection_model": FaceDetectionModel.DETECTION03, "recognition_model": FaceRecognitionModel.RECOGNITION04}
endpoint, credential = os.environ["ENDPOINT"], AzureKeyCredential(os.environ["KEY"])


def picture(name):
    return (PICTURES / name).read_bytes()


def detect(client, name, **more):
    return client.detect(picture(name), return_face_id=True, **MODEL, **more)


def compare(client):
    face = detect(client, "detection1.jpg", return_face_landmarks=True, return_face_attributes=[
        FaceAttributeTypeDetection03.HEAD_POSE, FaceAttributeTypeDetection03.MASK])[0]
    assert face.face_landmarks.pupil_left.x < face.face_landmarks.pupil_right.x
    assert face.face_attributes.mask.type == "noMask", face.face_attributes
    url = client.detect_from_url(url="http://pictures.test/detection1.jpg", return_face_id=False, **MODEL)
    assert url[0].face_rectangle == face.face_rectangle
    ids = {n: detect(client, f"Family1-{n}.jpg")[0].face_id for n in ("Dad1", "Dad2", "Mom1", "Mom2")}
    assert client.verify_face_to_face(face_id1=ids["Dad1"], face_id2=ids["Dad2"]).is_identical
    assert not client.verify_face_to_face(face_id1=ids["Dad1"], face_id2=ids["Mom1"]).is_identical
    assert len(client.group(face_ids=list(ids.values())).groups) == 2
    return ids


def lists(client, admin, ids):
    large = admin.large_face_list
    large.create("family", name="family", recognition_model=FaceRecognitionModel.RECOGNITION04)
    added = large.add_face_from_url("family", url="http://pictures.test/Family1-Dad3.jpg", detection_model=FaceDetectionModel.DETECTION03)
    large.begin_train("family", polling_interval=0.05).result()
    found = client.find_similar_from_large_face_list(face_id=ids["Dad1"], large_face_list_id="family")
    assert [f.persisted_face_id for f in found] == [added.persisted_face_id]
    large.delete("family")


def identify(client, admin):
    groups, names = admin.large_person_group, {}
    groups.create("people", name="people", recognition_model=FaceRecognitionModel.RECOGNITION04)
    for name, numbers in PEOPLE.items():
        person = groups.create_person("people", name=name).person_id
        names[person] = name
        for number in numbers:
            groups.add_face("people", person, picture(f"Family1-{name}{number}.jpg"),
                            detection_model=FaceDetectionModel.DETECTION03)
    groups.begin_train("people", polling_interval=0.05).result()
    faces = [face.face_id for face in detect(client, "identification1.jpg")]
    answers = client.identify_from_large_person_group(face_ids=faces, large_person_group_id="people")
    assert sorted(names[a.candidates[0].person_id] for a in answers) == ["Dad", "Daughter", "Mom", "Son"]
    groups.delete("people")
    try:
        groups.get("people")
        raise AssertionError("the group is still there")
    except HttpResponseError as error:
        assert error.status_code == 404 and error.error.code == "LargePersonGroupNotFound", error


def gone(read, session_id):
    try:
        read(session_id)
    except HttpResponseError as error:
        assert error.status_code == 404, error
        return
    raise AssertionError("the session is still there")


def film(token, verify, seed):
    """A simulated person before the camera (device.py)."""
    done = subprocess.run([sys.executable, pathlib.Path(__file__).with_name("device.py")], check=True, stdout=subprocess.PIPE,
                          input=json.dumps({"token": token, "verify": verify, "seed": seed}).encode())
    return json.loads(done.stdout)


def film_until_decided(token, verify, seed):
    for attempt in range(3):
        filmed = film(token, verify, seed + attempt)
        if filmed["outcome"]["attemptStatus"] == "Succeeded":
            assert filmed["outcome"]["digest"] == filmed["digest"]
            return filmed
    raise AssertionError(filmed)


def one_session(made, read, audit, delete, verify, seed):
    assert made.auth_token
    assert read(made.session_id).status == "NotStarted"
    assert audit(made.session_id) == []
    filmed = film_until_decided(made.auth_token, verify, seed)
    session = read(made.session_id)
    assert session.status == "ResultAvailable", session.status
    assert session.result.digest == filmed["digest"]
    assert filmed["digest"] in [entry.digest for entry in audit(made.session_id)]
    body = session.result.response.body
    print(f"python-beta2, verify {verify}: {body.liveness_decision}")
    image = session.result.session_image_id
    assert image
    delete(made.session_id)
    gone(read, made.session_id)
    return image, body


def liveness(client):
    """Sessions as an application's server sees them, with a film, the frame kept of it, and the end of both."""
    wish = {"liveness_operation_mode": "Passive", "device_correlation_id": "11111111-2222-3333-4444-555555555555",
            "auth_token_time_to_live_in_seconds": 120, "enable_session_image": True}
    made = client.create_liveness_session(CreateLivenessSessionContent(**wish))
    assert made.session_id in [item.id for item in client.get_liveness_sessions()]
    kept = []

    def delete(session_id):
        image = client.get_liveness_session_result(session_id).result.session_image_id
        jpeg = b"".join(client.get_session_image(image))
        assert jpeg[:3] == b"\xff\xd8\xff"
        assert len(client.detect_from_session_image(session_image_id=image, return_face_id=True, **MODEL)) == 1
        kept.append(image)
        client.delete_liveness_session(session_id)

    one_session(made, client.get_liveness_session_result, client.get_liveness_session_audit_entries, delete, False, 11)
    gone(lambda image: b"".join(client.get_session_image(image)), kept[0])
    made = client.create_liveness_with_verify_session(CreateLivenessWithVerifySessionContent(**wish),
                                                      verify_image=picture("Family1-Dad1.jpg"))
    assert made.verify_image.face_rectangle.width > 0
    _, body = one_session(made, client.get_liveness_with_verify_session_result,
                          client.get_liveness_with_verify_session_audit_entries,
                          client.delete_liveness_with_verify_session, True, 21)
    assert body.verify_result.is_identical is False  # the film is of somebody else


def main():
    with FaceSessionClient(endpoint, credential) as sessions:
        liveness(sessions)
    with FaceClient(endpoint, credential) as client, FaceAdministrationClient(endpoint, credential) as admin:
        lists(client, admin, compare(client))
        identify(client, admin)
    print("python-beta2: all steps passed")


main()
