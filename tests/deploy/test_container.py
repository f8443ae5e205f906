"""The Containerfile, its ignore file, the installer and the front, as far as they can be read."""

from __future__ import annotations

import fnmatch
import json
import re
import shutil
import subprocess
from dataclasses import dataclass

import pytest

from scripts.rooms import OUTER, ROOT, rooms
from tests.deploy.files import DEPLOY, parse_command, settings_names
from tests.house.tracked import tracked_files

KNOWN = {
    "ARG", "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL",
    "HEALTHCHECK", "ENTRYPOINT", "CMD",
}  # fmt: skip
ELSEWHERE = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True)
class Instruction:
    """One instruction of a Containerfile, with its lines joined."""

    name: str
    rest: str


def instructions(text: str) -> list[Instruction]:
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", lines)
    return [Instruction(*line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


def containerfile() -> list[Instruction]:
    return instructions((DEPLOY / "Containerfile").read_text())


def complaints(found: list[Instruction]) -> list[str]:
    """What a reader of Containerfiles would object to."""
    told = [f"{i.name} is no instruction" for i in found if i.name not in KNOWN]
    first = next(i for i in found if i.name != "ARG")
    if first.name != "FROM":
        told.append("it does not begin with FROM")
    base = " ".join(i.rest for i in found if i.name in ("ARG", "FROM"))
    if not re.search(r"[\w-]+:\w[\w.-]*", base) or ":latest" in base:
        told.append("the base is not pinned")
    users = [i.rest for i in found if i.name == "USER"]
    if not users or users[-1].split(":")[0] in ("root", "0"):
        told.append("it ends as root")
    for i in found:
        if i.name in ("ENTRYPOINT", "CMD") and not i.rest.startswith("["):
            told.append(f"{i.name} goes through a shell, which swallows signals")
        if i.name in ("RUN", "COPY", "ENV") and re.search(r"https?://|sudo|curl |wget ", i.rest):
            told.append(f"{i.name} fetches something unpinned: {i.rest}")
        if i.name == "RUN" and re.search(r"apt-get|pip ", i.rest):
            told.append("packages are installed elsewhere than in install.sh")
    if not any(i.name == "HEALTHCHECK" for i in found):
        told.append("nobody asks for its health")
    return told


def test_nothing_is_to_be_objected_to() -> None:
    assert complaints(containerfile()) == []


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("USER 10001:10001", "USER root", "ends as root"),
        ('CMD ["serve"]', "CMD greenroom serve", "swallows signals"),
        ("debian:12-slim", "debian:latest", "not pinned"),
        ("RUN deploy/install.sh packages", "RUN apt-get install python3", "elsewhere"),
        ("WORKDIR", "WORKDIRS", "no instruction"),
        ("HEALTHCHECK", "# HEALTHCHECK", "asks for its health"),
    ],
)
def test_a_planted_fault_is_noticed(before: str, after: str, words: str) -> None:
    text = (DEPLOY / "Containerfile").read_text()
    assert before in text
    told = complaints(instructions(text.replace(before, after)))
    assert any(words in one for one in told), told


def test_its_commands_and_settings_exist() -> None:
    found = {i.name: i.rest for i in containerfile()}
    assert json.loads(found["ENTRYPOINT"]) == ["greenroom"]
    parse_command(json.loads(found["CMD"]))
    health = json.loads(found["HEALTHCHECK"].partition("CMD ")[2])
    assert health[0] == "greenroom"
    parse_command(health[1:])
    names = set(re.findall(r"(\w+)=", found["ENV"]))
    assert names - ELSEWHERE <= settings_names()


def test_the_user_of_the_image_is_the_one_that_is_installed() -> None:
    script = (DEPLOY / "install.sh").read_text()
    uid = re.search(r"RUN_UID:-(\d+)", script)
    assert uid is not None
    assert {i.rest for i in containerfile() if i.name == "USER"} == {f"{uid[1]}:{uid[1]}"}
    env = next(i.rest for i in containerfile() if i.name == "ENV")
    for folder in ("HOME_DIR", "CACHE_DIR"):
        made = re.search(rf"{folder}:-([\w/]+)", script)
        assert made is not None
        assert f"={made[1]} " in env


def let_in() -> list[str]:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in lines
    return [line[1:] for line in lines if line.startswith("!")]


def test_the_image_holds_every_room_and_no_other() -> None:
    inside = set(let_in())
    inner = set(rooms()) - set(OUTER)
    present = {room for room in inner if (ROOT / room / "__init__.py").exists()}
    assert present <= inside
    assert not inside & {"tests", "benchmarks", "docs", ".git", "deploy"}
    for name in inside:
        assert (ROOT / name).exists(), name


def test_what_is_copied_is_let_in() -> None:
    for i in containerfile():
        if i.name == "COPY":
            source = i.rest.split()[0]
            assert source == "." or any(fnmatch.fnmatch(source, pattern) for pattern in let_in()), (
                source
            )


def test_nothing_that_runs_reads_what_is_left_out() -> None:
    """Code and data of the rooms lie in the rooms: an image without docs and tests is whole."""
    outside = re.compile(r"\b(ROOT|parents\[\d\])\s*/\s*\"(docs|tests|benchmarks|deploy)\"")
    inner = [f"{room}/*.py" for room in rooms() if room not in OUTER]
    found = [path for path in tracked_files(*inner) if outside.search(path.read_text())]
    assert found == []


@pytest.mark.parametrize("name", ["install.sh", "new-env.sh"])
def test_the_scripts_parse_and_may_be_run(name: str) -> None:
    path = DEPLOY / name
    assert path.stat().st_mode & 0o111
    shell = shutil.which("dash") or "/bin/sh"
    done = subprocess.run([shell, "-n", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "set -eu" in path.read_text()


def test_the_front_keeps_the_desk_from_strangers() -> None:
    text = re.sub(r"#.*", "", (DEPLOY / "nginx.conf").read_text())
    assert text.count("{") == text.count("}")
    stage, desk = text.split("server {")[1:]
    assert "listen 8080" in stage
    for path in ("/operator", "/metrics"):
        assert re.search(rf"location {path} {{\s*return 404;", stage)
    assert "X-Forwarded-For $remote_addr" in stage
    assert "listen 8765" in desk
    assert 'X-Forwarded-For ""' in desk
