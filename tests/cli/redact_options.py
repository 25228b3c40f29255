#!/usr/bin/env python3
"""The options of `vultus redact` on videos, by what comes out: --keep and --only, --manifest edited and applied, --review, sound
kept, dropped and beeped, subtitles, chapters and titles, an image as mask, the encoder that was taken, and what a killed run leaves.
Exits 77 (skipped) where the clips, the pack or ffmpeg are not at hand."""
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from served import PICTURES, need_pack, skip  # noqa: E402

CLIPS = PICTURES.parent / "videos-dev"
STAGE = CLIPS / "short_hamilton_clip.mp4"
SINGER_S, AUDIENCE_S = 5.0, 8.0  # moments when the singer, and when the audience is on the screen
PROGRAM = os.environ["VULTUS_PROGRAM"]


def redact(video, out, *options, code=0):
    done = subprocess.run([PROGRAM, "redact", str(video), str(out), "--quiet", *map(str, options)], capture_output=True, text=True, timeout=300)
    assert done.returncode == code, done.stderr or done.stdout
    return done


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, arguments)], check=True, timeout=120)


def probe(path, *what):
    done = subprocess.run(["ffprobe", "-v", "error", "-of", "json", *what, str(path)], check=True, capture_output=True, text=True, timeout=60)
    return json.loads(done.stdout)


def at_time(manifest, seconds, fps=29.97):
    """Which tracks of a manifest are on the screen: {id: hidden}."""
    frame = round(seconds * fps)
    return {t["id"]: t["hidden"] for t in manifest["tracks"] if t["firstFrame"] <= frame < t["firstFrame"] + len(t["boxes"])}


def people_are_told_apart(folder):
    """Who sings is on the screen alone at SINGER_S, and not at AUDIENCE_S."""
    singer, manifest = folder / "singer.png", folder / "m.json"
    ffmpeg("-ss", SINGER_S, "-i", STAGE, "-frames:v", 1, singer)
    evaluation = ["--evaluation", "--data", folder / "data"]
    redact(STAGE, folder / "a.mp4", "--keep", singer, "--manifest", manifest, *evaluation)
    kept = json.loads(manifest.read_text())
    assert kept["settings"]["whom"] == "allBut" and False in at_time(kept, SINGER_S).values(), at_time(kept, SINGER_S)
    assert all(at_time(kept, AUDIENCE_S).values()) and at_time(kept, AUDIENCE_S), at_time(kept, AUDIENCE_S)
    redact(STAGE, folder / "b.mp4", "--only", singer, "--manifest", manifest, *evaluation)
    alone = json.loads(manifest.read_text())
    assert alone["settings"]["whom"] == "only" and True in at_time(alone, SINGER_S).values()
    assert sum(t["hidden"] for t in alone["tracks"]) < sum(t["hidden"] for t in kept["tracks"])
    assert all(0 <= t["confidence"] <= 1 for t in alone["tracks"])
    redact(STAGE, folder / "c.mp4", "--keep", singer, "--only", singer, *evaluation, code=2)


def manifest_is_applied_as_edited(folder):
    """Nothing is hidden when every track says so, whatever the layout of the file; what is no whole manifest is refused."""
    clip, manifest = CLIPS / "liveportrait_d18.mp4", folder / "m.json"
    redact(clip, folder / "a.mkv", "--lossless", "--manifest", manifest)
    told = json.loads(manifest.read_text())
    assert len(told["tracks"]) == 1 and len(told["tracks"][0]["boxes"]) == 216
    redact(clip, folder / "b.mkv", "--lossless", "--apply", manifest)
    for track in told["tracks"]:
        track["hidden"] = False
    manifest.write_text(json.dumps(told, indent=3, sort_keys=True))
    redact(clip, folder / "c.mkv", "--lossless", "--apply", manifest)
    digests = [frames_digest(path) for path in (clip, folder / "a.mkv", folder / "b.mkv", folder / "c.mkv")]
    assert digests[0] == digests[3] and digests[1] == digests[2] and digests[0] != digests[1]
    del told["tracks"]
    for text, words in ((json.dumps(told), "no list of tracks"), (manifest.read_text()[:-40], "expected"), ("[]", "expected {")):
        manifest.write_text(text)
        assert words in redact(clip, folder / "d.mkv", "--apply", manifest, code=3).stderr
        assert not (folder / "d.mkv").exists()


def frames_digest(path):
    out = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:v", "-pix_fmt", "yuv420p", "-f", "framemd5", "-"], check=True, capture_output=True, timeout=60)
    return hashlib.sha256(b"".join(line.split(b",")[-1] for line in out.stdout.splitlines() if not line.startswith(b"#"))).hexdigest()


def review_shows_every_track(folder):
    done = redact(STAGE, folder / "a.mp4", "--review", folder / "r.html", "--manifest", folder / "m.json")
    sheet = (folder / "r.html").read_text()
    tracks = json.loads((folder / "m.json").read_text())["tracks"]
    assert re.findall(r'<section class="hidden" id="t(\d+)">', sheet) == [str(t["id"]) for t in tracks]
    assert sheet.count("data:image/jpeg;base64,/9j/") >= len(tracks) and "filled in" in sheet and "http" not in sheet
    assert (folder / "r.html").stat().st_mode & 0o777 == 0o600
    assert re.search(r"\((libx264|h264_nvenc|h264_qsv)\)", done.stdout), done.stdout  # the encoder that was taken is told
    assert "(libx264)" in redact(STAGE, folder / "a.mp4", "--no-hardware").stdout


def make_rich(folder):
    """A clip with sound, subtitles, chapters, a title, and a place and a camera that are nobody's business."""
    rich, subtitles, chapters = folder / "rich.mkv", folder / "s.srt", folder / "c.txt"
    subtitles.write_text("1\n00:00:00,500 --> 00:00:02,000\nGood evening\n")
    chapters.write_text(";FFMETADATA1\ntitle=A talk\nlocation=+48.1+011.5/\nmake=Acme\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=2000\ntitle=Opening\n"
                        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=2000\nEND=4000\ntitle=Questions\n")
    ffmpeg("-i", CLIPS / "liveportrait_d18.mp4", "-i", subtitles, "-i", chapters, "-map", "0", "-map", 1, "-map_metadata", 2, "-map_chapters", 2,
           "-t", 4, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-c:s", "srt", rich)
    return rich


def what_belongs_to_the_video_is_kept(folder):
    rich = make_rich(folder)
    for sound, codecs in (("keep", ["h264", "aac", "subrip"]), ("drop", ["h264", "subrip"]), ("beep", ["h264", "aac", "subrip"])):
        out = folder / f"{sound}.mkv"
        redact(rich, out, "--audio", sound)
        told = probe(out, "-show_streams", "-show_chapters", "-show_format")
        assert [s["codec_name"] for s in told["streams"]] == codecs, told["streams"]
        assert [c["tags"]["title"] for c in told["chapters"]] == ["Opening", "Questions"]
        tags = {k.lower(): v for k, v in told["format"]["tags"].items()}
        assert tags["title"] == "A talk" and "location" not in tags and "make" not in tags, tags
    text = subprocess.run(["ffmpeg", "-v", "error", "-i", str(folder / "keep.mkv"), "-map", "0:s", "-f", "srt", "-"], check=True, capture_output=True, text=True)
    assert "Good evening" in text.stdout
    assert sound_of(folder / "keep.mkv") == sound_of(rich) != sound_of(folder / "beep.mkv")
    tone = samples_of(folder / "beep.mkv")
    assert abs(len(tone) - len(samples_of(rich))) < 4096
    rises = sum(a < 0 <= b for a, b in zip(tone[8000:], tone[8001:]))
    assert abs(rises / (len(tone) - 8000) * 16000 - 1000) < 5, rises


def sound_of(path):
    """The packets of the sound, as they are stored."""
    done = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a", "-c", "copy", "-f", "framemd5", "-"], check=True, capture_output=True)
    return [line.split(b",")[-1] for line in done.stdout.splitlines() if not line.startswith(b"#")]


def samples_of(path):
    done = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a", "-ac", "1", "-ar", "16000", "-f", "s16le", "-"], check=True, capture_output=True)
    return memoryview(done.stdout).cast("h").tolist()


def image_is_the_mask(folder):
    """A green picture over every face: the middle of the face is green in what was written."""
    green, clip = folder / "green.png", CLIPS / "liveportrait_d18.mp4"
    ffmpeg("-f", "lavfi", "-i", "color=0x00c000:size=64x64", "-frames:v", 1, green)
    redact(clip, folder / "a.mkv", "--method", "image", "--image", green, "--manifest", folder / "m.json")
    left, top, width, height = json.loads((folder / "m.json").read_text())["tracks"][0]["boxes"][100][:4]
    crop = f"select=eq(n\\,100),crop=2:2:{int(left + width / 2)}:{int(top + height / 2)}"
    pixel = subprocess.run(["ffmpeg", "-v", "error", "-i", str(folder / "a.mkv"), "-vf", crop, "-frames:v", "1", "-pix_fmt", "rgb24", "-f", "rawvideo", "-"],
                           check=True, capture_output=True).stdout
    assert pixel[0] < 40 and abs(pixel[1] - 0xc0) < 25 and pixel[2] < 40, list(pixel)
    assert "--image" in redact(clip, folder / "b.mkv", "--method", "image", code=2).stderr
    assert "none is given" in redact(clip, folder / "b.mkv", "--apply", folder / "m.json", code=2).stderr
    redact(clip, folder / "b.mkv", "--apply", folder / "m.json", "--image", green)


def killed_runs_leave_nothing_for_long(folder):
    out = folder / "out.mp4"
    running = subprocess.Popen([PROGRAM, "redact", str(CLIPS / "liveportrait_d6.mp4"), str(out), "--quiet", "--no-hardware"])
    for _ in range(1200):
        if any(folder.glob("out.mp4.*.part")) or running.poll() is not None:
            break
        time.sleep(0.05)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert [p.suffix for p in folder.iterdir()] == [".part"], list(folder.iterdir())
    bystander = folder / "out.mp4.notes.part"
    bystander.write_text("mine")
    redact(CLIPS / "liveportrait_d18.mp4", out)
    assert sorted(p.name for p in folder.iterdir()) == ["out.mp4", "out.mp4.notes.part"]
    assert out.stat().st_mode & 0o777 == 0o666 & ~umask()


def umask():
    value = os.umask(0)
    os.umask(value)
    return value


def main():
    if not CLIPS.is_dir():
        skip("the clips are not at hand")
    if not shutil.which("ffmpeg"):
        skip("needs ffmpeg")
    need_pack()
    for check in (people_are_told_apart, manifest_is_applied_as_edited, review_shows_every_track, what_belongs_to_the_video_is_kept, image_is_the_mask,
                  killed_runs_leave_nothing_for_long):
        with tempfile.TemporaryDirectory() as folder:
            began = time.monotonic()
            check(pathlib.Path(folder))
            print(f"{check.__name__}: {time.monotonic() - began:.1f} s")


main()
