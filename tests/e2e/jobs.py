#!/usr/bin/env python3
"""Redaction of videos as jobs, on the real program: uploads whole and chunked, state with progress, results whole and by
range, deletion, limits, what lies on the disk, and a server that is stopped and killed with -9 while it works.
Exits 77 (skipped) where ffmpeg, the clips or the pack are not at hand."""
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from served import KEY, PICTURES, Server, need_pack, skip  # noqa: E402

HOME = "/vultus/v1/redactions"
CLIPS = PICTURES.parent / "videos-dev"
NONE = "00000000-0000-4000-8000-000000000000"


def cut(folder, name, *options):
    path = pathlib.Path(folder, name)
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, options), str(path)], check=True)
    return path.read_bytes()


def until(server, job, states, seconds=120, home=HOME):
    shares, end = [], time.time() + seconds
    while time.time() < end:
        try:
            seen = server.must("GET", f"{home}/{job}")[0]
        except (http.client.RemoteDisconnected, ConnectionError):  # a machine that slept
            server.connection.close()
            continue
        shares.append(seen["progress"])
        if seen["state"] in states:
            return seen, shares
        time.sleep(0.02)
    sys.exit(f"{job} is not {states}: {seen}")


def submit(server, clip, query=""):
    status, headers, job = server.ask("POST", HOME + query, clip, "video/mp4")
    assert status == 202 and job["state"] in ("waiting", "running"), (status, job)
    assert headers["operation-location"].endswith(f"{HOME}/{job['jobId']}"), headers
    return job["jobId"]


def result(server, job, headers=None):
    server.connection.request("GET", f"{HOME}/{job}/result", headers=dict({"Ocp-Apim-Subscription-Key": KEY}, **(headers or {})))
    answer = server.connection.getresponse()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()


def frames_of(clip):
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        file.write(clip)
        file.flush()
        out = subprocess.run(["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v", "-show_entries", "stream=nb_read_frames",
                              "-of", "csv=p=0", file.name], check=True, capture_output=True, text=True).stdout
    return int(out.strip().strip(","))


def decoded(clip):
    """A digest of every pixel."""
    return subprocess.run(["ffmpeg", "-v", "error", "-i", "-", "-map", "0:v", "-f", "md5", "-"], input=clip, check=True, capture_output=True).stdout


def files_of(folder):
    return sorted(path.name for path in pathlib.Path(folder, "jobs").iterdir())


def expect_sealed(folder, clip):
    """No piece of the clip, and no container's mark, in any file of the data folder."""
    marks = [b"ftypisom", b"moov", clip[len(clip) // 2:len(clip) // 2 + 64]]
    for path in pathlib.Path(folder).rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            assert not any(mark in held for mark in marks), f"{path} is not sealed"


def one_job(server, folder, clip):
    job = submit(server, clip, "?method=block&lossless=true")
    expect_sealed(folder, clip)
    seen, shares = until(server, job, ("succeeded", "failed"))
    assert seen["state"] == "succeeded", seen
    assert shares == sorted(shares) and seen["progress"] == 1, shares
    assert seen["frames"] == frames_of(clip) and seen["tracks"] >= 1 and seen["hiddenTracks"] == seen["tracks"], seen
    assert files_of(folder) == [f"{job}.out"], files_of(folder)  # the upload went with the end of the work
    expect_sealed(folder, clip)
    status, headers, whole = result(server, job)
    assert status == 200 and headers["content-type"] == "video/mp4" and len(whole) == seen["resultBytes"], (status, headers)
    assert frames_of(whole) == seen["frames"]
    for text, first, last in (("bytes=0-99", 0, 99), ("bytes=70000-70100", 70000, 70100), ("bytes=-50", len(whole) - 50, len(whole) - 1)):
        status, headers, part = result(server, job, {"Range": text})
        assert status == 206 and part == whole[first:last + 1], (status, text, len(part))
        assert headers["content-range"] == f"bytes {first}-{last}/{len(whole)}", headers
    status, headers, _ = result(server, job, {"Range": f"bytes={len(whole)}-"})
    assert status == 416 and headers["content-range"] == f"bytes */{len(whole)}", (status, headers)
    assert [one["jobId"] for one in server.must("GET", HOME)[0]] == [job]
    assert server.ask("DELETE", f"{HOME}/{job}")[0] == 204
    assert files_of(folder) == [] and server.must("GET", "/vultus/v1/jobs")[0] == []
    for method, path in (("GET", ""), ("GET", "/result"), ("DELETE", "")):
        status, _, answer = server.ask(method, f"{HOME}/{job}{path}")
        assert status == 404 and answer["error"]["code"] == "JobNotFound", (status, answer)
    return whole


def chunked(server, clip, as_before):
    """The length not told: the same comes out; lossless and without a sound it is another."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    pieces = (clip[at:at + 10000] for at in range(0, len(clip), 10000))
    connection.request("POST", HOME + "?method=block&lossless=true", pieces, {"Ocp-Apim-Subscription-Key": KEY, "Content-Type": "video/mp4"}, encode_chunked=True)
    answer = connection.getresponse()
    job = json.loads(answer.read())["jobId"]
    until(server, job, ("succeeded",))
    assert result(server, job)[2] == as_before
    server.ask("DELETE", f"{HOME}/{job}")


def what_is_wrong(server, folder, clip):
    rows = [
        (400, "InvalidVideo", "POST", HOME, b"", "video/mp4"), (400, "BadArgument", "POST", HOME + "?container=exe", clip, "video/mp4"),
        (400, "BadArgument", "POST", HOME + "?audio=beep", clip, "video/mp4"), (415, "UnsupportedMediaType", "POST", HOME, clip, "text/plain"),
        (404, "PersonGroupNotFound", "POST", f"{HOME}?keep={NONE}&people=pg/none", clip, "video/mp4"), (404, "JobNotFound", "GET", f"{HOME}/{NONE}", None, ""),
        (404, "JobNotFound", "GET", f"/vultus/v1/jobs/{NONE}", None, ""), (404, "JobNotFound", "DELETE", f"/vultus/v1/jobs/{NONE}", None, ""),
        (404, "JobNotFound", "GET", f"{HOME}/..%2f..%2fkeys/result", None, ""),
    ]
    for status, code, method, path, body, kind in rows:
        got, _, answer = server.ask(method, path, body, kind)
        assert got == status and answer["error"]["code"] == code, (path, got, answer)
    assert files_of(folder) == [], files_of(folder)
    for bad in (b"no video at all " * 5000, clip[:len(clip) // 2]):
        job = submit(server, bad)
        seen, _ = until(server, job, ("failed", "succeeded"))
        assert seen["state"] == "failed" and seen["error"], seen
        status, _, answer = server.ask("GET", f"{HOME}/{job}/result")
        assert status == 409 and answer["error"]["code"] == "JobNotFinished" and seen["error"] in answer["error"]["message"], answer
        assert files_of(folder) == []
        server.ask("DELETE", f"{HOME}/{job}")


def limits(clip):
    """413 for one video, 429 for the room and for the number of jobs."""
    big = clip + b"\0" * (2 << 20)
    with tempfile.TemporaryDirectory() as folder:
        server = Server(PICTURES, "--max-video", "2", "--max-jobs", "2", "--job-space", "0.003", folder=folder)
        try:
            status, _, answer = server.ask("POST", HOME, big, "video/mp4")
            assert status == 413 and answer["error"]["code"] == "RequestBodyTooLarge", (status, answer)
            jobs = [submit(server, clip) for _ in range(2)]
            status, headers, answer = server.ask("POST", HOME, clip, "video/mp4")
            assert status == 429 and "as many jobs" in answer["error"]["message"] and headers["retry-after"], (status, answer)
            server.ask("DELETE", f"{HOME}/{jobs[0]}")
            server.ask("DELETE", f"{HOME}/{jobs[1]}")
            stored = [submit(server, clip + b"\0" * ((3 << 19) - len(clip)))]
            status, _, answer = server.ask("POST", HOME, clip + b"\0" * ((2 << 20) - len(clip)), "video/mp4")
            assert status == 429 and "room for videos is full" in answer["error"]["message"], (status, answer)
            for job in stored:
                server.ask("DELETE", f"{HOME}/{job}")
        finally:
            server.close()
        assert files_of(folder) == [], files_of(folder)


def stopped_and_killed(folder, clip, long_clip):
    """Three jobs; the server is stopped, then killed, while it works on the first."""
    server = Server(PICTURES, folder=folder)
    jobs = [submit(server, long_clip), submit(server, clip), submit(server, clip, "?container=mkv")]
    until(server, jobs[0], ("running",))
    time.sleep(0.3)
    begun = time.time()
    server.close()
    assert time.time() - begun < 5, "stopping took longer than 5 s"
    for _ in range(2):
        server = Server(PICTURES, folder=folder)
        until(server, jobs[0], ("running",))
        time.sleep(0.4)
        states = [server.must("GET", f"{HOME}/{job}")[0]["state"] for job in jobs]
        server.connection.close()
        server.process.send_signal(signal.SIGKILL)
        server.process.wait(10)
        assert states[1:] == ["waiting", "waiting"], states
        (pathlib.Path(folder, "jobs") / f"{NONE}.part").write_bytes(b"an upload that a kill cut off")
    server = Server(PICTURES, folder=folder)
    try:
        assert f"{NONE}.part" not in files_of(folder)
        for job, source in zip(jobs, (long_clip, clip, clip)):
            seen, _ = until(server, job, ("succeeded", "failed"))
            assert seen["state"] == "succeeded", seen
            assert frames_of(result(server, job)[2]) == frames_of(source) == seen["frames"]
        assert files_of(folder) == sorted(f"{job}.out" for job in jobs)
    finally:
        server.close()
    server = Server(PICTURES, folder=folder)
    try:
        assert frames_of(result(server, jobs[0])[2]) == frames_of(long_clip)  # a result outlives a restart
        server.ask("DELETE", f"{HOME}/{jobs[0]}")
        running = submit(server, long_clip)
        until(server, running, ("running",))
        assert server.ask("DELETE", f"{HOME}/{running}")[0] == 204  # while it runs
        assert server.ask("GET", f"{HOME}/{running}")[0] == 404
        end = time.time() + 10
        while any(name.startswith(running) for name in files_of(folder)) and time.time() < end:
            time.sleep(0.02)
        assert not any(name.startswith(running) for name in files_of(folder))
    finally:
        server.close()


def killed_while_it_renders(folder, clip):
    """The first of the two passes is not run again, what it found lies sealed, and the result is one as of a calm run."""
    server = Server(PICTURES, folder=folder)
    calm = submit(server, clip, "?lossless=true&container=mkv&method=block")
    assert until(server, calm, ("succeeded", "failed"))[0]["state"] == "succeeded"
    wanted = decoded(result(server, calm)[2])
    job = submit(server, clip, "?lossless=true&container=mkv&method=block")
    for _ in range(2):
        share, end = 0, time.time() + 60
        while share <= 0.55 and time.time() < end:
            share = server.must("GET", f"{HOME}/{job}")[0]["progress"]
        assert 0.55 < share < 1, share
        server.connection.close()
        server.process.send_signal(signal.SIGKILL)
        server.process.wait(10)
        plan = pathlib.Path(folder, "jobs", f"{job}.plan").read_bytes()
        assert b"tracks" not in plan and b"sha256" not in plan
        server = Server(PICTURES, folder=folder)
        shares = []
        while not any(shares):
            shares.append(server.must("GET", f"{HOME}/{job}")[0]["progress"])
        assert shares[-1] >= 0.5, shares
    try:
        assert until(server, job, ("succeeded", "failed"))[0]["state"] == "succeeded"
        assert files_of(folder) == sorted(f"{one}.out" for one in (calm, job))  # what was found went with the work
        assert decoded(result(server, job)[2]) == wanted
    finally:
        server.close()


def crashing(folder, clip):
    """A job that takes the server with it three times is given up."""
    for attempt in range(3):
        server = Server(PICTURES, folder=folder)
        if attempt == 0:
            job = submit(server, clip)
        until(server, job, ("running",))
        time.sleep(0.3)  # that it was begun is written down
        server.connection.close()
        server.process.send_signal(signal.SIGKILL)
        server.process.wait(10)
    server = Server(PICTURES, folder=folder)
    try:
        seen = server.must("GET", f"{HOME}/{job}")[0]
        assert seen["state"] == "failed" and "ended 3 times" in seen["error"], seen
        assert files_of(folder) == []
    finally:
        server.close()


def main():
    if not shutil.which("ffmpeg") or not CLIPS.is_dir():
        skip("ffmpeg or the clips are not at hand")
    need_pack()
    with tempfile.TemporaryDirectory() as scratch:
        small = ("-vf", "scale=320:-2", "-c:v", "libx264", "-preset", "ultrafast", "-an")
        clip = cut(scratch, "a.mp4", "-t", 1.5, "-i", CLIPS / "liveportrait_d18.mp4", *small)
        long_clip = cut(scratch, "b.mp4", "-stream_loop", 20, "-i", CLIPS / "liveportrait_d18.mp4", "-t", 20, *small)
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as log:
            server = Server(PICTURES, folder=folder, log=log)
            try:
                whole = one_job(server, folder, clip)
                chunked(server, clip, whole)
                what_is_wrong(server, folder, clip)
            finally:
                server.close()
            log.seek(0)
            text = log.read()
            assert text.count(b'"outcome":"succeeded"') == 2 and text.count(b'"outcome":"failed"') == 2, text[-2000:]
            assert b"a.mp4" not in text and b"result." not in text
        limits(clip)
        with tempfile.TemporaryDirectory() as folder:
            stopped_and_killed(folder, clip, long_clip)
        with tempfile.TemporaryDirectory() as folder:
            crashing(folder, long_clip)
        with tempfile.TemporaryDirectory() as folder:
            killed_while_it_renders(folder, long_clip)
    print("jobs hold")


if __name__ == "__main__":
    main()
