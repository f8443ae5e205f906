from __future__ import annotations

from datetime import timedelta

import pytest

from domain.actor import OPERATOR, SYSTEM, Actor, artist_actor
from domain.directive import STANDING_MAX, DirectiveStatus, Source, Target
from domain.errors import Conflict, Forbidden, InvalidInput, StaleVersion
from domain.rights import RIGHTS
from domain.seen import Seen
from tests.services.build import artist
from tests.support import label as play
from tests.support.label import TestLabel


def seen(version: int) -> Seen:
    return Seen(versions=frozenset({version}))


async def test_a_directive_is_kept_with_who_said_it_where(label: TestLabel) -> None:
    who = await artist(label)
    last = await label.views.last_event()
    source = Source(how="talk", talk_id="talk_1", turn_id="turn_3")
    given = await label.directives.add(OPERATOR, who.handle, "  don't post\n", source=source)
    assert (given.text, given.by, given.source) == ("don't post", "operator:local", source)
    assert (given.lasting, given.forbids) == (True, ("post_update",))
    again = await label.directives.add(OPERATOR, who.id, "don't post")
    assert again.id == given.id
    (told,) = await label.views.events(OPERATOR, last, artist_id=who.id)
    assert (told.kind, told.subject_id, told.data["status"]) == (
        *("directive.changed", given.id),
        "standing",
    )


async def test_two_people_who_edit_at_once_are_told_apart(label: TestLabel) -> None:
    who = await artist(label)
    given = await label.directives.add(OPERATOR, who.id, "post more")
    first = await label.directives.edit(OPERATOR, given.id, "post twice a week", seen=seen(1))
    with pytest.raises(StaleVersion):
        await label.directives.edit(OPERATOR, given.id, "post daily", seen=seen(1))
    shown = await label.directives.get(OPERATOR, given.id)
    assert shown.directive == first
    assert [past.text for past in first.history] == ["post more"]


async def test_an_edit_of_the_words_leaves_the_rest(label: TestLabel) -> None:
    who = await artist(label)
    soon = label.clock.now() + timedelta(days=1)
    given = await label.directives.add(OPERATOR, who.id, "rest", until=soon)
    edited = await label.directives.edit(OPERATOR, given.id, "take a break")
    assert (edited.until, edited.lasting) == (soon, True)
    freed = await label.directives.edit(OPERATOR, given.id, "rest", until=None, lasting=None)
    assert (freed.until, freed.lasting) == (None, False)


async def test_revoked_ones_count_no_more_and_are_not_revived(label: TestLabel) -> None:
    who = await artist(label)
    given = await label.directives.add(OPERATOR, who.id, "post more")
    ended = await label.directives.revoke(OPERATOR, given.id, why="enough")
    assert (ended.status, ended.why) == (DirectiveStatus.REVOKED, "enough")
    assert await label.directives.revoke(OPERATOR, given.id) == ended
    assert await label.directives.orders(artist_actor(who.id), who.id) == []
    with pytest.raises(Conflict):
        await label.directives.edit(OPERATOR, given.id, "post more again")
    # A run that was at it when it was revoked does not fulfil it.
    late = await label.directives.done_once(artist_actor(who.id), given.id, "run_1")
    assert late.status is DirectiveStatus.REVOKED
    fresh = await label.directives.add(OPERATOR, who.id, "post more")
    assert fresh.id != given.id


async def test_once_is_once_and_lasting_lasts(label: TestLabel) -> None:
    who = await artist(label)
    actor = artist_actor(who.id)
    run = await play.cycle(label, who)
    once = await label.directives.add(OPERATOR, who.id, "write a song about rain")
    always = await label.directives.add(OPERATOR, who.id, "always write about rain")
    for given in (once, always):
        await label.directives.done_once(actor, given.id, run.id)
    assert [o.id for o in await label.directives.orders(actor, who.id)] == [always.id]
    shown = (await label.directives.get(OPERATOR, once.id)).directive
    assert (shown.status, shown.run_id) == (DirectiveStatus.FULFILLED, run.id)


async def test_a_goal_is_counted_from_the_day_it_was_set_and_closed_when_reached(
    label: TestLabel,
) -> None:
    who = await artist(label)
    await play.live_release(label, who)
    label.clock.advance(timedelta(seconds=60))
    target = Target(measure="songs", count=1)
    goal = await label.directives.add(OPERATOR, who.id, "one more song", kind="goal", target=target)
    (order,) = await label.directives.orders(artist_actor(who.id), who.id)
    assert (order.wants, order.progress) == ("write_and_release_song", "0 of 1 song")
    label.clock.advance(timedelta(seconds=60))
    await play.live_release(label, who)
    assert await label.directives.orders(artist_actor(who.id), who.id) == []
    done = (await label.directives.get(OPERATOR, goal.id)).directive
    assert (done.status, done.why) == (DirectiveStatus.FULFILLED, "1 of 1 song")


async def test_time_ends_directives(label: TestLabel) -> None:
    who = await artist(label)
    soon = label.clock.now() + timedelta(days=1)
    given = await label.directives.add(OPERATOR, who.id, "don't post", until=soon)
    assert await label.directives.expire_due(SYSTEM) == []
    label.clock.advance(timedelta(days=1))
    # Even before the duty comes round it counts no more.
    assert await label.directives.orders(artist_actor(who.id), who.id) == []
    (ended,) = await label.directives.expire_due(SYSTEM)
    assert (ended.id, ended.status) == (given.id, DirectiveStatus.EXPIRED)
    assert await label.directives.expire_due(SYSTEM) == []


async def test_who_may_not_steer_may_only_read(label: TestLabel) -> None:
    who, other = await artist(label), await artist(label, "Other")
    given = await label.directives.add(OPERATOR, who.id, "post more")
    viewer = Actor(kind="operator", id="user_1", rights=RIGHTS["viewer"])
    assert (await label.directives.get(viewer, given.id)).directive == given
    for refused in (
        label.directives.add(viewer, who.id, "rest"),
        label.directives.edit(viewer, given.id, "rest"),
        label.directives.revoke(viewer, given.id),
        label.directives.fulfil(viewer, given.id),
    ):
        with pytest.raises(Forbidden):
            await refused
    limited = Actor(
        kind="operator", id="u", rights=RIGHTS["operator"], artists=frozenset({other.id})
    )
    with pytest.raises(Forbidden):
        await label.directives.revoke(limited, given.id)
    with pytest.raises(Forbidden):
        await label.directives.page(limited, who.id)


async def test_there_is_an_end_to_wishes(label: TestLabel) -> None:
    who = await artist(label)
    for number in range(STANDING_MAX):
        await label.directives.add(OPERATOR, who.id, f"wish {number}")
    with pytest.raises(Conflict, match="at most"):
        await label.directives.add(OPERATOR, who.id, "one more wish")
    with pytest.raises(InvalidInput):
        await label.directives.add(OPERATOR, who.id, "")
