#!/usr/bin/env python3
"""Every error of api/errors.tsv that a Face client can meet, provoked at least once: status, code, x-ms-error-code and
message. Exits 77 (skipped) where the pictures or the pack are not at hand."""
import csv
import http.client
import json
import os
import re
import sys
import threading
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from served import KEY, PICTURES, PICTURE_URL, ROOT, Server, need_pack, skip  # noqa: E402

NONE = "00000000-0000-4000-8000-000000000000"
IMAGE = "application/octet-stream"
# Why a request cannot meet these here, or which test meets them.
ELSEWHERE = {
    "PERSON_GROUP_TRAINING": "training is done when it is answered", "LARGE_PERSON_GROUP_TRAINING": "the same", "LARGE_FACE_LIST_TRAINING": "the same",
    "CONFLICT": "one writer: changes wait for each other", "INTERNAL": "no request is known that does it",
    "UNAVAILABLE": "tests/http/server_test.c, while stopping", "TIMEOUT": "tests/http/server_test.c, slow clients", "BUSY": "below, by many at once",
    "FEATURE_OFF": "tests/rest/policies_test.c, every operation", "FORBIDDEN": "tests/contract/operations_test.c, tokens", "URL_FAILED": "tests/http/fetch_test.c",
    "HELD": "tests/rest/stewardship_test.c", "NO_CONSENT": "tests/rest/consents_test.c",
    "REVIEW_NOT_FOUND": "tests/rest/oversight_test.c", "GUARDED": "tests/rest/oversight_test.c", "POLICY_NOT_FOUND": "tests/rest/policies_test.c",
    "TENANT_NOT_FOUND": "tests/rest/tenants_test.c", "TENANT_EXISTS": "the same", "TENANT_OPEN": "the same",
}
ELSEWHERE.update({key: "tests/rest/liveness_token_test.c and tests/sdk" for key in ("LIVENESS_TOKEN", "LIVENESS_ATTEMPTS", "LIVENESS_FLAGGED",
                  "LIVENESS_REFERENCE", "LIVENESS_IMAGE_NOT_FOUND")})
ELSEWHERE.update({key: "tests/web/liveness_flow.mjs" for key in ("LIVENESS_CALLBACK", "LIVENESS_LINK")})
ELSEWHERE.update({key: "tests/e2e/jobs.py" for key in ("JOB_NOT_FOUND", "JOB_UNFINISHED", "JOBS_FULL", "RANGE", "VIDEO_EMPTY")})
ELSEWHERE.update({key: "tests/e2e/archives.py" for key in ("ARCHIVE_NOT_FOUND", "VIDEO_NOT_FOUND", "ARCHIVE_EXISTS")})
LISTS = {"facelists": ("FACE_LIST", "faceListId"), "largefacelists": ("LARGE_FACE_LIST", "largeFaceListId")}
GROUPS = {"persongroups": ("PERSON_GROUP", "personGroupId"), "largepersongroups": ("LARGE_PERSON_GROUP", "largePersonGroupId")}


def picture(name):
    return (PICTURES / name).read_bytes()


class Story:
    """Asks, and remembers which errors were met."""

    def __init__(self, server, errors):
        self.server, self.errors, self.met, self.problems = server, errors, set(), []

    def meets(self, key, method, path, body=None, kind="application/json", access=KEY):
        expected = self.errors[key]
        status, headers, answer = self.server.ask(method, f"/face/{path}", body, kind, access)
        error = answer.get("error", {}) if isinstance(answer, dict) else {}
        message = "".join(".*" if part == "{}" else re.escape(part) for part in re.split(r"(\{\})", expected["message"]))
        self.met.add(key)
        code = error.get("innererror", error).get("code") if key == "ATTRIBUTE_RETIRED" else error.get("code")
        if status != int(expected["status"]) or code != expected["code"] or not re.fullmatch(message, error.get("message", ""), re.S):
            self.problems.append(f"{key}: {method} {path}: {status} {answer} instead of {expected['status']} {expected['code']} {expected['message']}")
        elif headers.get("x-ms-error-code") != error["code"]:
            self.problems.append(f"{key}: x-ms-error-code is {headers.get('x-ms-error-code')!r}")

    def face_id(self, model="recognition_04", name="Family1-Dad1.jpg"):
        return self.server.must("POST", f"/face/v1.2/detect?recognitionModel={model}", picture(name), IMAGE)[0][0]["faceId"]


def everywhere(s):
    s.meets("UNAUTHORIZED", "GET", "v1.2/persongroups", access="wrong-key-wrong-key")
    s.meets("NOT_FOUND", "GET", "v1.2/nothing")
    s.meets("VERSION_UNKNOWN", "GET", "v9.9/persongroups")
    s.meets("VERSION_LACKS", "GET", "v1.2/persons")
    s.meets("METHOD", "PATCH", "v1.2/detect", {})
    s.meets("MEDIA_TYPE", "POST", "v1.2/verify", b"x", "text/plain")
    s.meets("TOO_LARGE", "POST", "v1.2/verify", b" " * (9 << 20))
    s.meets("JSON_INVALID", "POST", "v1.2/verify", b"{")
    s.meets("BODY_INVALID", "POST", "v1.2/verify", b"[]")
    s.meets("NOT_SERVED", "GET", "v1.0/snapshots")
    s.meets("OPERATION_NOT_FOUND", "GET", f"v1.1-preview.1/operations/{NONE}")


def detection(s):
    dad = picture("Family1-Dad1.jpg")
    rows = [
        ("RECOGNITION_MODEL", "recognitionModel=x"), ("DETECTION_MODEL", "detectionModel=x"), ("TIME_TO_LIVE", "faceIdTimeToLive=59"),
        ("ATTRIBUTES_INVALID", "returnFaceAttributes=wings"), ("ATTRIBUTE_RETIRED", "returnFaceAttributes=age"), ("ARGUMENT", "returnFaceId=maybe"),
        ("ATTRIBUTES_DETECTION_02", "detectionModel=detection_02&returnFaceAttributes=headPose"),
        ("LANDMARKS_DETECTION_02", "detectionModel=detection_02&returnFaceLandmarks=true"),
    ]
    for key, query in rows:
        s.meets(key, "POST", f"v1.0/detect?{query}", dad, IMAGE)
    s.meets("IMAGE_FORMAT", "POST", "v1.2/detect", b"no picture at all " * 100, IMAGE)
    s.meets("IMAGE_SMALL", "POST", "v1.2/detect", dad[:500], IMAGE)
    s.meets("IMAGE_BIG", "POST", "v1.2/detect", dad + b"\0" * (6 << 20), IMAGE)
    s.meets("URL_BAD", "POST", "v1.2/detect", {})
    s.meets("URL_INVALID", "POST", "v1.2/detect", {"url": "http://127.0.0.1/a.jpg"})


def crud(s, path, prefix, parameter):
    home = f"v1.2/{path}"
    body = {"name": "n", "recognitionModel": "recognition_04"}
    s.meets("NAME_EMPTY", "PUT", f"{home}/a", {"name": ""})
    s.meets("NAME_LONG", "PUT", f"{home}/a", {"name": "n" * 129})
    s.meets("USER_DATA_LONG", "PUT", f"{home}/a", dict(body, userData="u" * 16385))
    s.meets(prefix + "_ID_INVALID", "PUT", f"{home}/UPPER", body)
    s.server.must("PUT", f"/face/{home}/a", body)
    s.server.must("PUT", f"/face/{home}/empty", body)
    s.meets(prefix + "_EXISTS", "PUT", f"{home}/a", body)
    s.meets(prefix + "_NOT_FOUND", "GET", f"{home}/b")
    s.meets("NAME_AND_USER_DATA_EMPTY", "PATCH", f"{home}/a", {})
    if path != "facelists":
        s.meets("START_LONG", "GET", f"{home}?start={'s' * 65}")
        s.meets("TOP_INVALID", "GET", f"{home}?top=1001")
        s.meets(prefix + "_NOT_TRAINED", "GET", f"{home}/a/training")


def faces_of(s, home):
    """Pictures that no face can be taken from."""
    s.meets("IMAGE_MANY_FACES", "POST", home, picture("identification1.jpg"), IMAGE)
    s.meets("IMAGE_NO_FACE", "POST", f"{home}?targetFace=0,0,40,40", picture("Family1-Dad1.jpg"), IMAGE)
    s.meets("TARGET_FACE_INVALID", "POST", f"{home}?targetFace=1,2,3", picture("Family1-Dad1.jpg"), IMAGE)
    s.meets("TARGET_FACE_RANGE", "POST", f"{home}?targetFace=90000,0,40,40", picture("Family1-Dad1.jpg"), IMAGE)
    s.meets("USER_DATA_LONG", "POST", f"{home}?userData={'u' * 1025}", picture("Family1-Dad1.jpg"), IMAGE)


def face_lists(s):
    for path, (prefix, parameter) in LISTS.items():
        crud(s, path, prefix, parameter)
        faces_of(s, f"v1.2/{path}/a/persistedfaces")
        key = "LARGE_FACE_LIST_FACE_NOT_FOUND" if path == "largefacelists" else "PERSISTED_FACE_NOT_FOUND"
        s.meets(key, "DELETE", f"v1.2/{path}/a/persistedfaces/{NONE}")
        s.meets(prefix + "_NOT_FOUND_IN_SEARCH", "POST", "v1.2/findsimilars", {"faceId": s.face_id(), parameter: "none"})
        s.meets(prefix + "_ID_INVALID", "POST", "v1.2/findsimilars", {"faceId": s.face_id(), parameter: "UPPER"})


def person_groups(s):
    for path, (prefix, parameter) in GROUPS.items():
        crud(s, path, prefix, parameter)
        home = f"v1.2/{path}/a/persons"
        person = s.server.must("POST", f"/face/{home}", {"name": "p"})[0]["personId"]
        s.meets("PERSON_ID_NOT_FOUND", "GET", f"{home}/{NONE}")
        s.meets("PERSISTED_FACE_NOT_FOUND", "GET", f"{home}/{person}/persistedfaces/{NONE}")
        faces_of(s, f"{home}/{person}/persistedfaces")
        identify = {"faceIds": [s.face_id()], parameter: "a"}
        s.meets(prefix + "_NOT_TRAINED_IN_SEARCH", "POST", "v1.2/identify", identify)
        s.meets(prefix + "_NOT_FOUND_IN_SEARCH", "POST", "v1.2/identify", dict(identify, **{parameter: "none"}))
        s.meets(prefix + "_ID_INVALID", "POST", "v1.2/identify", dict(identify, **{parameter: "UPPER"}))
        verify = {"faceId": s.face_id(), "personId": person, parameter: "a"}
        s.meets("PERSON_WITHOUT_FACE", "POST", "v1.2/verify", verify)
        s.meets("PERSON_ID_INVALID", "POST", "v1.2/verify", dict(verify, personId="p"))
        s.meets("PERSON_NOT_FOUND_IN_SEARCH", "POST", "v1.2/verify", dict(verify, personId=NONE))
        s.meets(prefix + "_NOT_FOUND_IN_SEARCH", "POST", "v1.2/verify", dict(verify, **{parameter: "none"}))


def one_to_many(s):
    face, other_model = s.face_id(), s.face_id("recognition_03")
    person = s.server.must("POST", "/face/v1.2/persongroups/a/persons", {"name": "p"})[0]["personId"]
    faces = f"/face/v1.2/persongroups/a/persons/{person}/persistedfaces"
    for _ in range(248):
        s.server.must("POST", faces, picture("Family1-Dad1.jpg"), IMAGE)
    s.meets("QUOTA", "POST", faces.removeprefix("/face/"), picture("Family1-Dad1.jpg"), IMAGE)
    s.server.must("POST", "/face/v1.2/persongroups/a/train")
    identify = {"faceIds": [face], "personGroupId": "a"}
    rows = [
        ("MAX_CANDIDATES", dict(identify, maxNumOfCandidatesReturned=101)), ("CONFIDENCE_THRESHOLD", dict(identify, confidenceThreshold=1.5)),
        ("FACE_IDS_LENGTH", dict(identify, faceIds=[face] * 11)), ("FACE_ID_INVALID", dict(identify, faceIds=["f"])),
        ("FACE_NOT_FOUND_IN_SEARCH", dict(identify, faceIds=[NONE])), ("MODEL_INCOMPATIBLE", dict(identify, faceIds=[other_model])),
        ("SCOPE_BOTH", dict(identify, largePersonGroupId="a")), ("SCOPE_NONE", {"faceIds": [face]}),
    ]
    for key, body in rows:
        s.meets(key, "POST", "v1.0/identify", body)
    s.meets("SCOPE_MISSING", "POST", "v1.1-preview.1/identify", {"faceIds": [face]})
    s.meets("SCOPE_MANY", "POST", "v1.1-preview.1/identify", dict(identify, dynamicPersonGroupId="a"))
    s.meets("PERSON_IDS_LENGTH", "POST", "v1.1-preview.1/identify", {"faceIds": [face], "personIds": [NONE] * 31})
    s.meets("DYNAMIC_PERSON_GROUP_NOT_FOUND_IN_SEARCH", "POST", "v1.1-preview.1/identify", {"faceIds": [face], "dynamicPersonGroupId": "none"})
    find_similar(s, face, other_model)
    s.meets("FACE_IDS_LENGTH", "POST", "v1.2/group", {"faceIds": [face]})
    s.meets("MODEL_INCOMPATIBLE", "POST", "v1.2/group", {"faceIds": [face, other_model]})


def find_similar(s, face, other_model):
    rows = [
        ("MODE_INVALID", {"faceIds": [face], "mode": "x"}), ("FIND_SCOPE_NONE", {}), ("FIND_SCOPE_MANY", {"faceListId": "a", "largeFaceListId": "a"}),
        ("MAX_CANDIDATES", {"faceIds": [face], "maxNumOfCandidatesReturned": 1001}), ("FACE_LIST_EMPTY", {"faceListId": "empty"}),
        ("LARGE_FACE_LIST_NOT_TRAINED_IN_SEARCH", {"largeFaceListId": "a"}), ("MODEL_INCOMPATIBLE", {"faceIds": [other_model]}),
        ("FACE_NOT_FOUND_IN_SEARCH", {"faceIds": [NONE]}),
    ]
    for key, body in rows:
        s.meets(key, "POST", "v1.2/findsimilars", dict(body, faceId=face))


def verification(s):
    face = s.face_id()
    s.meets("VERIFY_ARGUMENTS", "POST", "v1.2/verify", {"faceId1": face, "faceId": face})
    s.meets("FACE_NOT_FOUND", "POST", "v1.2/verify", {"faceId1": face, "faceId2": NONE})
    s.meets("FACE_ID_INVALID", "POST", "v1.2/verify", {"faceId1": face, "faceId2": "f"})
    s.meets("PERSON_NOT_FOUND", "POST", "v1.1-preview.1/verify", {"faceId": face, "personId": NONE})


def directory(s):
    home = "v1.1-preview.1/persons"
    person = s.server.must("POST", f"/face/{home}", {"name": "p"})[0]["personId"]
    s.meets("PERSON_NOT_FOUND", "GET", f"{home}/{NONE}")
    s.meets("START_INVALID", "GET", f"{home}?start=x")
    s.meets("DIRECTORY_MODEL", "POST", f"{home}/{person}/recognitionModels/recognition_01/persistedfaces", picture("Family1-Dad1.jpg"), IMAGE)
    s.meets("PERSISTED_FACE_NOT_FOUND", "GET", f"{home}/{person}/recognitionModels/recognition_04/persistedfaces/{NONE}")
    groups = "v1.1-preview.1/dynamicpersongroups"
    s.meets("DYNAMIC_PERSON_GROUP_ID_INVALID", "PUT", f"{groups}/UPPER", {"name": "n"})
    s.meets("DYNAMIC_PERSON_GROUP_NOT_FOUND", "GET", f"{groups}/none")
    s.server.must("PUT", f"/face/{groups}/a", {"name": "n"})
    s.meets("DYNAMIC_PERSON_GROUP_EXISTS", "PUT", f"{groups}/a", {"name": "n"})


def liveness(s):
    wish = {"livenessOperationMode": "Passive", "deviceCorrelationId": str(uuid.uuid4())}
    home = "v1.2/detectLiveness-sessions"
    parts = "".join(f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in wish.items()).encode() + b"--x--\r\n"
    s.meets("LIVENESS_BODY", "POST", "v1.2/detectLivenessWithVerify-sessions", parts, "multipart/form-data; boundary=x")
    s.meets("LIVENESS_MODE", "POST", home, dict(wish, livenessOperationMode="Loud"))
    s.meets("LIVENESS_LIFETIME", "POST", home, dict(wish, authTokenTimeToLiveInSeconds=59))
    s.meets("LIVENESS_DEVICE", "POST", home, {"livenessOperationMode": "Passive"})
    s.meets("LIVENESS_SESSION_NOT_FOUND", "GET", f"{home}/{NONE}")
    s.meets("MULTIPART_INVALID", "POST", "v1.2/detectLivenessWithVerify-sessions", b"--x\r\n", "multipart/form-data; boundary=x")


def many_at_once(s):
    """More detects than one worker's queue of one takes: the rest are told to come again."""
    answers, body = [], picture("detection1.jpg")
    server = Server(PICTURES, "--workers", "1", "--queue", "1")

    def client():
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        for _ in range(6):
            connection.request("POST", "/face/v1.2/detect", body, {"Ocp-Apim-Subscription-Key": KEY, "Content-Type": IMAGE})
            answer = connection.getresponse()
            answers.append((answer.status, answer.getheader("Retry-After"), answer.getheader("x-ms-error-code"), json.loads(answer.read())))
    threads = [threading.Thread(target=client) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.close()
    refused = [answer for answer in answers if answer[0] != 200]
    wanted = (429, "1", "429", {"error": {"code": "429", "message": s.errors["BUSY"]["message"]}})
    if not refused or any(answer != wanted for answer in refused):
        s.problems.append(f"BUSY: {refused[:2]} instead of {wanted}")


def main():
    if not PICTURES.is_dir():
        skip("the pictures are not at hand")
    need_pack()
    with open(ROOT / "api/errors.tsv", newline="") as file:
        errors = {row["key"]: row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    server = Server(PICTURES)
    story = Story(server, errors)
    try:
        for chapter in (everywhere, detection, face_lists, person_groups, one_to_many, verification, directory, liveness):
            chapter(story)
    finally:
        server.close()
    many_at_once(story)
    problems = story.problems + [f"{key} was not met, nor is said why" for key in errors.keys() - story.met - ELSEWHERE.keys()]
    problems += [f"{key} was met: ELSEWHERE is stale" for key in story.met & ELSEWHERE.keys()]
    print("\n".join(sorted(set(problems))))
    print(f"{len(story.met)} of {len(errors)} errors met here, {len(ELSEWHERE)} elsewhere, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
