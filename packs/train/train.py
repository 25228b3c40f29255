#!/usr/bin/env python3
"""Trains the attribute probes on pictures with drawn glasses, headwear, masks and occluders; writes ../probes.

usage: train.py --data FOLDER --features PROGRAM [--pack FOLDER] [--out FOLDER]

--data      holds mask-dev, people-dev and face-samples (MIT licence); no other picture is read
--features  the program probe_features (CMakeLists.txt says how it is built)
Needs numpy, opencv-python-headless and scikit-learn.
"""
import argparse
import json
import os
import pathlib
import subprocess
import tempfile

import cv2
import draw
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

SEED = 1
LEAST_FACE_PX, LEAST_EYES_APART_PX, LONGEST_PX = 40, 12, 260
PICTURES = (".jpg", ".jpeg", ".png")

# kind of picture -> how often it is drawn on each face, and how (face, random) -> picture
DRAWN = {
    "glasses": (2, lambda face, random: draw.glasses(face, random, False)),
    "sunglasses": (2, lambda face, random: draw.glasses(face, random, True)),
    "headwear": (2, draw.headwear),
    "forehead": (1, lambda face, random: draw.occluder(face, random, "forehead")),
    "eyes": (1, lambda face, random: draw.occluder(face, random, "eyes")),
    "plain": (1, lambda face, random: face.picture),
    "mouth": (2, lambda face, random: draw.occluder(face, random, "mouth")),
    "mask": (1, draw.mask),
}
BARE_MOUTH_ONLY = ("mouth", "mask")  # not drawn on faces that wear a mask already

# probe -> (kinds in which it is there, kinds left out because they may or may not hold it, strength of L2, whether
# wearers hide among the undrawn)
PROBES = {
    "mask": (("mask",), (), 0.002, False),
    "glasses": (("glasses", "sunglasses"), ("eyes", "mouth"), 0.001, True),
    "sunglasses": (("sunglasses",), ("eyes", "mask"), 0.001, False),
    "headwear": (("headwear",), ("forehead",), 0.001, True),
    "forehead": (("forehead",), ("headwear",), 0.001, True),
    "eyes": (("eyes", "sunglasses"), ("mask",), 0.001, False),
    "mouth": (("mouth", "mask"), (), 0.001, False),
}


class Sample:
    def __init__(self, source, masked, kind, features):
        self.source, self.masked, self.kind, self.features = source, masked, kind, features


def faces_of(program, pack, paths):
    """(line, box, landmarks, features) of every face."""
    done = subprocess.run([program], input="\n".join(map(str, paths)).encode(), stdout=subprocess.PIPE, check=True,
                          env=dict(os.environ, VULTUS_PACK=str(pack)))
    numbers, at = np.frombuffer(done.stdout, np.float32), 0
    while at < len(numbers):
        count = int(numbers[at + 5])
        yield int(numbers[at]), numbers[at + 1:at + 5], numbers[at + 6:at + 142].reshape(68, 2), numbers[at + 142:at + 142 + count]
        at += 142 + count


def sources(data):
    """(path, whether masks are worn), in a fixed order."""
    def pictures(*folders):
        found = [path for folder in folders for path in (data / folder).rglob("*") if path.suffix.lower() in PICTURES]
        return sorted(found, key=str)
    bare = pictures("mask-dev/without_mask") + pictures("people-dev", "face-samples")
    return [(path, True) for path in pictures("mask-dev/with_mask")] + [(path, False) for path in bare]


def cut_out(picture, box, points):
    """The face with its surround at a size that keeps drawing cheap, as a draw.Face."""
    left, top, width, height = box
    side, x, y = max(width, height), left + width / 2, top + height / 2
    x0, y0 = int(max(0, x - 1.3 * side)), int(max(0, y - 1.4 * side))
    part = picture[y0:int(y + 1.3 * side), x0:int(x + 1.3 * side)]
    points, scale = points - [x0, y0], LONGEST_PX / max(part.shape[:2])
    if scale < 1:
        part, points = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), points * scale
    return draw.Face(part, points)


def worsen(picture, random):
    """Half resolution or grey, each now and then."""
    if random.random() < 0.3:
        picture = cv2.resize(cv2.resize(picture, None, fx=0.5, fy=0.5), (picture.shape[1], picture.shape[0]))
    if random.random() < 0.15:
        picture = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    return picture


def draw_all(originals, paths, folder, random):
    """Writes the drawn pictures; returns their paths, and (source, masked, kind, nose) of each."""
    files, jobs = [], []
    for sample, box, points in originals:
        picture = cv2.imread(str(paths[sample.source]))
        face = cut_out(picture, box, points) if picture is not None else None
        if face is None or face.apart < LEAST_EYES_APART_PX:
            continue
        for kind, (times, make) in DRAWN.items():
            for _ in range(0 if sample.masked and kind in BARE_MOUTH_ONLY else times):
                random.random()  # keeps the draws of the probes that are shipped
                files.append(folder / f"{len(files)}.png")
                cv2.imwrite(str(files[-1]), worsen(make(face, random), random))
                jobs.append((sample.source, sample.masked, kind, face.points[30]))
    return files, jobs


def samples(options):
    listed = sources(options.data)
    paths = [path for path, _ in listed]
    originals = [(Sample(line, listed[line][1], "original", features), box, points)
                 for line, box, points, features in faces_of(options.features, options.pack, paths)
                 if max(box[2:]) >= LEAST_FACE_PX]
    with tempfile.TemporaryDirectory() as folder:
        files, jobs = draw_all(originals, paths, pathlib.Path(folder), np.random.default_rng(SEED))
        nearest = {}
        for line, box, points, features in faces_of(options.features, options.pack, files):
            away = np.linalg.norm(points[30] - jobs[line][3]) / max(box[2:])
            if away < 0.35 and away < nearest.get(line, (1, None))[0]:
                nearest[line] = (away, features)
    drawn = [Sample(*jobs[line][:3], features) for line, (_, features) in nearest.items()]
    return [sample for sample, _, _ in originals], drawn


def fit(features, there, strength):
    return LogisticRegression(C=strength, max_iter=500, class_weight="balanced").fit(features, there)


def cross_validate(features, there, groups, strength):
    scores = np.zeros(len(there))
    for train, test in GroupKFold(5).split(features, groups=groups):
        scores[test] = fit(features[train], there[train], strength).decision_function(features[test])
    return scores


def train(name, features, all_samples):
    """(coefficients, constant, figures) of a probe on standardised features."""
    kinds, left_out, strength, hidden = PROBES[name]
    kind = np.array([s.kind for s in all_samples])
    source = np.array([s.source for s in all_samples])
    masked = np.array([s.masked for s in all_samples])
    there = np.isin(kind, kinds) | (masked & (name in ("mask", "mouth")))
    keep = ~np.isin(kind, left_out)
    undrawn = np.isin(kind, ("original", "plain"))
    for _ in range(2 if hidden else 0):  # who really wears what is looked for is no example of not wearing it
        scores = np.full(len(kind), -np.inf)
        scores[keep] = cross_validate(features[keep], there[keep], source[keep], strength)
        wearers = source[keep & ~there & undrawn & (scores > 1)]
        keep &= there | ~np.isin(source, wearers)
    scores = cross_validate(features[keep], there[keep], source[keep], strength)
    model = fit(features[keep], there[keep], strength)
    right, positive, original = (scores > 0) == there[keep], there[keep], kind[keep] == "original"
    figures = {"sensitivity": round(float(right[positive].mean()), 4), "specificity": round(float(right[~positive].mean()), 4),
               "n": [int(positive.sum()), int((~positive).sum())]}
    if name == "mask":
        figures["real_pictures"], figures["n_real"] = round(float(right[original].mean()), 4), int(original.sum())
    return model.coef_[0], model.intercept_[0], figures


def main():
    parser = argparse.ArgumentParser(description="Trains the attribute probes.")
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--features", required=True)
    parser.add_argument("--pack", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent / "probes")
    options = parser.parse_args()
    originals, drawn = samples(options)
    everything = originals + drawn
    features = np.stack([s.features for s in everything])
    mean, deviation = features.mean(0), features.std(0) + 1e-4
    rows, figures = [], {}
    for name in PROBES:
        coefficients, constant, figures[name] = train(name, (features - mean) / deviation, everything)
        rows.append(np.append(coefficients / deviation, constant - (coefficients * mean / deviation).sum()))
        print(name, figures[name], flush=True)
    (options.out / "probes.bin").write_bytes(np.stack(rows).astype("<f4").tobytes())
    (options.out / "probes.json").write_text(json.dumps({
        "probes": list(PROBES), "features": features.shape[1],
        "layout": "float32, little-endian; for each probe its weights (band-major: 5 row bands x channels), then the constant; "
                  "probability = 1/(1+exp(-sum))",
        "method": "logistic regression, L2, balanced classes, on standardised channel means of features.onnx",
        "training": f"MIT-licensed pictures only (mask-dev, people-dev, face-samples): {len(originals)} faces, and {len(drawn)} "
                    f"pictures drawn from them (packs/train/train.py, seed {SEED})",
        "licence": "MIT", "cross_validated_by_picture": figures}, indent=1) + "\n")


if __name__ == "__main__":
    main()
