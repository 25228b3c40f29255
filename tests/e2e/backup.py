#!/usr/bin/env python3
"""The lines of docs/operations.md, "Backup", as they are printed, while the server is written to: what was there before is in
the restored folder, searches answer as before, and keys stay valid. Exits 77 (skipped) where the pictures or the pack are
not at hand."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from served import PICTURES, ROOT, Server, need_pack, skip  # noqa: E402

HOME, OTHER = "/face/v1.2/persongroups/g", "/face/v1.2/persongroups/busy"
IMAGE = "application/octet-stream"


def printed_lines():
    section = (ROOT / "docs/operations.md").read_text().split("\n## Backup\n")[1].split("\n## ")[0]
    lines = [line.strip() for line in section.splitlines() if line.startswith("    ")]
    assert len(lines) == 2 and "backup" in lines[0] and "restore" in lines[1], lines
    return lines


def run(line, folder):
    """The line with its placeholders filled and the program that is tested."""
    names = {"DIR": folder / "data", "NEW": folder / "new", "FILE": folder / "copy", "vultus": os.environ["VULTUS_PROGRAM"]}
    filled = re.sub(r"\b(DIR|NEW|FILE|vultus)\b", lambda name: str(names[name.group(1)]), line)
    done = subprocess.run(["bash", "-c", filled], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"


def identified(server, picture):
    face = server.must("POST", "/face/v1.2/detect?recognitionModel=recognition_04", picture, IMAGE)[0][0]["faceId"]
    return server.must("POST", "/face/v1.2/identify", {"faceIds": [face], "personGroupId": "g"})[0][0]["candidates"]


def write_on(server, picture, enough):
    """Persons of another group until told to stop; on a connection of its own."""
    busy = Server.__new__(Server)
    busy.connection = type(server.connection)("127.0.0.1", server.port, timeout=60)
    while not enough.is_set():
        person = busy.must("POST", OTHER + "/persons", {"name": "p"})[0]["personId"]
        busy.must("POST", f"{OTHER}/persons/{person}/persistedfaces", picture, IMAGE)


def main():
    if not PICTURES.is_dir():
        skip("the pictures are not at hand")
    need_pack()
    os.environ["VULTUS_PROGRAM"] = os.path.abspath(os.environ["VULTUS_PROGRAM"])
    dad, other = ((PICTURES / name).read_bytes() for name in ("Family1-Dad1.jpg", "Family1-Dad2.jpg"))
    backup, restore = printed_lines()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        server = Server(PICTURES, "--log-level", "error", folder=str(folder / "data"))
        for home in HOME, OTHER:
            server.must("PUT", home, {"name": "g", "recognitionModel": "recognition_04"})
        person = server.must("POST", HOME + "/persons", {"name": "Dad", "userData": "u"})[0]["personId"]
        server.must("POST", f"{HOME}/persons/{person}/persistedfaces", dad, IMAGE)
        server.must("POST", HOME + "/train")
        enough = threading.Event()
        writer = threading.Thread(target=write_on, args=(server, dad, enough))
        writer.start()
        run(backup, folder)
        enough.set()
        writer.join()
        before, held = identified(server, other), server.must("GET", f"{HOME}/persons/{person}")[0]
        server.close()
        run(restore, folder)
        server = Server(PICTURES, "--log-level", "error", folder=str(folder / "new"))
        assert before and identified(server, other) == before, before
        assert server.must("GET", f"{HOME}/persons/{person}")[0] == held
        busy = server.must("GET", OTHER + "/persons")[0]
        server.close()
    print(f"backup and restore as printed; {len(busy)} persons of the group that was written to are in the copy")


if __name__ == "__main__":
    main()
