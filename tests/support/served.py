"""The program served for a test in Python, and what such a test needs."""
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
PICTURES = pathlib.Path(os.environ.get("VULTUS_TEST_DATA", SHARED / "data")) / "face-samples"
KEY = "python-tests-key"
PICTURE_URL = "http://pictures.example/"


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def need_pack():
    home = os.environ.get("VULTUS_HOME", os.path.expanduser("~/.local/share/vultus"))
    if not os.environ.get("VULTUS_PACK") and not pathlib.Path(home, "packs/default/manifest.json").exists():
        skip("no model pack; script/bootstrap makes it")


class Server:
    """$VULTUS_PROGRAM on a free port with a fresh data folder, or one that is given and stays; the pictures of a folder
    stand under PICTURE_URL."""

    def __init__(self, pictures, *options, folder=None, evaluation=True, log=subprocess.DEVNULL):
        self.folder = None if folder else tempfile.TemporaryDirectory()
        environment = dict(os.environ, VULTUS_API_KEY=KEY)
        self.process = subprocess.Popen(
            [os.environ["VULTUS_PROGRAM"], "serve", "--data", folder or self.folder.name, "--listen", "127.0.0.1:0", "--url-map",
             f"{PICTURE_URL}={pictures}", *(["--evaluation"] if evaluation else []), *options], env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        for line in self.process.stdout:
            found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            if found:
                self.port = int(found.group(1))
                break
        else:
            sys.exit("the server did not start")
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def ask(self, method, path, body=None, kind="application/json", key=KEY):
        headers = {"Ocp-Apim-Subscription-Key": key}
        if body is not None:
            headers["Content-Type"] = kind
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        try:
            value = json.loads(text) if text else None
        except ValueError:
            value = text
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, value

    def must(self, method, path, body=None, kind="application/json"):
        status, headers, value = self.ask(method, path, body, kind)
        assert status in (200, 202), f"{method} {path}: {status} {value}"
        return value, headers

    def close(self):
        self.connection.close()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        if self.folder:
            self.folder.cleanup()
