"""The locks name every package once, exactly, with hashes, and agree with each other."""

import re
import tomllib
from pathlib import Path

import pytest

from scripts.rooms import ROOT

LOCKS = sorted(
    path for path in (ROOT / "requirements").glob("*.txt") if path.name != "overrides.txt"
)
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+?)(?: ; (.+?))?(?: \\)?$")


def pins(lock: Path) -> dict[str, list[str]]:
    """Read a lock as package and marker to its exact version and hashes."""
    found: dict[str, list[str]] = {}
    for line in lock.read_text().splitlines():
        pin = PIN.match(line)
        if pin:
            current = found.setdefault(f"{pin[1]} {pin[3] or ''}".strip(), [pin[2]])
        else:
            assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?", line), line
            current.append(line.strip(" \\"))
    return found


def canonical(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name
    return re.sub(r"[-_.]+", "-", name[0]).lower()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_has_hashes(lock: Path) -> None:
    found = pins(lock)
    assert found
    assert [name for name, facts in found.items() if len(facts) < 2] == []


def test_what_is_tested_is_what_runs() -> None:
    runtime = pins(ROOT / "requirements" / "runtime.txt")
    dev = pins(ROOT / "requirements" / "dev.txt")
    assert {name: dev.get(name) for name in runtime} == runtime


def test_the_locks_hold_every_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime = {key.split()[0] for key in pins(ROOT / "requirements" / "runtime.txt")}
    dev = {key.split()[0] for key in pins(ROOT / "requirements" / "dev.txt")}
    declared = {canonical(line) for line in project["project"]["dependencies"]}
    for_work = {canonical(line) for line in project["dependency-groups"]["dev"]}
    assert declared - runtime == set()
    assert for_work - dev == set()
