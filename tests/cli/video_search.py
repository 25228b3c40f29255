#!/usr/bin/env python3
"""Two performers of a real clip are found in its archive by one frame each, when and only when they are on the screen; twenty
strangers are not. A performer who is enrolled is found by id, and after the erasure by nothing. Exits 77 (skipped) where the pictures, the pack or ffmpeg are not at hand.

TRUTH is what one sees, seconds of the file's own time: the cuts to the frame, the rest to a fifth of a second. The pianist,
in profile, turns half out of the picture from 2.6 to 2.9."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from served import PICTURES, need_pack, skip  # noqa: E402

DATA = PICTURES.parent
CLIP = DATA / "videos-dev/short_hamilton_clip.mp4"
TRUTH = {"singer": {"asked_by": 5.0, "seen": [(0.84, 1.48), (3.58, 7.85)]}, "pianist": {"asked_by": 1.7, "seen": [(1.51, 3.55)]}}
CLOSE_S = 0.5


def run(home, *arguments):
    pack = os.environ.get("VULTUS_PACK") or os.path.join(os.environ.get("VULTUS_HOME", os.path.expanduser("~/.local/share/vultus")), "packs/default")
    return subprocess.run([os.environ["VULTUS_PROGRAM"], *arguments, "--evaluation", "--pack", pack, "--quiet"],
                          env=dict(os.environ, VULTUS_HOME=home), capture_output=True, text=True, timeout=300)


def vultus(home, *arguments):
    return run(home, "video", *arguments, "--archive", "clip", "--json")


def hits(home, *whom):
    done = vultus(home, "search", *map(str, whom))
    assert done.returncode in (0, 1), done.stderr
    found = json.loads(done.stdout)["hits"]
    assert (done.returncode == 0) == bool(found)
    return found


def near(a, b):
    return abs(a - b) <= CLOSE_S


def performers_are_found(home, folder):
    for who, truth in TRUTH.items():
        frame = pathlib.Path(folder, who + ".png")
        subprocess.run(["ffmpeg", "-v", "error", "-ss", str(truth["asked_by"]), "-i", CLIP, "-frames:v", "1", frame], check=True, timeout=60)
        found = hits(home, frame)
        assert found and found == sorted(found, key=lambda hit: -hit["confidence"]), found
        for hit in found:
            assert hit["file"] == str(CLIP.resolve()) and hit["confidence"] >= 0.5 and hit["from"] <= hit["best"] <= hit["to"], hit
            assert any(start - CLOSE_S <= hit["from"] and hit["to"] <= end + CLOSE_S for start, end in truth["seen"]), f"{who}: {hit}"
        for start, end in truth["seen"]:
            assert any(near(hit["from"], start) and near(hit["to"], end) for hit in found), f"{who} from {start} to {end}: {found}"
        print(f"{who}: {[(hit['from'], hit['to'], round(hit['confidence'], 2)) for hit in found]}")


def strangers_are_not(home):
    strangers = sorted(folder for folder in (DATA / "lfw-dev").iterdir() if folder.is_dir())[:20]
    assert len(strangers) == 20
    for folder in strangers:
        assert hits(home, sorted(folder.iterdir())[0]) == [], folder


def enrolled_then_erased(home):
    people = pathlib.Path(home, "people")
    for who in TRUTH:
        (people / who).mkdir(parents=True)
        shutil.copy(pathlib.Path(home, who + ".png"), people / who)
    done = run(home, "enrol", str(people))
    assert done.returncode == 0, done.stderr
    shown = run(home, "gallery", "show", "--json").stdout.splitlines()
    ids = {one["name"]: one["id"] for one in map(json.loads, shown)}
    by_id, by_frame = hits(home, "--person", ids["singer"]), hits(home, people / "singer")
    assert by_id == by_frame and by_id, (by_id, by_frame)
    done = vultus(home, "metadata")
    assert done.returncode == 0 and {row["person"] for row in json.loads(done.stdout)} == {"singer"}, done  # the pianist's frame was refused at enrolment
    receipt = json.loads(run(home, "subject", "erase", ids["singer"]).stdout)
    assert receipt["archives"] == [{"archive": "clip", "tracks": len(by_id), "videosOfOtherPacks": 0}], receipt
    assert hits(home, people / "singer") == [] and hits(home, people / "pianist") != []
    done = vultus(home, "index", str(CLIP))
    assert json.loads(done.stdout)["unchanged"] == 1, done.stdout  # it does not bring her back
    assert vultus(home, "search", "--person", ids["singer"]).returncode not in (0, 1)
    print(f"erased: {receipt['archives']}")


def main():
    if not CLIP.exists():
        skip("the clip is not at hand")
    if not shutil.which("ffmpeg"):
        skip("needs ffmpeg")
    need_pack()
    with tempfile.TemporaryDirectory() as folder:
        done = vultus(folder, "index", str(CLIP))
        assert done.returncode == 0, done.stderr
        performers_are_found(folder, folder)
        strangers_are_not(folder)
        enrolled_then_erased(folder)


main()
