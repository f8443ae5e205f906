from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path
from typing import Any

import pytest

from app.roles import Role
from domain.actor import OPERATOR
from domain.run import RunStatus
from tests.app.conftest import Command
from tests.support.homes import BRIEF, quick_label, settled


def _create(greenroom: Command, **changes: str) -> Any:
    made = greenroom(
        "artist", "create", "--brief", BRIEF, "--genre", "synthwave", "--seed", "7", "--json",
        **changes,
    )  # fmt: skip
    assert made.code == 0, made.out + made.err
    return made.json


def test_from_a_brief_to_a_published_song(greenroom: Command) -> None:
    made = _create(greenroom)
    handle = made["artist"]["handle"]
    assert made["artist"]["status"] == "active"
    assert made["profile"]["profile"]["stage_name"] == made["artist"]["stage_name"]

    waiting = greenroom("artist", "run", handle, "--seed", "3", "--json")
    assert waiting.code == 3
    approval_id = waiting.json["approval_id"]
    assert waiting.json["status"] == "waiting"
    (work,) = waiting.json["works"]
    roles = {f["role"]: f["path"] for f in work["files"]}
    assert {"flac", "mp3", "midi", "cover", "lyrics", "score"} <= set(roles)
    assert all(Path(path).is_file() for path in roles.values())
    assert waiting.json["tokens"] > 0
    assert waiting.json["cpu_s"] > 0

    listed = greenroom("approval", "list", "--json")
    assert [a["id"] for a in listed.json] == [approval_id]
    shown = greenroom("approval", "show", approval_id)
    assert work["title"] in shown.out
    done = greenroom("approval", "approve", approval_id, "--json")
    assert (done.code, done.json["status"]) == (0, "succeeded")
    twice = greenroom("approval", "approve", approval_id, "--json")
    assert (twice.code, twice.json["status"]) == (0, "succeeded")
    again = greenroom("approval", "reject", approval_id, "--reason", "music")
    assert again.code == 5
    assert "approved already" in again.err

    runs = greenroom("run", "list", "--artist", handle, "--json").json
    assert [r["run"]["kind"] for r in runs] == ["cycle", "debut"]
    run = greenroom("run", "show", waiting.json["id"])
    assert "publish" in run.out
    assert work["title"] in run.out


def test_an_artist_is_paused_resumed_and_retired(greenroom: Command) -> None:
    handle = _create(greenroom)["artist"]["handle"]
    assert greenroom("artist", "pause", handle).code == 0
    refused = greenroom("artist", "run", handle)
    assert refused.code == 5
    assert f"greenroom artist resume {handle}" in refused.err
    assert greenroom("artist", "resume", handle, "--json").json["status"] == "active"
    assert greenroom("artist", "retire", handle, "--json").json["status"] == "retired"
    assert greenroom("artist", "resume", handle).code == 5
    assert "retired" in greenroom("artist", "list").out
    assert greenroom("artist", "show", "nobody").code == 4


def test_two_homes_are_two_labels(greenroom: Command) -> None:
    _create(greenroom)
    assert "No artists yet" in greenroom("artist", "list", HOME_NAME="other").out


@pytest.mark.parametrize(
    ("brief", "says"),
    [("", "empty"), ("   \n", "empty"), ("x" * 100_000, "100000 characters"), ("12 34!", "words")],
)
def test_a_bad_brief_is_refused_with_its_field(greenroom: Command, brief: str, says: str) -> None:
    refused = greenroom("artist", "create", "--brief", brief, "--json")
    assert refused.code == 2
    assert refused.json["error"]["field"] == "brief"
    assert says in refused.json["error"]["message"]
    assert refused.json["error"]["remedy"]


def test_an_unknown_genre_names_the_ones_there_are(greenroom: Command) -> None:
    refused = greenroom("artist", "create", "--brief", BRIEF, "--genre", "polka", "--json")
    assert refused.code == 2
    assert refused.json["error"]["field"] == "genre"
    assert "synthwave" in refused.json["error"]["remedy"]
    assert greenroom("artist", "list", "--json").json == []


def test_a_bad_setting_is_named(greenroom: Command) -> None:
    refused = greenroom("artist", "list", "--json", REVISIONS="many")
    assert refused.code == 2
    assert refused.json["error"]["field"] == "GREENROOM_REVISIONS"


def test_the_doctor_says_how_to_mend(greenroom: Command) -> None:
    fine = greenroom("doctor", "--json")
    assert fine.code == 0, fine.out
    assert {c["name"] for c in fine.json} == {
        "model", "sound font", "voice", "codecs", "system libraries", "genre packs", "disk",
        "database",
    }  # fmt: skip
    broken = greenroom("doctor", "--json", SOUNDFONT="/nowhere.sf3", DISK_RESERVE_MB="999999999")
    assert broken.code == 8
    ill = {c["name"]: c for c in broken.json if c["verdict"] == "broken"}
    assert set(ill) == {"sound font", "disk"}
    assert all(c["remedy"] for c in ill.values())


def test_the_database_is_upgraded_and_the_command_answers_without_a_home(
    greenroom: Command,
) -> None:
    assert greenroom("db", "upgrade", "--json").json["revision"]
    assert greenroom("--help").code == 0
    assert greenroom("model", "list", "--json").code == 0


def test_the_database_is_taken_back_for_the_release_before(greenroom: Command) -> None:
    assert greenroom("db", "downgrade", "0002", "--json").code == 2
    newest = greenroom("db", "upgrade", "--json").json["revision"]
    refused = greenroom("db", "downgrade", "0815", "--json")
    assert (refused.code, refused.json["error"]["field"]) == (2, "revision")
    assert greenroom("db", "downgrade", "0002", "--json").json == {"revision": "0002"}
    assert greenroom("db", "upgrade", "--json").json["revision"] == newest


@pytest.mark.parametrize("name", ["[/x]", "a b?c#d", "50%", "ü", ".."])
def test_a_name_of_strange_characters_is_just_not_found(greenroom: Command, name: str) -> None:
    refused = greenroom("artist", "show", name, "--json")
    assert (refused.code, refused.json["error"]["code"]) == (4, "not_found")


def test_an_empty_name_is_bad_input(greenroom: Command) -> None:
    assert greenroom("artist", "show", "").code == 2


def test_square_brackets_are_printed_as_they_are(greenroom: Command) -> None:
    refused = greenroom("artist", "create", "--brief", BRIEF, "--genre", "[/bold]")
    assert refused.code == 2
    assert "[/bold]" in refused.err
    ill = greenroom("doctor", SOUNDFONT="/nowhere/[/bold].sf3")
    assert "/nowhere/[/bold].sf3" in ill.out


@pytest.mark.parametrize("address", ["nonsense", "postgresql+psycopg://h:port/x", "mysql://h/x"])
@pytest.mark.parametrize("command", [("artist", "list"), ("db", "upgrade")])
def test_a_bad_database_address_is_bad_input(
    greenroom: Command, command: tuple[str, str], address: str
) -> None:
    refused = greenroom(*command, "--json", DATABASE_URL=address)
    assert (refused.code, refused.json["error"]["field"]) == (2, "database_url")
    assert refused.json["error"]["remedy"]


def test_an_endpoint_without_a_model_names_the_setting_that_is_missing(
    greenroom: Command,
) -> None:
    refused = greenroom("artist", "list", "--json", MODEL_URL="http://127.0.0.1:9/v1")
    assert refused.code == 2
    assert refused.json["error"]["field"] == "GREENROOM_MODEL_NAME"


def test_an_empty_variable_is_no_setting(
    greenroom: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PORT", "SOUNDFONT", "DATABASE_URL", "MODEL_URL"):
        monkeypatch.setenv(f"GREENROOM_{name}", "")
    assert greenroom("doctor").code == 0


def test_looking_and_steering_start_no_work(greenroom: Command, tmp_path: Path) -> None:
    """A run that waits for its turn still waits after them; an owner that works takes it."""

    async def queue_one() -> tuple[str, str]:
        async with quick_label(tmp_path / "home", role=Role.CLIENT) as label:
            artist = await label.house.artists.create(OPERATOR, BRIEF, "synthwave", 7)
            return artist.handle, (await label.house.runs.start(OPERATOR, artist.id, "debut")).id

    async def work() -> RunStatus:
        async with quick_label(tmp_path / "home") as label:
            return (await settled(label, run)).status

    handle, run = asyncio.run(queue_one())
    for command in (
        ("artist", "list"), ("artist", "show", handle), ("run", "list"), ("run", "show", run),
        ("approval", "list"), ("approval", "show", "x"), ("doctor",), ("model", "list"),
        ("work",), ("schedule", "list"),
    ):  # fmt: skip
        assert greenroom(*command).code in (0, 4)
    assert greenroom("run", "show", run, "--json").json["status"] == "queued"
    assert asyncio.run(work()) is RunStatus.SUCCEEDED


def test_the_version_is_the_one_of_the_project(greenroom: Command) -> None:
    project = tomllib.loads((Path(__file__).resolve().parents[2] / "pyproject.toml").read_text())
    told = greenroom("--version")
    assert (told.code, told.out.strip()) == (0, f"greenroom {project['project']['version']}")


def test_a_forced_form_with_several_sections_passes_its_gates(greenroom: Command) -> None:
    handle = _create(greenroom)["artist"]["handle"]
    done = greenroom(
        "artist", "run", handle, "--seed", "3", "--approve", "auto", "--json",
        SONG_FORM="verse:4,chorus:4",
    )  # fmt: skip
    assert (done.code, done.json["status"]) == (0, "succeeded"), done.json["failure"]
    (work,) = done.json["works"]
    assert [s["section"] for s in work["lyrics"]] == ["verse", "chorus"]
    steps = greenroom("run", "show", done.json["id"], "--steps")
    assert '"snapshot"' in steps.out
