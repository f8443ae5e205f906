"""The systemd units: read by our own eyes everywhere, by systemd's where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from runtime.settings import Settings
from tests.deploy.files import DEPLOY, examples, parse_command, settings_names

UNITS = DEPLOY / "systemd"
COMMAND = "/usr/local/bin/greenroom"
NAMES = (
    "greenroom.service",
    "greenroom-api@.service",
    "greenroom-migrate.service",
    "greenroom-scheduler.service",
    "greenroom-worker@.service",
)
Unit = dict[str, dict[str, list[str]]]


def read(text: str) -> Unit:
    """Sections with their keys; a key may stand more than once."""
    found: Unit = {}
    section: dict[str, list[str]] = defaultdict(list)
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if head := re.fullmatch(r"\[(\w+)\]", line):
            section = found.setdefault(head[1], defaultdict(list))
            continue
        key, sign, value = line.partition("=")
        assert sign, line
        section[key].append(value)
    return found


def unit(name: str) -> Unit:
    return read((UNITS / name).read_text())


def test_all_units_are_known() -> None:
    assert sorted(path.name for path in UNITS.iterdir()) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_its_command_and_settings_exist(name: str) -> None:
    service = unit(name)["Service"]
    (line,) = service["ExecStart"]
    command, *words = line.split()
    assert command == COMMAND
    parse_command(words)
    given = {pair.partition("=")[0] for text in service["Environment"] for pair in text.split()}
    assert given <= settings_names()
    assert service["EnvironmentFile"] == ["-/etc/greenroom/greenroom.env"]


@pytest.mark.parametrize("name", NAMES)
def test_it_can_write_to_its_own_folders_only(name: str) -> None:
    service = unit(name)["Service"]
    for key, value in (
        ("User", "greenroom"),
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("CapabilityBoundingSet", ""),
        ("StateDirectory", "greenroom"),
        ("CacheDirectory", "greenroom"),
        ("KillMode", "mixed"),
    ):
        assert service[key] == [value], key
    env = " ".join(service["Environment"])
    assert "GREENROOM_HOME=/var/lib/greenroom" in env
    assert "GREENROOM_CACHE_DIR=/var/cache/greenroom" in env


def test_all_are_kept_apart_from_the_host_alike() -> None:
    blocks = {
        (UNITS / name).read_text().split("# It writes to")[1].split("\n[")[0] for name in NAMES
    }
    assert len(blocks) == 1


@pytest.mark.parametrize("name", [name for name in NAMES if "migrate" not in name])
def test_it_comes_back_and_has_time_to_end(name: str) -> None:
    found = unit(name)
    service = found["Service"]
    assert service["Restart"] == ["always"]
    assert found["Unit"]["StartLimitIntervalSec"] == ["0"]
    # A requirement that fails would keep systemd from ever trying again.
    assert "Requires" not in found["Unit"]
    if "worker" in name or name == "greenroom.service":
        drain_s = examples(DEPLOY / "env.example")["GREENROOM_DRAIN_S"]
        assert float(service["TimeoutStopSec"][0]) >= max(Settings().drain_s, float(drain_s)) + 15


def test_instances_give_their_port() -> None:
    for name, setting in (
        ("greenroom-api@.service", "GREENROOM_PORT=%i"),
        ("greenroom-worker@.service", "GREENROOM_METRICS_PORT=%i"),
    ):
        assert setting in unit(name)["Service"]["Environment"]


def verify(folder: Path, *names: str) -> str:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd is not installed here")
    done = subprocess.run(
        [tool, "verify", "--man=no", *names],
        cwd=folder, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    mine = [line for line in done.stderr.splitlines() if "greenroom" in line]
    return "\n".join(mine) + ("failed" if done.returncode else "")


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units with an instance each, calling a program that is here."""
    for name in NAMES:
        text = (UNITS / name).read_text().replace(COMMAND, "/bin/true")
        for instance in (name, name.replace("@", "@9464")):
            (tmp_path / instance).write_text(text)
    return tmp_path


def test_systemd_has_nothing_to_say(installed: Path) -> None:
    assert verify(installed, *(name.replace("@", "@9464") for name in NAMES)) == ""


def test_systemd_would_notice_a_fault(installed: Path) -> None:
    path = installed / "greenroom.service"
    path.write_text(path.read_text().replace("Restart=always", "Restart=allways"))
    assert "allways" in verify(installed, path.name)
