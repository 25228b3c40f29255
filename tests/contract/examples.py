#!/usr/bin/env python3
"""Every published example against the real program: the request as it stands there, with real ids and pictures in the
place of made-up ones; status, headers and the shape and determined values of the answer as they stand there.

An operation is asked in every version that its row of operations.tsv names, and every row that this service must
answer has to be met. Exits 77 (skipped) where the contract, the pictures or the pack are not at hand.
"""
import csv
import json
import os
import re
import sys
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from served import PICTURE_URL, PICTURES, SHARED, Server, need_pack, skip  # noqa: E402

SPEC = SHARED / "spec"
GROUPS = {"face", "facelist", "largefacelist", "persongroup", "largepersongroup", "persondirectory", "dynamicpersongroup", "operations"}
NOT_HERE = {"OP-03"}  # needs the image of a liveness session: tests/sdk has that flow
RETIRED = {"age", "gender", "smile", "facialHair", "emotion", "hair", "makeup"}  # asked for: 403
COLLECTIONS = [  # as the examples' names begin, its path, its parameter; longer names first
    ("LargeFaceList", "largefacelists", "largeFaceListId"),
    ("FaceList", "facelists", "faceListId"),
    ("LargePersonGroup", "largepersongroups", "largePersonGroupId"),
    ("DynamicPersonGroup", "dynamicpersongroups", "dynamicPersonGroupId"),
    ("PersonGroup", "persongroups", "personGroupId"),
    ("Person", "persons", "personId"),
]
METHODS = {"Create": "PUT", "CreateNew": "PUT", "Add": "POST", "Get": "GET", "List": "GET", "Update": "PATCH", "Delete": "DELETE"}
IN_LISTS = "facelists", "largefacelists"


class World:
    """What an example presupposes, made once for each; every name is new, so that examples do not meet."""

    def __init__(self, server, version, parameters):
        self.server, self.version, self.parameters = server, version, parameters
        self.ids, self.tag, self.answer = {}, uuid.uuid4().hex[:8], None
        self.picture = (PICTURES / "Family1-Dad1.jpg").read_bytes()
        self.other = (PICTURES / "Family1-Dad2.jpg").read_bytes()
        self.stranger = (PICTURES / "Family1-Mom1.jpg").read_bytes()

    def face_id(self, picture=None):
        path = "/face/v1.0/detect?recognitionModel=recognition_04"
        return self.server.must("POST", path, picture or self.other, "application/octet-stream")[0][0]["faceId"]

    def rectangle(self):
        found = self.server.must("POST", "/face/v1.0/detect?returnFaceId=false", self.picture, "application/octet-stream")[0][0]
        return ",".join(str(found["faceRectangle"][side]) for side in ("left", "top", "width", "height"))

    def collection(self, path, parameter):
        if parameter not in self.ids:
            self.ids[parameter] = f"{self.parameters.get(parameter, 'example')}-{self.tag}"[-60:]
            body = {"name": self.shown["name"], "userData": self.shown["userData"]}
            if path != "dynamicpersongroups":
                body["recognitionModel"] = self.shown["recognitionModel"]
            self.server.must("PUT", self.base(path) + f"/{path}/{self.ids[parameter]}", body)
        return self.ids[parameter]

    def base(self, path):
        return "/face/v1.1-preview.1" if path in ("persons", "dynamicpersongroups") else "/face/v1.0"

    def person(self, path, parameter):
        if "personId" not in self.ids:
            home = self.base(path) + (f"/{path}/{self.collection(path, parameter)}/persons" if path != "persons" else "/persons")
            body = {"name": self.shown["name"], "userData": self.shown["userData"]}
            self.ids["personId"] = self.server.must("POST", home, body)[0]["personId"]
        return self.ids["personId"]

    def face(self, path, parameter):
        if "persistedFaceId" in self.ids:
            return self.ids["persistedFaceId"]
        if path in IN_LISTS:
            home = f"/face/v1.0/{path}/{self.collection(path, parameter)}/persistedfaces"
        elif path == "persons":
            home = f"/face/v1.1-preview.1/persons/{self.person(path, parameter)}/recognitionModels/{MODEL}/persistedfaces"
        else:
            home = f"/face/v1.0/{path}/{self.collection(path, parameter)}/persons/{self.person(path, parameter)}/persistedfaces"
        answer = self.server.must("POST", f"{home}?userData={self.shown['userData'].replace(' ', '%20')}", self.picture,
                                  "application/octet-stream")[0]
        self.ids["persistedFaceId"] = answer["persistedFaceId"]
        return self.ids["persistedFaceId"]

    def train(self, path, parameter):
        self.server.must("POST", f"/face/v1.0/{path}/{self.collection(path, parameter)}/train")

    def member(self):
        """A dynamic group with a person of the directory who has a face."""
        self.shown = dict(self.shown, recognitionModel=MODEL)
        self.face("persons", "personId")
        if "dynamicPersonGroupId" not in self.ids:
            name = self.ids["dynamicPersonGroupId"] = f"example-{self.tag}"
            body = {"name": self.shown["name"], "userData": self.shown["userData"], "addPersonIds": [self.ids["personId"]]}
            self.server.must("PUT", f"/face/v1.1-preview.1/dynamicpersongroups/{name}", body)

    shown = {"name": "your_name", "userData": "your_user_data", "recognitionModel": "recognition_04"}


MODEL = "recognition_04"


def route_of(name):
    """(method, path, collection row, tail) that an example's name means; None for those of other issues."""
    name = name.split("_")[-1]
    if re.search("Snapshot|Liveness|Session", name):
        return None
    for start, path in (("Detect", "detect"), ("FindSimilar", "findsimilars"), ("Identify", "identify"), ("Verify", "verify")):
        if name.startswith(start):
            return "POST", path, None, ""
    if name == "Group":
        return "POST", "group", None, ""
    if name == "GetOperationResult":
        return "GET", "operations/{operationId}", None, ""
    verb = re.match("Train|Queue|CreateNew|Create|Add|Get|List|Update|Delete", name).group()
    rest = name[len(verb):]
    row = next(row for row in COLLECTIONS if rest.startswith(row[0]))
    tail = rest[len(row[0]):]
    if verb in ("Train", "Queue"):
        return "POST", f"{row[1]}/{{{row[2]}}}/train", row, "train"
    if tail == "TrainingStatus":
        return "GET", f"{row[1]}/{{{row[2]}}}/training", row, "training"
    return collection_route(METHODS[verb], row, re.sub("From(Url|Stream)$|With(Person|PersonChanges)$|PersistedFace", lambda m: "Face" if "Persisted" in m.group() else "", tail))


def collection_route(method, row, tail):
    one = f"{row[1]}/{{{row[2]}}}"
    person = one if row[0] == "Person" else one + "/persons/{personId}"
    faces = one if row[1] in IN_LISTS else person
    faces += "/recognitionModels/{recognitionModel}/persistedfaces" if row[0] == "Person" else "/persistedfaces"
    paths = {"": one, "s": row[1], "Persons": one + "/persons", "Person": person, "References": f"persons/{{personId}}/dynamicPersonGroupReferences",
             "Faces": faces, "Face": faces + "/{persistedFaceId}", "PersonFace": faces + "/{persistedFaceId}"}
    path = paths[tail]
    if method in ("PUT", "POST") and tail in ("Person", "Face", "PersonFace"):
        path, method = path.rsplit("/", 1)[0], "POST"
    if method == "PUT" and row[0] == "Person":
        path, method = "persons", "POST"
    return method, path, row, tail


def variant_fits(variant, body, image):
    """Whether a row's variant is what a request asks."""
    keys = set(body) if isinstance(body, dict) else set()
    wanted = re.findall(r"\b(url|octet-stream|sessionImageId|faceIds|faceListId|largeFaceListId|personGroupId|largePersonGroupId|personIds|"
                        r"dynamicPersonGroupId|faceId1|addPersonIds)\b", variant)
    if "octet-stream" in wanted:
        return image
    if not wanted:
        return not ({"personGroupId", "largePersonGroupId"} & keys) if "person directory" in variant else True
    return not image and wanted[-1 if wanted[0] == "faceIds" else 0] in keys


class Checker:
    def __init__(self, where):
        self.where, self.problems = where, []

    def say(self, text):
        self.problems.append(f"{self.where}: {text}")

    def like(self, shown, got, at="answer"):
        """`got` has the members, kinds and formats of `shown`."""
        if isinstance(shown, dict):
            if not isinstance(got, dict):
                return self.say(f"{at} is no object: {got!r}")
            for key, value in shown.items():
                if key in got:
                    self.like(value, got[key], f"{at}.{key}")
                elif value is not None and key not in RETIRED and key not in OPTIONAL:
                    self.say(f"{at}.{key} is missing")
            for key in set(got) - set(shown) - OPTIONAL:
                self.say(f"{at}.{key} is not in the example")
        elif isinstance(shown, list):
            if not isinstance(got, list) or (shown and not got and not at.endswith(".accessories")):
                return self.say(f"{at} is no such list: {got!r}")
            for index, value in enumerate(got[:3] if shown else []):
                self.like(shown[0], value, f"{at}[{index}]")
        elif shown is not None:
            self.scalar(shown, got, at)

    def scalar(self, shown, got, at):
        number = lambda value: isinstance(value, (int, float)) and not isinstance(value, bool)
        if number(shown) != number(got) or (not number(shown) and type(shown) is not type(got)):
            return self.say(f"{at} is {got!r}, an example {shown!r}")
        if not isinstance(shown, str):
            return None
        for name, pattern in FORMATS.items():
            if at.rsplit(".", 1)[-1] not in OWN_IDS and re.fullmatch(pattern, shown) and not re.fullmatch(pattern, got):
                self.say(f"{at} is {got!r}, no {name} like {shown!r}")
        return None


OWN_IDS = {row[2] for row in COLLECTIONS[:5]}  # chosen by the caller
FORMATS = {"id": r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*Z?",
           "model": r"recognition_0\d"}
# Members that an answer may have or lack: by the specification's tables rather than by the single example.
OPTIONAL = {"persistedFaces", "message", "recognitionModel", "userData", "finishedTime", "lastSuccessfulTrainingDateTime", "lastSuccessfulTraining", "persistedFaceId", "faceId",
            "lastAction", "created", "mask", "qualityForRecognition", "noise", "blur", "exposure", "accessories", "occlusion", "glasses", "headPose", "faceLandmarks"}


def fill(world, method, path, row, body):
    """Makes what the request needs, and answers path and body with real ids."""
    creates = method == "PUT"
    shows_face = method == "GET" and "persistedFace" in json.dumps(world.answer)
    needs_face = shows_face or "persistedfaces/{persistedFaceId}" in path or (path.endswith("persistedfaces") and method == "GET")
    if row and row[1] == "dynamicpersongroups" and not creates or "References" in path:
        world.member()
    elif row and needs_face:
        world.face(row[1], row[2])
    elif row and "personId" in path:
        world.person(row[1], row[2])
    elif row and (("{" in path and not creates) or method == "GET"):
        if "persons" in path and row[1] != "persons":
            world.person(row[1], row[2])
        elif row[1] != "persons":
            world.collection(row[1], row[2])
        else:
            world.person(row[1], row[2])
    if path.endswith("train") or path.endswith("training"):
        world.face(row[1], row[2])
    if path.endswith("training"):
        world.train(row[1], row[2])
    values = dict(world.ids, recognitionModel=MODEL)
    if creates and row:
        values[row[2]] = f"new-{world.tag}"
    if "operationId" in path:
        _, headers = world.server.must("POST", "/face/v1.1-preview.1/persons", {"name": "someone"})
        values["operationId"] = headers["operation-location"].rsplit("/", 1)[1]
    for name in re.findall(r"\{(\w+)\}", path):
        path = path.replace("{" + name + "}", values[name])
    return path, fill_body(world, body) if isinstance(body, dict) else body


def fill_body(world, body):
    body = dict(body)
    for row in COLLECTIONS[:5]:
        if row[2] not in body:
            continue
        world.shown = dict(world.shown, recognitionModel=MODEL)
        if row[1] == "dynamicpersongroups":
            world.member()
        else:
            world.face(row[1], row[2])
            if row[1] != "facelists":
                world.train(row[1], row[2])
        body[row[2]] = world.ids[row[2]]
    if "personIds" in body or ("personId" in body and not any(row[2] in body for row in COLLECTIONS[:5])):
        world.shown = dict(world.shown, recognitionModel=MODEL)
        world.face("persons", "personId")
    for name, value in {"personId": "personId", "personIds": ["personId"], "addPersonIds": ["personId"]}.items():
        if name in body:
            if "personId" not in world.ids:
                world.person("persons", "personId")
            body[name] = [world.ids["personId"]] if isinstance(value, list) else world.ids["personId"]
    if "removePersonIds" in body:
        body["removePersonIds"] = [world.server.must("POST", "/face/v1.1-preview.1/persons", {"name": "x"})[0]["personId"]]
    if "url" in body:
        body["url"] = PICTURE_URL + "Family1-Dad1.jpg"
    return fill_faces(world, body)


def fill_faces(world, body):
    if "faceIds" in body and "faceId" in body:
        body["faceIds"] = [world.face_id(world.picture), world.face_id(world.stranger)]
    elif "faceIds" in body:
        grouping = set(body) == {"faceIds"}
        body["faceIds"] = [world.face_id()] + ([world.face_id(world.picture), world.face_id(world.stranger)] if grouping else [])
    if "faceId1" in body:
        body["faceId1"], body["faceId2"] = world.face_id(world.picture), world.face_id(world.other)
    if "faceId" in body:
        body["faceId"] = world.face_id()
    if "confidenceThreshold" in body:
        body["confidenceThreshold"] = 0.5
    return body


def shown_texts(answer):
    item = answer[0] if isinstance(answer, list) and answer else answer
    return {key: item[key] for key in ("name", "userData", "recognitionModel") if isinstance(item, dict) and isinstance(item.get(key), str)}


def query_of(world, parameters, method, path):
    query = {}
    for name, value in parameters.items():
        if name in ("returnFaceId", "returnFaceLandmarks", "returnRecognitionModel"):
            query[name] = str(value).lower()
        elif name in ("recognitionModel", "detectionModel", "userData", "start", "top", "faceIdTimeToLive") and f"{{{name}}}" not in path:
            query[name] = str(value)
        elif name == "returnFaceAttributes":
            query[name] = value if isinstance(value, str) else ",".join(value)
        elif name == "targetFace":
            query[name] = world.rectangle()
    if "start" in query:
        query["start"] = "00000000-0000-0000-0000-000000000000" if re.fullmatch(FORMATS["id"], query["start"]) else "0"
    return "&".join(f"{name}={value.replace(' ', '%20').replace('{', '%7B').replace('}', '%7D')}" for name, value in query.items())


def headers_like(checker, shown, headers):
    for name in shown or {}:
        value = headers.get(name.lower(), "")
        if not re.match(r"http://127\.0\.0\.1:\d+/face/v", value):
            checker.say(f"header {name} is {value!r}")
    if not re.fullmatch(FORMATS["id"], headers.get("apim-request-id", "")):
        checker.say("no apim-request-id")


def try_example(server, name, version, example):
    """(problems, the request's body, whether it is an image, route) of one example in one version."""
    method, pattern, row, _ = route_of(name)
    parameters = example["parameters"]
    body = parameters.get("body", parameters.get("ImageUrl"))
    image = "imageContent" in parameters or "Image" in parameters
    checker = Checker(f"{version} {name}")
    (status, answer), = example["responses"].items()
    world = World(server, version, parameters)
    world.answer = answer.get("body")
    world.shown = dict(World.shown, **shown_texts(world.answer))
    path, sent = fill(world, method, pattern, row, body)
    query = query_of(world, parameters, method, pattern)
    target = f"/face/{version}/{path}" + (f"?{query}" if query else "")
    if RETIRED & set(re.findall(r"\w+", query)):
        refused, _, why = server.ask(method, target, world.picture if image else sent, "application/octet-stream" if image else "application/json")
        if refused != 403 or why["error"]["code"] != "UnsupportedFeature":
            checker.say(f"retired attributes gave {refused} {why}")
        target = re.sub("returnFaceAttributes=[^&]*", "returnFaceAttributes=headPose,glasses,occlusion,accessories,blur,exposure,noise", target)
    got, headers, value = server.ask(method, target, world.picture if image else sent, "application/octet-stream" if image else "application/json")
    if got != int(status):
        checker.say(f"{method} {target} {json.dumps(sent)[:200] if not image else 'image'}: {got} instead of {status}: {value}")
    else:
        checker.like(answer.get("body"), value)
        if answer.get("body") is None and value is not None:
            checker.say(f"a body where there is none: {value!r}")
        headers_like(checker, answer.get("headers"), headers)
        determined(checker, world, answer.get("body"), value)
    return checker.problems, sent, image, (method, pattern)


def determined(checker, world, shown, got):
    """Texts that were put in come out again, and the same person is found."""
    for item in got if isinstance(got, list) else [got]:
        if not isinstance(item, dict):
            continue
        if "isIdentical" in item and not (item["isIdentical"] is True and item["confidence"] >= 0.5):
            checker.say(f"the same person is not identical: {item}")
        if "candidates" in item and [c["personId"] for c in item["candidates"]] != [world.ids["personId"]]:
            checker.say(f"another candidate: {item}")
        if item.get("personId") and item["personId"] == world.ids.get("personId") and "name" in item and item["name"] != world.shown["name"]:
            checker.say(f"another name: {item}")
    if isinstance(got, dict) and "groups" in got and [len(g) for g in got["groups"]] != [2]:
        checker.say(f"other groups: {got}")
    if isinstance(got, dict) and "name" in got and "name" in shown and got["name"] != world.shown["name"]:
        checker.say(f"another name: {got}")


def rows_to_meet():
    with open(SPEC / "operations.tsv", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["group"] in GROUPS and row["id"] not in NOT_HERE]
    return {row["id"]: row for row in rows}


def fits(row, route, body, image):
    path = re.sub(r"\{apiVersion\}/", "", row["path"].removeprefix("/face/"))
    return row["method"] == route[0] and path.lower() == route[1].lower() and variant_fits(row["variant"], body, image)


def main():
    if not (SPEC / "examples").is_dir() or not PICTURES.is_dir():
        skip("the contract's examples or the pictures are not at hand")
    need_pack()
    rows, met, problems, tried = rows_to_meet(), {}, [], 0
    server = Server(PICTURES)
    try:
        for file in sorted((SPEC / "examples").glob("*/*.json")):
            example = json.loads(file.read_text())
            if route_of(file.stem) is None:
                continue
            found, body, image, route = try_example(server, file.stem, file.parent.name, example)
            problems, tried = problems + found, tried + 1
            for key, row in rows.items():
                if fits(row, route, body, image):
                    met.setdefault(key, {})[file.parent.name] = (file.stem, example)
        for key, versions in met.items():
            for version in set(rows[key]["api_versions"].split(",")) - set(versions):
                name, example = next(iter(versions.values()))
                problems, tried = problems + try_example(server, name, version, example)[0], tried + 1
    finally:
        server.close()
    problems += [f"{key} {row['method']} {row['path']} {row['variant']}: no example met it" for key, row in rows.items() if key not in met]
    print("\n".join(problems))
    print(f"{tried} requests made from examples, {len(met)} of {len(rows)} operations, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
