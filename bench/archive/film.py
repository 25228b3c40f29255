#!/usr/bin/env python3
"""A film of many short shots, 640x360 at 25 frames a second, cut together from videos and pictures of faces.

usage: film.py [--minutes 6] [--seed 1] DATA OUT.mp4
DATA holds videos-dev and lfw-dev. A shot lasts 0.6 to 6 seconds: a video as it is or a window of it, two of them side by side,
or a picture that the camera draws near to or passes over, as documentaries do; one shot in eight crosses into the next one.
"""
import argparse
import json
import pathlib
import random
import subprocess
import tempfile

SIZE, RATE = "640:360", 25
ENCODE = ["-an", "-r", str(RATE), "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-threads", "1"]


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, arguments)], check=True)


def length_of(video):
    shown = subprocess.run(["ffprobe", "-v", "error", "-show_format", "-of", "json", video], capture_output=True, text=True, check=True)
    return float(json.loads(shown.stdout)["format"]["duration"])


def window(chance, width, height):
    """Scaled so that it fills width x height, or a window of it of 50 to 100 %, or all of it with bars."""
    zoom = chance.choice([1, 1, 1.4, 2])
    if zoom == 1 and chance.random() < 0.5:
        return f"scale={width}:{height}:force_original_aspect_ratio=decrease,pad={width}:{height}:-1:-1,setsar=1"
    w, h = round(width * zoom / 2) * 2, round(height * zoom / 2) * 2
    return (f"scale={w}:{h}:force_original_aspect_ratio=increase,crop={width}:{height}:"
            f"(iw-{width})*{chance.uniform(0.35, 0.65):.2f}:(ih-{height})*{chance.uniform(0.2, 0.45):.2f},setsar=1")


def part(chance, videos, seconds):
    video = chance.choice(sorted(videos))
    start = chance.uniform(0, max(0, videos[video] - seconds))
    return ["-stream_loop", "3", "-ss", f"{start:.2f}", "-i", video]


def moving_picture(chance, picture, seconds):
    frames = round(seconds * RATE)
    near = f"min(1+{chance.uniform(0.2, 1):.2f}*on/{frames},2)"
    ways = {"near": (near, "(iw-iw/zoom)/2", "(ih-ih/zoom)/2"), "across": ("1.5", f"(iw-iw/zoom)*on/{frames}", "(ih-ih/zoom)/2"),
            "down": ("1.5", "(iw-iw/zoom)/2", f"(ih-ih/zoom)*on/{frames}")}
    zoom, x, y = ways[chance.choice(sorted(ways))]
    look = f"scale=1920:1080:force_original_aspect_ratio=decrease,pad=1920:1080:-1:-1,zoompan=z='{zoom}':x='{x}':y='{y}':d={frames}:s=640x360:fps={RATE},setsar=1"
    return ["-i", picture, "-vf", look]


def make_shot(out, chance, videos, pictures):
    seconds = chance.choice([0.6, 1, 1.5, 2, 3, 4, 6])
    kind = chance.random()
    if kind < 0.35:
        ffmpeg(*moving_picture(chance, chance.choice(pictures), seconds), "-frames:v", round(seconds * RATE), *ENCODE, out)
    elif kind < 0.55:
        two = f"[0:v]fps={RATE},{window(chance, 320, 360)}[a];[1:v]fps={RATE},{window(chance, 320, 360)}[b];[a][b]hstack"
        ffmpeg(*part(chance, videos, seconds), *part(chance, videos, seconds), "-filter_complex", two, "-t", seconds, *ENCODE, out)
    else:
        ffmpeg(*part(chance, videos, seconds), "-vf", f"fps={RATE},{window(chance, 640, 360)}", "-t", seconds, *ENCODE, out)
    return seconds


def cross(first, second, seconds, out):
    """One shot that becomes another within 0.5 s."""
    both = f"[0:v][1:v]xfade=duration=0.5:offset={seconds - 0.5:.2f}"
    ffmpeg("-i", first, "-i", second, "-filter_complex", both, *ENCODE, out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    videos = {str(v): length_of(v) for v in sorted((options.data / "videos-dev").iterdir()) if v.suffix == ".mp4"}
    pictures = sorted((options.data / "lfw-dev").glob("*/*.jpg"))
    with tempfile.TemporaryDirectory() as folder:
        shots, total = [], 0
        while total < options.minutes * 60:
            shot = pathlib.Path(folder, f"{len(shots):05}.mp4")
            seconds = make_shot(shot, chance, videos, pictures)
            if seconds >= 1 and chance.random() < 0.125:
                second, crossed = pathlib.Path(folder, "second.mp4"), shot.with_suffix(".x.mp4")
                make_shot(second, chance, videos, pictures)
                cross(shot, second, seconds, crossed)
                shot = crossed
            shots.append(shot)
            total += length_of(shot)
        row = pathlib.Path(folder, "row.txt")
        row.write_text("".join(f"file '{shot}'\n" for shot in shots))
        ffmpeg("-f", "concat", "-safe", "0", "-i", row, *ENCODE, options.out)
    print(f"{options.out}: {len(shots)} shots, {length_of(options.out):.1f} s")


if __name__ == "__main__":
    main()
