#!/usr/bin/env python3
"""Measures a build over loopback and prints one line of JSON.

usage: run.py workers|overhead VULTUS PICTURE.jpg
       run.py identify VULTUS PICTURE.jpg FOLDER-OF-PICTURES
       run.py overload VULTUS PICTURE.jpg [SECONDS=60]
       run.py soak VULTUS PICTURE.jpg [REQUESTS=100000]
VULTUS_HOME holds the pack. `workers` and `overhead` need ab (Debian's apache2-utils).
"""
import collections
import http.client
import json
import os
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

KEY = "bench-key-of-loopback-only-0123456789abcdef"
DETECT = "/face/v1.2/detect?detectionModel=detection_03&recognitionModel=recognition_04&returnFaceId="


class Server:
    """One `vultus serve` on a free port and a folder of its own."""

    def __init__(self, program, workers):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            [program, "serve", "--data", self.folder.name + "/data", "--listen", f"127.0.0.1:{self.port}",
             "--evaluation", "--workers", str(workers), "--log-level", "error"],
            env=dict(os.environ, VULTUS_API_KEY=KEY), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        for _ in range(100):
            try:
                connection = self.connect()
                connection.request("GET", "/readyz")
                answer = connection.getresponse()
                answer.read()
                if answer.status == 200:
                    return self
            except OSError:
                pass
            time.sleep(0.1)
        self.__exit__()
        raise SystemExit("the server did not come up within 10 s")

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.folder.cleanup()

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def rss_kib(self):
        with open(f"/proc/{self.process.pid}/status") as lines:
            return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


def ask(connection, path, body, method="POST", kind="application/octet-stream"):
    begun = time.perf_counter()
    connection.request(method, path, body, {"Ocp-Apim-Subscription-Key": KEY, "Content-Type": kind})
    answer = connection.getresponse()
    answer.read()
    return answer.status, (time.perf_counter() - begun) * 1000


def median_ms(server, path, picture, rounds):
    connection = server.connect()
    times = []
    for _ in range(rounds):
        status, ms = ask(connection, path, picture)
        if status != 200:
            raise SystemExit(f"detect answered {status}")
        times.append(ms)
    return statistics.median(times)


def flood(server, path, picture, clients, seconds):
    """Statuses (an exception counts by name) and the accepted requests' times."""
    statuses, accepted, lock = collections.Counter(), [], threading.Lock()
    end = time.monotonic() + seconds

    def client():
        connection = server.connect()
        while time.monotonic() < end:
            try:
                status, ms = ask(connection, path, picture)
            except (OSError, http.client.HTTPException) as failure:
                status, ms = type(failure).__name__, 0
                connection.close()
            with lock:
                statuses[status] += 1
                if status == 200:
                    accepted.append(ms)
            if status == 429:
                time.sleep(0.02)
    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return dict(statuses), sorted(accepted)


def soak(server, picture, count):
    connection, statuses = server.connect(), collections.Counter()
    mix = [(DETECT + "false", picture, "POST", "application/octet-stream"),
           (DETECT + "true", picture, "POST", "application/octet-stream"),
           (DETECT + "false", b"not a picture", "POST", "application/octet-stream"),
           ("/face/v1.2/persongroups", None, "GET", "application/json"),
           ("/face/v1.2/verify", b"{", "POST", "application/json"),
           ("/face/v1.2/nothing", None, "GET", "application/json")]
    for i in range(count):
        statuses[ask(connection, *mix[i % len(mix)])[0]] += 1
    return dict(statuses)


def light_client(server, path, picture_path, clients, requests):
    """Requests a second by apache2-utils' ab: a client that takes next to nothing from the two cores."""
    text = subprocess.run(
        ["ab", "-q", "-k", "-c", str(clients), "-n", str(requests), "-p", picture_path, "-T", "application/octet-stream",
         "-H", f"Ocp-Apim-Subscription-Key: {KEY}", f"http://127.0.0.1:{server.port}{path}"],
        capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in text:
        raise SystemExit(text)
    return float(re.search(r"Requests per second:\s+([\d.]+)", text).group(1))


def workers(program, picture_path, picture):
    """Detect with template, two workers against one, three times in turn."""
    per_s, ratios = {1: [], 2: []}, []
    for _ in range(3):
        for count in (1, 2):
            with Server(program, count) as server:
                median_ms(server, DETECT + "true", picture, 10)
                per_s[count].append(light_client(server, DETECT + "true", picture_path, 8, 300 * count))
        ratios.append(per_s[2][-1] / per_s[1][-1])
    return {"per_s": per_s, "two_against_one": statistics.median(ratios)}


def overhead(program, picture_path, picture):
    """Detect over HTTP against the same stages of `vultus bench pipeline`, five times in turn."""
    ratios, times = [], []
    for _ in range(5):
        with Server(program, 1) as server:
            median_ms(server, DETECT + "false", picture, 20)
            over_http = 1000 / light_client(server, DETECT + "false", picture_path, 1, 300)
        text = subprocess.run([program, "bench", "pipeline", "--rounds", "200", "--workers", "1", "--json", "--quiet", picture_path],
                              capture_output=True, text=True, timeout=60, check=True).stdout
        stages = json.loads(text)["stages"]
        inside = stages["decode"] + stages["detect"]
        ratios.append(over_http / inside)
        times.append([over_http, inside])
    return {"http_and_inside_ms": times, "http_against_inside": statistics.median(ratios)}


def identify(program, picture_path, picture, folder):
    """What 10,000 persons, enrolled from a folder's pictures in turn, add to detecting, making a template and identifying."""
    pictures = [path.read_bytes() for path in sorted(pathlib.Path(folder).rglob("*.jpg"))]
    body = lambda group, face_id: json.dumps({"largePersonGroupId": group, "faceIds": [face_id], "maxNumOfCandidatesReturned": 5}).encode()
    with Server(program, 2) as server:
        for group, persons in (("one", 1), ("many", 10000)):
            enrol(server, group, persons, pictures)
        connection = server.connect()
        ask(connection, "/vultus/v1/guards", b'{"personPerHour":0}', "PUT", "application/json")  # one face is asked for all the time
        face_id = json.loads(answer_of(connection, DETECT + "true", picture))[0]["faceId"]
        detect = median_ms(server, DETECT + "true", picture, 100)
        times = {group: [] for group in ("one", "many")}
        for _ in range(300):
            for group in times:
                status, ms = ask(connection, "/face/v1.2/identify", body(group, face_id), kind="application/json")
                if status != 200:
                    raise SystemExit(f"identify answered {status}")
                times[group].append(ms)
    one, many = (statistics.median(times[group]) for group in ("one", "many"))
    return {"detect_with_template_ms": detect, "identify_1_ms": one, "identify_10000_ms": many, "search_part": (many - one) / (detect + many)}


def answer_of(connection, path, body, kind="application/octet-stream", method="POST"):
    connection.request(method, path, body, {"Ocp-Apim-Subscription-Key": KEY, "Content-Type": kind})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status not in (200, 202):
        raise SystemExit(f"{method} {path}: {answer.status} {text[:300]}")
    return text


def enrol(server, group, persons, pictures):
    home, kind = f"/face/v1.2/largepersongroups/{group}", "application/json"
    answer_of(server.connect(), home, json.dumps({"name": group, "recognitionModel": "recognition_04"}).encode(), kind, "PUT")

    def some(begin):
        connection = server.connect()
        for i in range(begin, persons, 2):
            person = json.loads(answer_of(connection, home + "/persons", b'{"name": "one of many"}', kind))["personId"]
            answer_of(connection, f"{home}/persons/{person}/persistedfaces", pictures[i % len(pictures)])
    threads = [threading.Thread(target=some, args=(begin,)) for begin in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answer_of(server.connect(), home + "/train", None, kind)


def overload(program, picture_path, picture, seconds=60):
    """64 clients on a queue of 32 and two workers."""
    with Server(program, 2) as server:
        service = median_ms(server, DETECT + "false", picture, 200)
        before = server.rss_kib()
        statuses, times = flood(server, DETECT + "false", picture, 64, float(seconds))
        p99 = times[int(len(times) * 0.99)] if times else None
        return {"statuses": statuses, "p50_ms": statistics.median(times), "p99_ms": p99, "service_ms": service,
                "p99_against_queue": p99 / (32 * service), "rss_kib": [before, server.rss_kib()]}


def long_soak(program, picture_path, picture, requests=100000):
    with Server(program, 2) as server:
        soak(server, picture, int(requests) // 10)
        before = server.rss_kib(), server.descriptors()
        statuses = soak(server, picture, int(requests))
        return {"statuses": statuses, "rss_kib": [before[0], server.rss_kib()], "descriptors": [before[1], server.descriptors()]}


MEASURES = {"workers": workers, "overhead": overhead, "identify": identify, "overload": overload, "soak": long_soak}


def main():
    if len(sys.argv) < 4 or sys.argv[1] not in MEASURES:
        raise SystemExit(__doc__)
    with open(sys.argv[3], "rb") as file:
        picture = file.read()
    print(json.dumps(MEASURES[sys.argv[1]](sys.argv[2], sys.argv[3], picture, *sys.argv[4:])))


main()
