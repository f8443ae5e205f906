from __future__ import annotations

from datetime import timedelta

import pytest

from domain.actor import OPERATOR, artist_actor, visitor_actor
from domain.errors import Forbidden, InvalidInput, LimitReached, NotFound
from services.audience import COMMENTS_PER_WINDOW, EVENTS_PER_WINDOW, WINDOW
from tests.services.build import artist, asked, ids
from tests.support import label as play
from tests.support.label import BRIEF, TestLabel

FAN = visitor_actor("fan")


async def test_events_carry_the_post_and_work_that_they_answer(label: TestLabel) -> None:
    who = await artist(label)
    release = await play.live_release(label, who)
    _, (post,) = await label.catalogue.of_artist(OPERATOR, who.id)
    heard = await label.audience.play(FAN, who.handle, release.id, 12.5, "exposure_1")
    assert (heard.work_id, heard.post_id) == (release.work_ids[0], post.id)
    assert (heard.seconds, heard.exposure_id, heard.visitor_id) == (12.5, "exposure_1", "fan")
    said = await label.audience.comment(FAN, who.handle, None, " Jo\u202e ", "Hello\x00 there")
    assert (said.release_id, said.work_id, said.post_id) == (None, None, None)
    assert said.text is not None
    assert (said.visitor_name, said.text.text, said.text.source) == (
        "Jo",
        "Hello there",
        "comment:stage",
    )
    assert await label.audience.unperceived(OPERATOR, who.id) == [heard, said]


async def test_a_like_counts_once_and_can_be_taken_back(label: TestLabel) -> None:
    who = await artist(label)
    release = await play.live_release(label, who)

    async def likes() -> int:
        return (await label.audience.totals(OPERATOR, who.id))["likes"]

    for on, total in ((True, 1), (True, 1), (False, 0), (False, 0), (True, 1)):
        assert await label.audience.like(FAN, who.handle, release.id, on) is on
        assert await likes() == total
    await label.audience.like(visitor_actor("other"), who.handle, release.id, True)
    assert await likes() == 2
    kinds = [e.kind for e in await label.audience.unperceived(OPERATOR, who.id)]
    assert kinds == ["like", "unlike", "like", "like"]
    page = await label.stage.page(who.handle, "fan")
    assert [r.liked for r in page.releases] == [True]
    assert [r.liked for r in (await label.stage.page(who.handle, "new")).releases] == [False]


async def test_what_is_not_public_takes_no_answer(label: TestLabel) -> None:
    who, other = await artist(label, "One"), await artist(label, "Two")
    waiting = ids(await asked(label, who))["release"]
    live = (await play.live_release(label, other)).id
    candidate = await label.artists.create(OPERATOR, BRIEF, "lofi")
    for handle, release_id in (
        (who.handle, waiting),
        (who.handle, live),
        (who.handle, "release_unknown"),
        ("nobody", live),
        ("nobody", None),
        (candidate.handle, None),
    ):
        with pytest.raises(NotFound):
            await label.audience.comment(FAN, handle, release_id, "Jo", "Hi")
        if release_id:
            with pytest.raises(NotFound):
                await label.audience.like(FAN, handle, release_id, True)
            with pytest.raises(NotFound):
                await label.audience.play(FAN, handle, release_id, 1.0, None)
    assert await label.audience.unperceived(OPERATOR, who.id) == []
    assert await label.audience.unperceived(OPERATOR, candidate.id) == []


@pytest.mark.parametrize("seconds", [-0.1, 90_000.0, float("nan"), float("inf")])
async def test_impossible_plays_are_refused(label: TestLabel, seconds: float) -> None:
    who = await artist(label)
    with pytest.raises(InvalidInput) as refused:
        await label.audience.play(FAN, who.handle, "release_x", seconds, None)
    assert refused.value.field == "seconds"


@pytest.mark.parametrize(
    ("name", "text", "field"), [("", "Hi", "name"), ("Jo", " ", "text"), ("Jo", "x" * 501, "text")]
)
async def test_bad_comments_name_their_field(
    label: TestLabel, name: str, text: str, field: str
) -> None:
    who = await artist(label)
    with pytest.raises(InvalidInput) as refused:
        await label.audience.comment(FAN, who.handle, None, name, text)
    assert refused.value.field == field


async def test_only_visitors_are_an_audience(label: TestLabel) -> None:
    who = await artist(label)
    for actor in (OPERATOR, artist_actor(who.id)):
        with pytest.raises(Forbidden):
            await label.audience.comment(actor, who.handle, None, "Jo", "Best artist ever")
    with pytest.raises(Forbidden):
        await label.audience.take_in(FAN, who.id, "run_x")


async def test_one_visitor_is_slowed_down_and_others_are_not(label: TestLabel) -> None:
    who = await artist(label)
    release = await play.live_release(label, who)
    for n in range(COMMENTS_PER_WINDOW):
        await label.audience.comment(FAN, who.handle, None, "Jo", f"Comment {n}")
    with pytest.raises(LimitReached) as refused:
        await label.audience.comment(FAN, who.handle, None, "Jo", "One more")
    assert refused.value.remedy
    for _ in range(EVENTS_PER_WINDOW - COMMENTS_PER_WINDOW):
        await label.audience.play(FAN, who.handle, release.id, 1.0, None)
    with pytest.raises(LimitReached):
        await label.audience.play(FAN, who.handle, release.id, 1.0, None)
    await label.audience.comment(visitor_actor("calm"), who.handle, None, "Al", "Hello")
    label.clock.advance(WINDOW + timedelta(seconds=1))
    await label.audience.comment(FAN, who.handle, None, "Jo", "I am back")


async def test_a_hidden_comment_is_neither_shown_nor_perceived(label: TestLabel) -> None:
    who = await artist(label)
    release = await play.live_release(label, who)
    said = await label.audience.comment(FAN, who.handle, release.id, "Jo", "Rude words")
    with pytest.raises(Forbidden):
        await label.audience.hide(FAN, said.id, True)
    await label.audience.hide(OPERATOR, said.id, True)
    page = await label.stage.page(who.handle)
    assert (page.comments, page.releases[0].comments) == ((), ())
    assert page.totals["comments"] == 0
    assert await label.audience.unperceived(OPERATOR, who.id) == []
    await label.audience.hide(OPERATOR, said.id, False)
    page = await label.stage.page(who.handle)
    assert [c.id for c in page.releases[0].comments] == [said.id]


async def test_what_one_run_takes_in_no_other_run_perceives(label: TestLabel) -> None:
    who = await artist(label)
    first = await label.audience.comment(FAN, who.handle, None, "Jo", "One")
    run = await play.cycle(label, who)
    actor = artist_actor(who.id)
    taken = await label.audience.take_in(actor, who.id, run.id)
    assert [e.id for e in taken] == [first.id]
    second = await label.audience.comment(FAN, who.handle, None, "Jo", "Two")
    again = await label.audience.take_in(actor, who.id, run.id)
    assert [e.id for e in again] == [first.id, second.id]
    other = await play.cycle(label, who)
    assert await label.audience.take_in(actor, who.id, other.id) == []
    assert [e.id for e in await label.audience.perceived_by(OPERATOR, run.id)] == [
        first.id,
        second.id,
    ]


async def test_hidden_words_are_not_taken_in(label: TestLabel) -> None:
    who = await artist(label)
    said = await label.audience.comment(FAN, who.handle, None, "Jo", "Rude words")
    await label.audience.hide(OPERATOR, said.id, True)
    run = await play.cycle(label, who)
    assert await label.audience.take_in(artist_actor(who.id), who.id, run.id) == []
