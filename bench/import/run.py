#!/usr/bin/env python3
"""Seconds to import a gallery of made-up templates, as `vultus gallery import` prints them.

  bench/import/run.py build/release/vultus [--persons 100000] [--faces 1]

Writes the files that `vultus gallery export` would write (docs/formats.md), imports it into a new data folder, then opens the
gallery once more in a new process and looks for a person that is in it.
"""
import argparse
import ctypes
import ctypes.util
import json
import os
import random
import subprocess
import tempfile
import time
import uuid

sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))
DIMENSION = 512


def seal(plain, context, key):
    nonce = os.urandom(24)
    out = ctypes.create_string_buffer(len(plain) + 16)
    sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
        out, None, plain, ctypes.c_ulonglong(len(plain)), context, ctypes.c_ulonglong(len(context)), None, nonce, key)
    return nonce + out.raw


def template(rng):
    values = [rng.gauss(0, 1) for _ in range(16)] * (DIMENSION // 16)
    values = [v * (1 + 0.5 * rng.random()) for v in values]
    length = sum(v * v for v in values) ** 0.5
    return (ctypes.c_float * DIMENSION)(*[v / length for v in values])


def write_gallery(path, key, persons, faces):
    rng = random.Random(1)
    at = 16
    with open(path, "w") as out, open(path + ".templates", "wb") as templates:
        templates.write(b"VULTTPL 1".ljust(16, b"\0"))
        out.write(json.dumps({"format": "vultus gallery", "version": 1, "name": "made up", "recognitionModel": "recognition_04"}) + "\n")
        for number, person in enumerate(sorted(str(uuid.UUID(int=rng.getrandbits(128), version=4)) for _ in range(persons))):
            line = {"personId": person, "name": f"person {number}", "faces": []}
            for _ in range(faces):
                face = str(uuid.UUID(int=rng.getrandbits(128), version=4))
                context = f"vultus gallery 1\n{person}\n{face}".encode()
                sealed = seal(bytes(template(rng)), context, key)
                line["faces"].append({"persistedFaceId": face, "template": at, "dimension": DIMENSION})
                templates.write(sealed)
                at += len(sealed)
            out.write(json.dumps(line) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--persons", type=int, default=100000)
    parser.add_argument("--faces", type=int, default=1)
    parser.add_argument("--keep", help="a folder for the gallery file, made once and used again")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = args.keep or folder
        gallery, key_file = os.path.join(home, f"gallery-{args.persons}x{args.faces}.jsonl"), os.path.join(home, "transfer.key")
        if not os.path.exists(key_file):
            descriptor = os.open(key_file, os.O_WRONLY | os.O_CREAT, 0o600)
            os.write(descriptor, os.urandom(32).hex().encode() + b"\n")
            os.close(descriptor)
        key = bytes.fromhex(open(key_file).read())
        if not os.path.exists(gallery):
            write_gallery(gallery, key, args.persons, args.faces)
        data = ["--data", os.path.join(folder, "data"), "--evaluation", "--large"]
        begin = time.monotonic()
        subprocess.run([args.program, "gallery", "import", gallery, "--key-file", key_file, *data], check=True)
        print(f"whole command {time.monotonic() - begin:.2f} s")


if __name__ == "__main__":
    main()
