"""`greenroom schedule` and `greenroom hold` against a real label in a folder."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.cli import schedule
from app.client import LabelClient
from domain.actor import SYSTEM
from tests.app.conftest import WHO, Command
from tests.support.label import open_label


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine stands in Berlin."""
    monkeypatch.setenv("TZ", "Europe/Berlin")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_rhythm_is_set_in_this_machines_zone_and_listed(
    greenroom: Command, debuted: Path
) -> None:
    made = greenroom("schedule", "set", WHO, "weekdays at 9")
    assert made.code == 0
    assert f"@{WHO}: weekdays at 09:00" in made.out
    assert "Europe/Berlin" in made.out
    assert made.out.count("May, 09:00") == 6
    (listed,) = greenroom("schedule", "list", "--json").json
    assert (listed["rhythm"], listed["tz"]) == ("weekdays at 09:00", "Europe/Berlin")
    assert moment(listed["next_at"]) == datetime(2026, 5, 5, 7, tzinfo=UTC)
    for shown in (greenroom("schedule", "list"), greenroom("schedule", "list", "--artist", WHO)):
        assert "weekdays at 09:00" in shown.out
    coming = greenroom("schedule", "next", "--limit", "3", "--json").json
    assert coming[0]["at"] == listed["next_at"]
    assert f"@{WHO}" in greenroom("schedule", "next").out


def test_a_change_keeps_the_zone_and_what_it_does_not_name(
    greenroom: Command, debuted: Path
) -> None:
    greenroom("schedule", "set", WHO, "daily at 9", "--tz", "Asia/Tokyo", "--quiet", "22-8")
    changed = greenroom("schedule", "set", WHO, "--jitter", "10", "--json").json["schedule"]
    assert (changed["tz"], changed["rhythm"], changed["quiet"], changed["jitter_minutes"]) == (
        "Asia/Tokyo",
        "daily at 09:00",
        "22:00-08:00",
        10,
    )
    none = greenroom("schedule", "set", WHO, "--quiet", "none", "--no-catch-up", "--json").json
    assert (none["schedule"]["quiet"], none["schedule"]["catch_up"]) == (None, False)


def test_a_preview_saves_nothing(greenroom: Command, debuted: Path) -> None:
    seen = greenroom("schedule", "set", WHO, "twice a week", "--preview")
    assert "Nothing was saved" in seen.out
    whole = greenroom("schedule", "set", WHO, "twice a week", "--preview", "--json").json
    assert (len(whole["next"]), whole["saved"]) == (5, False)
    empty = greenroom("schedule", "list")
    assert "schedule set" in empty.out
    assert greenroom("schedule", "list", "--json").json == []


@pytest.mark.parametrize(
    ("arguments", "field", "words"),
    [
        (("now and then",), "rhythm", "twice a week"),
        (("61 * * * *",), "rhythm", "bad minute"),
        (("daily", "--tz", "Mars/Olympus"), "tz", "Europe/Berlin"),
        (("daily", "--quiet", "at night"), "quiet", "22:00-8:00"),
        ((), "rhythm", "twice a week"),
    ],
)
def test_what_is_wrong_is_named_with_a_remedy(
    greenroom: Command, debuted: Path, arguments: tuple[str, ...], field: str, words: str
) -> None:
    told = greenroom("schedule", "set", WHO, *arguments)
    assert told.code == 2
    assert words in told.err
    error = greenroom("schedule", "set", WHO, *arguments, "--json").json["error"]
    assert error["field"] == field


def test_schedules_are_paused_resumed_and_removed(greenroom: Command, debuted: Path) -> None:
    greenroom("schedule", "set", WHO, "after each release", "--name", "thanks")
    assert "with the next release" in greenroom("schedule", "list").out
    assert "paused" in greenroom("schedule", "pause", WHO, "--name", "thanks").out
    assert "paused" in greenroom("schedule", "list").out
    resumed = greenroom("schedule", "resume", WHO, "--name", "thanks", "--json").json
    assert resumed["enabled"] is True
    missing = greenroom("schedule", "remove", WHO)
    assert missing.code == 4
    assert "thanks" in missing.err
    assert "gone" in greenroom("schedule", "remove", WHO, "--name", "thanks").out
    assert "Nothing is planned" in greenroom("schedule", "next").out


def test_the_list_tells_what_became_of_the_last_slot(greenroom: Command, debuted: Path) -> None:
    greenroom("schedule", "set", WHO, "every 6 hours")

    async def fire(hours: int) -> None:
        async with open_label(debuted) as label:
            label.clock.advance(timedelta(hours=hours))
            await label.schedules.fire_due(SYSTEM)

    asyncio.run(fire(6))
    assert " ran" in greenroom("schedule", "list").out
    asyncio.run(fire(12))
    assert "skipped: the run before has not ended" in greenroom("schedule", "list").out


def test_running_now_begins_what_the_schedule_would(
    greenroom: Command, debuted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed: list[str] = []

    async def follow(client: LabelClient, run_id: str, **_: object) -> dict[str, Any]:
        followed.append(run_id)
        found: dict[str, Any] = await client.get("runs", run_id)
        return found | {"status": "succeeded"}

    monkeypatch.setattr(schedule, "follow", follow)
    greenroom("schedule", "set", WHO, "daily at 9")
    done = greenroom("schedule", "run-now", WHO, "--json")
    assert (done.code, done.json["id"]) == (0, followed[0])
    again = greenroom("schedule", "run-now", WHO)
    assert again.code == 5
    assert "has not ended" in again.err


def test_everything_is_held_and_goes_on(greenroom: Command, debuted: Path) -> None:
    assert "Nothing is held" in greenroom("hold", "--show").out
    held = greenroom("hold", "--why", "moving house")
    assert "moving house" in held.out
    assert "hold --lift" in held.out
    assert greenroom("hold", "--show", "--json").json["held"] is True
    greenroom("schedule", "set", WHO, "daily at 9")
    assert "moving house" in greenroom("schedule", "next").out
    assert "Nothing is held" in greenroom("hold", "--lift").out
    assert greenroom("hold", "--show", "--json").json == {"held": False, "hold": None}
    assert greenroom("hold", "--lift", "--why", "both").code == 2


@pytest.mark.parametrize(
    ("told", "zone"), [("Asia/Tokyo", "Asia/Tokyo"), (":America/Lima", "America/Lima")]
)
def test_this_machines_zone_is_what_it_is_told(
    told: str, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", told)
    assert schedule.local_zone() == zone
