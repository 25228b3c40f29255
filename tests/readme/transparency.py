#!/usr/bin/env python3
"""Every command of docs/transparency.md, as it is printed there and in its order, on a fresh data folder: each does what the page
says. Exits 77 (skipped) where the pictures or the pack are not at hand."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from served import PICTURES, ROOT, need_pack, skip  # noqa: E402

PAGE = (ROOT / "docs/transparency.md").read_text()
PROGRAM = pathlib.Path(os.environ["VULTUS_PROGRAM"]).resolve()
EVERY = re.compile(r"^    (vultus .*)$|`(vultus [^`]*)`", re.M)


def commands():
    return [a or b for a, b in EVERY.findall(PAGE)]


def people(folder):
    """The evaluation's folder of persons, and its groups."""
    for person, pictures in {"dad": ("Dad1", "Dad2"), "mom": ("Mom1", "Mom2"), "son": ("Son1", "Son2")}.items():
        (folder / "people" / person).mkdir(parents=True)
        for picture in pictures:
            shutil.copy(PICTURES / f"Family1-{picture}.jpg", folder / "people" / person)
    (folder / "groups.tsv").write_text("dad\tfirst\nson\tfirst\nmom\tsecond\n")


def run(line, folder, names):
    filled = re.sub(r"\b(FOLDER|OTHER-PICTURE|PICTURE|ID)\b", lambda name: str(names[name.group(1)]), line)
    done = subprocess.run(["bash", "-c", filled], cwd=folder, capture_output=True, text=True, timeout=120,
                          env=dict(os.environ, PATH=f"{PROGRAM.parent}:{os.environ['PATH']}", VULTUS_DATA=str(folder / "data")))
    return done.returncode, done.stdout, done.stderr


def check(line, code, said, folder, seen):
    """What the page says of it; an identification names until consent ends."""
    if line.startswith("vultus identify"):
        named = "Test person" in said
        assert named == ("# named" in line), f"{line}\n{said}"
        return
    assert code == 0, f"{line}\nexit {code}\n{said}"
    if line == "vultus audit verify" and "vultus subject erase" in seen:
        assert "sound" in said or "whole" in said, said
    if line.startswith("vultus subject erase"):
        assert json.loads((folder / "receipt.json").read_text())["signature"]


def main():
    if not PICTURES.is_dir():
        skip("the pictures are not at hand")
    need_pack()
    lines = commands()
    assert len(lines) > 15, lines
    # mentioned in the text before its turn: run where the list of commands has it
    early = {"vultus audit verify", "vultus gallery show"}
    seen = ""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        people(folder)
        names = {"FOLDER": "people", "PICTURE": PICTURES / "Family1-Dad1.jpg", "OTHER-PICTURE": PICTURES / "Family1-Dad2.jpg", "ID": "none"}
        for line in lines:
            if line in early and "vultus subject erase" not in seen:
                continue
            code, out, err = run(line, folder, names)
            check(line, code, out + err, folder, seen)
            if line.startswith("vultus gallery show"):
                names["ID"] = re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", out).group(0)
            seen += line + "\n"
        left = [str(p) for p in (folder / "data").rglob("*") if p.is_file() and b"Test person" in p.read_bytes()]
        assert not left, left
    print(f"{len(seen.splitlines())} commands of docs/transparency.md run as printed")


if __name__ == "__main__":
    main()
