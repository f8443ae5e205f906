"""compose.yaml, against the form of the Compose specification as far as it is used here."""

from __future__ import annotations

import re
import subprocess
from copy import deepcopy
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from runtime.settings import Settings
from tests.deploy.files import DEPLOY, VARIABLE, compose, examples, parse_command, settings_names

OURS = ("api", "worker", "scheduler", "migrate")
ONCE = ("migrate", "bucket")
# Read by others than us: the database driver, the bucket's client, the server's proxy headers.
FOREIGN = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "FORWARDED_ALLOW_IPS"}

Duration = Annotated[str, StringConstraints(pattern=r"^(\d+h)?(\d+m)?(\d+s)?$", min_length=2)]
Size = Annotated[str, StringConstraints(pattern=r"^\d+[kmg]$")]
Scalar = str | int | float | bool


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Build(_Strict):
    context: str
    dockerfile: str


class Health(_Strict):
    test: list[str] | None = None
    interval: Duration | None = None
    timeout: Duration | None = None
    start_period: Duration | None = None
    retries: int | None = None
    disable: bool = False


class Depends(_Strict):
    condition: Literal["service_started", "service_healthy", "service_completed_successfully"]


class Limits(_Strict):
    cpus: str
    memory: Size


class Resources(_Strict):
    limits: Limits


class Deploy(_Strict):
    replicas: int = 1
    resources: Resources


class Logging(_Strict):
    driver: str
    options: dict[str, str]


class Service(_Strict):
    image: str
    build: Build | None = None
    command: list[str] | None = None
    entrypoint: list[str] | None = None
    env_file: list[str] = Field(default_factory=list)
    environment: dict[str, Scalar] = Field(default_factory=dict)
    volumes: list[str] = Field(default_factory=list)
    ports: list[str] = Field(default_factory=list)
    networks: list[str]
    depends_on: dict[str, Depends] = Field(default_factory=dict)
    healthcheck: Health
    restart: Literal["no", "always", "on-failure", "unless-stopped"]
    stop_grace_period: Duration | None = None
    deploy: Deploy | None = None
    init: bool = False
    read_only: bool = False
    tmpfs: list[str] = Field(default_factory=list)
    cap_drop: list[str] = Field(default_factory=list)
    security_opt: list[str]
    logging: Logging
    user: str | None = None
    shm_size: Size | None = None


class File(_Strict):
    name: str
    services: dict[str, Service]
    volumes: dict[str, None]
    networks: dict[str, Any]


def read(found: dict[str, Any]) -> File:
    """The file without its extension fields, which the specification leaves to us."""
    return File.model_validate({k: v for k, v in found.items() if not k.startswith("x-")})


@pytest.fixture(scope="module")
def file() -> File:
    return read(compose())


def seconds(duration: str) -> int:
    units = {"h": 3600, "m": 60, "s": 1}
    return sum(int(n) * units[u] for n, u in re.findall(r"(\d+)([hms])", duration))


@pytest.mark.parametrize(
    "break_it",
    [
        lambda s: s.update(restart="unless-stoped"),
        lambda s: s.update(heathcheck={}),
        lambda s: s.update(ports=[8080]),
        lambda s: s["deploy"]["resources"]["limits"].update(memory="1 GB"),
        lambda s: s.update(stop_grace_period="90"),
        lambda s: s["depends_on"].update(redis={"condition": "healthy"}),
    ],
)
def test_a_mistake_is_noticed(break_it: Any) -> None:
    broken = deepcopy(compose())
    break_it(broken["services"]["worker"])
    with pytest.raises(ValidationError):
        read(broken)


def test_what_services_name_is_there(file: File) -> None:
    for name, service in file.services.items():
        assert set(service.networks) <= set(file.networks), name
        assert set(service.depends_on) <= set(file.services), name
        for volume in service.volumes:
            source = volume.partition(":")[0]
            there = (DEPLOY / source).is_file() if source[0] == "." else source in file.volumes
            assert there, volume
    used = {v.partition(":")[0] for s in file.services.values() for v in s.volumes}
    assert set(file.volumes) <= used


def test_whoever_waits_can_be_answered(file: File) -> None:
    for name, service in file.services.items():
        for other, depends in service.depends_on.items():
            target = file.services[other]
            if depends.condition == "service_healthy":
                assert target.healthcheck.test, f"{name} waits for {other}"
                assert target.restart != "no"
            elif depends.condition == "service_completed_successfully":
                assert target.restart == "no", f"{name} waits for the end of {other}"


def test_every_service_that_stays_is_guarded(file: File) -> None:
    for name, service in file.services.items():
        if name in ONCE:
            assert (service.restart, service.healthcheck.disable) == ("no", True)
            continue
        assert service.restart == "unless-stopped", name
        assert service.healthcheck.test, name
        assert service.healthcheck.test[0] in ("CMD", "CMD-SHELL")
        assert service.deploy is not None, name
        assert service.stop_grace_period is not None, name
        assert "no-new-privileges:true" in service.security_opt, name


def test_the_parts_of_a_label_are_there(file: File) -> None:
    assert set(file.services) == {
        *OURS, "front", "postgres", "redis", "chroma", "s3", "bucket"
    }  # fmt: skip
    api, scheduler = file.services["api"].deploy, file.services["scheduler"].deploy
    assert api is not None
    assert scheduler is not None
    assert (api.replicas, scheduler.replicas) == (2, 2)


@pytest.mark.parametrize("name", OURS)
def test_ours_run_commands_that_exist_as_nobody_special(file: File, name: str) -> None:
    service = file.services[name]
    assert service.command is not None
    parse_command(service.command)
    if service.healthcheck.test:
        head, greenroom, *words = service.healthcheck.test
        assert (head, greenroom) == ("CMD", "greenroom")
        parse_command(words)
        assert words[-1] == service.command[0]
    assert (service.read_only, service.cap_drop, service.init) == (True, ["ALL"], True)


@pytest.mark.parametrize("name", OURS)
def test_the_settings_given_to_ours_exist(file: File, name: str) -> None:
    given = set(file.services[name].environment)
    assert given - FOREIGN <= settings_names()
    values = {
        key.removeprefix("GREENROOM_").lower(): VARIABLE.sub("x", str(value))
        for key, value in file.services[name].environment.items()
        if key.startswith("GREENROOM_")
    }
    Settings.model_validate(values)


def test_what_is_asked_of_the_environment_is_in_the_example() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    known = examples(DEPLOY / "env.example")
    asked = {match[1] for match in VARIABLE.finditer(text)}
    assert asked
    assert asked <= set(known)
    required = set(re.findall(r"\$\{(\w+):\?", text))
    assert {name for name, value in known.items() if value == "change-me"} == {
        *required,
        "GREENROOM_TOKEN",
    }


def test_a_worker_has_longer_to_stop_than_it_takes_to_drain(file: File) -> None:
    grace = file.services["worker"].stop_grace_period
    assert grace is not None
    drain_s = max(Settings().drain_s, float(examples(DEPLOY / "env.example")["GREENROOM_DRAIN_S"]))
    assert seconds(grace) >= drain_s + 15


def test_only_the_stage_is_open_to_others(file: File) -> None:
    ports = {name: service.ports for name, service in file.services.items() if service.ports}
    assert set(ports) == {"front"}
    public = [port for port in ports["front"] if not port.startswith("127.0.0.1:")]
    assert [port.rpartition(":")[2] for port in public] == ["8080"]


def test_images_are_pinned_and_name_no_registry(file: File) -> None:
    for service in file.services.values():
        name, _, tag = service.image.rpartition(":")
        assert tag not in ("", "latest"), service.image
        assert "." not in name.partition("/")[0], service.image


def test_the_desks_network_is_the_one_that_is_trusted(file: File) -> None:
    subnet = file.networks["label"]["ipam"]["config"][0]["subnet"]
    given = file.services["api"].environment
    assert given["GREENROOM_OPERATOR_NETWORKS"] == given["FORWARDED_ALLOW_IPS"] == subnet


def test_new_secrets_are_fresh_and_whole() -> None:
    def fresh() -> str:
        script = [str(DEPLOY / "new-env.sh")]
        return subprocess.run(script, check=True, capture_output=True, text=True).stdout

    first, second = fresh(), fresh()
    assert "change-me" not in first
    secrets = set(re.findall(r"^\w+=([0-9a-f]{48})$", first, re.MULTILINE))
    assert len(secrets) == 4
    assert not secrets & set(re.findall(r"[0-9a-f]{48}", second))
    plain = [line for line in first.splitlines() if not re.search(r"=[0-9a-f]{48}$", line)]
    template = (DEPLOY / "env.example").read_text().splitlines()
    assert plain == [line for line in template if not line.endswith("=change-me")]


def test_a_forwarded_scheme_and_address_are_believed_of_a_named_proxy_only() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    said = "\n".join(line for line in text.splitlines() if not line.strip().startswith("#"))
    assert "set_real_ip_from" not in said, "nobody is trusted until somebody is named"
    assert "real_ip_header X-Forwarded-For;" in said
    assert '"1 https" https;' in said
    assert "proxy_set_header X-Forwarded-Proto $visitor_scheme;" in said
    # The address to be named is that of the label's own gateway, in both places.
    named = re.findall(r"# (?:set_real_ip_from )?(172\.31\.77\.1)(?: 1)?;", text)
    assert len(named) == 2
