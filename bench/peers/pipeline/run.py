#!/usr/bin/env python3
"""Vultus and its peers on the same pictures in one run: from a file's bytes to every face and its template.

usage: run.py [--vultus-build build/release] [--pack FOLDER] [--seconds 120] [--most 12] [--json] PICTURE_OR_FOLDER...

The first run sets up a folder of its own (--work, default build/peers): a Python environment with face_recognition on
dlib-bin, and the npm packages @vladmandic/human, @vladmandic/face-api, TensorFlow.js and sharp. Nothing else is fetched:
the models come inside those packages. Every side is one process with one thread, warm; the sides take turns picture by
picture, so that noise falls on all. A picture's time is the median over the rounds, a side's the median over pictures.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".gif"}
MODULES = "NODE_PATH"


def set_up(work):
    """Environments in `work`, made once; a changed list of packages makes them anew."""
    wanted = (HERE / "requirements.txt").read_text() + (HERE / "package.json").read_text()
    stamp = work / "stamp"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    work.mkdir(parents=True, exist_ok=True)
    print(f"setting up {work} (once)", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", "--clear", work / "venv"], check=True)
    # --no-deps: face_recognition asks for dlib from source, dlib-bin stands in for it
    pip = [work / "venv/bin/pip", "install", "--quiet", "--no-deps", "-r", HERE / "requirements.txt"]
    subprocess.run(pip, check=True)
    shutil.copy(HERE / "package.json", work)
    npm = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(npm, cwd=work, check=True, stdout=subprocess.DEVNULL)
    stamp.write_text(wanted)


def build_ours(work, build):
    program = work / "vultus"
    command = ["cc", "-O2", f"-I{ROOT / 'include'}", HERE / "vultus.c", f"-L{build}", "-lvultus", f"-Wl,-rpath,{build}", "-o", program]
    subprocess.run(command, check=True)
    return program


class Side:
    """A process that answers a path with "faces milliseconds"."""

    def __init__(self, name, command, environment, log):
        self.name, self.log = name, log
        with open(log, "w") as errors:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment)
        self.times, self.faces = {}, {}

    def ask(self, path):
        try:
            self.process.stdin.write(f"{path}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return []
        return self.process.stdout.readline().split()

    def look(self, path, counted):
        line = self.ask(path)
        if len(line) != 2:
            raise SystemExit(f"{self.name} gave no answer for {path}: see {self.log}")
        self.faces[path] = int(line[0])
        if counted:
            self.times.setdefault(path, []).append(float(line[1]))

    def median_ms(self, paths):
        return statistics.median(statistics.median(self.times[p]) for p in paths)


def start_sides(work, ours, pack):
    one = {**os.environ, MODULES: str(work / "node_modules"), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    python, dlib, tfjs = work / "venv/bin/python", HERE / "face_recognition_side.py", ["node", HERE / "tfjs_side.js"]
    table = [
        ("Vultus", [ours, pack]),
        ("face_recognition, as it comes", [python, dlib, "1"]),
        ("face_recognition, no upsampling", [python, dlib, "0"]),
        ("@vladmandic/human", [*tfjs, "human"]),
        ("@vladmandic/face-api, SSD", [*tfjs, "face-api-ssd"]),
        ("@vladmandic/face-api, tiny", [*tfjs, "face-api-tiny"]),
    ]
    return [Side(name, command, one, work / f"side{place}.log") for place, (name, command) in enumerate(table)]


def pictures(operand, most):
    """The picture, or at most `most` of the folder's, evenly spaced."""
    operand = pathlib.Path(operand)
    if not operand.is_dir():
        return [str(operand)]
    found = sorted(str(p) for p in operand.rglob("*") if p.suffix.lower() in ENDINGS)
    return [found[i * len(found) // most] for i in range(most)] if len(found) > most else found


def measure(sides, paths, seconds):
    """Rounds over all pictures until the time is up; the first, which loads and compiles, is not counted."""
    begin, rounds = time.monotonic(), 0
    while rounds < 2 or time.monotonic() - begin < seconds * rounds / (rounds + 1):
        for path in paths:
            for side in sides:
                side.look(path, rounds > 0)
        rounds += 1
    return rounds - 1


def print_table(sides, sets, rounds):
    for name, paths in sets.items():
        print(f"{name}: {len(paths)} pictures, medians of {rounds} rounds, one thread each")
        base = sides[0].median_ms(paths)
        for side in sides:
            ms, faces = side.median_ms(paths), sum(side.faces[p] for p in paths)
            print(f"  {side.name:34} {ms:9.2f} ms  {ms / base:6.1f} x Vultus   {faces:4d} faces")


def as_json(sides, sets, rounds):
    rows = [{"set": name, "side": side.name, "median_ms": round(side.median_ms(paths), 4),
             "by_vultus": round(side.median_ms(paths) / sides[0].median_ms(paths), 3),
             "faces": sum(side.faces[p] for p in paths), "pictures": len(paths)}
            for name, paths in sets.items() for side in sides]
    return json.dumps({"task": "peers pipeline", "rounds": rounds, "rows": rows})


def main():
    home = pathlib.Path(os.environ.get("VULTUS_HOME", pathlib.Path.home() / ".local/share/vultus"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vultus-build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--pack", type=pathlib.Path, default=home / "packs/default")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build/peers")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--most", type=int, default=12, help="pictures of each folder")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("pictures", nargs="+")
    options = parser.parse_args()
    work = options.work.resolve()
    set_up(work)
    sides = start_sides(work, build_ours(work, options.vultus_build.resolve()), options.pack.resolve())
    sets = {operand: pictures(operand, options.most) for operand in options.pictures}
    sets = {name: paths for name, paths in sets.items() if paths}
    if not sets:
        raise SystemExit("no pictures")
    rounds = measure(sides, sorted({p for paths in sets.values() for p in paths}), options.seconds)
    print(as_json(sides, sets, rounds)) if options.json else print_table(sides, sets, rounds)
    for side in sides:
        side.process.stdin.close()
        side.process.wait(30)


if __name__ == "__main__":
    main()
