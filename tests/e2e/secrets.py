#!/usr/bin/env python3
"""One long run with several keys, tokens and two master keys, the master key changed while the server answers: no secret is in
the log, in an answer that is not asked to show it, in an error, in a file, or on any command line of the machine. Exits 77
(skipped) where the pictures or the pack are not at hand."""
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from served import KEY, PICTURES, Server, need_pack, skip  # noqa: E402

HOME, IMAGE = "/face/v1.2/persongroups/g", "application/octet-stream"
PROGRAM = os.path.abspath(os.environ["VULTUS_PROGRAM"])


class CommandLines(threading.Thread):
    """Every command line on the machine that shows up while it runs."""

    def __init__(self):
        super().__init__()
        self.seen, self.enough = set(), threading.Event()

    def run(self):
        while not self.enough.is_set():
            for folder in pathlib.Path("/proc").glob("[0-9]*"):
                try:
                    self.seen.add((folder / "cmdline").read_bytes())
                except OSError:
                    pass
            time.sleep(0.01)


class Asking(threading.Thread):
    """Identifies and enrols until told to stop; `failed` says what did not answer as it should."""

    def __init__(self, port, picture):
        super().__init__()
        self.server = Server.__new__(Server)
        self.server.connection = type(server_connection)("127.0.0.1", port, timeout=60)
        self.picture, self.enough, self.answers, self.failed = picture, threading.Event(), 0, None

    def run(self):
        try:
            while not self.enough.is_set():
                face = self.server.must("POST", "/face/v1.2/detect?recognitionModel=recognition_04", self.picture, IMAGE)[0][0]["faceId"]
                found = self.server.must("POST", "/face/v1.2/identify", {"faceIds": [face], "personGroupId": "g"})[0][0]["candidates"]
                assert len(found) == 1, found
                self.server.must("POST", HOME + "/persons", {"name": "another"})
                self.answers += 1
        except Exception as e:  # noqa: BLE001 handed to the test
            self.failed = e


def run(folder, *command, wrong=False):
    """The program's words; the keys it prints are its answer."""
    done = subprocess.run([PROGRAM, *command, "--data", folder], capture_output=True, text=True, timeout=60)
    assert (done.returncode != 0) == wrong, done.stdout + done.stderr
    return done.stdout, done.stderr


def refused_requests(server, secrets):
    """Requests that fail in many ways, with secrets where they do not belong; their answers."""
    bodies = [None, {}, {"faceIds": [secrets["second"]]}, {"scopes": secrets["token"]}, {"url": f"http://127.0.0.1/{secrets['second']}"}]
    paths = ["/face/v1.2/identify", "/face/v1.2/detect", "/vultus/v1/tokens", "/vultus/v1/policies", "/vultus/v1/nothing", "/vultus/v1/retention"]
    answers = []
    for key in KEY, secrets["second"], secrets["second"] + "x", secrets["tenant"], "wrong" * 3:
        for path in paths:
            for body in bodies:
                answers.append((server.ask("POST", path, body, key=key), body))
    return answers


def main():
    global server_connection
    if not PICTURES.is_dir():
        skip("the pictures are not at hand")
    need_pack()
    dad, other = ((PICTURES / name).read_bytes() for name in ("Family1-Dad1.jpg", "Family1-Dad2.jpg"))
    watch = CommandLines()
    watch.start()
    with tempfile.TemporaryDirectory() as name:
        folder, log = os.path.join(name, "data"), open(os.path.join(name, "log"), "wb+")
        text, _ = run(folder, "tenant", "create", "acme")
        secrets = {"first": KEY, "tenant": text.strip().splitlines()[-1]}
        master_file = pathlib.Path(folder, "keys/master.key")
        secrets["old master"] = master_file.read_text().strip()
        server = Server(PICTURES, "--log-level", "debug", folder=folder, log=log)
        server_connection = server.connection
        secrets["second"] = server.must("POST", "/vultus/v1/keys/2", {})[0]["key"]
        secrets["token"] = server.must("POST", "/vultus/v1/tokens", {"scopes": "detect"})[0]["token"]
        session = server.must("POST", "/face/v1.2/detectLiveness-sessions",
                              {"livenessOperationMode": "Passive", "deviceCorrelationId": "3b2c9f4e-6a0f-4d5e-9a3c-1c2d3e4f5a6b"})[0]
        secrets["session"] = session["authToken"]
        server.must("PUT", HOME, {"name": "g", "recognitionModel": "recognition_04"})
        server.must("PUT", "/vultus/v1/guards", {"personPerHour": 0})
        person = server.must("POST", HOME + "/persons", {"name": "Dad"})[0]["personId"]
        server.must("POST", f"{HOME}/persons/{person}/persistedfaces", dad, IMAGE)
        server.must("POST", HOME + "/train")
        answers = refused_requests(server, secrets)
        asking = Asking(server.port, other)
        asking.start()
        for _ in range(3):
            before = asking.answers
            began = time.monotonic()
            run(folder, "keys", "rotate-master")
            took = time.monotonic() - began
            while asking.answers < before + 2 and asking.is_alive():
                time.sleep(0.01)
        asking.enough.set()
        asking.join()
        assert not asking.failed, asking.failed
        assert pathlib.Path(folder, "keys/master.key.next").exists() is False
        secrets["new master"] = master_file.read_text().strip()
        assert secrets["new master"] != secrets["old master"]
        rotations = sum(path.read_bytes().count(b"MASTER_KEY_ROTATE") for path in pathlib.Path(folder, "audit/default").glob("*.jsonl"))
        assert rotations == 3, "the audit tells of each rotation"
        server.close()
        # another server on the same data; the old key is refused in words that hold neither
        server = Server(PICTURES, "--log-level", "debug", folder=folder, log=log)
        assert server.ask("GET", HOME)[0] == 200
        server.close()
        os.environ["VULTUS_MASTER_KEY"] = secrets["old master"]
        said = [run(folder, "tenant", "list", wrong=True)]
        os.environ["VULTUS_MASTER_KEY"] = secrets["new master"]
        said.append(run(folder, "tenant", "list"))
        del os.environ["VULTUS_MASTER_KEY"]
        watch.enough.set()
        watch.join()
        log.seek(0)
        lines = log.read()
        assert lines.count(b"\n") > 100, "a debug log of the whole run"
        for what, secret in secrets.items():
            needle = secret.encode()
            assert needle not in lines, f"{what} key is in the log"
            # the answer may say back what the client's body said, nothing that only a header held
            assert not any(secret in repr(answer) and secret not in repr(body) for answer, body in answers), f"{what} key is in an answer"
            assert not any(secret in out + err for out, err in said), f"{what} key is in a message"
            assert not any(needle in line for line in watch.seen), f"{what} key is on a command line"
            holders = [str(p) for p in pathlib.Path(folder).rglob("*") if p.is_file() and needle in p.read_bytes()]
            assert holders == ([str(master_file)] if what == "new master" else []), f"{what} key is in {holders}"
    print(f"{len(secrets)} secrets are nowhere in {len(lines)} bytes of log, {len(answers)} refusals, {len(watch.seen)} command lines; "
          f"{asking.answers} rounds of answers went on through 3 rotations, the last took {took:.1f} s")


if __name__ == "__main__":
    main()
