"""The form of a profile: what it shows, saves and refuses, and how two edits of it meet."""

from __future__ import annotations

import html
import re
from urllib.parse import urlencode

import httpx
import pytest

from domain.actor import OPERATOR
from domain.artist import Artist
from domain.profile import Profile
from tests.api.conftest import OURS, client_of
from tests.store import nouns
from tests.support.forms import Fields, changed, form_fields
from tests.support.label import TestLabel, debut, profile
from tests.support.people import PASSWORD, joined

EVIL = '<script>alert("x")</script>'
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def artist(label: TestLabel) -> Artist:
    return await debut(label, portrait=b"portrait", banner=b"banner")


def at(artist: Artist) -> str:
    return f"/operator/artists/{artist.handle}/profile/edit"


async def opened(client: httpx.AsyncClient, artist: Artist) -> Fields:
    return form_fields((await client.get(at(artist))).text, at(artist))


async def send(client: httpx.AsyncClient, artist: Artist, fields: Fields) -> httpx.Response:
    return await client.post(at(artist), content=urlencode(fields), headers=FORM)


async def in_force(label: TestLabel, artist: Artist) -> tuple[int, Profile]:
    version = await label.artists.profile(OPERATOR, artist.id)
    return version.number, version.profile


def around(page: str, path: str) -> str:
    """The error that the field of this path is described by."""
    found = re.search(rf'id="{re.escape(path)}-error"[^>]*>([^<]*)<', page)
    return found[1].strip() if found else ""


async def test_what_is_edited_becomes_a_version_and_nothing_else_changes(
    label: TestLabel, operator: httpx.AsyncClient, artist: Artist
) -> None:
    was = profile(personality=profile().personality.model_copy(update={"openness": 1 / 3}))
    await label.artists.adopt_profile(OPERATOR, artist.id, was, reason="by hand")
    number, _ = await in_force(label, artist)
    fields = changed(
        await opened(operator, artist),
        biography="Sails.\r\n\r\nAnd comes back.",
        themes="the sea\r\n  long nights \r\n\r\n",
        voice__register="plain",
        music__keys=["D", "A#"],
        visual__motifs=[],
        music__tempo_bpm__1="112.5",
        reason="closer to the sea",
    )
    sent = await send(operator, artist, fields)
    assert sent.headers["location"].endswith("/profile?done=edited")
    after, now = await in_force(label, artist)
    assert after == number + 1
    assert now == was.model_copy(
        update={
            "biography": "Sails.\n\nAnd comes back.",
            "themes": ("the sea", "long nights"),
            "voice": was.voice.model_copy(update={"register_": "plain"}),
            "music": was.music.model_copy(
                update={"keys": ("D", "A#"), "tempo_bpm": (was.music.tempo_bpm[0], 112.5)}
            ),
            "visual": was.visual.model_copy(update={"motifs": ()}),
        }
    )
    page = await operator.get(sent.headers["location"])
    assert "Saved as a new version" in page.text
    assert "closer to the sea" in page.text
    assert "<ins>plain</ins>" in page.text
    same = await send(operator, artist, await opened(operator, artist))
    assert same.headers["location"].endswith("/profile?done=same")
    assert (await in_force(label, artist))[0] == after


WRONG = (
    ("stage_name", "", "It may not be empty"),
    ("biography", "b" * 1201, "more than 1200 characters"),
    ("languages", "English", "“English”: two small letters"),
    ("themes", "", "There is no theme to sing about"),
    ("voice.vocabulary", "w" * 81, f"“{'w' * 40}”: it has more than 80"),
    ("voice.register", EVIL, "Choose one of the list"),
    ("personality.openness", "1.5", "At most 1"),
    ("music.tempo_bpm.0", "slow", "This is no number"),
    ("music.tempo_bpm.0", "nan", "Tempo must lie between 30 and 300"),
    ("music.energy.1", "-1", "At least 0"),
    ("visual.palette", "#000000\r\nred", "&#39;red&#39; is not a colour"),
    ("visual.palette", "#000000\r\n#111111\r\n#222222", "must differ more"),
    ("visual.composition", "pines", "offers varied"),
    ("visual.motifs", "dragon", "“dragon”: choose one of the list"),
    ("posting.hashtags_max", "1.5", "This is no whole number"),
    ("reason", "r" * 501, "more than 500 characters"),
)


async def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_stays(
    label: TestLabel, operator: httpx.AsyncClient, artist: Artist
) -> None:
    before = await in_force(label, artist)
    fields = changed(await opened(operator, artist), audience="Night people")
    for path, value, told in WRONG:
        typed = changed(fields, **{path.replace(".", "__"): value})
        answer = await send(operator, artist, typed)
        assert answer.status_code == 422, path
        assert told in around(answer.text, path)
        assert f'href="#{path}"' in answer.text
        kept = form_fields(answer.text, at(artist))
        assert ("audience", "Night people") in kept
        assert (path, value) in kept
        assert EVIL not in answer.text
    assert await in_force(label, artist) == before


async def test_a_contradiction_is_told_at_both_fields_in_their_words(
    operator: httpx.AsyncClient, artist: Artist
) -> None:
    fields = changed(
        await opened(operator, artist), themes="tides", personality__taboos="tides\r\nkings"
    )
    page = (await send(operator, artist, fields)).text
    for path in ("themes", "personality.taboos"):
        assert around(page, path) == "“tides” stands in “Themes” and “Taboos”."


async def test_two_edits_meet_and_nothing_is_lost(
    label: TestLabel, operator: httpx.AsyncClient, artist: Artist
) -> None:
    await joined(label, "operator", "bo")
    async with client_of(label, address="203.0.113.9", **OURS) as other:
        await other.post("/sign-in", data={"name": "bo", "password": PASSWORD})
        mine = await opened(operator, artist)
        theirs = changed(
            await opened(other, artist),
            themes="their theme",
            audience=f"Their audience {EVIL}",
            posting__tone="warm",
            reason="bo's reason",
        )
        assert (await send(other, artist, theirs)).status_code == 303
    number, _ = await in_force(label, artist)
    stale = await send(
        operator,
        artist,
        changed(mine, themes="my theme", biography="My story.", reason="my reason"),
    )
    assert stale.status_code == 409
    assert "bo saved before you" in stale.text
    assert "bo&#39;s reason" in stale.text
    assert "Both of you changed Themes" in stale.text
    assert EVIL not in stale.text
    assert (await in_force(label, artist))[0] == number
    kept = form_fields(stale.text, at(artist))
    for wanted in (
        ("seen", str(number)),
        ("themes", "my theme"),
        ("biography", "My story."),
        ("audience", f"Their audience {EVIL}"),
        ("posting.tone", "warm"),
        ("reason", "my reason"),
    ):
        assert wanted in kept, wanted
    assert stale.text.count("Changed by both.") == 1
    assert (await send(operator, artist, kept)).status_code == 303
    after, now = await in_force(label, artist)
    assert after == number + 1
    assert (now.themes, now.biography, now.posting.tone) == (("my theme",), "My story.", "warm")


async def test_only_who_may_steer_edits(label: TestLabel, artist: Artist) -> None:
    await joined(label, "viewer", "vera")
    async with client_of(label, address="203.0.113.9", **OURS) as client:
        assert (await client.get(at(artist))).status_code in (303, 401)
        await client.post("/sign-in", data={"name": "vera", "password": PASSWORD})
        page = await client.get(at(artist).removesuffix("/edit"))
        assert page.status_code == 200
        assert "/profile/edit" not in page.text
        assert (await client.get(at(artist))).status_code == 403
        assert (await send(client, artist, [("seen", "1")])).status_code == 403


async def test_a_form_that_tells_no_version_and_an_artist_without_profile_are_refused(
    label: TestLabel, operator: httpx.AsyncClient, artist: Artist
) -> None:
    for seen in ("", "0", "x", "9" * 30):
        assert (await send(operator, artist, [("seen", seen)])).status_code == 422
    assert (await send(operator, artist, [("seen", "99")])).status_code == 404
    candidate = await label.artists.create(OPERATOR, "A quiet harpist who lives by the river.")
    assert (await operator.get(at(candidate))).status_code == 404


async def test_versions_are_shown_a_page_at_a_time(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    async with label.database.unit() as unit:
        for number in range(2, 46):
            about = {"id": f"profile_{number}", "reason": f"Reason {number}."}
            again = nouns.profile(number, artist.id, **about)
            now = again.profile.model_copy(update={"audience": f"listener {number}"})
            await unit.profiles.add(again.model_copy(update={"profile": now}))
        await unit.commit()
    path = f"/operator/artists/{artist.handle}/profile"
    seen: list[int] = []
    while path:
        page = await operator.get(path)
        assert "For listener 45" in page.text, "the profile in force stands on every page"
        numbers = [int(n) for n in re.findall(r"<strong>Version (\d+)</strong>", page.text)]
        assert len(numbers) <= 20
        # The last one of a page is compared as well, with the first of the next page.
        changed = re.findall(r'id="version-(\d+)"', page.text)
        assert [int(n) for n in changed] == [n for n in numbers if n > 1]
        seen += numbers
        more = re.search(r'href="([^"]+)#versions" rel="next"', page.text)
        path = html.unescape(more[1]) if more else ""
    assert seen == list(range(45, 0, -1))
