#!/usr/bin/env python3
"""Measures a running build over loopback: overhead, workers, overload, soak. Stops by itself.

usage: run.py VULTUS PICTURE.jpg [overload seconds] [soak requests]   (VULTUS_HOME holds the pack)
"""
import collections
import http.client
import json
import os
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


def main():
    program, picture_path = sys.argv[1:3]
    overload_s = min(float(sys.argv[3]), 60) if len(sys.argv) > 3 else 20
    requests = min(int(sys.argv[4]), 100000) if len(sys.argv) > 4 else 10000
    with open(picture_path, "rb") as file:
        picture = file.read()
    say = lambda **figures: print(json.dumps(figures), flush=True)
    per_s = {}
    for workers in (1, 2):
        with Server(program, workers) as server:
            median_ms(server, DETECT + "true", picture, 10)
            _, times = flood(server, DETECT + "true", picture, 8, 6)
            per_s[workers] = len(times) / 6
    say(per_s=per_s, two_against_one=per_s[2] / per_s[1])
    with Server(program, 2) as server:
        median_ms(server, DETECT + "true", picture, 20)
        plain = median_ms(server, DETECT + "false", picture, 200)
        whole = median_ms(server, DETECT + "true", picture, 200)
        say(detect_ms=plain, detect_with_template_ms=whole)
        print(subprocess.run([program, "bench", "pipeline", "--rounds", "200", "--workers", "1", "--json", "--quiet",
                              picture_path], capture_output=True, text=True, timeout=60).stdout, flush=True)
        before = server.rss_kib()
        statuses, times = flood(server, DETECT + "false", picture, 64, overload_s)
        p99 = times[int(len(times) * 0.99)] if times else None
        say(overload=statuses, p50_ms=statistics.median(times), p99_ms=p99, service_ms=plain, queue=32,
            p99_against_queue=p99 / (32 * plain), rss_kib=[before, server.rss_kib()])
        soak(server, picture, requests // 10)
        before = server.rss_kib(), server.descriptors()
        statuses = soak(server, picture, requests)
        say(soak=statuses, rss_kib=[before[0], server.rss_kib()], descriptors=[before[1], server.descriptors()])


main()
