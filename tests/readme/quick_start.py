#!/usr/bin/env python3
"""The README's commands, each as it is printed there: the server starts, its printed curl line answers, the program's
lines work. Exits 77 (skipped) where the pack or port 5000 is not to be had."""
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
ADDRESS = "http://127.0.0.1:5000"
MADE = "found.png", "hidden.png"  # by the README's lines, in the repository's folder


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def home_with_pack(folder):
    """A home whose pack is the one at hand and whose data folder is new."""
    ours = os.environ.get("VULTUS_HOME") or os.environ.get("XDG_DATA_HOME", os.path.expanduser("~/.local/share")) + "/vultus"
    theirs = pathlib.Path(folder, ".local/share/vultus")
    theirs.mkdir(parents=True)
    for name in ("packs", "samples"):
        if not pathlib.Path(ours, name).is_dir():
            skip(f"no {name} in {ours}; script/bootstrap makes them")
        (theirs / name).symlink_to(pathlib.Path(ours, name).resolve())
    left_out = ("VULTUS_", "XDG_")
    return dict({name: value for name, value in os.environ.items() if not name.startswith(left_out)}, HOME=folder)


def port_is_free():
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", 5000))
        except OSError:
            return False
    return True


def shell(line, environment):
    done = subprocess.run(["bash", "-c", line], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{line}\nexit {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def serve(line, environment):
    """Starts the server as printed, pastes its curl line, stops it."""
    process = subprocess.Popen(["bash", "-c", f"exec {line}"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said, pasted = [], None
    try:
        for text in process.stdout:
            said.append(text)
            if text.startswith("try "):
                pasted = text.removeprefix("try ").strip()
                break
        assert pasted, "".join(said)
        assert any(ADDRESS in text for text in said), f"not at {ADDRESS}:\n" + "".join(said)
        face, = json.loads(shell(pasted, environment))
        assert face["faceAttributes"]["mask"]["type"] == "noMask", face
        assert min(face["faceRectangle"].values()) > 0, face
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(10)
    assert code == 0, f"stopping gave {code}"


def use_program(lines, environment):
    try:
        for line in lines:
            assert shell(line, environment), f"{line} said nothing"
        vultus = ROOT / "build/release/vultus"
        faces = [json.loads(shell(f"{vultus} detect --json {name} || [ $? = 1 ]", environment)) for name in MADE]
        assert [len(found["faces"]) for found in faces] == [1, 0], faces
    finally:
        for name in MADE:
            (ROOT / name).unlink(missing_ok=True)


def main():
    (first,), second = [block.strip().splitlines() for block in re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.S)]
    with tempfile.TemporaryDirectory() as folder:
        environment = home_with_pack(folder)
        if not port_is_free():
            skip("port 5000 is in use")
        serve(first, environment)
        use_program(second, environment)
    print(f"quick start: {1 + len(second)} commands ran as printed, and the curl line")


if __name__ == "__main__":
    main()
