from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from domain.actor import OPERATOR, SYSTEM
from domain.rhythm_words import parse_rhythm
from domain.schedule import DEFAULT_NAME
from services.schedules import ScheduleChange
from tests.support.label import START, TestLabel, debut

EVIL = '<script>alert("x")</script>'
PAGE = "/operator/schedule"


@pytest.fixture
async def artist(label: TestLabel) -> str:
    return (await debut(label, portrait=b"portrait", banner=b"banner")).handle


async def put(label: TestLabel, artist: str, words: str, **more: object) -> None:
    change = ScheduleChange.model_validate({"rhythm": parse_rhythm(words)} | more)
    await label.schedules.put(OPERATOR, artist, change)


async def test_an_empty_label_says_where_to_begin(operator: httpx.AsyncClient) -> None:
    page = (await operator.get(PAGE)).text
    assert "Nothing is planned" in page
    assert "no artist yet" in page


async def test_words_are_previewed_then_saved(
    label: TestLabel, operator: httpx.AsyncClient, artist: str
) -> None:
    typed = {"artist": artist, "rhythm": "weekdays at 9", "tz": "Asia/Tokyo"}
    page = (await operator.post(f"{PAGE}/preview", data=typed)).text
    assert "Weekdays at 09:00." in page
    assert "Tue 5 May, 09:00" in page
    assert page.count("data-theirs") == 5
    assert 'value="weekdays at 9"' in page
    assert await label.schedules.page(OPERATOR) == []
    answer = await operator.post(PAGE, data=typed)
    assert answer.headers["location"] == f"{PAGE}?done=saved"
    kept = await label.schedules.find(OPERATOR, artist)
    assert kept.next_at == START.replace(hour=0, minute=0) + timedelta(days=1)
    page = (await operator.get(f"{PAGE}?done=saved")).text
    assert "Saved." in page
    assert "Weekdays at 09:00" in page


async def test_an_example_that_is_clicked_fills_the_words(
    operator: httpx.AsyncClient, artist: str
) -> None:
    page = await operator.post(
        f"{PAGE}/preview", data={"artist": artist, "rhythm": "", "example": "every 6 hours"}
    )
    assert 'name="rhythm" value="every 6 hours"' in page.text
    assert "Every 6 hours." in page.text


async def test_the_form_is_filled_with_what_the_artist_has(
    label: TestLabel, operator: httpx.AsyncClient, artist: str
) -> None:
    await put(label, artist, "twice a week", tz="Europe/Berlin", approve="auto")
    page = (await operator.get(PAGE, params={"artist": artist})).text
    assert 'value="twice a week between 10:00 and 22:00"' in page
    assert 'value="Europe/Berlin"' in page
    assert re.search(r'<details class="fine" id="fine" open>', page)
    assert re.search(r'value="auto" selected', page)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"rhythm": f"now and then {EVIL}"}, "rhythm"),
        ({"rhythm": "61 * * * *"}, "rhythm"),
        ({"rhythm": "daily", "tz": "Mars/Olympus"}, "tz"),
        ({"rhythm": "daily", "quiet": "at night"}, "quiet"),
        ({"rhythm": "daily at 9", "jitter": "some"}, "jitter"),
        ({"rhythm": "daily at 9", "jitter": "9999"}, "jitter"),
        ({"rhythm": "daily", "name": "Not A Name"}, "name"),
        ({"rhythm": "daily", "artist": ""}, "artist"),
        ({"rhythm": "daily", "artist": "nobody"}, "artist"),
    ],
)
async def test_what_is_wrong_stands_beside_its_field(
    label: TestLabel, operator: httpx.AsyncClient, artist: str, data: dict[str, str], field: str
) -> None:
    typed = {"artist": artist} | data
    for path in (PAGE, f"{PAGE}/preview"):
        answer = await operator.post(path, data=typed)
        assert answer.status_code in (404, 422)
        assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', answer.text), field
        assert 'id="form-error"' in answer.text
        assert EVIL not in answer.text
    assert await label.schedules.page(OPERATOR) == []


async def test_the_buttons_of_a_schedule_do_what_they_say(
    label: TestLabel, operator: httpx.AsyncClient, artist: str
) -> None:
    await put(label, artist, "daily at 12")
    one = f"{PAGE}/{artist}/{DEFAULT_NAME}"
    assert (await operator.post(f"{one}/pause")).headers["location"].endswith("done=paused")
    assert "until it is resumed" in (await operator.get(PAGE)).text
    assert (await operator.post(f"{one}/resume")).status_code == 303
    begun = await operator.post(f"{one}/runs")
    run = (await label.runs.page(OPERATOR))[0]
    assert begun.headers["location"] == f"/operator/runs/{run.id}"
    again = await operator.post(f"{one}/runs")
    assert again.status_code == 409
    assert "has not ended" in again.text
    assert (await operator.post(f"{one}/remove")).status_code == 303
    assert await label.schedules.page(OPERATOR) == []
    assert (await operator.post(f"{one}/remove")).status_code == 404


async def test_a_paused_schedule_previews_what_it_would_do(
    label: TestLabel, operator: httpx.AsyncClient, artist: str
) -> None:
    await put(label, artist, "daily at 12")
    await label.schedules.pause(OPERATOR, artist)
    typed = {"artist": artist, "rhythm": "daily at 15"}
    page = (await operator.post(f"{PAGE}/preview", data=typed)).text
    assert page.count("data-theirs") == 5


async def test_the_page_tells_what_became_of_slots(
    label: TestLabel, operator: httpx.AsyncClient, artist: str
) -> None:
    await put(label, artist, "every 6 hours")
    label.clock.advance(timedelta(hours=6))
    (run,) = await label.schedules.fire_due(SYSTEM)
    for path in (PAGE, f"{PAGE}/live"):
        assert f'href="/operator/runs/{run.id}">ran' in (await operator.get(path)).text
    label.clock.advance(timedelta(hours=6))
    await label.schedules.fire_due(SYSTEM)
    page = (await operator.get(PAGE)).text
    assert "skipped" in page
    assert "has not ended" in page


async def test_the_first_page_tells_when_an_artist_acts_next(
    label: TestLabel, operator: httpx.AsyncClient, artist: str
) -> None:
    assert "No artist has a rhythm yet" in (await operator.get("/operator")).text
    await put(label, artist, "daily at 12")
    page = (await operator.get("/operator")).text
    assert '<span class="now-next quiet">next <time datetime="2026-05-04T12:00:00' in page
    assert (
        f'href="{PAGE}?artist={artist}#form"'
        in (await operator.get(f"/operator/artists/{artist}")).text
    )


async def test_everything_is_held_from_the_page_and_lifted_from_any(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    assert (await operator.get("/operator/hold")).text.strip() == ""
    assert (await operator.post("/operator/hold", data={"why": EVIL})).status_code == 303
    banner = (await operator.get("/operator/hold")).text
    assert "Everything is held" in banner
    assert EVIL not in banner
    assert "Hold everything</button>" not in (await operator.get(PAGE)).text
    for path in ("/operator", PAGE, "/operator/providers"):
        assert "Everything is held" in (await operator.get(path)).text
    lifted = await operator.post(
        "/operator/hold/lift", headers={"Referer": "http://127.0.0.1/operator/providers"}
    )
    assert lifted.headers["location"] == "/operator/providers"
    assert await label.holds.state(OPERATOR) is None
    elsewhere = await operator.post(
        "/operator/hold/lift", headers={"Referer": "http://evil.example/away"}
    )
    assert elsewhere.headers["location"] == f"{PAGE}?done=lifted"


async def test_strangers_and_foreign_forms_are_refused(
    label: TestLabel, visitor: httpx.AsyncClient, operator: httpx.AsyncClient, artist: str
) -> None:
    for path in (PAGE, f"{PAGE}/live", "/operator/hold"):
        assert (await visitor.get(path)).status_code in (401, 403)
    foreign = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
    data = {"artist": artist, "rhythm": "daily", "why": "no"}
    for path in (PAGE, f"{PAGE}/preview", "/operator/hold", "/operator/hold/lift"):
        assert (await operator.post(path, data=data, headers=foreign)).status_code == 403
    assert await label.schedules.page(OPERATOR) == []
    assert await label.holds.state(OPERATOR) is None
