from __future__ import annotations

import re
from pathlib import Path

import httpx
import podcastparser
import pytest

from api.security import VISITOR_COOKIE
from domain.actor import OPERATOR
from domain.release import Release
from tests.api.conftest import OURS, client_of
from tests.support.label import (
    TestLabel,
    ask,
    cycle,
    debut,
    live_release,
    profile,
    publish,
    song,
    visit,
)

EVIL = '<script>alert("x")</script><img src=x onerror=alert(1)>'


async def test_the_front_explains_itself_while_empty(visitor: httpx.AsyncClient) -> None:
    page = await visitor.get("/")
    assert page.status_code == 200
    assert "still dark" in page.text


async def test_a_candidate_has_no_page_yet(label: TestLabel, visitor: httpx.AsyncClient) -> None:
    artist = await label.artists.create(OPERATOR, "A quiet one.")
    assert (await visitor.get(f"/@{artist.handle}")).status_code == 404
    assert artist.handle not in (await visitor.get("/")).text


async def test_the_page_shows_all_that_is_out(label: TestLabel, visitor: httpx.AsyncClient) -> None:
    artist = await debut(label)
    release = await live_release(label, artist)
    await visit(label, artist, release)
    assert "Harbour Signal" in (await visitor.get("/")).text
    page = (await visitor.get(f"/@{artist.handle}")).text
    for wanted in (
        "Harbour Signal",
        "Pilots the last ferry",
        "Last Ferry Home",
        "The radar draws a ring of green",
        "Words by a language model",
        "1 play",
        "I was on that boat.",
        "Written between two and four",
        'property="og:image" content="http://127.0.0.1/@harbour-signal/media/',
        'type="application/rss+xml"',
    ):
        assert wanted in page, wanted


def media_in(page: str) -> set[str]:
    return set(re.findall(r'(?:src|href|data-src)="(/@[^"]+/media/[^"]+)"', page))


async def test_everything_the_page_links_can_be_fetched(
    label: TestLabel, visitor: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    await live_release(label, artist)
    page = (await visitor.get(f"/@{artist.handle}")).text
    assert len(media_in(page)) >= 4
    linked = media_in(page) | set(re.findall(r'(?:src|href)="(/(?:static|@)[^"#]+)"', page))
    for path in linked:
        assert (await visitor.get(path)).status_code == 200, path
    sound = next(path for path in media_in(page) if path.endswith(".mp3"))
    part = await visitor.get(sound, headers={"Range": "bytes=0-99"})
    assert (part.status_code, len(part.content)) == (206, 100)
    assert part.headers["content-type"] == "audio/mpeg"
    assert part.headers["content-range"].startswith("bytes 0-99/")


async def test_files_of_what_is_not_out_are_not_public(
    label: TestLabel, visitor: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    await live_release(label, artist)
    run = await cycle(label, artist)
    work = await song(label, run, "Still Secret", seconds=2.0)
    await ask(label, run, work)
    for asset in work.assets:
        path = f"/@{artist.handle}/media/{asset.sha256}/{asset.filename}"
        assert (await visitor.get(path)).status_code == 404
    assert "Still Secret" not in (await visitor.get(f"/@{artist.handle}")).text
    assert "Still Secret" not in (await visitor.get(f"/@{artist.handle}/feed.xml")).text


async def test_visitors_words_are_shown_as_plain_text(
    label: TestLabel, visitor: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    words = f"{EVIL} see http://spam.example"
    answer = await visitor.post(
        f"/@{artist.handle}/comments", data={"name": EVIL[:40], "text": words}
    )
    assert answer.status_code == 303
    page = (await visitor.get(f"/@{artist.handle}")).text
    assert "&lt;script&gt;alert(" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "http://spam.example" in page
    assert 'href="http://spam.example' not in page


async def test_names_and_words_of_artists_are_escaped_as_well(
    label: TestLabel, visitor: httpx.AsyncClient
) -> None:
    artist = await debut(label, profile('<b>"Bold" & </b>', biography=EVIL, themes=(EVIL,)))
    run = await cycle(label, artist)
    approval = await ask(label, run, await song(label, run, "<i>Song</i>"), words=EVIL)
    await publish(label, approval)
    for path in ("/", f"/@{artist.handle}", f"/@{artist.handle}/feed.xml"):
        page = (await visitor.get(path)).text
        assert "<script>alert" not in page
        assert "<b>" not in page
        assert "<i>Song" not in page


async def test_a_bad_comment_keeps_what_was_typed(
    label: TestLabel, visitor: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    answer = await visitor.post(
        f"/@{artist.handle}/comments", data={"name": "Jo", "text": "word " * 200}
    )
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert 'value="Jo"' in answer.text
    assert "Use at most 500" in answer.text
    nameless = await visitor.post(f"/@{artist.handle}/comments", data={"text": "Hello"})
    assert nameless.status_code == 422
    assert "Hello</textarea>" in nameless.text


async def test_acts_of_other_sites_are_refused(label: TestLabel) -> None:
    artist = await debut(label)
    release = await live_release(label, artist)
    acts: list[tuple[str, dict[str, str]]] = [
        ("comments", {"name": "Jo", "text": "Hello"}),
        ("likes", {"release_id": release.id, "on": "true"}),
        ("plays", {"release_id": release.id, "seconds": "9"}),
    ]
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {}):
        async with client_of(label, **headers) as client:
            for act, words in acts:
                answer = await client.post(f"/@{artist.handle}/{act}", data=words)
                assert answer.status_code == 403
    assert set((await label.audience.totals(OPERATOR, artist.id)).values()) == {0}


async def test_looking_leaves_no_cookie_and_acting_an_anonymous_one(
    label: TestLabel, visitor: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    release = await live_release(label, artist)
    assert "set-cookie" not in (await visitor.get(f"/@{artist.handle}")).headers
    act = await visitor.post(
        f"/@{artist.handle}/plays",
        data={"release_id": release.id, "seconds": 12.5, "exposure_id": "exposure_1"},
    )
    assert act.status_code == 204
    cookie = act.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    event = (await label.audience.unperceived(OPERATOR, artist.id))[0]
    assert (event.kind, event.seconds, event.exposure_id) == ("play", 12.5, "exposure_1")
    assert event.visitor_id == visitor.cookies[VISITOR_COOKIE]
    assert event.post_id is not None


async def test_a_forged_cookie_is_not_taken_as_an_id(label: TestLabel) -> None:
    artist = await debut(label)
    release = await live_release(label, artist)
    async with client_of(label, Cookie=f"{VISITOR_COOKIE}=operator:local", **OURS) as client:
        await client.post(f"/@{artist.handle}/likes", data={"release_id": release.id, "on": "true"})
    event = (await label.audience.unperceived(OPERATOR, artist.id))[0]
    assert event.visitor_id.startswith("visitor_")


async def test_a_like_is_given_once_and_taken_back(
    label: TestLabel, visitor: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    release = await live_release(label, artist)
    path, wanted = f"/@{artist.handle}/likes", {"Accept": "application/json"}
    for on, likes in (("true", 1), ("true", 1), ("false", 0), ("true", 1)):
        answer = await visitor.post(path, data={"release_id": release.id, "on": on}, headers=wanted)
        assert answer.json() == {"liked": on == "true", "likes": likes}
    assert 'aria-pressed="true"' in (await visitor.get(f"/@{artist.handle}")).text
    plain = await visitor.post(path, data={"release_id": release.id, "on": "false"})
    assert plain.headers["location"] == f"/@{artist.handle}#{release.id}"


async def test_what_is_not_out_cannot_be_liked(
    label: TestLabel, visitor: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    run = await cycle(label, artist)
    approval = await ask(label, run, await song(label, run))
    release_id = next(s.id for s in approval.subjects if s.kind == "release")
    answer = await visitor.post(
        f"/@{artist.handle}/likes", data={"release_id": release_id, "on": "true"}
    )
    assert answer.status_code == 404


async def test_an_address_that_drops_its_cookie_is_slowed_down(
    label: TestLabel, visitor: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    statuses = []
    for _ in range(121):
        visitor.cookies.clear()
        answer = await visitor.post(
            f"/@{artist.handle}/likes", data={"release_id": "release_x", "on": "true"}
        )
        statuses.append(answer.status_code)
    assert statuses[:120] == [404] * 120
    assert statuses[120] == 429


@pytest.fixture
async def heard(label: TestLabel) -> Release:
    artist = await debut(label)
    await live_release(label, artist, "First Light")
    return await live_release(label, artist)


async def test_podcast_players_can_read_the_feed(
    label: TestLabel, visitor: httpx.AsyncClient, heard: Release, tmp_path: Path
) -> None:
    answer = await visitor.get("/@harbour-signal/feed.xml")
    assert answer.headers["content-type"].startswith("application/rss+xml")
    assert "<podcast:medium>music</podcast:medium>" in answer.text
    path = tmp_path / "feed.xml"
    path.write_bytes(answer.content)
    with path.open("rb") as stream:
        feed = podcastparser.parse("http://127.0.0.1/@harbour-signal/feed.xml", stream)
    assert feed["title"] == "Harbour Signal"
    assert feed["link"] == "http://127.0.0.1/@harbour-signal"
    assert feed["cover_url"].endswith(".png")
    assert [e["title"] for e in feed["episodes"]] == ["Last Ferry Home", "First Light"]
    newest = feed["episodes"][0]
    assert newest["guid"] == heard.id
    assert newest["total_time"] == 3
    sound = newest["enclosures"][0]
    assert sound["mime_type"] == "audio/mpeg"
    fetched = await visitor.get(sound["url"].removeprefix("http://127.0.0.1"))
    assert len(fetched.content) == sound["file_size"]


async def test_a_release_without_a_sound_stays_out_of_the_feed(
    label: TestLabel, visitor: httpx.AsyncClient, heard: Release
) -> None:
    async with label.database.unit() as unit:
        work = await unit.works.get(heard.work_ids[0])
        kept = tuple(asset for asset in work.assets if asset.role != "mp3")
        await unit.works.save(work.amend(label.clock.now(), assets=kept))
        await unit.commit()
    answer = await visitor.get("/@harbour-signal/feed.xml")
    assert answer.status_code == 200
    assert ("First Light" in answer.text, heard.id in answer.text) == (True, False)


async def test_only_our_typefaces_are_served(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.get("/fonts/syne.ttf")).headers["content-type"] == "font/ttf"
    for name in ("arial.ttf", "..%2fstatic%2fstage.css", "syne"):
        assert (await visitor.get(f"/fonts/{name}")).status_code == 404
        assert (await visitor.get(f"/static/x/{name}")).status_code == 404


async def test_pages_hold_no_inline_script_or_style(
    label: TestLabel, visitor: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    await live_release(label, artist)
    for path in ("/", f"/@{artist.handle}", "/operator", "/api/docs"):
        page = (await visitor.get(path)).text
        assert not re.search(r"\sstyle=|<style|\son\w+=", page), path
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page)), path
