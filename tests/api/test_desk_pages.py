"""Calendar, catalogue, search and settings: what they show, to whom, and within which bounds."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import httpx
import pytest

from domain.actor import OPERATOR
from domain.artist import Artist
from domain.house import Setting
from domain.memory import MemoryRecord, hash_text
from domain.rhythm_words import parse_rhythm
from services.schedules import ScheduleChange
from store.memory_records import SqlMemoryRecords
from tests.store.test_query_counts import counted
from tests.support.label import START, TestLabel, ask, cycle, debut, live_release, song

EVIL = '<script>alert("x")</script>'
CALENDAR, SHELF = "/operator/calendar", "/operator/catalogue"
SEARCH, SETTINGS = "/operator/search", "/operator/settings"
NOON = START.replace(hour=12, minute=0)
DAY = timedelta(days=1)
PAGE_MAX_BYTES = 150_000


@pytest.fixture
async def artist(label: TestLabel) -> Artist:
    return await debut(label, portrait=b"portrait", banner=b"banner")


async def daily(label: TestLabel, artist: Artist, words: str = "daily at 12") -> None:
    change = ScheduleChange.model_validate({"rhythm": parse_rhythm(words)})
    await label.schedules.put(OPERATOR, artist.handle, change)


def text_of(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


async def test_empty_pages_say_what_will_stand_there(operator: httpx.AsyncClient) -> None:
    for path, told in (
        (CALENDAR, "Nothing is on these days"),
        (SHELF, "No song yet"),
        (SEARCH, "Look for anything of the label"),
        (f"{SEARCH}?q=quartz", "Nothing has all of these words"),
        (f"{SHELF}?status=released", "No work fits"),
    ):
        page = await operator.get(path)
        assert page.status_code == 200
        assert told in page.text


async def test_strangers_see_none_of_it(visitor: httpx.AsyncClient) -> None:
    for path in (CALENDAR, SHELF, SEARCH, SETTINGS, f"{SETTINGS}/health", f"{SHELF}/work_1/wave"):
        assert (await visitor.get(path)).status_code in (401, 403), path


async def test_the_calendar_shows_slots_releases_posts_and_approvals_in_the_readers_zone(
    label: TestLabel, operator: httpx.AsyncClient, artist: Artist
) -> None:
    await daily(label, artist)
    await live_release(label, artist, "Quartz Hour")
    run = await cycle(label, artist)
    await ask(label, run, await song(label, run, "Second"))
    page = (await operator.get(CALENDAR, params={"tz": "Asia/Tokyo"})).text
    assert "May 2026" in page
    assert page.count('data-clock="21:00"') >= 27
    assert "released Quartz Hour" in page
    assert "posted Quartz Hour is out" in page
    assert "approval expires" in page
    week = text_of((await operator.get(CALENDAR, params={"view": "week"})).text)
    assert "4 – 10 May 2026" in week
    assert f"12:00 {artist.stage_name} acts" in week
    assert "Nothing is on" in (await operator.get(CALENDAR, params={"on": "2020-01-01"})).text
    assert (await operator.get(CALENDAR, params={"artist": "nobody"})).status_code == 404
    odd = await operator.get(CALENDAR, params={"tz": "Mars/Olympus", "on": "x", "view": EVIL})
    assert odd.status_code == 200
    assert EVIL not in odd.text


async def test_a_slot_is_moved_from_its_page_and_back(
    label: TestLabel, operator: httpx.AsyncClient, artist: Artist
) -> None:
    await daily(label, artist)
    page = (await operator.get(CALENDAR)).text
    link = html.unescape(re.search(r'href="(/operator/calendar/slot[^"]+)"', page)[1])  # type: ignore[index]
    form = (await operator.get(link)).text
    assert 'value="2026-05-04T12:00"' in form
    typed = {"artist": artist.handle, "schedule": "main", "slot": NOON.isoformat(), "tz": "UTC"}
    moved = await operator.post(f"{CALENDAR}/move", data={**typed, "to": "2026-05-04T14:30"})
    assert "Moved from Mon 4 May, 12:00 to Mon 4 May, 14:30." in moved.text
    assert (await label.schedules.find(OPERATOR, artist.id)).next_at == NOON + timedelta(hours=2.5)
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', moved.text))
    undone = await operator.post(f"{CALENDAR}/move", data=fields)
    assert "to Mon 4 May, 12:00" in undone.text
    schedule = await label.schedules.find(OPERATOR, artist.id)
    assert (schedule.next_at, schedule.shifts) == (NOON, ())


async def test_a_move_that_cannot_be_is_told_beside_the_form(
    label: TestLabel, operator: httpx.AsyncClient, artist: Artist
) -> None:
    await daily(label, artist)
    typed = {"artist": artist.handle, "slot": NOON.isoformat()}
    for to, status, told in (
        ("2026-05-04T01:00", 422, "has gone by"),
        ("2026-05-05T12:00", 409, "at exactly that time already"),
        (f"soon {EVIL}", 422, "no date and time"),
    ):
        page = await operator.post(f"{CALENDAR}/move", data={**typed, "to": to})
        assert page.status_code == status
        assert told in page.text
        assert EVIL not in page.text
    gone = {**typed, "slot": (NOON - DAY).isoformat(), "to": "2026-05-06T10:00"}
    assert (await operator.post(f"{CALENDAR}/move", data=gone)).status_code == 404
    foreign = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
    answer = await operator.post(f"{CALENDAR}/move", data=gone, headers=foreign)
    assert answer.status_code == 403


async def test_the_catalogue_lists_filters_and_orders(
    label: TestLabel, operator: httpx.AsyncClient, artist: Artist
) -> None:
    await live_release(label, artist, "Quartz Hour")
    run = await cycle(label, artist)
    await song(label, run, "Amber Hour")
    page = (await operator.get(SHELF)).text
    assert page.index("Amber Hour") < page.index("Quartz Hour")
    assert "data-play=" in page
    by_title = (await operator.get(SHELF, params={"order": "title"})).text
    assert by_title.index("Amber Hour") < by_title.index("Quartz Hour")
    released = (await operator.get(SHELF, params={"status": "released"})).text
    assert "Quartz Hour" in released
    assert "Amber Hour" not in released
    for params in ({"artist": "nobody"}, {"genre": "none"}, {"since": "2027-01-01"}):
        assert "No work fits" in (await operator.get(SHELF, params=params)).text
    odd = {"status": "x", "since": "y", "order": "z", "after": "w"}
    assert (await operator.get(SHELF, params=odd)).status_code == 200


@pytest.mark.parametrize("order", ["newest", "oldest", "title"])
async def test_pages_of_the_catalogue_show_each_work_once(
    label: TestLabel, operator: httpx.AsyncClient, artist: Artist, order: str
) -> None:
    run = await cycle(label, artist)
    made = await song(label, run, "First")
    async with label.database.unit() as unit:
        for n in range(50):
            copy = {"id": f"work_{n:026}", "title": f"Song {n % 7}", "row_version": 1}
            await unit.works.add(made.model_copy(update=copy))
        await unit.commit()
    path: str | None = f"{SHELF}?order={order}"
    seen: list[str] = []
    while path:
        page = (await operator.get(path)).text
        assert len(page.encode()) < PAGE_MAX_BYTES
        seen += re.findall(r'class="shelf-words"><a href="/operator/catalogue/([^"]+)"', page)
        found = re.search(r'href="([^"]+)" rel="next"', page)
        path = html.unescape(found[1]) if found else None
    assert len(seen) == len(set(seen)) == 51


async def test_a_work_has_its_page_with_words_checks_credits_and_wave(
    label: TestLabel, operator: httpx.AsyncClient, artist: Artist
) -> None:
    release = await live_release(label, artist, f"Quartz {EVIL}")
    page = await operator.get(f"{SHELF}/{release.work_ids[0]}")
    told = text_of(page.text)
    assert EVIL not in page.text
    for words in ("Hold the line, hold the light", "Loudness", "Main artist", "84 BPM", "D minor"):
        assert words in told, words
    wave = await operator.get(f"{SHELF}/{release.work_ids[0]}/wave")
    bars = wave.json()
    assert (len(bars), max(bars), min(bars) >= 0) == (160, 100, True)
    assert len(set(bars)) > 10
    assert (await operator.get(f"{SHELF}/{release.work_ids[0]}/wave")).json() == bars
    assert (await operator.get(f"{SHELF}/work_none")).status_code == 404


async def test_search_finds_every_kind_with_its_words_marked(
    label: TestLabel, operator: httpx.AsyncClient, artist: Artist
) -> None:
    await live_release(label, artist, "Quartz Hour")
    record = MemoryRecord(
        id="memory_1",
        created_at=START,
        updated_at=START,
        artist_id=artist.id,
        kind="episodic",
        text=f"Somebody wrote about quartz {EVIL}",
        happened_at=START,
        importance=0.5,
        text_sha256=hash_text("1"),
    )
    await SqlMemoryRecords(label.database).add(record)
    page = (await operator.get(SEARCH, params={"q": "quartz"})).text
    assert "<mark>Quartz</mark> Hour" in page
    assert "&lt;script&gt;" in page
    assert EVIL not in page
    for kind in ("Song", "Lyrics", "Post", "Memory"):
        assert f'badge-plain">{kind}<' in page, kind
    only = (await operator.get(SEARCH, params={"q": "harbour", "kind": "artist"})).text
    assert f'href="/operator/artists/{artist.handle}"' in only
    evil = (await operator.get(SEARCH, params={"q": f'"{EVIL}'})).text
    assert EVIL not in evil


async def test_settings_show_health_room_versions_and_what_is_in_force(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    label.settings = (
        Setting(
            name="model_key",
            variable="GREENROOM_MODEL_KEY",
            group="Language model",
            value="set",
            source="environment",
            meaning=f"Key {EVIL}",
            secret=True,
        ),
    )
    page = (await operator.get(SETTINGS, params={"health": "true"})).text
    # A context is made once an application; this one was there before the setting.
    assert "at the newest revision" in page
    assert "Every part is well." in page
    part = (await operator.get(f"{SETTINGS}/health")).text
    assert part.lstrip().startswith('<div id="health">')


async def test_pages_keep_to_a_number_of_queries(
    label: TestLabel, operator: httpx.AsyncClient, artist: Artist
) -> None:
    await daily(label, artist, "every 30 minutes")
    for n in range(4):
        await live_release(label, artist, f"Quartz Hour {n}")
    for path, most in (
        (CALENDAR, 8),
        (f"{CALENDAR}?view=week", 8),
        (f"{CALENDAR}?view=day", 8),
        (SHELF, 9),
        (f"{SEARCH}?q=quartz", 8),
        (SETTINGS, 4),
    ):
        with counted(label.database) as seen:
            page = await operator.get(path)
        assert len(seen) <= most, (path, len(seen))
        assert len(page.content) < PAGE_MAX_BYTES, path
