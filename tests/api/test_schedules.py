from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from domain.actor import OPERATOR, SYSTEM
from domain.rhythm_words import EXAMPLES
from tests.api.conftest import client_of
from tests.support.label import START, TestLabel, debut

SCHEDULE = "/api/v1/artists/harbour-signal/schedules/main"


@pytest.fixture
async def artist(label: TestLabel) -> str:
    return (await debut(label, portrait=b"portrait", banner=b"banner")).handle


def tag(seen: httpx.Response) -> dict[str, str]:
    """What an edit of the state in this answer sends along."""
    return {"If-Match": seen.headers["etag"]}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_a_rhythm_is_set_in_words_and_read_in_words(
    api: httpx.AsyncClient, artist: str
) -> None:
    body = {"rhythm": "Weekdays at 9", "tz": "Europe/Berlin", "quiet": "22-8"}
    made = await api.put(SCHEDULE, json=body)
    assert made.status_code == 200
    found = made.json()
    assert (found["artist"], found["stage_name"], found["name"]) == (
        artist,
        "Harbour Signal",
        "main",
    )
    assert (found["rhythm"], found["tz"], found["quiet"]) == (
        "weekdays at 09:00",
        "Europe/Berlin",
        "22:00-08:00",
    )
    assert at(found["next_at"]) == datetime(2026, 5, 5, 7, tzinfo=UTC)
    assert (await api.get(SCHEDULE)).json() == found
    assert (await api.get(f"/api/v1/artists/{artist}/schedules")).json() == [found]
    assert (await api.get("/api/v1/schedules")).json()["items"] == [found]
    changed = (await api.put(SCHEDULE, json={"quiet": "none"}, headers=tag(made))).json()
    assert (changed["id"], changed["rhythm"], changed["quiet"]) == (
        found["id"],
        found["rhythm"],
        None,
    )


@pytest.mark.parametrize("words", EXAMPLES)
async def test_what_is_shown_may_be_sent_back(
    api: httpx.AsyncClient, artist: str, words: str
) -> None:
    made = await api.put(SCHEDULE, json={"rhythm": words})
    found = made.json()
    again = (await api.put(SCHEDULE, json={"rhythm": found["rhythm"]}, headers=tag(made))).json()
    assert (again["rhythm"], again["next_at"]) == (found["rhythm"], found["next_at"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rhythm": "now and then"}, "rhythm"),
        ({"rhythm": "61 * * * *"}, "rhythm"),
        ({"rhythm": "twice a day between 9 and 9"}, "rhythm"),
        ({"rhythm": "daily", "tz": "Mars/Olympus"}, "tz"),
        ({"rhythm": "daily", "quiet": "at night"}, "quiet"),
        ({"rhythm": "daily at 9", "jitter_minutes": -1}, "jitter_minutes"),
        ({}, "rhythm"),
    ],
)
async def test_what_is_wrong_names_its_field(
    api: httpx.AsyncClient, artist: str, body: dict[str, object], field: str
) -> None:
    for request in (api.put(SCHEDULE, json=body), api.post(f"{SCHEDULE}/preview", json=body)):
        answer = await request
        assert answer.status_code == 422
        assert answer.json()["field"] == field
        assert answer.json()["remedy"]
    assert (await api.get(f"/api/v1/artists/{artist}/schedules")).json() == []


async def test_a_preview_shows_five_slots_and_saves_nothing(
    api: httpx.AsyncClient, artist: str
) -> None:
    seen = (await api.post(f"{SCHEDULE}/preview", json={"rhythm": "twice a week"})).json()
    assert len(seen["next"]) == 5
    assert (await api.get(SCHEDULE)).status_code == 404
    made = (await api.put(SCHEDULE, json={"rhythm": "twice a week"})).json()
    assert made["next_at"] == seen["next"][0]
    coming = (await api.get("/api/v1/schedules/next", params={"limit": 5})).json()
    assert [slot["at"] for slot in coming] == seen["next"]
    assert {slot["artist"] for slot in coming} == {artist}


async def test_a_schedule_is_paused_resumed_run_and_removed(
    label: TestLabel, api: httpx.AsyncClient, artist: str
) -> None:
    await api.put(SCHEDULE, json={"rhythm": "daily at 12"})
    assert (await api.post(f"{SCHEDULE}/pause")).json()["next_at"] is None
    assert (await api.get("/api/v1/schedules/next")).json() == []
    assert (await api.post(f"{SCHEDULE}/resume")).json()["enabled"] is True
    begun = await api.post(f"{SCHEDULE}/runs")
    assert begun.status_code == 202
    assert begun.headers["location"] == f"/api/v1/runs/{begun.json()['id']}"
    assert (await api.post(f"{SCHEDULE}/runs")).status_code == 409
    assert (await api.post(f"{SCHEDULE}/remove")).json()["artist"] == artist
    assert (await api.get(SCHEDULE)).json()["field"] == "name"


async def test_a_fired_slot_stands_in_the_schedule(
    label: TestLabel, api: httpx.AsyncClient, artist: str
) -> None:
    await api.put(SCHEDULE, json={"rhythm": "daily at 12"})
    label.clock.advance(timedelta(hours=2.5))
    (run,) = await label.schedules.fire_due(SYSTEM)
    last = (await api.get(SCHEDULE)).json()["last"]
    assert (last["run_id"], last["reason"]) == (run.id, None)
    assert at(last["slot_at"]) == START.replace(hour=12, minute=0)


async def test_all_schedules_come_in_pages(api: httpx.AsyncClient, artist: str) -> None:
    for name in ("a", "b", "c"):
        await api.put(f"/api/v1/artists/{artist}/schedules/{name}", json={"rhythm": "daily"})
    first = (await api.get("/api/v1/schedules", params={"limit": 2})).json()
    rest = (await api.get("/api/v1/schedules", params={"after": first["next"]})).json()
    assert [s["name"] for s in (*first["items"], *rest["items"])] == ["a", "b", "c"]
    assert rest["next"] is None


async def test_everything_is_held_and_goes_on(api: httpx.AsyncClient) -> None:
    assert (await api.get("/api/v1/hold")).json() == {"held": False, "hold": None}
    held = (await api.post("/api/v1/hold", json={"why": "moving house"})).json()
    assert (held["held"], held["hold"]["why"]) == (True, "moving house")
    assert (await api.get("/api/v1/hold")).json() == held
    assert (await api.post("/api/v1/hold")).json()["hold"]["why"] == ""
    assert (await api.post("/api/v1/hold/lift")).json()["held"] is False
    assert (await api.get("/api/v1/hold")).json()["held"] is False


async def test_without_the_token_nothing_is_shown_or_done(label: TestLabel, artist: str) -> None:
    async with client_of(label) as stranger:
        for method, path in (
            ("GET", "/api/v1/schedules"),
            ("GET", "/api/v1/schedules/next"),
            ("GET", SCHEDULE),
            ("PUT", SCHEDULE),
            ("POST", f"{SCHEDULE}/runs"),
            ("GET", "/api/v1/hold"),
            ("POST", "/api/v1/hold"),
            ("POST", "/api/v1/hold/lift"),
        ):
            answer = await stranger.request(method, path, json={"rhythm": "daily"})
            assert answer.status_code == 401, path
    assert await label.holds.state(OPERATOR) is None
