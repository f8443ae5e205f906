"""`greenroom provider` against a real label in a folder, with scripted providers."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.actor import OPERATOR, artist_actor
from domain.errors import ProviderUnavailable
from domain.ports.providers import Generated, GeneratedFile, JobState
from services.generation.song import usual_song
from tests.app.conftest import Command
from tests.support.label import open_label
from tools.vendors.scripted_music import Fault, ScriptedMusic


class Terminal(io.StringIO):
    """Standard input as a person's terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[io.StringIO], None]:
    return lambda text: monkeypatch.setattr("sys.stdin", text)


def make_songs(home: Path, *faults: Fault) -> list[str]:
    """Songs by the connected alpha, each with its fault; gives the jobs' ids, oldest first."""

    async def work() -> list[str]:
        async with open_label(home) as label:
            label.far["alpha"].faults = list(faults)
            for number in range(len(faults)):
                await label.generation.make(
                    artist_actor("artist_01"),
                    usual_song(),
                    key=f"song-{number}",
                    out_dir=home / "scratch",
                    progress=lambda stage, fraction: None,
                )
            return [job.id for job in reversed(await label.generation.jobs(OPERATOR))]

    return asyncio.run(work())


def connect(greenroom: Command, type_in: Callable[[io.StringIO], None], key: str = "k-1") -> Any:
    type_in(io.StringIO(f"{key}\n"))
    return greenroom("provider", "connect", "alpha", "--json").json


def test_the_list_without_any(home: Path, greenroom: Command) -> None:
    answer = greenroom("provider", "list")
    assert answer.code == 0
    assert "alpha" in answer.out
    assert "$0.25" in answer.out
    assert "provider connect NAME" in answer.out


def test_a_key_from_standard_input(
    home: Path, greenroom: Command, type_in: Callable[[io.StringIO], None]
) -> None:
    status = connect(greenroom, type_in)
    assert (status["connected"], status["health"]) == (True, "healthy")
    assert (home / "secrets" / "provider-alpha-key").read_text() == "k-1"
    listed = greenroom("provider", "list")
    assert "healthy" in listed.out
    assert "k-1" not in listed.out
    assert "connect NAME" not in listed.out


def test_a_key_at_a_hidden_prompt(
    home: Path, greenroom: Command, type_in: Callable[[io.StringIO], None]
) -> None:
    asked: list[tuple[str, bool]] = []

    def prompt(text: str, *, hide_input: bool, **_: Any) -> str:
        asked.append((text, hide_input))
        return "typed-secret" if "key" in text else ""

    type_in(Terminal())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.prompt", prompt)
        answer = greenroom("provider", "connect", "alpha")
    assert asked == [
        ("Alpha, key", True),
        ("Alpha, webhook secret (may stay empty)", True),
    ]
    assert "the key is good for 40 songs" in answer.out
    assert "typed-secret" not in answer.out + answer.err
    assert [f.name for f in (home / "secrets").iterdir()] == ["provider-alpha-key"]


@pytest.mark.parametrize("given", ["key=k-1", "webhook_secret=x", "key"])
def test_a_secret_is_never_an_argument(home: Path, greenroom: Command, given: str) -> None:
    answer = greenroom("provider", "connect", "alpha", "--set", given, "--json")
    assert answer.code == 2
    assert answer.json["error"]["field"] == "--set"
    assert not (home / "secrets").exists()


def test_other_fields_are_checked_by_name(
    home: Path, greenroom: Command, type_in: Callable[[io.StringIO], None]
) -> None:
    type_in(io.StringIO("k-1\n"))
    answer = greenroom("provider", "connect", "alpha", "--set", "adress=http://x", "--json")
    assert (answer.code, answer.json["error"]["field"]) == (2, "adress")


def test_an_empty_pipe_names_the_field(
    home: Path, greenroom: Command, type_in: Callable[[io.StringIO], None]
) -> None:
    type_in(io.StringIO(""))
    answer = greenroom("provider", "connect", "alpha")
    assert answer.code == 2
    assert "(key)" in answer.err


def test_an_unknown_name(home: Path, greenroom: Command) -> None:
    for verb in ("connect", "disconnect", "check"):
        answer = greenroom("provider", verb, "alhpa")
        assert answer.code == 4
        assert "alpha" in answer.err


def test_check_and_disconnect(
    home: Path, greenroom: Command, type_in: Callable[[io.StringIO], None]
) -> None:
    connect(greenroom, type_in)
    assert "40 songs" in greenroom("provider", "check", "alpha").out
    assert "not connected" in greenroom("provider", "disconnect", "alpha").out
    assert greenroom("provider", "check", "alpha").code == 2


def test_jobs_tell_who_made_what(
    home: Path, greenroom: Command, type_in: Callable[[io.StringIO], None]
) -> None:
    assert "No song was made yet." in greenroom("provider", "jobs").out
    connect(greenroom, type_in)
    make_songs(home, Fault.NONE, Fault.DOWN)
    answer = greenroom("provider", "jobs")
    assert "the only connected provider that can make it" in answer.out
    assert "the service answers 503" in answer.out
    found = greenroom("provider", "jobs", "--limit", "2", "--json").json
    assert [job["provider"] for job in found] == ["plain", "alpha"]
    assert "No job's outcome is unknown" in greenroom("provider", "jobs", "--unknown").out


def test_an_unknown_job_is_looked_up_and_settled(
    home: Path, greenroom: Command, type_in: Callable[[io.StringIO], None]
) -> None:
    connect(greenroom, type_in)
    unknown, _ = make_songs(home, Fault.BILLED_AND_SILENT)
    assert unknown in greenroom("provider", "jobs", "--unknown").out
    # The scripted service of a new process has never heard of the job.
    assert "cannot tell yet" in greenroom("provider", "look-up", unknown).out
    assert greenroom("provider", "settle", unknown, "maybe").code == 2
    assert greenroom("provider", "settle", unknown, "done", "--cost", "-1").code == 2
    settled = greenroom("provider", "settle", unknown, "done", "--cost", "0.3", "--json").json
    assert (settled["status"], settled["cost_usd"]) == ("done", 0.3)
    assert greenroom("provider", "settle", unknown, "failed").code == 5


def test_a_song_found_later_is_shown_where_it_lies(
    home: Path,
    greenroom: Command,
    type_in: Callable[[io.StringIO], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connect(greenroom, type_in)
    unknown, _ = make_songs(home, Fault.BILLED_AND_SILENT)
    file = home / "scratch" / "found" / "song.wav"

    async def find(*_: object) -> str:
        return "job-found"

    async def poll(*_: object) -> JobState:
        return JobState.DONE

    async def fetch(*_: object) -> Generated:
        if not file.exists():
            raise ProviderUnavailable("the download answers 502")
        song = GeneratedFile(role="recording", path=file, media_type="audio/wav")
        return Generated(files=(song,), cost_usd=0.25)

    for method in (find, poll, fetch):
        monkeypatch.setattr(ScriptedMusic, method.__name__, method)
    first = greenroom("provider", "look-up", unknown).out
    assert "The song is not here: the download answers 502" in first
    assert f"provider look-up {unknown}" in first
    file.parent.mkdir(parents=True)
    file.write_bytes(b"sound")
    second = greenroom("provider", "look-up", unknown).out.splitlines()
    assert second == ["alpha: done, $0.25 quoted", str(file)]


def test_words_of_providers_are_no_markup(
    home: Path, greenroom: Command, type_in: Callable[[io.StringIO], None]
) -> None:
    connect(greenroom, type_in)

    async def spoil() -> None:
        async with open_label(home) as label:
            made = await label.generation.make(
                artist_actor("artist_01"),
                usual_song(),
                key="song-0",
                out_dir=home / "scratch",
                progress=lambda stage, fraction: None,
            )
            job = await label.generation.job(OPERATOR, made.job_id)
            async with label.database.unit() as unit:
                route = job.route.model_copy(update={"why": "[/red] out"})
                await unit.generations.save(job.amend(label.clock.now(), route=route))
                await unit.commit()

    asyncio.run(spoil())
    assert "[/red] out" in greenroom("provider", "jobs").out
