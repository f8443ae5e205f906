"""Make `.venv` ready to run (`runtime`) or to test (`dev`); a second call does nothing.

Runs with the machine's own Python and nothing but the standard library. Every package comes
from a lock file with hashes, so what is installed here is what was tested.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shlex
import subprocess
import sys
import time
from pathlib import Path

from scripts import system

ROOT = Path(__file__).resolve().parent.parent
Command = list[str | Path]

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "greenroom-setup.json"
REQUIREMENTS = ROOT / "requirements"
LOCKS = {
    "runtime": ("runtime.txt", "nodeps.txt"),
    "dev": ("dev.txt", "nodeps.txt"),
}
# Nothing is compiled here, so no compiler is needed. The one package without a wheel is plain
# Python and is built by the setuptools of the bootstrap lock, so that its hash is checked too.
SOURCE_ONLY = "feedgen"
WHEELS_ONLY = [
    *("--only-binary", ":all:", "--no-binary", SOURCE_ONLY),
    *("--no-build-isolation-package", SOURCE_ONLY),
]
INSTALL_TRIES = 3
COMMAND = """#!{python}
# Written by scripts/setup.py: the `greenroom` command of this working copy.
import sys

from app.cli.main import main

sys.exit(main())
"""


def fingerprint(kind: str) -> str:
    """Say in one hash what an environment of this kind is made from."""
    digest = hashlib.sha256()
    digest.update(f"{platform.python_version()} {platform.machine()} {ROOT}\n".encode())
    for name in ("bootstrap.txt", *LOCKS[kind]):
        digest.update((REQUIREMENTS / name).read_bytes())
    digest.update(Path(__file__).read_bytes())
    return digest.hexdigest()


def read_stamp() -> dict[str, str]:
    """Return the fingerprints of what was installed, or nothing where none was."""
    if not PYTHON.exists() or not STAMP.exists():
        return {}
    stamp: dict[str, str] = json.loads(STAMP.read_text())
    return stamp


def is_ready(kind: str) -> bool:
    """Tell whether the environment holds what the locks of this kind ask for."""
    return read_stamp().get(kind) == fingerprint(kind)


def make_venv() -> None:
    """Create the environment with the machine's Python, unless a whole one is there."""
    if PYTHON.exists() and _succeeds([PYTHON, "-m", "pip", "--version"]):
        return
    # Nothing there, or what is left of a set-up that was stopped half-way.
    if not _succeeds([sys.executable, "-m", "venv", "--clear", VENV]):
        raise SystemExit(
            "set-up stopped: could not make a virtual environment; "
            "on Debian or Ubuntu: sudo apt-get install python3-venv"
        )


def _succeeds(command: Command) -> bool:
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True).returncode == 0


def install(kind: str) -> None:
    """Install uv from its lock, then everything else with it; retry what a network broke."""
    exactly: Command = ["--no-deps", "--require-hashes"]
    pip: Command = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    retry([*pip, *exactly, "-r", REQUIREMENTS / "bootstrap.txt"])
    locks: Command = []
    for name in LOCKS[kind]:
        locks += ["-r", REQUIREMENTS / name]
    # On a terminal uv shows a person how far the download is; a log needs no list of packages.
    quiet = [] if sys.stderr.isatty() else ["--quiet"]
    uv: Command = [VENV / "bin" / "uv", "pip", "install", *quiet, "--python", PYTHON]
    retry([*uv, *exactly, *WHEELS_ONLY, *locks])


def retry(command: Command) -> None:
    """Run a command that needs the network; its last failure ends the set-up."""
    # Wheels of a hundred megabytes need more than uv's thirty seconds on a slow line.
    env = {"UV_HTTP_TIMEOUT": "180", **os.environ}
    for attempt in range(1, INSTALL_TRIES + 1):
        if subprocess.run(command, cwd=ROOT, env=env, check=False).returncode == 0:
            return
        print(f"set-up: installing failed, try {attempt} of {INSTALL_TRIES}", flush=True)
        time.sleep(2.0 * attempt)
    words = shlex.join(str(word) for word in command)
    raise SystemExit(f"set-up stopped: packages could not be installed with `{words}`")


def make_importable() -> None:
    """Let the environment import our packages from this folder, and add the command."""
    site = subprocess.run(
        [PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    Path(site, "greenroom.pth").write_text(f"{ROOT}\n")
    command = VENV / "bin" / "greenroom"
    command.write_text(COMMAND.format(python=PYTHON))
    command.chmod(0o755)


def bring_bluesky() -> None:
    """Put the real Bluesky network that tests publish on into the user's cache, from its lock."""
    retry([PYTHON, "-m", "tests.support.bluesky.install"])


def remember(kind: str) -> None:
    """Note what is installed; the dev lock holds the whole runtime lock."""
    kinds = ("runtime", "dev") if kind == "dev" else (kind,)
    stamp = read_stamp() | {name: fingerprint(name) for name in kinds}
    fresh = STAMP.with_suffix(".new")
    fresh.write_text(json.dumps(stamp, indent=1) + "\n")
    fresh.replace(STAMP)


def prepare(kind: str) -> None:
    """Bring system libraries and environment to what `kind` needs."""
    # First what may need the operator's hand, so that nobody waits for a download to learn it.
    system.ensure(system.needs_for(kind), install=system.may_install())
    if is_ready(kind):
        return
    began = time.monotonic()
    print(f"set-up: installing the {kind} packages into .venv", flush=True)
    make_venv()
    install(kind)
    make_importable()
    if kind == "dev":
        bring_bluesky()
    remember(kind)
    print(f"set-up: done in {time.monotonic() - began:.0f} s", flush=True)


def main() -> None:
    """Read the command line and prepare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=sorted(LOCKS))
    if sys.version_info < (3, 11) or sys.version_info >= (3, 14):
        raise SystemExit("set-up stopped: Python 3.11, 3.12 or 3.13 is needed")
    prepare(parser.parse_args().kind)


if __name__ == "__main__":
    main()
