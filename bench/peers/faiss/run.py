#!/usr/bin/env python3
"""FAISS and Vultus on the same vectors in the same run, one thread each: one table, and a plot (SVG).

usage: run.py [--n N] [--probes N] [--real FOLDER] [--vultus PROGRAM] [--work FOLDER] [--hnsw] [--plot FILE.svg]
       run.py --vectors FOLDER               FAISS alone, on rows.f32 and probes.f32 (vultus bench search --baseline faiss)
Needs the pip packages faiss-cpu and numpy (pip install faiss-cpu numpy). The vectors are those of `vultus bench search`.
Building HNSW takes minutes for each 100,000, so that it has to be asked for.
"""
import argparse
import json
import math
import pathlib
import subprocess
import tempfile
import time

import faiss
import numpy as np

DIMENSION, HITS, TRAINED_ON = 512, 10, 50000


def times_ms(search, probes):
    times = []
    for probe in probes:
        begin = time.perf_counter()
        search(probe[None])
        times.append((time.perf_counter() - begin) * 1e3)
    return float(np.median(times)), float(np.percentile(times, 99))


def filled(index, rows):
    if not index.is_trained:
        index.train(rows[:TRAINED_ON])
    index.add(rows)
    return index


def indexes(rows, hnsw):
    """Name, index and its bytes a vector, one at a time."""
    product = faiss.METRIC_INNER_PRODUCT
    yield "FAISS Flat", filled(faiss.IndexFlatIP(DIMENSION), rows), DIMENSION * 4
    yield "FAISS SQ8", filled(faiss.IndexScalarQuantizer(DIMENSION, faiss.ScalarQuantizer.QT_8bit, product), rows), DIMENSION
    for parts in (64, 128):
        fast = filled(faiss.index_factory(DIMENSION, f"PQ{parts}x4fs,RFlat", product), rows)
        for factor in (4, 20, 100):
            fast.k_factor = factor
            yield f"FAISS PQ{parts}x4fs, refine {factor}", fast, parts // 2
    if hnsw:
        graph = faiss.IndexHNSWFlat(DIMENSION, 32, product)
        graph.hnsw.efConstruction = 100
        filled(graph, rows)
        for width in (64, 256):
            graph.hnsw.efSearch = width
            yield f"FAISS HNSW32, ef {width}", graph, DIMENSION * 4 + 256


def vultus(options, *more):
    command = [options.vultus, "bench", "search", "--json", "--n", str(options.n), "--probes", str(options.probes), "--batch", "32", "--recall", "0.999", *more]
    if options.real:
        command += ["--real", options.real]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def vectors(folder, name):
    return np.fromfile(pathlib.Path(folder) / f"{name}.f32", np.float32).reshape(-1, DIMENSION)


def measure(options):
    if options.vectors:
        return faiss_alone(options, vectors(options.vectors, "rows"), vectors(options.vectors, "probes"))
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        ours = vultus(options, "--save", folder)
        rows, probes = vectors(folder, "rows"), vectors(folder, "probes")
    names = {"batched": "Vultus, 32 at a time", "float scan": "Vultus --exact (float scan)"}
    table = faiss_alone(options, rows, probes)
    for row in ours["rows"]:
        name = names.get(row["method"], f"Vultus ({row['method']})")
        table.append((name, row["p50_ms"], row["p99_ms"], row["recall_at_10"], row["bytes_per_template"]))
    return table


def faiss_alone(options, rows, probes):
    table, truth = [], None
    for name, index, size in indexes(rows, options.hnsw):
        found = index.search(probes, HITS)[1]
        truth = found if truth is None else truth
        recall = float(np.mean([len(set(a) & set(b)) / HITS for a, b in zip(found, truth)]))
        table.append((name, *times_ms(lambda probe: index.search(probe, HITS), probes), recall, size))
    return table


def plot(path, table, n):
    """Bars of the median, on a logarithmic scale, with recall beside."""
    left, right, step = 230, 690, 26
    low = math.floor(math.log10(min(row[1] for row in table)))
    high = math.ceil(math.log10(max(row[1] for row in table)))
    at = lambda ms: left + (math.log10(ms) - low) / (high - low) * (right - left)
    height = step * len(table) + 80
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="860" height="{height}" font-family="sans-serif" font-size="13">',
           f'<rect width="860" height="{height}" fill="white"/>',
           f'<text x="16" y="24" font-size="15">Search of {n:,} templates, one thread: median time, log scale</text>']
    for power in range(low, high + 1):
        x = at(10.0 ** power)
        out.append(f'<line x1="{x:.0f}" y1="40" x2="{x:.0f}" y2="{height - 30}" stroke="#ddd"/>')
        out.append(f'<text x="{x:.0f}" y="{height - 12}" text-anchor="middle">{10.0 ** power:g} ms</text>')
    for place, (name, ms, _, recall, _) in enumerate(table):
        y = 46 + place * step
        colour = "#1f6f54" if name.startswith("Vultus") else "#8aa1b4"
        out.append(f'<text x="{left - 8}" y="{y + 14}" text-anchor="end">{name}</text>')
        out.append(f'<rect x="{left}" y="{y}" width="{max(at(ms) - left, 1):.0f}" height="18" fill="{colour}"/>')
        out.append(f'<text x="{at(ms) + 6:.0f}" y="{y + 14}">{ms:.3g} ms, recall {recall:.4f}</text>')
    pathlib.Path(path).write_text("\n".join(out + ["</svg>", ""]), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=100000)
    parser.add_argument("--probes", type=int, default=64)
    parser.add_argument("--real", default=None)
    parser.add_argument("--vultus", default="build/release/vultus")
    parser.add_argument("--work", default=None)
    parser.add_argument("--vectors", default=None)
    parser.add_argument("--hnsw", action="store_true")
    parser.add_argument("--plot", default=None)
    options = parser.parse_args()
    faiss.omp_set_num_threads(1)
    table = measure(options)
    base = table[0][1]
    if not options.vectors:
        print(f"n = {options.n}, one thread, {options.probes} searches for the best {HITS}")
    for name, ms, p99, recall, size in table:
        print(f"  {name:30} {ms:9.3f} ms   p99 {p99:9.3f} ms {base / ms:8.1f} x Flat   recall@10 {recall:.4f} {size:6.0f} B")
    if options.plot:
        plot(options.plot, table, options.n)


if __name__ == "__main__":
    main()
