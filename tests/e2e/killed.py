#!/usr/bin/env python3
"""The server killed with -9 at random moments while clients write: whatever was acknowledged is there at the next start,
whatever was acknowledged as deleted is gone, the database is sound, and searches find who was enrolled. A few rounds by
default, 50 with VULTUS_TEST_LONG; tests/store/store_test.c does 50 below the wire each time.
Exits 77 (skipped) where the pictures or the pack are not at hand."""
import http.client
import json
import os
import pathlib
import random
import sqlite3
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from served import KEY, PICTURES, Server, need_pack, skip  # noqa: E402

ROUNDS = 50 if os.environ.get("VULTUS_TEST_LONG") else 5
HOME = "/face/v1.2/persongroups/g"
IMAGE = "application/octet-stream"


class Writer(threading.Thread):
    """Creates persons with a face, deletes one in three, and remembers what was acknowledged."""

    def __init__(self, port, picture):
        super().__init__()
        self.port, self.picture = port, picture
        self.faces, self.deleted, self.unsure = {}, set(), set()

    def ask(self, method, path, body, kind="application/json"):
        self.connection.request(method, path, body, {"Ocp-Apim-Subscription-Key": KEY, "Content-Type": kind})
        answer = self.connection.getresponse()
        text = answer.read()
        assert answer.status == 200, (method, path, answer.status, text)
        return json.loads(text) if text else None

    def run(self):
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            for i in range(10 ** 6):
                person = self.ask("POST", HOME + "/persons", b'{"name": "p"}')["personId"]
                self.faces[person] = set()
                if i % 2 == 0:
                    path = f"{HOME}/persons/{person}/persistedfaces"
                    self.faces[person].add(self.ask("POST", path, self.picture, IMAGE)["persistedFaceId"])
                if i % 3 == 0:
                    self.unsure.add(person)
                    self.ask("DELETE", f"{HOME}/persons/{person}", None)
                    self.unsure.discard(person)
                    self.deleted.add(person)
        except (OSError, http.client.HTTPException):
            pass  # killed


def all_persons(server):
    found, start = {}, ""
    while True:
        page, _ = server.must("GET", f"{HOME}/persons?top=1000&start={start}")
        found.update({person["personId"]: set(person["persistedFaceIds"]) for person in page})
        if len(page) < 1000:
            return found
        start = page[-1]["personId"]


def judge(server, faces, deleted, unsure):
    found = all_persons(server)
    for person, ids in faces.items():
        if person in deleted:
            assert person not in found, f"{person} was deleted and is back"
        elif person not in unsure:
            assert ids <= found.get(person, {"none"}), f"{person} was acknowledged with {ids}; there is {found.get(person)}"
    enrolled = {person for person, ids in found.items() if ids}
    if not enrolled:  # killed before the first face: there is nothing to train
        return
    server.must("POST", HOME + "/train")
    face = server.must("POST", "/face/v1.2/detect?recognitionModel=recognition_04", judge.picture, IMAGE)[0][0]["faceId"]
    candidates = server.must("POST", "/face/v1.2/identify", {"faceIds": [face], "personGroupId": "g"})[0][0]["candidates"]
    assert candidates and {c["personId"] for c in candidates} <= enrolled, candidates


def main():
    if not PICTURES.is_dir():
        skip("the pictures are not at hand")
    need_pack()
    judge.picture = picture = (PICTURES / "Family1-Daughter3.jpg").read_bytes()
    faces, deleted, unsure = {}, set(), set()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(PICTURES, "--log-level", "error", folder=folder)
        server.must("PUT", HOME, {"name": "g", "recognitionModel": "recognition_04"})
        for _ in range(ROUNDS):
            writers = [Writer(server.port, picture) for _ in range(4)]
            for writer in writers:
                writer.start()
            while not any(writer.faces for writer in writers):
                time.sleep(0.01)
            time.sleep(random.uniform(0, 0.4))
            server.process.kill()
            server.process.wait()
            for writer in writers:
                writer.join()
                faces.update(writer.faces)
                deleted |= writer.deleted
                unsure |= writer.unsure
            server = Server(PICTURES, "--log-level", "error", folder=folder)
            judge(server, faces, deleted, unsure)
        server.close()
        with sqlite3.connect(next(pathlib.Path(folder).rglob("vultus.db"))) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    print(f"{ROUNDS} kills: {len(faces)} persons and {sum(map(len, faces.values()))} faces acknowledged, {len(deleted)} deletions, all as told")


if __name__ == "__main__":
    main()
