#!/usr/bin/env python3
"""The worked use cases of examples/use-cases, as their README tells them: first refused, then registered, with and without a
face, to the end of every record. Runs in the environment of the official client (tests/sdk/install python-beta2)."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from served import KEY, PICTURES, ROOT, Server, need_pack, skip  # noqa: E402

HERE = ROOT / "examples/use-cases"


class Application:
    """One application of the folder with a server and a register of its own."""

    def __init__(self, name, *options):
        self.script, self.folder = HERE / f"{name}.py", pathlib.Path(tempfile.mkdtemp())
        self.policy = json.loads((HERE / f"policies/{name}.json").read_text())
        self.server = Server(PICTURES, *options, evaluation=False)
        self.environment = dict(os.environ, VULTUS_ENDPOINT=f"http://127.0.0.1:{self.server.port}", VULTUS_KEY=KEY,
                                DOOR_REGISTER=str(self.folder / "staff.json"), SIGN_UP_REGISTER=str(self.folder / "accounts.json"),
                                NEW_ACCOUNT_REGISTER=str(self.folder / "new-accounts.json"), FINDING_AID=str(self.folder / "finding-aid.json"))

    def says(self, *arguments, code=0):
        done = subprocess.run([sys.executable, self.script, *arguments], env=self.environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == code, f"{arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout.strip()

    def refused_until_registered(self, *arguments):
        """Without a use, and under another's; then it is registered as the application's file says."""
        assert "no use is registered for this key that permits this" in self.says(*arguments, code=1)
        other = dict(self.policy, purpose="liveness", retentionDays=1)
        wrong, _ = self.server.must("POST", "/vultus/v1/policies", other)
        assert "no use is registered for this key that permits this" in self.says(*arguments, code=1)
        status, _, _ = self.server.ask("DELETE", f"/vultus/v1/policies/{wrong['policyId']}")
        assert status in (200, 204), status
        self.server.must("POST", "/vultus/v1/policies", self.policy)

    def receipts_hold(self, folder, count):
        """Every receipt is genuine, and nothing is held of whom it names."""
        files = sorted((self.folder / folder).iterdir())
        assert len(files) == count, files
        for file in files:
            subprocess.run([os.environ["VULTUS_PROGRAM"], "receipt", "verify", "--data", self.server.folder.name, file], check=True,
                           capture_output=True, timeout=60)
            assert self.server.ask("GET", f"/vultus/v1/subjects/{file.stem}")[0] == 404

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.close()
        shutil.rmtree(self.folder)


def picture(name):
    return str(PICTURES / f"Family1-{name}.jpg")


def door():
    with Application("door") as app:
        app.says("staff", "Dad", "1001")
        app.says("staff", "Mom", "1002")
        app.refused_until_registered("enrol", "Dad", "F-17", picture("Dad1"), picture("Dad2"))
        assert "not of the house" in app.says("enrol", "Nobody", "F-18", picture("Son1"), code=1)
        assert "4 faces" in app.says("enrol", "Dad", "F-17", str(PICTURES / "identification1.jpg"), code=1)
        app.says("enrol", "Dad", "F-17", picture("Dad1"), picture("Dad2"))
        app.says("enrol", "Mom", "F-19", picture("Mom1"))
        assert app.says("face", picture("Dad3")) == "open: Dad, by face"
        assert app.says("face", picture("Mom2")) == "open: Mom, by face"
        for stranger in ("Son1", "Daughter2"):
            assert app.says("face", picture(stranger), code=1) == "not recognised; please use your card"
        assert app.says("card", "1001") == "open: Dad, by card"
        assert "not known" in app.says("card", "9", code=1)
        app.says("withdraw", "Dad")
        assert "use your card" in app.says("face", picture("Dad3"), code=1)
        assert app.says("card", "1001") == "open: Dad, by card"
        app.says("leave", "Dad")
        app.says("leave", "Mom")
        assert "not known" in app.says("card", "1001", code=1)
        app.receipts_hold("door-receipts", 2)


def sign_up():
    with Application("sign_up") as app:
        app.refused_until_registered("join", "dad", picture("Dad1"))
        assert app.says("join", "dad", picture("Dad1")) == "dad is open"
        assert app.says("join", "mom", picture("Mom1")) == "mom is open"
        assert "already" in app.says("join", "mom", picture("Mom1"), code=1)
        assert "a person looks" in app.says("join", "dad-again", picture("Dad2"))
        assert app.says("cases") == "dad-again: has an account already: dad"
        assert app.says("refuse", "dad-again") == "dad-again is refused"
        assert app.says("block", "mom") == "mom is blocked"
        app.says("join", "mom-2", picture("Mom2"))
        assert app.says("cases") == "mom-2: blocked as mom"
        assert app.says("accept", "mom-2") == "mom-2 is open"  # the person may see that she was wronged
        app.says("papers", "son")
        assert app.says("cases") == "son: papers"
        assert app.says("accept", "son") == "son is open"
        for name in ("dad", "mom-2", "son"):
            app.says("close", name)
        app.receipts_hold("sign-up-receipts", 3)
        assert app.says("join", "dad", picture("Dad3")) == "dad is open"  # nothing of the closed account is left


class Kiosk:
    """The kiosk's own server, with the client's modules beside it as npm would put them."""

    def __init__(self, app):
        place = app.folder / "kiosk"
        shutil.copytree(HERE / "kiosk", place)
        (place / "node_modules").symlink_to(pathlib.Path(os.environ["JS_MODULES"], "node_modules"))
        self.process = subprocess.Popen(["node", "server.mjs"], cwd=place, env=dict(app.environment, PORT="0", KIOSK_FOLDER=str(app.folder)),
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().split()[-1]

    def ask(self, path, picture_name=None):
        body = pathlib.Path(picture(picture_name)).read_bytes() if picture_name else b""
        try:
            with urllib.request.urlopen(urllib.request.Request(f"{self.address}/{path}", body, method="POST"), timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return dict(json.load(error), status=error.code)

    def page(self, app, steps, face):
        camera = app.folder / "camera.mjpeg"
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-loop", "1", "-t", "1", "-i", picture(face), "-q:v", "3", "-pix_fmt", "yuvj420p", "-vf",
                        "scale=640:480:force_original_aspect_ratio=decrease,pad=640:480:(ow-iw)/2:(oh-ih)/2", camera], check=True, timeout=60)
        subprocess.run(["node", ROOT / "tests/examples/kiosk_page.mjs"], check=True, timeout=120, env=dict(
            os.environ, STEPS=steps, KIOSK=self.address, CAMERA=str(camera), NODE_MODULES=os.environ["BROWSER_MODULES"]))

    def close(self):
        self.process.terminate()
        said = self.process.communicate(timeout=10)[1]
        assert "no use is registered" in said and said.count("\n") == 1, said  # once, before the registration, and nothing else


def kiosk():
    with Application("kiosk") as app:
        server = Kiosk(app)
        try:
            assert server.ask("greet", "Dad1") == {"error": "Faces are not available: please use your code.", "status": 502}
            without = server.ask("join?likes=Tea")
            assert without["face"] is False and server.ask(f"code?code={without['code']}")["likes"] == "Tea"  # no use is needed for that
            app.server.must("POST", "/vultus/v1/policies", app.policy)
            assert server.ask("greet", "Dad1") == {"unknown": True}
            server.page(app, "join", "Dad1")
            assert server.ask("greet", "Dad3")["likes"] == "Cappuccino"
            mom = server.ask("join?likes=Tea&agreed=yes", "Mom1")
            assert server.ask("greet", "Mom2") == {"code": mom["code"], "likes": "Tea"}
            assert server.ask("greet", "Son1") == {"unknown": True}
            server.page(app, "greet", "Dad2")
            assert server.ask("greet", "Dad3") == {"unknown": True}
            assert server.ask(f"leave?code={mom['code']}") == {}
            for _ in range(10):
                assert "not known" in server.ask(f"code?code={mom['code']}")["error"]
            assert "Too many" in server.ask(f"code?code={without['code']}")["error"]
            app.receipts_hold("receipts", 2)
        finally:
            server.close()


def before_the_camera(app, token, seed):
    """A simulated person who follows the script (tests/sdk/device.py)."""
    clip = PICTURES.parent / "videos-dev/liveportrait_d10.mp4"
    done = subprocess.run([sys.executable, ROOT / "tests/sdk/device.py"], input=json.dumps({"token": token, "verify": True, "seed": seed}), text=True,
                          env=dict(app.environment, ENDPOINT=app.environment["VULTUS_ENDPOINT"], CLIP=str(clip)), check=True, stdout=subprocess.PIPE,
                          timeout=120)
    return json.loads(done.stdout)["outcome"]["attemptStatus"]


def new_account():
    with Application("new_account") as app:
        photo = str(app.folder / "photo.png")
        subprocess.run(["ffmpeg", "-v", "error", "-i", PICTURES.parent / "videos-dev/liveportrait_d10.mp4", "-frames:v", "1", photo], check=True, timeout=60)
        app.refused_until_registered("begin", "ada", photo, "agreed")
        assert "without consent" in app.says("begin", "ada", photo, "no", code=1)
        opened = {}
        for seed, (name, papers) in enumerate((("ada", photo), ("eve", picture("Mom1")))):  # eve shows somebody else's papers
            token = app.says("begin", name, papers, "agreed")
            assert "not done yet" in app.says("finish", name, code=1)
            session = json.loads((app.folder / "new-accounts.json").read_text())[name]["session"]
            while before_the_camera(app, token, 21 + seed) != "Succeeded":
                seed += 10
            opened[name] = app.says("finish", name)
            assert app.server.ask("GET", f"/face/v1.2/detectLivenessWithVerify-sessions/{session}")[0] == 404
            assert "not before the camera" in app.says("finish", name, code=1)
        assert opened == {"ada": "ada is open", "eve": "please come to a branch with your papers"}, opened
        assert app.says("branch", "eve") == "eve is open"


def media_archive():
    clips = PICTURES.parent / "videos-dev"
    with tempfile.TemporaryDirectory() as root, Application("media_archive", "--archive-root", root) as app:
        speech, speaker = pathlib.Path(root, "default/1990s/speech.mp4"), app.folder / "speaker.png"
        speech.parent.mkdir(parents=True)
        (speech.parent / "torn.mp4").write_bytes(b"no video")
        for options in (["-t", "2", "-i", clips / "obama.mp4", "-an", speech], ["-ss", "1", "-i", clips / "obama.mp4", "-frames:v", "1", speaker]):
            subprocess.run(["ffmpeg", "-v", "error", *options], check=True, timeout=60)
        app.refused_until_registered("index", "1990s")
        assert "1 indexed, 0 known already\nnot read: 1990s/torn.mp4" in app.says("index", "1990s")
        assert "0 indexed, 1 known already" in app.says("index", "1990s")
        assert "not among those" in app.says("find", "Obama", code=1)
        app.says("person", "Obama", "archives act, section 11", str(speaker))
        app.says("person", "Mom", "consent of 2026-11-24", picture("Mom1"))
        found = app.says("find", "Obama")
        assert found.startswith("proposals; look before you confirm\n1990s/speech.mp4  0.0 s to 1.9 s  confidence 0.9"), found
        assert app.says("find", "Mom") == "Mom was not found; the finding aid may know more"
        assert app.says("words", "obama") == "nothing in the finding aid"
        app.says("confirm", "Obama", "1990s/speech.mp4")
        assert "was not proposed" in app.says("confirm", "Mom", "1990s/speech.mp4", code=1)
        app.says("describe", "1990s/speech.mp4", "a speech, with flags")
        assert app.says("words", "OBAMA").startswith("1990s/speech.mp4: Obama from 0.0 s")
        assert app.says("words", "flags") == "1990s/speech.mp4: a speech, with flags"
        for name in ("Obama", "Mom"):
            app.says("forget", name)
        assert "not among those" in app.says("find", "Obama", code=1)
        app.receipts_hold("archive-receipts", 2)


CASES = {"door": door, "sign_up": sign_up, "kiosk": kiosk, "new_account": new_account, "media_archive": media_archive}


def main():
    if not PICTURES.is_dir():
        skip(f"no development pictures in {PICTURES}")
    need_pack()
    CASES[sys.argv[1]]()
    print(f"{sys.argv[1]}: all steps passed")


main()
