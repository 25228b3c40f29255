#!/usr/bin/env python3
"""The unknown people of an archive: grouped, never two who are seen at once, shown on a page, named from the file that the page
saves, and then found by name. Exits 77 (skipped) where ffmpeg, the clips or the pack are not at hand. SHEET: where to keep the page."""
import html.parser
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
ANNA, BEN = "liveportrait_d10.mp4", "obama.mp4"


def vultus(home, *arguments, code=0):
    pack = os.environ.get("VULTUS_PACK") or os.path.join(os.environ.get("VULTUS_HOME", os.path.expanduser("~/.local/share/vultus")), "packs/default")
    done = subprocess.run([os.environ["VULTUS_PROGRAM"], "video", *map(str, arguments), "--archive", "clips", "--evaluation", "--quiet", "--pack", pack],
                          env=dict(os.environ, VULTUS_HOME=str(home)), capture_output=True, text=True, timeout=300)
    assert done.returncode == code, (arguments, done.returncode, done.stderr)
    return done.stdout if code == 0 else done.stderr


def film(out, *clips):
    """Clips of two seconds beside each other."""
    inputs = [word for clip in clips for word in ("-t", "2", "-i", CLIPS / clip)]
    sides = "".join(f"[{i}:v]fps=25,scale=320:360:force_original_aspect_ratio=increase,crop=320:360[s{i}];" for i in range(len(clips)))
    row = "".join(f"[s{i}]" for i in range(len(clips))) + (f"hstack={len(clips)}" if len(clips) > 1 else "null")
    subprocess.run([*map(str, ("ffmpeg", "-v", "error", *inputs, "-filter_complex", sides + row, out))], check=True, timeout=120)


class Sheet(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.people, self.pictures = [], 0
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "section":
            self.people.append(json.loads(values["data-tracks"]))
        self.pictures += tag == "img" and values["src"].startswith("data:image/jpeg;base64,/9j/")


def no_two_at_once(people):
    for person in people:
        for track in person["tracks"]:
            for other in person["tracks"]:
                common = min(track["to"], other["to"]) - max(track["from"], other["from"])
                assert track is other or track["video"] != other["video"] or common < 0.5, person


def main():
    if not shutil.which("ffmpeg") or not CLIPS.is_dir():
        skip("ffmpeg or the clips are not at hand")
    need_pack()
    with tempfile.TemporaryDirectory() as home:
        videos = pathlib.Path(home, "videos & <more>")
        videos.mkdir()
        film(videos / "1.mp4", ANNA)
        film(videos / "2.mp4", ANNA, BEN)
        film(videos / "3.mp4", BEN)
        film(videos / "4.mp4", ANNA, ANNA)  # as a mirror would show her
        vultus(home, "index", videos, "--thumbnails")
        found = json.loads(vultus(home, "people", "--json"))
        no_two_at_once(found["people"])
        who = [sorted(pathlib.Path(track["file"]).stem for track in person["tracks"]) for person in found["people"]]
        anna = [index for index, stems in enumerate(who) if stems != ["2", "3"]]
        assert ["2", "3"] in who and len(anna) == len(who) - 1, found
        seen = [stem for index in anna for stem in who[index]] + [pathlib.Path(track["file"]).stem for track in found["seenOnce"]]
        assert sorted(seen) == ["1", "2", "4", "4"], found  # the two of 4 apart, as no_two_at_once has seen
        assert vultus(home, "people").count("person ") == len(who)
        page, names = pathlib.Path(os.environ.get("SHEET", pathlib.Path(home, "people.html"))), pathlib.Path(home, "names.json")
        vultus(home, "people", "--sheet", page)
        sheet = Sheet(page)
        assert page.stat().st_mode & 0o777 == 0o600 and sheet.pictures == 6 - len(found["seenOnce"]) and len(sheet.people) == len(who), (sheet.pictures, sheet.people)
        names.write_text(json.dumps({"people": [{"name": "Anna", "tracks": sheet.people[anna[0]]}]}))
        vultus(home, "people", "--names", names, "--group", "known")
        rows = json.loads(vultus(home, "metadata", "--group", "known"))
        assert {row["person"] for row in rows} == {"Anna"} and sorted(pathlib.Path(row["file"]).stem for row in rows) == ["1", "2", "4", "4"], rows
        for text, says in (("{}", "it names nobody"), ('{"people":[{"name":"X"}]}', 'needs a "name" and "tracks"'), ("[", "names.json"),
                           ('{"people":[{"name":"X","tracks":[{"video":"00","from":1,"best":1}]}]}', "X: track 1 is not in the archive")):
            names.write_text(text)
            assert says in vultus(home, "people", "--names", names, code=3), text
        assert "nothing is removed" in vultus(home, "remove", videos / "1.mp4", "nowhere.mp4", code=3)
        assert json.loads(vultus(home, "remove", videos / "1.mp4", "--json")) == {"removed": 1}
        (videos / "3.mp4").unlink()
        still = pathlib.Path(home, "ben.png")
        subprocess.run(["ffmpeg", "-v", "error", "-ss", "1", "-i", CLIPS / BEN, "-frames:v", "1", still], check=True, timeout=60)
        hits = json.loads(vultus(home, "search", still, "--json"))["hits"]
        assert {(pathlib.Path(hit["file"]).stem, hit.get("vanished", False)) for hit in hits} == {("2", False), ("3", True)}, hits
        assert vultus(home, "search", still).count("3.mp4  (not there any more)") == 1
        assert json.loads(vultus(home, "index", videos / "2.mp4", "--json")) == {"indexed": 0, "unchanged": 1, "failed": 0, "vanished": 1}
        assert "1 in the archive whose file is not there any more" in vultus(home, "index", videos / "2.mp4")
        assert json.loads(vultus(home, "remove", "--vanished", "--json")) == {"removed": 1}
        shown = subprocess.run([os.environ["VULTUS_PROGRAM"], "audit", "show", "--json"], env=dict(os.environ, VULTUS_HOME=str(home)), capture_output=True, text=True, check=True)
        removals = [line for line in shown.stdout.splitlines() if "ARCHIVE_REMOVE" in line]
        assert len(removals) == 2, shown.stdout  # what was refused is none
        left = {pathlib.Path(row["file"]).stem for row in json.loads(vultus(home, "metadata", "--group", "known"))}
        assert left == {"2", "4"} and len(list(pathlib.Path(home).rglob("*.video"))) == 2, left
    print("people hold")


main()
