#!/usr/bin/env python3
"""From starting the program to its first answer, the disk's cache warm.

usage: run.py [--vultus build/release/vultus] [--rounds 20] PICTURE   (VULTUS_HOME holds the pack)
"""
import argparse
import pathlib
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def wall_ms(command):
    begin = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - begin) * 1e3


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vultus", type=pathlib.Path, default=ROOT / "build/release/vultus")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("picture")
    options = parser.parse_args()
    data = tempfile.TemporaryDirectory()
    verify = [options.picture, "--evaluation", "--data", data.name]
    for name, rest in (("detect", ["--json"]), ("verify", verify)):  # one network, then the whole path
        command = [options.vultus, name, options.picture, *rest]
        wall_ms(command)  # warms the disk's cache
        times = [wall_ms(command) for _ in range(options.rounds)]
        print(f"vultus {name:8} start to answer: median {statistics.median(times):6.1f} ms, worst {max(times):6.1f} ms of {options.rounds}")


if __name__ == "__main__":
    main()
