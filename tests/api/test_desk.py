"""Programs search, read the calendar and move slots, as far as their rights go."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from domain.actor import OPERATOR
from domain.rhythm_words import parse_rhythm
from services.schedules import ScheduleChange
from tests.support.label import START, TestLabel, debut, live_release

NOON = START.replace(hour=12, minute=0)
HOUR = timedelta(hours=1)


async def test_programs_find_read_and_move(label: TestLabel, api: httpx.AsyncClient) -> None:
    artist = await debut(label, portrait=b"portrait", banner=b"banner")
    change = ScheduleChange.model_validate({"rhythm": parse_rhythm("daily at 12")})
    await label.schedules.put(OPERATOR, artist.handle, change)
    await live_release(label, artist, "Quartz Hour")

    found = (await api.get("/api/v1/search", params={"q": "QUARTZ hour"})).json()
    assert found["words"] == ["quartz", "hour"]
    first = found["items"][0]
    assert (first["kind"], first["title"], first["artist"]) == (
        "work",
        "Quartz Hour",
        artist.handle,
    )
    only = await api.get("/api/v1/search", params={"q": "quartz", "kind": "post"})
    assert {item["kind"] for item in only.json()["items"]} == {"post"}
    assert (await api.get("/api/v1/search", params={"q": "x", "kind": "none"})).status_code == 422

    url = f"/api/v1/artists/{artist.handle}/schedules/main/move"
    body = {"slot": NOON.isoformat(), "to": (NOON + HOUR).isoformat()}
    moved = await api.post(url, json=body)
    assert moved.status_code == 200, moved.text
    assert moved.json()["warnings"] == []
    again = await api.post(url, json=body)
    assert (again.status_code, again.json()["field"]) == (404, "slot")

    day = {"begin": START.isoformat(), "end": (START + 24 * HOUR).isoformat()}
    items = (await api.get("/api/v1/calendar", params=day)).json()["items"]
    assert [(i["kind"], i["moved"]) for i in items] == [
        ("post", False),
        ("release", False),
        ("slot", True),
    ]
    long = {"begin": START.isoformat(), "end": (START + 24 * 200 * HOUR).isoformat()}
    assert (await api.get("/api/v1/calendar", params=long)).status_code == 422


async def test_no_slot_is_lost_between_pages_of_any_length(
    api: httpx.AsyncClient, label: TestLabel
) -> None:
    artist = await debut(label, portrait=b"portrait", banner=b"banner")
    hourly = ScheduleChange(rhythm=parse_rhythm("every hour"))
    await label.schedules.put(OPERATOR, artist.handle, hourly)
    weeks = {"begin": START.isoformat(), "end": (START + 14 * 24 * HOUR).isoformat()}
    found = []
    for limit in ("30", "200"):
        seen, asked = [], weeks | {"limit": limit}
        while True:
            part = (await api.get("/api/v1/calendar", params=asked)).json()
            seen += [item["at"] for item in part["items"] if item["kind"] == "slot"]
            if part["next"] is None:
                break
            asked["after"] = part["next"]
        found.append(seen)
    assert found[0] == found[1]
    assert len(found[0]) == 14 * 24 - 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"after": "0001-01-01T00:00:00+14:00,post,x"}, "after"),
        ({"begin": "0001-01-01T00:00:00Z", "end": "0001-01-02T00:00:00Z"}, "begin"),
        ({"begin": "9999-12-30T00:00:00Z", "end": "9999-12-31T00:00:00Z"}, "end"),
    ],
)
async def test_moments_beyond_the_calendar_are_refused(
    api: httpx.AsyncClient, changes: dict[str, str], field: str
) -> None:
    day = {"begin": START.isoformat(), "end": (START + 24 * HOUR).isoformat()}
    refused = await api.get("/api/v1/calendar", params=day | changes)
    assert (refused.status_code, refused.json()["field"]) == (422, field)
