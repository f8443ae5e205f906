"""A client stops what it started, and steers as a person does on the pages."""

from __future__ import annotations

from mcp import Client

from domain.actor import OPERATOR, SYSTEM
from domain.artist import Artist
from domain.errors import Conflict
from tests.api.mcp.conftest import connected
from tests.api.mcp.test_tools import names, refused, told
from tests.support.label import TestLabel, debut, profile
from tests.support.people import joined, key


async def test_a_run_is_ended_by_whoever_started_it(client: Client, artist: Artist) -> None:
    run = await told(client, "start_run", artist=artist.handle)
    ended = await told(client, "cancel_run", run_id=run["id"], why="wrong day")
    assert (ended["status"], ended["artist"]) == ("cancelled", artist.handle)
    assert (await told(client, "cancel_run", run_id=run["id"]))["status"] == "cancelled"
    assert "conflict" in await refused(client, "resume_run", run_id=run["id"])
    assert "not_found" in await refused(client, "cancel_run", run_id="run_nobodys")


async def test_a_failed_run_goes_on(client: Client, label: TestLabel, artist: Artist) -> None:
    run = await label.runs.start(OPERATOR, artist.handle)
    await label.runs.begin(SYSTEM, run.id)
    await label.runs.fail(SYSTEM, run.id, "plan", Conflict("the plan argues with itself"))
    assert (await told(client, "resume_run", run_id=run.id))["status"] == "queued"


async def test_an_artist_is_stopped_at_once_and_starts_nothing_more(
    client: Client, artist: Artist
) -> None:
    run = await told(client, "start_run", artist=artist.handle)
    stopped = await told(client, "stop_artist", artist=artist.handle, why="wrong words")
    assert (stopped["status"], stopped["runs"]) == ("paused", [run["id"]])
    assert "conflict" in await refused(client, "start_run", artist=artist.handle)
    assert (await told(client, "stop_artist", artist=artist.handle))["runs"] == []


async def test_steering_is_read_and_changed_by_whoever_saw_it(
    client: Client, artist: Artist
) -> None:
    seen = await told(client, "show_steering", artist=artist.handle)
    assert (seen["level"], seen["posts_day"]) == (None, None)
    change = {"posts_day": 2, "budgets": {"usd_day": 1.5}}
    asked = {"artist": artist.handle, "version": seen["version"]}
    changed = await told(client, "change_steering", **asked, change=change)
    assert (changed["posts_day"], changed["limits"]["usd_day"]) == (2, 1.5)
    assert "stale_version" in await refused(client, "change_steering", **asked, change=change)
    asked["version"] = changed["version"]
    assert "quiet" in await refused(
        client,
        "change_steering",
        **asked,
        change={"quiet": {"start": "22:00", "end": "22:00"}},
    )
    opened = await told(client, "change_steering", **asked, change={"posts_day": None})
    assert (opened["posts_day"], opened["budgets"]["usd_day"]) == (None, 1.5)


async def test_a_profile_is_read_and_edited_and_its_versions_stay(
    client: Client, artist: Artist
) -> None:
    seen = await told(client, "show_profile", artist=artist.handle)
    wanted = seen["profile"] | {"biography": "Steers the last ferry, and sings to it."}
    edit = {"artist": artist.handle, "version": seen["version"], "reason": "a truer story"}
    edited = await told(client, "edit_profile", **edit, profile=wanted)
    assert edited["version"] == seen["version"] + 1
    assert edited["profile"]["biography"] == wanted["biography"]
    assert "stale_version" in await refused(client, "edit_profile", **edit, profile=wanted)
    listed = await told(client, "list_profile_versions", artist=artist.handle)
    assert listed["versions"][-1]["reason"] == "a truer story"
    first = await told(client, "show_profile", artist=artist.handle, version=seen["version"])
    assert first["profile"] == seen["profile"]
    edit["version"] = edited["version"]
    torn = wanted | {"music": wanted["music"] | {"tempo_bpm": [140.0, 60.0]}}
    assert "profile_contradiction" in await refused(client, "edit_profile", **edit, profile=torn)


async def test_a_rhythm_is_given_changed_and_run_at_once(client: Client, artist: Artist) -> None:
    asked = {"artist": artist.handle}
    made = await told(client, "set_schedule", **asked, change={"rhythm": "twice a week"})
    assert made["next_at"] is not None
    again = await refused(client, "set_schedule", **asked, change={"rhythm": "daily at 18:30"})
    assert "stale_version" in again
    changed = await told(
        client, "set_schedule", **asked, version=made["version"], change={"tz": "Europe/Berlin"}
    )
    assert (changed["tz"], changed["rhythm"]) == ("Europe/Berlin", made["rhythm"])
    assert "rhythm" in await refused(
        client, "set_schedule", **asked, version=changed["version"], change={"rhythm": "whenever"}
    )
    run = await told(client, "run_schedule_now", **asked)
    assert run["status"] == "queued"
    assert "conflict" in await refused(client, "run_schedule_now", **asked)
    assert (await told(client, "pause_schedule", **asked))["enabled"] is False
    assert (await told(client, "resume_schedule", **asked))["enabled"] is True
    await told(client, "remove_schedule", **asked)
    assert (await told(client, "list_schedules", **asked))["schedules"] == []
    assert "not_found" in await refused(client, "run_schedule_now", **asked)


async def test_what_lets_more_out_takes_the_right_to_approve_and_others_stay_out(
    url: str, label: TestLabel, artist: Artist
) -> None:
    other = await debut(label, profile("Second Harbour"))
    operator = await joined(label, "operator", artists=[artist.id])
    async with connected(url, await key(label, operator, "read", "steer")) as client:
        seen = await told(client, "show_steering", artist=artist.handle)
        free = {"version": seen["version"], "change": {"level": "autopilot"}}
        assert "forbidden" in await refused(client, "change_steering", artist=artist.handle, **free)
        rhythm = {"rhythm": "twice a week", "approve": "auto"}
        assert "forbidden" in await refused(
            client, "set_schedule", artist=artist.handle, change=rhythm
        )
        for name in ("show_steering", "show_profile", "list_schedules", "stop_artist"):
            assert "forbidden" in await refused(client, name, artist=other.handle)
    async with connected(url, await key(label, operator, "read")) as client:
        assert not await names(client) & {"stop_artist", "change_steering", "edit_profile"}
