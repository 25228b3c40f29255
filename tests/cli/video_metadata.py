#!/usr/bin/env python3
"""Who is where in an archive, in four formats, each read by a program that is not ours: JSON and CSV by Python, WebVTT by
FFmpeg, XMP by ExifTool. All four say the same, names with odd characters included. Exits 77 (skipped) where the clips, the
pack or a reader are not at hand."""
import csv
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from served import PICTURES, need_pack, skip  # noqa: E402

CLIPS = PICTURES.parent / "videos-dev"
NAMES = {"obama.mp4": 'Ann, "A" & <B>', "liveportrait_d18.mp4": "張 <-- é"}


def run(*command, code=0, **more):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=300, **more)
    assert done.returncode == code, (command, done.returncode, done.stderr)
    return done.stderr if code else done.stdout


def vultus(home, *arguments, code=0):
    pack = os.environ.get("VULTUS_PACK") or os.path.join(os.environ.get("VULTUS_HOME", os.path.expanduser("~/.local/share/vultus")), "packs/default")
    return run(os.environ["VULTUS_PROGRAM"], "video", *arguments, "--archive", "clips", "--evaluation", "--quiet", "--pack", pack,
               code=code, env=dict(os.environ, VULTUS_HOME=str(home)))


def ms(seconds):
    return round(float(seconds) * 1000)


def by_csv(text):
    return [(row["person"], ms(row["from"]), ms(row["to"])) for row in csv.DictReader(io.StringIO(text))]


def by_ffmpeg(path):
    """FFmpeg reads the cues, and shows as SubRip what it understood."""
    packets = json.loads(run("ffprobe", "-v", "error", "-f", "webvtt", "-show_packets", "-show_data", "-of", "json", path))["packets"]
    shown = run("ffmpeg", "-v", "error", "-f", "webvtt", "-i", path, "-f", "srt", "-").strip().split("\n\n")
    assert len(shown) == len(packets)
    return [(block.split("\n")[2], ms(p["pts_time"]), ms(p["pts_time"]) + ms(p["duration_time"])) for block, p in zip(shown, packets)]


def by_exiftool(path):
    (read,) = json.loads(run("exiftool", "-j", "-struct", "-api", "StructFormat=JSONQ", "-n", "-XMP-xmpDM:all", path))
    rows = []
    for track in read["Tracks"]:
        assert track["TrackName"] == "people" and track["FrameRate"] == "f1000", track
        for marker in track["Markers"]:
            start = int(marker["StartTime"])
            rows.append((str(marker["Name"]), start, start + int(marker["Duration"])))
    return rows


def main():
    for program in ("ffmpeg", "ffprobe", "exiftool"):
        if not shutil.which(program):
            skip(f"needs {program}")
    if not CLIPS.is_dir():
        skip("the clips are not at hand")
    need_pack()
    with tempfile.TemporaryDirectory() as home:
        videos, people = pathlib.Path(home, "videos"), pathlib.Path(home, "people")
        videos.mkdir()
        for clip, name in NAMES.items():
            (people / name).mkdir(parents=True)
            run("ffmpeg", "-v", "error", "-t", 2, "-i", CLIPS / clip, "-an", videos / clip)
            run("ffmpeg", "-v", "error", "-ss", 1, "-i", CLIPS / clip, "-frames:v", 1, people / name / "one.jpg")
        vultus(home, "index", videos)
        wanted = [(row["person"], ms(row["from"]), ms(row["to"])) for row in json.loads(vultus(home, "metadata", people))]
        assert {name for name, _, _ in wanted} == set(NAMES.values()), wanted
        assert by_csv(vultus(home, "metadata", people, "--format", "csv")) == wanted
        for kind, ending, read in (("webvtt", "vtt", by_ffmpeg), ("xmp", "xmp", by_exiftool)):
            out = pathlib.Path(home, kind)
            assert "--out" in vultus(home, "metadata", people, "--format", kind, code=2)  # two videos in one
            vultus(home, "metadata", people, "--format", kind, "--out", out)
            assert sorted(file.name for file in out.iterdir()) == sorted(f"{clip}.{ending}" for clip in NAMES)
            rows = [row for clip in NAMES for row in read(out / f"{clip}.{ending}")]
            assert sorted(rows) == sorted(wanted), rows
            assert all(name == NAMES[clip] for clip in NAMES for name, _, _ in read(out / f"{clip}.{ending}"))
            vultus(home, "metadata", people, "--format", kind, "--out", out)  # nothing is written over
            assert len(list(out.iterdir())) == 4
    print(f"four formats say the same: {wanted}")


main()
