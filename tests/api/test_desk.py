"""Programs search, read the calendar and move slots, as far as their rights go."""

from __future__ import annotations

from datetime import timedelta

import httpx

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
