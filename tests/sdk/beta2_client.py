"""The whole flow with azure-ai-vision-face 1.0.0b2 (v1.2-preview.1)."""
import os
import pathlib

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


def liveness(client):
    """Sessions as an application's server sees them; no film is sent here."""
    wish = {"liveness_operation_mode": "Passive", "device_correlation_id": "11111111-2222-3333-4444-555555555555",
            "auth_token_time_to_live_in_seconds": 60}
    made = client.create_liveness_session(CreateLivenessSessionContent(**wish))
    assert made.auth_token
    assert client.get_liveness_session_result(made.session_id).status == "NotStarted"
    assert made.session_id in [item.id for item in client.get_liveness_sessions()]
    assert client.get_liveness_session_audit_entries(made.session_id) == []
    client.delete_liveness_session(made.session_id)
    gone(client.get_liveness_session_result, made.session_id)
    made = client.create_liveness_with_verify_session(CreateLivenessWithVerifySessionContent(**wish),
                                                      verify_image=picture("Family1-Dad1.jpg"))
    assert made.verify_image.face_rectangle.width > 0
    assert client.get_liveness_with_verify_session_result(made.session_id).status == "NotStarted"
    client.delete_liveness_with_verify_session(made.session_id)
    gone(client.get_liveness_with_verify_session_result, made.session_id)


def main():
    with FaceSessionClient(endpoint, credential) as sessions:
        liveness(sessions)
    with FaceClient(endpoint, credential) as client, FaceAdministrationClient(endpoint, credential) as admin:
        lists(client, admin, compare(client))
        identify(client, admin)
    print("python-beta2: all steps passed")


main()
