"""Lists of ten thousand things: every page of them is bounded, and leads to the next."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Table, insert, select

from api.web.artist_page import NOTES_A_PAGE, RELEASES_A_PAGE
from domain.actor import OPERATOR
from domain.artist import Artist
from domain.rhythm_words import parse_rhythm
from services.schedules import ScheduleChange
from services.stage import READ
from store.tables import events, posts, releases, schedules, search_entries, stage_entries, works
from tests.support.label import TestLabel, debut, live_release, visit

MANY = 10_000
PAGE_MAX_BYTES = 150_000


async def multiplied(label: TestLabel, table: Table, many: int = MANY, **changes: Any) -> None:
    """So many rows like the newest one; a change is a function of the row and its number."""
    key = "seq" if "seq" in table.c else "id"
    async with label.database.engine.begin() as connection:
        query = select(table).order_by(table.c[key].desc()).limit(1)
        first = dict((await connection.execute(query)).mappings().one())
        if key == "seq" or table is events:
            del first[key]
        rows = [
            first | {name: change(first, number) for name, change in changes.items()}
            for number in range(many)
        ]
        await connection.execute(insert(table), rows)


def numbered(noun: str) -> dict[str, Any]:
    """A row of its own, and the same in its body."""

    def name(_: dict[str, Any], number: int) -> str:
        return f"{noun}_{number:026d}"

    def body(row: dict[str, Any], number: int) -> dict[str, Any]:
        return dict(row["body"]) | {"id": name(row, number)}

    return {"id": name, "body": body}


@pytest.fixture
async def artist(label: TestLabel) -> Artist:
    """An artist with ten thousand works, posts, words to find, and events."""
    artist = await debut(label, portrait=b"portrait", banner=b"banner")
    await visit(label, artist, await live_release(label, artist, "Amber Hour"))
    await multiplied(label, works, **numbered("work"))
    await multiplied(
        label, search_entries, subject_id=lambda _, n: f"work_{n:026d}", kind=lambda *_: "work",
        title=lambda *_: "Amber Hour",
    )  # fmt: skip
    await multiplied(
        label, posts, **numbered("post"), client_key=lambda _, n: f"key-{n}",
        created_at=lambda row, n: row["created_at"] + timedelta(seconds=n),
    )  # fmt: skip
    await multiplied(label, events)
    return artist


async def next_of(client: httpx.AsyncClient, page: httpx.Response) -> httpx.Response:
    found = re.search(r'href="([^"]+)" rel="next"', page.text)
    assert found, "no next page"
    return await client.get(html.unescape(found[1]))


async def test_pages_of_the_dashboard_are_bounded_and_lead_on(
    operator: httpx.AsyncClient, artist: Artist
) -> None:
    for path, link in (
        ("/operator/catalogue", r'"/operator/catalogue/(work_\w+)"'),
        ("/operator/catalogue?order=title", r'"/operator/catalogue/(work_\w+)"'),
        ("/operator/search?q=amber", r'"/operator/catalogue/(work_\w+)"'),
    ):
        page = await operator.get(path)
        seen: set[str] = set()
        for _ in range(4):
            assert len(page.content) <= PAGE_MAX_BYTES, path
            shown = set(re.findall(link, page.text))
            assert 10 < len(shown) < 60, path
            assert shown.isdisjoint(seen), path
            seen |= shown
            page = await next_of(operator, page)
    for path in (
        "/operator",
        f"/operator/artists/{artist.handle}",
        "/operator/calendar?on=2026-05-04",
        "/operator/runs",
        "/operator/operations",
    ):
        assert len((await operator.get(path)).content) <= PAGE_MAX_BYTES, path
    last = await operator.get("/operator/search?q=amber&page=10")
    assert "These are the best of more" in last.text or 'rel="next"' not in last.text
    assert (await operator.get("/operator/search?q=amber&page=11")).status_code == 422


async def test_a_public_page_leads_through_all_that_stands_on_it(
    label: TestLabel, visitor: httpx.AsyncClient
) -> None:
    artist = await debut(label, portrait=b"portrait", banner=b"banner")
    await live_release(label, artist, "Amber Hour")
    many = 60
    await multiplied(label, releases, many, **numbered("release"))
    await multiplied(
        label, stage_entries, many, **numbered("stage"), client_key=lambda _, n: f"key-{n}"
    )
    for link, wanted in (
        (r'<article class="release" id="(\w+)"', many + 1),
        (r'(class="note")', 1),
    ):
        page = await visitor.get(f"/@{artist.handle}")
        assert f"{many + 1} releases" in page.text
        seen: list[str] = []
        while True:
            assert len(page.content) <= PAGE_MAX_BYTES
            seen += re.findall(link, page.text)
            part = "music" if wanted > 1 else "notes"
            more = re.search(rf'href="([^"]+#{part})" rel="next"', page.text)
            if more is None:
                break
            page = await visitor.get(html.unescape(more[1]))
        assert len(seen) == many + 1
        assert len(set(seen)) == wanted


async def test_a_public_page_says_what_it_leaves_off(
    label: TestLabel, visitor: httpx.AsyncClient
) -> None:
    artist = await debut(label, portrait=b"portrait", banner=b"banner")
    await live_release(label, artist, "Amber Hour")
    many = READ + 2
    await multiplied(label, releases, many, **numbered("release"))
    await multiplied(
        label, stage_entries, many, **numbered("stage"), client_key=lambda _, n: f"key-{n}"
    )
    first = await visitor.get(f"/@{artist.handle}")
    assert f"{many + 1} releases" in first.text
    assert "not shown here" not in first.text
    last = {"music": -(-READ // RELEASES_A_PAGE), "notes": -(-READ // NOTES_A_PAGE)}
    page = await visitor.get(f"/@{artist.handle}", params=last)
    assert "3 older releases not shown here" in page.text
    assert "3 older notes not shown here" in page.text


async def test_lists_of_the_api_are_bounded_and_lead_on(
    api: httpx.AsyncClient, artist: Artist
) -> None:
    for path in ("/api/v1/posts", "/api/v1/works", "/api/v1/events"):
        seen: set[Any] = set()
        after: dict[str, Any] = {}
        for _ in range(3):
            found = (await api.get(path, params={"limit": 100, **after})).json()
            ids = {one["id"] for one in found["items"]}
            assert len(ids) == 100, path
            assert ids.isdisjoint(seen), path
            seen |= ids
            after = {"after": found["last"] if "last" in found else found["next"]}


async def test_a_full_day_of_the_calendar_is_counted_and_read_in_pages(
    operator: httpx.AsyncClient, api: httpx.AsyncClient, artist: Artist
) -> None:
    page = await operator.get("/operator/calendar?on=2026-05-04")
    # Five are shown of ten thousand posts, the one they were made of, its release and approval.
    more = re.search(r"and (\d+) more", page.text)
    assert more
    assert int(more[1]) > MANY - 5
    quiet = await operator.get("/operator/calendar?on=2026-01-04")
    assert "cal-more" not in quiet.text
    month = {"begin": "2026-05-01T00:00:00Z", "end": "2026-06-01T00:00:00Z", "limit": "200"}
    seen: list[tuple[str, str]] = []
    while True:
        part = (await api.get("/api/v1/calendar", params=month)).raise_for_status().json()
        seen += [(item["kind"], item["id"]) for item in part["items"]]
        if part["next"] is None:
            break
        month["after"] = part["next"]
    assert len(seen) == len(set(seen)) == int(more[1]) + 5
    wrong = await api.get("/api/v1/calendar", params=month | {"after": "nowhere"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "after")


async def test_every_rhythm_is_on_one_of_the_pages(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    await label.schedules.put(
        OPERATOR, artist.handle, ScheduleChange(rhythm=parse_rhythm("daily at 18:30"))
    )
    many = 120
    await multiplied(label, schedules, many, **numbered("schedule"), name=lambda _, n: f"n{n}")
    page = await operator.get("/operator/schedule")
    seen: set[str] = set()
    while True:
        assert len(page.content) <= PAGE_MAX_BYTES
        shown = set(re.findall(r'id="remove-(\w+)"', page.text))
        assert shown.isdisjoint(seen)
        seen |= shown
        live = re.search(r'data-live="([^"]+)"', page.text)
        assert live
        part = await operator.get(html.unescape(live[1]))
        assert set(re.findall(r'id="remove-(\w+)"', part.text)) == shown
        if 'rel="next"' not in page.text:
            break
        page = await next_of(operator, page)
    assert len(seen) == many + 1
