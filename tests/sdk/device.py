#!/usr/bin/env python3
"""A device of a liveness session: reads {"token", "verify", "seed"} on standard input, films a simulated person who follows
the script (vultus eval film) and prints {"outcome", "digest"}. The digest is its own; the server's stands in the outcome."""
import hashlib
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request


def call(route, token, body, kind="application/json"):
    request = urllib.request.Request(f"{os.environ['ENDPOINT']}/face/v1.2/{route}", data=body,
                                     headers={"Authorization": f"Bearer {token}", "Content-Type": kind})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def render(script, seed, folder):
    subprocess.run([os.environ["VULTUS_PROGRAM"], "eval", "film", os.environ["CLIP"], folder, "--script", script,
                    "--seed", str(seed)], check=True)
    return sorted(pathlib.Path(folder).glob("*.jpg"))


def payload(token, frames):
    """docs/formats.md, "Liveness payload"."""
    chain, parts = hashlib.sha256(token.encode()).digest(), [b"VLP1"]
    for path in frames:
        jpeg = path.read_bytes()
        head = struct.pack(">II", int(path.stem), len(jpeg))
        chain = hashlib.sha256(chain + head + jpeg).digest()
        parts += [head, chain, jpeg]
    return b"".join(parts), chain.hex().upper()


def main():
    wish = json.load(sys.stdin)
    begun = call("session/start", wish["token"], b"{}")
    drawn = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        frames = render(begun["script"], wish.get("seed", 1), folder)
        film, digest = payload(wish["token"], frames)
        # a film cannot have taken longer than the time since its script was drawn
        time.sleep(max(0, int(frames[-1].stem) / 1000 - (time.monotonic() - drawn)))
        route = "detectLivenessWithVerify/singleModal" if wish.get("verify") else "detectLiveness/singleModal"
        outcome = call(route, wish["token"], film, "application/octet-stream")
    print(json.dumps({"outcome": outcome, "digest": digest}))


main()
