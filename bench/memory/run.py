#!/usr/bin/env python3
"""Memory of one process with one session that makes a template of every face, picture after picture.

usage: run.py [--vultus-build build/release] [--pack FOLDER] [--count 2500] FOLDER_OF_PICTURES
Prints what is resident behind the first picture and every tenth of the count; too few pictures are gone through again.
"""
import argparse
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench/peers/pipeline"))
from run import ENDINGS, build_ours  # noqa: E402  (the process is Vultus' side of the comparison with the peers)


def resident_mib(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main():
    home = pathlib.Path(os.environ.get("VULTUS_HOME", pathlib.Path.home() / ".local/share/vultus"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vultus-build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--pack", type=pathlib.Path, default=home / "packs/default")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build/peers")
    parser.add_argument("--count", type=int, default=2500)
    parser.add_argument("folder", type=pathlib.Path)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    pictures = sorted(str(p) for p in options.folder.rglob("*") if p.suffix.lower() in ENDINGS)
    if not pictures:
        raise SystemExit(f"no pictures in {options.folder}")
    command = [build_ours(options.work, options.vultus_build.resolve()), options.pack]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for done in range(1, options.count + 1):
        process.stdin.write(pictures[(done - 1) % len(pictures)] + "\n")
        process.stdin.flush()
        if not process.stdout.readline():
            raise SystemExit("the process gave no answer")
        if done == 1 or done % max(1, options.count // 10) == 0:
            print(f"{done:6} pictures  {resident_mib(process):6.1f} MiB resident", flush=True)
    process.stdin.close()
    process.wait(30)


if __name__ == "__main__":
    main()
