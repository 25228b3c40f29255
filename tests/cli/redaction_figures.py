#!/usr/bin/env python3
"""`vultus eval redaction` on the hardest clip (with VULTUS_TEST_LONG=1 on all): every certain face is covered, no mask is taken
for a face, hidden faces are like their person no more than like strangers, nothing changes outside of the masks. Exits 77
(skipped) where the clips or the pack are not at hand."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from served import PICTURES, ROOT, need_pack, skip  # noqa: E402

CLIPS = PICTURES.parent / "videos-dev"
MARKED = ROOT / "tests/data/videos-dev-faces.json"


def evaluate(videos, marked, *options):
    return subprocess.run([os.environ["VULTUS_PROGRAM"], "eval", "redaction", str(videos), "--annotations", str(marked), "--json", "--quiet", *options],
                          capture_output=True, text=True, timeout=1200)


def figures_hold(videos, certain):
    done = evaluate(videos, MARKED)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    value = {name: entry["value"] for name, entry in report["metrics"].items()}
    assert report["n"] == certain
    assert value["recall_20px"] == 1, report["noted"]
    assert value["masks_taken_for_faces"] == 0, report["noted"]
    assert value["bare_own_mean"] > 0.5, value
    assert value["hidden_own_mean"] <= value["hidden_strangers_mean"] + 0.03, value
    assert value["hidden_own_matched"] <= value["hidden_strangers_matched"] + 0.01, value
    assert value["psnr_outside_db"] > 40, value
    assert value["lossless_changed"] == 0, value
    print({name: round(number, 3) for name, number in value.items()})


def a_miss_is_told(folder):
    """A mark where no face is counts as missed and is listed."""
    marked = json.loads(MARKED.read_text())
    name = "liveportrait_d18.mp4"
    marked["videos"] = {name: marked["videos"][name]}
    marked["videos"][name]["faces"].insert(0, [0, 2, 2, 40, 40, 1, 0])
    path = pathlib.Path(folder, "marked.json")
    path.write_text(json.dumps(marked))
    done = evaluate(CLIPS / name, path)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert abs(report["metrics"]["recall_20px"]["value"] - 22 / 23) < 1e-6, report
    assert [(n["what"], n["frame"]) for n in report["noted"]] == [("missed", 0)], report["noted"]
    marked["videos"][name]["sha256"] = "0" * 64
    path.write_text(json.dumps(marked))
    done = evaluate(CLIPS / name, path)
    assert done.returncode != 0 and "another file" in done.stderr, done.stderr


def main():
    if not CLIPS.is_dir():
        skip("the clips are not at hand")
    need_pack()
    if os.environ.get("VULTUS_TEST_LONG"):
        figures_hold(CLIPS, 338)
    else:
        figures_hold(CLIPS / "short_hamilton_clip.mp4", 69)
    with tempfile.TemporaryDirectory() as folder:
        a_miss_is_told(folder)


main()
