#!/usr/bin/env python3
"""`vultus redact` beside deface (CenterFace) on the same video in one run, one processor core each: time, and faces missed.

usage: run.py [--vultus build/release/vultus] [--every 10] [--rounds 3] [--annotations FILE] [--work build/peers-deface]
              [--json] VIDEO

The first run sets up a Python environment in --work. Needs ffmpeg, and VULTUS_HOME with a pack. Both programs run as a user
runs them: whole files, start-up included, their own defaults. deface's time is that of one turn, as it takes long, and its
network is given one thread (one_thread.py), which makes it twice as fast on one core.
Faces looked for on every 10th frame are those of either side's detector, asked where it sees better than in its redaction:
ours on the whole frame with faces from 20 px, score 0.5; CenterFace on the frame enlarged twice, score 0.5. That is no
annotation by people: what both overlook does not count, and neither does what is under 20 px; with --annotations the faces
that people marked count instead. A face is missed where less than 90 % of its box lies under the masks.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
LEAST_PX, SURE, COVERED, SAME = 20, 0.5, 0.9, 0.35
OVAL_EXTRA = 0.12  # src/redact/cover.c: what an oval is wider than its margin says
DEFACE_SCORE, DEFACE_MASK = 0.2, 1.3  # its defaults


def go_into_environment(work):
    python = work / "bin/python"
    wanted = (HERE / "requirements.txt").read_text()
    stamp = work / "stamp"
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"setting up {work} (once)", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", work], check=True)
        subprocess.run([work / "bin/pip", "install", "--quiet", "-r", HERE / "requirements.txt"], check=True)
        stamp.write_text(wanted)
    if pathlib.Path(sys.prefix).resolve() != work.resolve():
        os.execv(python, [str(python), *sys.argv])


def seconds_of(command):
    """User and system time of a program and its children (deface encodes in one) on one core."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    core = max(os.sched_getaffinity(0))
    before = os.times()
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   preexec_fn=lambda: os.sched_setaffinity(0, {core}))
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system


def probe(video):
    out = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v:0", "-count_frames", "-show_entries",
                          "stream=width,height,nb_read_frames,avg_frame_rate:format=duration", "-of", "json", video],
                         check=True, capture_output=True, text=True)
    found = json.loads(out.stdout)
    return found["streams"][0]


def frames_of(video, every, folder):
    subprocess.run(["ffmpeg", "-v", "error", "-i", video, "-vf", f"select=not(mod(n\\,{every}))", "-fps_mode", "passthrough",
                    f"{folder}/%05d.png"], check=True)
    return sorted(pathlib.Path(folder).glob("*.png"))


def overlap(a, b):
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    both = max(width, 0) * max(height, 0)
    return both / (a[2] * a[3] + b[2] * b[3] - both)


def ours_seen(vultus, pictures):
    out = subprocess.run([vultus, "detect", "--json", "--quiet", "--min-face", str(LEAST_PX), "--min-score", str(SURE), *pictures],
                         stdout=subprocess.PIPE, text=True)
    rows = [json.loads(line) for line in out.stdout.splitlines()]
    assert len(rows) == len(pictures)
    return [[[f["faceRectangle"][k] for k in ("left", "top", "width", "height")] for f in row["faces"]] for row in rows]


def boxes_of(found, scale):
    return [[float(x1) / scale, float(y1) / scale, float(x2 - x1) / scale, float(y2 - y1) / scale] for x1, y1, x2, y2, _ in found]


def marked(path, video, every):
    """Boxes that people marked and are certain of, by frame."""
    frames = {}
    for frame, left, top, width, height, certain, *_ in json.loads(path.read_text())["videos"][pathlib.Path(video).name]["faces"]:
        if certain and frame % every == 0:
            frames.setdefault(frame, []).append([[left, top, width, height], "people"])
    return frames


def reference(ours, theirs):
    """Boxes with who saw them: ours, theirs or both."""
    faces = [[box, "both" if any(overlap(box, other) >= SAME for other in theirs) else "ours"] for box in ours]
    faces += [[box, "theirs"] for box in theirs if all(overlap(box, other) < SAME for other in ours)]
    return [f for f in faces if min(f[0][2:]) >= LEAST_PX]


def oval(numpy, mask, left, top, width, height):
    rows, columns = numpy.ogrid[:mask.shape[0], :mask.shape[1]]
    across, down = (columns + 0.5 - left) / width * 2 - 1, (rows + 0.5 - top) / height * 2 - 1
    mask |= across * across + down * down <= 1


def our_mask(numpy, manifest, frame, shape):
    mask = numpy.zeros(shape, bool)
    margin = manifest["settings"]["margin"] + OVAL_EXTRA
    for track in manifest["tracks"]:
        place = frame - track["firstFrame"]
        if not track["hidden"] or not 0 <= place < len(track["boxes"]):
            continue
        left, top, width, height = track["boxes"][place][:4]
        oval(numpy, mask, left - margin * width, top - margin * height, width * (1 + 2 * margin), height * (1 + 2 * margin))
    return mask


def their_mask(numpy, boxes, shape):
    mask = numpy.zeros(shape, bool)
    for left, top, width, height in boxes:
        more = DEFACE_MASK - 1
        x1, y1 = max(left - width * more, 0), max(top - height * more, 0)
        x2, y2 = min(left + width * (1 + more), shape[1] - 1), min(top + height * (1 + more), shape[0] - 1)
        oval(numpy, mask, x1, y1, max(x2 - x1, 1e-3), max(y2 - y1, 1e-3))
    return mask


def is_missed(mask, box):
    left, top = max(round(box[0]), 0), max(round(box[1]), 0)
    return mask[top:round(box[1] + box[3]), left:round(box[0] + box[2])].mean() < COVERED


def misses(options, manifest):
    import cv2
    import numpy
    from deface.centerface import CenterFace
    network = CenterFace(backend="onnxrt", override_execution_provider="CPUExecutionProvider")
    seers = ["people"] if options.annotations else ["ours", "theirs", "both"]
    tally = {"faces": 0, **{name: dict.fromkeys(seers, 0) for name in ("seen by", "missed by vultus", "missed by deface")}, "where": []}
    by_people = marked(options.annotations, options.video, options.every) if options.annotations else None
    with tempfile.TemporaryDirectory() as folder:
        pictures = frames_of(options.video, options.every, folder)
        for i, (path, ours) in enumerate(zip(pictures, ours_seen(options.vultus, pictures))):
            rgb = cv2.imread(str(path))[:, :, ::-1]
            larger = cv2.resize(rgb, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
            theirs = boxes_of(network(larger, threshold=SURE)[0], 2)
            masks = {"vultus": our_mask(numpy, manifest, i * options.every, rgb.shape[:2]),
                     "deface": their_mask(numpy, boxes_of(network(rgb, threshold=DEFACE_SCORE)[0], 1), rgb.shape[:2])}
            for box, who in reference(ours, theirs) if by_people is None else by_people.get(i * options.every, []):
                tally["faces"] += 1
                tally["seen by"][who] += 1
                for side, mask in masks.items():
                    if is_missed(mask, box):
                        tally[f"missed by {side}"][who] += 1
                        tally["where"].append({"by": side, "frame": i * options.every, "box": [round(v) for v in box], "seen by": who})
    return tally


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("video")
    parser.add_argument("--vultus", default=str(ROOT / "build/release/vultus"))
    parser.add_argument("--every", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--annotations", type=pathlib.Path, help="faces that people marked (tests/data) instead of those the detectors see")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build/peers-deface")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    go_into_environment(options.work)
    stream = probe(options.video)
    frames = int(stream["nb_read_frames"])
    up, down = map(int, stream["avg_frame_rate"].split("/"))
    with tempfile.TemporaryDirectory() as folder:
        manifest = f"{folder}/m.json"
        redact = [options.vultus, "redact", options.video, f"{folder}/ours.mp4", "--manifest", manifest, "--no-hardware", "--quiet"]
        ours = statistics.median(seconds_of(redact) for _ in range(options.rounds))
        theirs = seconds_of([sys.executable, HERE / "one_thread.py", options.video, "-o", f"{folder}/theirs.mp4", "--keep-audio",
                             "--backend", "onnxrt", "--ep", "CPUExecutionProvider"])
        tally = misses(options, json.loads(pathlib.Path(manifest).read_text()))
    result = {"size": [stream["width"], stream["height"]], "frames": frames, "vultus_s": round(ours, 2), "deface_s": round(theirs, 2),
              "times_faster": round(theirs / ours, 1), "times_real_time_at_25": round(frames / 25 / ours, 2),
              "times_real_time": round(frames * down / up / ours, 2), **tally}
    if options.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        if name != "where":
            print(f"{name:24} {value}")
    for miss in tally["where"]:
        print(f"  {miss}")


if __name__ == "__main__":
    main()
