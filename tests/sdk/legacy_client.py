"""The whole flow with azure-cognitiveservices-vision-face 0.6.1 (v1.0)."""
import os
import pathlib
import time

from azure.cognitiveservices.vision.face import FaceClient
from msrest.authentication import CognitiveServicesCredentials

PICTURES = pathlib.Path(os.environ["PICTURES"])
PEOPLE = {"Dad": [1, 2, 3], "Mom": [1, 2], "Daughter": [1, 2, 3], "Son": [1, 2]}
MODEL = {"detection_model": "detection_03", "recognition_model": "recognition_04"}
client = FaceClient(os.environ["ENDPOINT"], CognitiveServicesCredentials(os.environ["KEY"]))


def picture(name):
    return (PICTURES / name).open("rb")


def detect(name, **more):
    return client.face.detect_with_stream(picture(name), return_face_id=True, **{**MODEL, **more})


def wait_until_trained(status):
    for _ in range(200):
        now = status().status
        if str(getattr(now, "value", now)) == "succeeded":
            return
        time.sleep(0.05)
    raise AssertionError("training did not end")


def compare():
    face = detect("detection1.jpg", return_face_landmarks=True, detection_model="detection_01",
                  return_face_attributes=["headPose", "glasses", "blur", "exposure", "noise", "occlusion"])[0]
    assert face.face_landmarks.pupil_left.x < face.face_landmarks.pupil_right.x
    assert -90 < face.face_attributes.head_pose.yaw < 90
    assert len(client.face.detect_with_url("http://pictures.test/detection1.jpg", **MODEL)) == 1
    ids = {n: detect(f"Family1-{n}.jpg")[0].face_id for n in ("Dad1", "Dad2", "Mom1", "Mom2")}
    assert client.face.verify_face_to_face(ids["Dad1"], ids["Dad2"]).is_identical
    assert not client.face.verify_face_to_face(ids["Dad1"], ids["Mom1"]).is_identical
    assert len(client.face.group(list(ids.values())).groups) == 2
    return ids


def lists(ids):
    few, large = client.face_list, client.large_face_list
    few.create("family", name="family", recognition_model="recognition_04")
    added = few.add_face_from_stream("family", picture("Family1-Dad3.jpg"), detection_model="detection_03")
    found = client.face.find_similar(ids["Dad1"], face_list_id="family")
    assert [f.persisted_face_id for f in found] == [added.persisted_face_id]
    few.delete("family")
    large.create("family", name="family", recognition_model="recognition_04")
    added = large.add_face_from_stream("family", picture("Family1-Dad3.jpg"), detection_model="detection_03")
    large.train("family")
    wait_until_trained(lambda: large.get_training_status("family"))
    found = client.face.find_similar(ids["Dad1"], large_face_list_id="family")
    assert [f.persisted_face_id for f in found] == [added.persisted_face_id]
    large.delete("family")


def identify():
    names = {}
    client.person_group.create("people", name="people", recognition_model="recognition_04")
    for name, numbers in PEOPLE.items():
        person = client.person_group_person.create("people", name=name).person_id
        names[person] = name
        for number in numbers:
            client.person_group_person.add_face_from_stream("people", person, picture(f"Family1-{name}{number}.jpg"),
                                                            detection_model="detection_03")
    client.person_group.train("people")
    wait_until_trained(lambda: client.person_group.get_training_status("people"))
    faces = [face.face_id for face in detect("identification1.jpg")]
    answers = client.face.identify(faces, person_group_id="people")
    assert sorted(names[a.candidates[0].person_id] for a in answers) == ["Dad", "Daughter", "Mom", "Son"]
    client.person_group.delete("people")
    assert client.person_group.list() == []


lists(compare())
identify()
print("python-legacy: all steps passed")
