#!/usr/bin/env python3
"""`vultus serve` from start to stop: what it prints, signals, a second server, TLS, CORS, and that no byte of a picture
reaches the disk. Exits 77 (skipped) where the pictures or the pack are not at hand."""
import ast
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from served import KEY, PICTURE_URL, PICTURES, need_pack, skip  # noqa: E402

IMAGE = "application/octet-stream"
DETECT = "/face/v1.2/detect?recognitionModel=recognition_04&returnFaceId="


class Started:
    """`vultus serve` in a folder of its own, which is also its TMPDIR and working folder."""

    def __init__(self, folder, *options, key=KEY, under=()):
        self.folder, self.said = pathlib.Path(folder), []
        environment = dict(os.environ, TMPDIR=folder, VULTUS_API_KEY=key)
        self.log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(
            [*under, os.environ["VULTUS_PROGRAM"], "serve", "--data", folder + "/data", "--listen", "127.0.0.1:0", "--evaluation", *options],
            env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=self.log, text=True)
        for line in self.process.stdout:
            self.said.append(line)
            if line.startswith("try "):
                break
        found = re.search(r"(https?)://127\.0\.0\.1:(\d+)", "".join(self.said))
        assert found, self.log_text()
        self.scheme, self.port = found.group(1), int(found.group(2))

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def ask(self, method, path, body=None, kind="application/json", connection=None, **headers):
        connection = connection or self.connect()
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {"Ocp-Apim-Subscription-Key": KEY, "Content-Type": kind, **headers})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    def log_text(self):
        return (self.folder / "log").read_text()

    def stop(self, how=signal.SIGTERM):
        begun = time.monotonic()
        self.process.send_signal(how)
        code = self.process.wait(20)
        self.log.close()
        return code, time.monotonic() - begun


def picture(name):
    return (PICTURES / name).read_bytes()


def until(true, what):
    for _ in range(200):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError(what)


def the_first_start_prints_a_key_and_later_ones_do_not(folder):
    server = Started(folder, key="")
    key, = re.findall(r"^API key  ([0-9a-f]{48})$", "".join(server.said), re.M)
    assert f"'Ocp-Apim-Subscription-Key: {key}'" in server.said[-1], server.said
    assert server.ask("GET", "/face/v1.2/persongroups", Ocp_Apim_Subscription_Key=key)[0] == 200
    server.stop()
    server = Started(folder, key="")
    assert key not in "".join(server.said) and "'Ocp-Apim-Subscription-Key: YOUR-KEY'" in server.said[-1], server.said
    assert server.ask("GET", "/face/v1.2/persongroups", Ocp_Apim_Subscription_Key=key)[0] == 200
    status, _, body = server.ask("POST", "/vultus/v1/keys/2", Ocp_Apim_Subscription_Key=key)
    second = json.loads(body)["key"]
    assert status == 200 and server.ask("GET", "/face/v1.2/persongroups", Ocp_Apim_Subscription_Key=second)[0] == 200
    server.ask("POST", "/vultus/v1/keys/1", Ocp_Apim_Subscription_Key=second)
    assert server.ask("GET", "/face/v1.2/persongroups", Ocp_Apim_Subscription_Key=key)[0] == 401, "a rotated key still opens"
    server.stop()
    assert key not in server.log_text() and second not in server.log_text(), "a key is in the log"
    server = Started(folder, key="given-by-the-owner-1")
    assert "given-by-the-owner-1" not in "".join(server.said), "a given key is printed"
    assert server.ask("GET", "/face/v1.2/persongroups", Ocp_Apim_Subscription_Key="given-by-the-owner-1")[0] == 200
    server.stop()


def stopping_lets_answers_finish(folder):
    server = Started(folder, "--workers", "1")
    answers = []
    body = picture("identification1.jpg")
    clients = [threading.Thread(target=lambda: answers.append(server.ask("POST", DETECT + "true", body, IMAGE)[0])) for _ in range(4)]
    for client in clients:
        client.start()
    until(lambda: answers, "no answer at all")
    stuck = socket.create_connection(("127.0.0.1", server.port))
    stuck.sendall(b"POST /face/v1.2/detect HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
    code, seconds = server.stop()
    for client in clients:
        client.join()
    stuck.close()
    assert code == 0 and seconds < 5, (code, seconds)
    assert set(answers) <= {200, 503} and len(answers) == 4, answers


def hangup_reads_the_log_level(folder):
    settings = pathlib.Path(folder, "vultus.ini")
    settings.write_text("log-level = warning\n")
    server = Started(folder)
    server.ask("GET", "/face/v1.2/persongroups")
    assert '"listCollections"' not in server.log_text() and '"event":"request"' not in server.log_text(), server.log_text()
    settings.write_text("log-level = info\n")
    server.process.send_signal(signal.SIGHUP)
    until(lambda: '"event":"reload"' in server.log_text(), "SIGHUP is not logged: " + server.log_text())
    server.ask("GET", "/face/v1.2/persongroups")
    until(lambda: '"event":"request"' in server.log_text(), "no request is logged at info: " + server.log_text())
    assert server.stop()[0] == 0


def the_kernel_that_searches_is_told(folder):
    """In the log, at /metrics and by the bench; VULTUS_CPU forces one."""
    os.environ["VULTUS_CPU"] = "portable"
    try:
        server = Started(folder)
        assert "1:N search scans with the portable kernel" in server.log_text()
        assert b'vultus_search_kernel{kernel="portable"} 1' in server.ask("GET", "/metrics")[2]
        assert server.stop()[0] == 0
        told = subprocess.run([os.environ["VULTUS_PROGRAM"], "bench", "search", "--n", "500", "--json", "--quiet"], capture_output=True, check=True,
                              timeout=60).stdout
        assert [row["method"] for row in json.loads(told)["rows"]] == ["float scan", "portable"], told
    finally:
        del os.environ["VULTUS_CPU"]


def a_second_server_refuses(folder):
    server = Started(folder)
    second = subprocess.run([os.environ["VULTUS_PROGRAM"], "serve", "--data", folder + "/data", "--listen", "127.0.0.1:0"],
                            capture_output=True, text=True, timeout=30)
    assert second.returncode == 4 and "in use by another vultus" in second.stderr, (second.returncode, second.stderr)
    other = subprocess.run([os.environ["VULTUS_PROGRAM"], "serve", "--data", folder + "/other", "--listen", f"127.0.0.1:{server.port}"],
                           capture_output=True, text=True, timeout=30)
    assert other.returncode == 4 and "already in use" in other.stderr, (other.returncode, other.stderr)
    assert server.ask("GET", "/readyz")[0] == 200
    server.stop()


def tls_is_spoken(folder):
    if subprocess.run(["sh", "-c", "command -v openssl"], stdout=subprocess.DEVNULL).returncode:
        return print("tls: left out, no openssl to make a certificate")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=IP:127.0.0.1", "-keyout", folder + "/key.pem", "-out", folder + "/cert.pem"], check=True, stderr=subprocess.DEVNULL)
    server = Started(folder, "--tls-cert", folder + "/cert.pem", "--tls-key", folder + "/key.pem")
    assert server.scheme == "https"
    trust = ssl.create_default_context(cafile=folder + "/cert.pem")
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=trust, timeout=30)
    status, headers, body = server.ask("POST", DETECT + "true", picture("Family1-Dad1.jpg"), IMAGE, connection)
    assert status == 200 and len(json.loads(body)) == 1 and "strict-transport-security" in headers, (status, headers, body)
    plain = socket.create_connection(("127.0.0.1", server.port))
    plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
    assert b"200 OK" not in plain.recv(4096), "plain text is answered on the TLS port"
    server.stop()
    broken = subprocess.run([os.environ["VULTUS_PROGRAM"], "serve", "--data", folder + "/data", "--listen", "127.0.0.1:0",
                             "--tls-cert", folder + "/cert.pem", "--tls-key", folder + "/cert.pem"], capture_output=True, text=True, timeout=30)
    assert broken.returncode == 4 and "TLS" in broken.stderr, (broken.returncode, broken.stderr)


def other_origins_are_let_in_when_asked_for(folder):
    server = Started(folder, "--cors-origin", "https://app.example")
    asks = {"Origin": "https://app.example", "Access_Control_Request_Method": "POST", "Access_Control_Request_Headers": "ocp-apim-subscription-key"}
    status, headers, _ = server.ask("OPTIONS", "/face/v1.2/detect", **asks)
    assert status in (200, 204) and headers["access-control-allow-origin"] == "https://app.example", (status, headers)
    assert "ocp-apim-subscription-key" in headers["access-control-allow-headers"].lower(), headers
    status, headers, _ = server.ask("GET", "/face/v1.2/persongroups", Origin="https://other.example")
    assert headers.get("access-control-allow-origin") != "https://other.example", headers
    server.stop()


def slices(data):
    """Pieces of a file that would betray it: 24 bytes from each kilobyte of its second half, where no header is."""
    return [data[at:at + 24] for at in range(len(data) // 2, len(data) - 24, 1024)]


def use_pictures(server, pictures):
    """Enrolment of a body and of a URL, a picture that is refused, detection with face ids, training."""
    home = "/face/v1.2/persongroups/g"
    server.ask("PUT", home, json.dumps({"name": "g", "recognitionModel": "recognition_04"}))
    person = json.loads(server.ask("POST", home + "/persons", json.dumps({"name": "p"}))[2])["personId"]
    faces = f"{home}/persons/{person}/persistedfaces"
    assert server.ask("POST", faces, pictures["Family1-Dad1.jpg"], IMAGE)[0] == 200
    assert server.ask("POST", faces, json.dumps({"url": PICTURE_URL + "Family1-Dad2.jpg"}))[0] == 200
    assert server.ask("POST", faces, pictures["identification1.jpg"], IMAGE)[0] == 400
    assert server.ask("POST", DETECT + "true", pictures["identification1.jpg"], IMAGE)[0] == 200
    server.ask("POST", home + "/train")


def read_pictures():
    pictures = {name: picture(name) for name in ("Family1-Dad1.jpg", "Family1-Dad2.jpg", "identification1.jpg")}
    for name, data in pictures.items():
        assert len(slices(data)) > 15 and all(len(set(piece)) > 8 for piece in slices(data)), name
    return pictures


def no_byte_of_a_picture_reaches_the_disk(folder):
    """The server is killed, and every file is searched."""
    pictures = read_pictures()
    server = Started(folder, "--log-level", "debug", "--url-map", f"{PICTURE_URL}={PICTURES}")
    use_pictures(server, pictures)
    server.stop(signal.SIGKILL)
    files = [path for path in pathlib.Path(folder).rglob("*") if path.is_file()]
    held = {path: path.read_bytes() for path in files}
    assert any(path.name.startswith("vultus.db") for path in files) and "request" in server.log_text(), files
    for name, data in pictures.items():
        for path, content in held.items():
            assert not any(piece in content for piece in slices(data)), f"{path} holds bytes of {name}"
    planted = pathlib.Path(folder, "planted")
    planted.write_bytes(pictures["Family1-Dad1.jpg"])
    assert any(piece in planted.read_bytes() for piece in slices(pictures["Family1-Dad1.jpg"])), "the search itself finds nothing"


def files_of(trace):
    """What a trace tells: paths opened for writing, and all bytes given to files (not to connections) by path."""
    opened, written = set(), {}
    for line in trace.splitlines():
        made = re.search(r'\bopenat\(.*?"(.*?)", ([A-Z_|]+).*= \d+<(.*?)>', line)
        if made and re.search("O_WRONLY|O_RDWR|O_CREAT|O_TMPFILE", made.group(2)):
            opened.add(made.group(3))
        gone = re.search(r"\b(?:write|pwrite64|writev|pwritev)\(\d+<(/.*?)>", line)
        if gone:
            texts = re.findall(r'"((?:[^"\\]|\\.)*)"(?!\.\.\.)', line[gone.end():])
            written.setdefault(gone.group(1), []).extend(ast.literal_eval(f'b"{text}"') for text in texts)
        assert not re.search(r"\bmemfd_create\(", line), line
    return {path for path in opened if not path.startswith(("/dev/", "/proc/"))}, written


def no_picture_is_in_a_write(folder):
    """Every file that is opened for writing lies in the data folder, and no write to a file carries a picture: temporary
    files that are gone again are seen too."""
    if not shutil.which("strace"):
        print("left out, there is no strace: ", end="")
        return
    pictures, trace = read_pictures(), pathlib.Path(folder, "trace")
    calls = "trace=openat,memfd_create,write,pwrite64,writev,pwritev"
    server = Started(folder, "--log-level", "debug", "--url-map", f"{PICTURE_URL}={PICTURES}",
                     under=("strace", "-D", "-f", "-y", "-s", "1000000", "-e", calls, "-o", str(trace)))
    use_pictures(server, pictures)
    server.stop()
    until(lambda: "+++ exited" in trace.read_text(errors="replace").splitlines()[-1], "strace did not end")
    opened, written = files_of(trace.read_text(errors="replace"))
    database = f"{folder}/data/vultus.db"
    assert {database, database + "-wal"} <= opened, opened
    assert all(path.startswith(folder + "/data/") for path in opened), opened
    assert sum(map(len, written[database + "-wal"])) > 10000 and f"{folder}/log" in written, {path: len(parts) for path, parts in written.items()}
    for path, parts in written.items():
        for name, data in pictures.items():
            assert not any(piece in part for piece in slices(data) for part in parts), f"{path} was given bytes of {name}"


TESTS = [the_first_start_prints_a_key_and_later_ones_do_not, stopping_lets_answers_finish, hangup_reads_the_log_level, the_kernel_that_searches_is_told, a_second_server_refuses,
         tls_is_spoken, other_origins_are_let_in_when_asked_for, no_byte_of_a_picture_reaches_the_disk, no_picture_is_in_a_write]


def main():
    if not PICTURES.is_dir():
        skip("the pictures are not at hand")
    need_pack()
    os.environ["VULTUS_PROGRAM"] = os.path.abspath(os.environ["VULTUS_PROGRAM"])
    for test in TESTS:
        with tempfile.TemporaryDirectory() as folder:
            test(folder)
        print(test.__name__.replace("_", " "))


if __name__ == "__main__":
    main()
