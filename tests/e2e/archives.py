#!/usr/bin/env python3
"""Archives over the wire, on the real program: a clip uploaded and a folder indexed as jobs, a person found by id and by
picture with times, nobody found for a stranger, what is refused, and a server killed with -9 while it indexes. Exits 77 (skipped) where ffmpeg, the clips or the pack
are not at hand."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from served import PICTURES, Server, need_pack, skip  # noqa: E402

CLIPS = PICTURES.parent / "videos-dev"
HOME = "/vultus/v1/archives"
IMAGE = "application/octet-stream"


def ffmpeg(*options):
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, options)], check=True)


def until_done(server, job):
    end = time.time() + 120
    while time.time() < end:
        seen = server.must("GET", f"/vultus/v1/jobs/{job}")[0]
        if seen["state"] in ("succeeded", "failed"):
            return seen
        time.sleep(0.05)
    sys.exit(f"{seen}")


def index(server, body, kind="application/json", query=""):
    status, headers, job = server.ask("POST", f"{HOME}/news/videos{query}", body, kind)
    assert status == 202 and headers["operation-location"].endswith(job["jobId"]) and job["archive"] == "news", (status, job)
    return until_done(server, job["jobId"])


def refused(server):
    rows = [
        (404, "ArchiveNotFound", "GET", f"{HOME}/none", None), (404, "ArchiveNotFound", "DELETE", f"{HOME}/none", None),
        (404, "ArchiveNotFound", "POST", f"{HOME}/none/videos", {"folder": "."}), (409, "ArchiveExists", "PUT", f"{HOME}/news", {}),
        (400, "BadArgument", "PUT", f"{HOME}/NEWS", {}), (400, "BadArgument", "POST", f"{HOME}/news/videos", {"folder": "../other"}),
        (400, "BadArgument", "POST", f"{HOME}/news/videos", {"folder": "/etc"}), (400, "BadArgument", "POST", f"{HOME}/news/videos", {"folder": "link"}),
        (400, "BadArgument", "POST", f"{HOME}/news/videos", {}), (400, "BadArgument", "POST", f"{HOME}/news/search", {}),
    ]
    for status, code, method, path, body in rows:
        got, _, answer = server.ask(method, path, body)
        assert got == status and answer["error"]["code"] == code, (method, path, body, got, answer)


def indexed(server, name):
    """What the archive holds, as anybody can ask for it."""
    videos = server.must("GET", f"{HOME}/{name}")[0]["videos"]
    return sorted((video["video"], video["duration"], video["tracks"]) for video in videos)


def killed(root, still):
    """An index job over two films, killed twice in the first: the end is as if nothing had happened, and what was found before
    the kill is not looked for again (the second half begins behind the first kill's progress)."""
    films = root / "default" / "films"
    films.mkdir()
    for name, clip in (("a.mp4", "liveportrait_d10.mp4"), ("b.mp4", "liveportrait_d18.mp4")):
        ffmpeg("-stream_loop", "1", "-i", CLIPS / clip, "-vf", "scale=640:360:force_original_aspect_ratio=decrease,pad=640:360:-1:-1", "-r", "25", "-an", films / name)
    with tempfile.TemporaryDirectory() as data:
        server = Server(PICTURES, "--archive-root", root, folder=data)
        for name in ("calm", "rough"):
            server.must("PUT", f"{HOME}/{name}", {})
        job = server.ask("POST", f"{HOME}/calm/videos", {"folder": "films"})[2]["jobId"]
        assert until_done(server, job)["state"] == "succeeded"
        calm = indexed(server, "calm")
        calm_hits = server.must("POST", f"{HOME}/calm/search", still.read_bytes(), IMAGE)[0]["hits"]
        job = server.ask("POST", f"{HOME}/rough/videos", {"folder": "films"})[2]["jobId"]
        seen = []
        for _ in range(2):
            end = time.time() + 120
            going = lambda: list(pathlib.Path(data, "archives").rglob("*.going"))
            before = [path.stat().st_mtime_ns for path in going()]
            while time.time() < end and [path.stat().st_mtime_ns for path in going()] in (before, []):
                time.sleep(0.01)  # until something more of it is on the disk
            seen.append(server.must("GET", f"/vultus/v1/jobs/{job}")[0]["progress"])
            server.connection.close()
            server.process.kill()
            server.process.wait(10)
            server = Server(PICTURES, "--archive-root", root, folder=data)
        done = until_done(server, job)
        assert (done["state"], done["videos"], done["failedVideos"]) == ("succeeded", 2, []), done
        assert 0 < seen[0] < seen[1] < 1, seen
        assert indexed(server, "rough") == calm, (indexed(server, "rough"), calm)
        assert server.must("POST", f"{HOME}/rough/search", still.read_bytes(), IMAGE)[0]["hits"] == calm_hits
        assert not list(pathlib.Path(data, "archives").rglob("*.part")) and not list(pathlib.Path(data, "archives").rglob("*.going"))
        server.close()
    print(f"killed at {seen}: {calm}")


def main():
    if not shutil.which("ffmpeg") or not CLIPS.is_dir():
        skip("ffmpeg or the clips are not at hand")
    need_pack()
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch, "root")
        mine, other = root / "default" / "june", root / "other"
        mine.mkdir(parents=True)
        other.mkdir()
        (root / "default" / "link").symlink_to(other)
        still, clip = pathlib.Path(scratch, "still.jpg"), pathlib.Path(scratch, "clip.mp4")
        ffmpeg("-ss", "1", "-i", CLIPS / "obama.mp4", "-frames:v", "1", still)
        ffmpeg("-t", "2", "-i", CLIPS / "obama.mp4", "-an", clip)
        ffmpeg("-t", "2", "-i", CLIPS / "liveportrait_d18.mp4", "-an", mine / "a.mp4")
        (mine / "broken.mp4").write_bytes(b"no video")
        server = Server(PICTURES, "--archive-root", root)
        try:
            server.must("PUT", f"{HOME}/news", {})
            seen = index(server, clip.read_bytes(), "video/mp4", "?name=speech.mp4")
            assert seen["state"] == "succeeded" and seen["videos"] == 1, seen
            seen = index(server, {"folder": "june"})
            assert seen["state"] == "succeeded" and (seen["videos"], seen["unchanged"]) == (1, 0), seen
            assert [one["video"] for one in seen["failedVideos"]] == ["june/broken.mp4"], seen
            seen = index(server, {"folder": "june"})
            assert (seen["videos"], seen["unchanged"]) == (0, 1), seen  # known already
            news = server.must("GET", f"{HOME}/news")[0]
            assert sorted(video["video"] for video in news["videos"]) == ["june/a.mp4", "speech.mp4"], news
            tracks = sum(video["tracks"] for video in news["videos"])
            assert [one["archive"] for one in server.must("GET", HOME)[0]] == ["news"]
            hits = server.must("POST", f"{HOME}/news/search", still.read_bytes(), IMAGE)[0]["hits"]
            assert {hit["video"] for hit in hits} == {"speech.mp4"} and hits[0]["confidence"] >= 0.5, hits
            assert hits[0]["from"] <= 0.5 and hits[0]["to"] >= 1.5 and hits[0]["from"] <= hits[0]["best"] <= hits[0]["to"], hits
            stranger = (PICTURES / "Family1-Mom1.jpg").read_bytes()
            assert server.must("POST", f"{HOME}/news/search", stranger, IMAGE)[0]["hits"] == []
            server.must("PUT", "/face/v1.2/persongroups/g", {"name": "g", "recognitionModel": "recognition_04"})
            person = server.must("POST", "/face/v1.2/persongroups/g/persons", {"name": "p"})[0]["personId"]
            server.must("POST", f"/face/v1.2/persongroups/g/persons/{person}/persistedfaces", still.read_bytes(), IMAGE)
            named = server.must("POST", f"{HOME}/news/search", {"personIds": [person], "people": "pg/g", "minConfidence": 0.5})[0]["hits"]
            assert [(h["video"], h["from"], h["to"]) for h in named] == [(h["video"], h["from"], h["to"]) for h in hits], (named, hits)
            receipt = server.must("DELETE", f"/vultus/v1/subjects/{person}")[0]
            assert receipt["archives"] == [{"archive": "news", "tracks": len(hits), "videosOfOtherPacks": 0}], receipt
            assert server.must("POST", f"{HOME}/news/search", still.read_bytes(), IMAGE)[0]["hits"] == []
            assert sum(video["tracks"] for video in server.must("GET", f"{HOME}/news")[0]["videos"]) == tracks - len(hits)
            refused(server)
            speech = next(video["videoId"] for video in server.must("GET", f"{HOME}/news")[0]["videos"] if video["video"] == "speech.mp4")
            assert server.ask("DELETE", f"{HOME}/news/videos/{speech}")[0] == 204
            for gone in (speech, "0" * 40, "x", "..%2F" + speech):
                got, _, error = server.ask("DELETE", f"{HOME}/news/videos/{gone}")
                assert got == 404 and error["error"]["code"] in ("VideoNotFound", "NotFound"), (gone, got, error)
            assert [video["video"] for video in server.must("GET", f"{HOME}/news")[0]["videos"]] == ["june/a.mp4"]
            data = pathlib.Path(server.folder.name)
            assert len(list((data / "archives").rglob("*.video"))) == 1 and not list((data / "jobs").iterdir())
            assert server.ask("DELETE", f"{HOME}/news")[0] == 204
            assert not list((data / "archives").iterdir()) and server.must("GET", HOME)[0] == []
        finally:
            server.close()
        server = Server(PICTURES, "--archive-root", root, evaluation=False)
        try:
            for method, path, body in (("PUT", "/x", {}), ("GET", "", None), ("POST", "/x/search", {}), ("DELETE", "/x", None)):
                got, _, answer = server.ask(method, HOME + path, body)
                assert got in (400, 403) and (path == "/x/search" or answer["error"]["code"] == "UnsupportedFeature"), (path, got, answer)
        finally:
            server.close()
        killed(root, still)
    print("archives hold")


if __name__ == "__main__":
    main()
