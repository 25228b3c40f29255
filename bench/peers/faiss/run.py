#!/usr/bin/env python3
"""FAISS and Vultus on the same vectors in the same run, one thread each.

usage: run.py [--n N] [--vultus PROGRAM] [--work FOLDER]
Needs the pip packages faiss-cpu and numpy (pip install faiss-cpu numpy). The vectors are those of `vultus bench search`.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile
import time

import faiss
import numpy as np

DIMENSION, HITS = 512, 10


def median_ms(search, probes):
    times = []
    for probe in probes:
        begin = time.perf_counter()
        search(probe[None])
        times.append((time.perf_counter() - begin) * 1e3)
    return float(np.median(times))


def indexes(rows):
    n = len(rows)
    flat = faiss.IndexFlatIP(DIMENSION)
    flat.add(rows)
    yield "FAISS Flat", flat
    sq8 = faiss.IndexScalarQuantizer(DIMENSION, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
    sq8.train(rows[:min(n, 50000)])
    sq8.add(rows)
    yield "FAISS SQ8", sq8
    fast = faiss.index_factory(DIMENSION, "PQ128x4fs,RFlat", faiss.METRIC_INNER_PRODUCT)
    fast.train(rows[:min(n, 50000)])
    fast.add(rows)
    fast.k_factor = 20
    yield "FAISS PQ128x4fs+refine", fast


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=100000)
    parser.add_argument("--probes", type=int, default=64)
    parser.add_argument("--vultus", default="build/release/vultus")
    parser.add_argument("--work", default=None)
    options = parser.parse_args()
    faiss.omp_set_num_threads(1)
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        command = [options.vultus, "bench", "search", "--json", "--n", str(options.n), "--probes", str(options.probes), "--batch", "32", "--save", folder]
        ours = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        rows = np.fromfile(pathlib.Path(folder) / "rows.f32", np.float32).reshape(-1, DIMENSION)
        probes = np.fromfile(pathlib.Path(folder) / "probes.f32", np.float32).reshape(-1, DIMENSION)
    table, truth = [], None
    for name, index in indexes(rows):
        truth = index.search(probes, HITS)[1] if truth is None else truth
        found = index.search(probes, HITS)[1]
        recall = np.mean([len(set(a) & set(b)) / HITS for a, b in zip(found, truth)])
        table.append((name, median_ms(lambda p: index.search(p, HITS), probes), recall))
    again = json.loads(subprocess.run(command[:command.index("--save")], check=True, capture_output=True, text=True).stdout)
    for first, second in zip(ours["rows"], again["rows"]):
        table.append((f"Vultus {first['method']}", (first["p50_ms"] + second["p50_ms"]) / 2, first["recall_at_10"]))
    base = table[0][1]
    print(f"n = {options.n}, one thread, medians of {options.probes} searches for the best {HITS}")
    for name, ms, recall in table:
        print(f"  {name:26} {ms:10.3f} ms   {base / ms:8.1f} x Flat   recall@10 {recall:.4f}")


if __name__ == "__main__":
    main()
