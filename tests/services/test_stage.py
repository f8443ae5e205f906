from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from domain.actor import OPERATOR, SYSTEM, visitor_actor
from domain.errors import NotFound
from tests.services.build import artist, asked, ids, statements
from tests.support import label as play
from tests.support.label import BRIEF, TestLabel


async def test_unknown_artists_and_candidates_have_no_page(label: TestLabel) -> None:
    candidate = await label.artists.create(OPERATOR, BRIEF, "lofi")
    for handle in ("nobody", candidate.handle, candidate.id):
        with pytest.raises(NotFound):
            await label.stage.page(handle)
    assert await label.stage.cards() == []


async def test_a_page_shows_what_is_live_and_nothing_that_waits(label: TestLabel) -> None:
    who = await artist(label)
    await asked(label, who, "Waiting Song")
    first = await play.live_release(label, who, "First Song")
    label.clock.advance(timedelta(days=1))
    second = await play.live_release(label, who, "Second Song")
    await play.visit(label, who, first)
    page = await label.stage.page(who.handle)
    assert [r.release.id for r in page.releases] == [second.id, first.id]
    assert [w.title for r in page.releases for w in r.works] == ["Second Song", "First Song"]
    assert [(r.plays, r.likes, len(r.comments)) for r in page.releases] == [(0, 0, 0), (1, 1, 1)]
    assert page.totals == {"plays": 1, "likes": 1, "comments": 1}
    assert [e.payload.release_id for e in page.entries] == [second.id, first.id]
    (card,) = await label.stage.cards()
    assert card.newest is not None
    assert (card.newest.id, card.releases, card.plays) == (second.id, 2, 1)
    assert [work.title for work in card.works] == ["Second Song"]


async def test_the_newest_artists_come_first_a_page_at_a_time(label: TestLabel) -> None:
    made = [await play.debut(label, play.profile(f"Number {n}")) for n in range(3)]
    await label.artists.create(OPERATOR, BRIEF, "lofi")
    page = await label.stage.cards(limit=2)
    assert [c.artist.handle for c in page] == [made[2].handle, made[1].handle]
    rest = await label.stage.cards(page[-1].artist.id, limit=2)
    assert [c.profile.stage_name for c in rest] == ["Number 0"]


async def test_the_same_key_stands_on_the_page_once(label: TestLabel) -> None:
    who = await artist(label)
    approval = await asked(label, who)
    post = await label.catalogue.post(OPERATOR, ids(approval)["post"])
    at = label.clock.now()
    both = await asyncio.gather(
        label.stage.shelve(SYSTEM, post.payload, post.id, at),
        label.stage.shelve(SYSTEM, post.payload, post.id, at),
    )
    assert both[0] == both[1]
    later = await label.stage.shelve(
        SYSTEM, post.payload.model_copy(update={"text": "x"}), post.id, at + timedelta(days=1)
    )
    assert later == both[0] == await label.stage.entry(post.id)
    assert len((await label.stage.page(who.handle)).entries) == 1
    assert await label.stage.entry("post_unknown") is None
    with pytest.raises(NotFound):
        await label.stage.shelve(SYSTEM, post.payload, "post_unknown", at)


async def test_a_removed_entry_leaves_the_page_and_does_not_come_back(label: TestLabel) -> None:
    who = await artist(label)
    await play.live_release(label, who)
    (entry,) = (await label.stage.page(who.handle)).entries
    await label.stage.remove(SYSTEM, entry.id)
    assert (await label.stage.page(who.handle)).entries == ()
    again = await label.stage.shelve(SYSTEM, entry.payload, entry.client_key, label.clock.now())
    assert again.removed
    assert (await label.stage.page(who.handle)).entries == ()


async def test_a_page_does_not_ask_more_of_the_database_the_longer_it_is(
    label: TestLabel,
) -> None:
    who = await artist(label)

    async def asked_for() -> int:
        with statements(label.database) as seen:
            page = await label.stage.page(who.handle, "fan")
            assert len(page.releases) == releases
        return len(seen)

    counts = []
    for releases in range(1, 4):
        await play.live_release(label, who, f"Song {releases}")
        counts.append(await asked_for())
    assert len(set(counts)) == 1
    await label.audience.comment(visitor_actor("v"), who.handle, None, "Jo", "Hello")
    assert await asked_for() == counts[0]
