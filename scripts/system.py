"""What Greenroom needs from the operating system, and how it gets there on Debian."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

APT_TRIES = 3


@dataclass(frozen=True)
class Need:
    """One library or program, the Debian package that brings it, and what it is for."""

    name: str
    package: str
    purpose: str
    programs: tuple[str, ...] = ()

    def is_met(self) -> bool:
        """Tell whether it can be loaded, or found, on this machine."""
        if not self.programs:
            return _loads(self.name)
        return any(_finds(program) for program in self.programs)


RUNTIME = (Need("libgomp.so.1", "libgomp1", "the embedded language model"),)
DEV = (
    Need("git", "git", "the checks of the repository", ("git",)),
    Need(
        "PostgreSQL server",
        "postgresql",
        "the store's tests",
        ("postgres", "/usr/lib/postgresql/*/bin/postgres"),
    ),
    Need("Redis server", "redis-server", "the tests of several processes", ("redis-server",)),
    Need("libatomic.so.1", "libatomic1", "the driver of the browser tests"),
    Need("Chromium", "chromium", "the tests of the pages", ("chromium", "chromium-browser")),
)


def needs_for(kind: str) -> tuple[Need, ...]:
    """List what running (`runtime`) or testing (`dev`) asks of the system."""
    return (*RUNTIME, *DEV) if kind == "dev" else RUNTIME


def may_install() -> bool:
    """Tell whether this user can install Debian packages without asking anybody."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def ensure(needs: Iterable[Need], *, install: bool) -> None:
    """Install what is missing, or name it with the exact command and stop."""
    missing = [need for need in needs if not need.is_met()]
    if not missing:
        return
    packages = sorted({need.package for need in missing})
    if install:
        print(f"set-up: installing {', '.join(packages)} with apt-get", flush=True)
        _apt_install(packages)
        missing = [need for need in missing if not need.is_met()]
    if missing:
        raise SystemExit(_explain(missing))


def _explain(missing: list[Need]) -> str:
    lines = ["set-up stopped: this machine lacks"]
    lines += [f"  {need.name} (package {need.package}), for {need.purpose}" for need in missing]
    packages = " ".join(sorted({need.package for need in missing}))
    lines += ["Install it, on Debian or Ubuntu with", f"  sudo apt-get install {packages}"]
    return "\n".join([*lines, "and give the command again."])


def _apt_install(packages: list[str]) -> None:
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-q", "-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=300"]
    for attempt in range(1, APT_TRIES + 1):
        update = subprocess.run([*apt, "update"], env=env, stdin=subprocess.DEVNULL, check=False)
        install = subprocess.run(
            [*apt, "install", "-y", "--no-install-recommends", *packages],
            env=env,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        if install.returncode == 0:
            return
        print(
            f"set-up: apt-get failed (update {update.returncode}, install {install.returncode}), "
            f"try {attempt} of {APT_TRIES}",
            flush=True,
        )
        time.sleep(5.0 * attempt)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _finds(program: str) -> bool:
    if program.startswith("/"):
        return any(Path("/").glob(program.lstrip("/")))
    return shutil.which(program) is not None
