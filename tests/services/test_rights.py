"""No set of rights lets anybody do what it does not hold; people of some artists see only these."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from domain.actor import OPERATOR, SYSTEM, Actor, artist_actor, visitor_actor
from domain.dead_letters import DeadFilter
from domain.errors import DiskFull, Forbidden, GreenroomError
from domain.rights import EVERY_RIGHT, RIGHTS, ROLES, Right
from services.schedules import ScheduleChange
from tests.support.label import BRIEF, TestLabel
from tests.support.two_artists import MINE, NOBODYS, THEIRS, settle_in

Deed = Callable[[TestLabel, Actor], Awaitable[Any]]
X = f"artist_{MINE}"
# What they are about does not exist, so that whoever may do them changes nothing.
DEEDS: dict[Right, tuple[Deed, ...]] = {
    "read": (
        lambda label, who: label.artists.find(who, NOBODYS),
        lambda label, who: label.artists.page(who),
        lambda label, who: label.runs.get(who, NOBODYS),
        lambda label, who: label.runs.steps(who, NOBODYS),
        lambda label, who: label.works.get(who, NOBODYS),
        lambda label, who: label.works.check_file(who, NOBODYS),
        lambda label, who: label.catalogue.release(who, NOBODYS),
        lambda label, who: label.catalogue.of_artist(who, NOBODYS),
        lambda label, who: label.approvals.waiting(who),
        lambda label, who: label.audience.comments(who, NOBODYS),
        lambda label, who: label.views.run(who, NOBODYS),
        lambda label, who: label.views.events(who, 0),
        lambda label, who: label.generation.jobs(who),
        lambda label, who: label.providers.statuses(who),
        lambda label, who: label.schedules.upcoming(who),
        lambda label, who: label.operations.overview(who),
        lambda label, who: label.holds.state(who),
        lambda label, who: label.alerts.open(who),
        lambda label, who: label.channels.of_artist(who, NOBODYS),
    ),
    "steer": (
        lambda label, who: label.artists.create(who, ""),
        lambda label, who: label.artists.pause(who, NOBODYS),
        lambda label, who: label.artists.retire(who, NOBODYS),
        lambda label, who: label.artists.feel(who, NOBODYS, ()),
        lambda label, who: label.runs.start(who, NOBODYS),
        lambda label, who: label.runs.resume(who, NOBODYS),
        lambda label, who: label.schedules.put(who, NOBODYS, ScheduleChange()),
        lambda label, who: label.schedules.run_now(who, NOBODYS),
    ),
    "approve": (
        lambda label, who: label.approvals.decide(who, NOBODYS, "approve"),
        lambda label, who: label.approvals.edit_post(who, NOBODYS, NOBODYS, "words"),
        lambda label, who: label.audience.hide(who, NOBODYS, True),
        lambda label, who: label.publishing.settle(who, NOBODYS, published=True),
        lambda label, who: label.publishing.post(who, NOBODYS),
    ),
    "connect": (
        lambda label, who: label.channels.pause(who, NOBODYS, "bluesky"),
        lambda label, who: label.channels.disconnect(who, NOBODYS, "bluesky"),
        lambda label, who: label.providers.disconnect(who, NOBODYS),
        lambda label, who: label.webhooks.all(who),
        lambda label, who: label.webhooks.rotate(who, NOBODYS),
    ),
    "operate": (
        lambda label, who: label.operations.replay(who, NOBODYS),
        lambda label, who: label.operations.replay_all(who, DeadFilter()),
        lambda label, who: label.operations.drain(who, NOBODYS),
        lambda label, who: label.holds.lift(who),
        lambda label, who: label.alerts.acknowledge(who, NOBODYS),
    ),
}


def person(rights: frozenset[Right], *artists: str) -> Actor:
    seen = frozenset(artists) if artists else None
    return Actor(kind="operator", id="somebody", rights=rights, artists=seen)


async def refused(deed: Deed, label: TestLabel, who: Actor) -> bool:
    try:
        await deed(label, who)
    except Forbidden:
        return True
    except GreenroomError:
        return False
    return False


async def test_what_rights_do_not_hold_is_refused_and_what_they_hold_is_not(
    label: TestLabel,
) -> None:
    sets = [RIGHTS[role] for role in ROLES]
    sets += [frozenset({right}) for right in sorted(EVERY_RIGHT)]
    sets += [EVERY_RIGHT - {right} for right in sorted(EVERY_RIGHT)]
    for rights in sets:
        for right, deeds in DEEDS.items():
            for number, deed in enumerate(deeds):
                no = await refused(deed, label, person(rights))
                assert no == (right not in rights), (sorted(rights), right, number)


async def test_artists_and_visitors_are_no_people(label: TestLabel) -> None:
    for right in ("approve", "connect", "operate"):
        for number, deed in enumerate(DEEDS[right]):
            if (right, number) != ("approve", 4):  # An artist publishes what was approved.
                assert await refused(deed, label, artist_actor(X)), (right, number)
    for right, deeds in DEEDS.items():
        for number, deed in enumerate(deeds):
            assert await refused(deed, label, visitor_actor("visitor_1")), (right, number)


async def test_approving_by_itself_needs_the_right_to_approve(label: TestLabel) -> None:
    await settle_in(label)
    steers = person(frozenset({"read", "steer"}))
    with pytest.raises(Forbidden):
        await label.runs.start(steers, X, approve="auto")
    with pytest.raises(Forbidden):
        await label.schedules.put(steers, X, ScheduleChange(approve="auto"))
    assert (await label.runs.start(steers, X)).approve == "ask"


async def test_lists_show_people_of_one_artist_what_is_theirs(label: TestLabel) -> None:
    await settle_in(label)
    one, every = person(EVERY_RIGHT, X), OPERATOR
    theirs = f"artist_{THEIRS}"
    for who, wanted in ((one, {X}), (every, {X, theirs})):
        assert {a.id for a in await label.artists.page(who)} == wanted
        assert {r.artist_id for r in await label.runs.page(who)} == wanted
        assert {run.artist_id for run, _ in await label.views.runs(who)} == wanted
        assert {a.artist_id for a in await label.approvals.page(who)} == wanted
        assert {a.artist_id for a in await label.approvals.waiting(who)} == wanted
        assert {v.artist.id for v in await label.views.waiting(who)} == wanted
        assert {j.artist_id for j in await label.generation.jobs(who)} == wanted
        assert len(await label.generation.trails(who)) == len(wanted)
        assert {s.artist_id for s, _ in await label.schedules.page(who)} == wanted
        assert {u.artist.id for u in await label.schedules.upcoming(who)} == wanted
        assert {*await label.schedules.next_by_artist(who)} == wanted
        assert {e.artist_id for e in await label.views.events(who, 0)} == wanted


async def test_addresses_of_webhooks_are_told_to_those_who_may_connect(label: TestLabel) -> None:
    await label.webhooks.add(OPERATOR, "http://127.0.0.1:1/secret")
    rights: tuple[tuple[Right, int], ...] = (("connect", 1), ("steer", 0))
    for right, many in rights:
        who = person(frozenset({"read", right}))
        told = await label.views.events(who, 0)
        assert [e.kind for e in told] == ["webhook.changed"] * many


async def test_pages_of_people_of_one_artist_are_full(label: TestLabel) -> None:
    """What others may see takes no place on their pages."""
    await settle_in(label)
    one = person(EVERY_RIGHT, f"artist_{THEIRS}")
    assert [a.id for a in await label.artists.page(one, limit=1)] == [f"artist_{THEIRS}"]
    assert [r.id for r in await label.runs.page(one, limit=1)] == [f"run_{THEIRS}"]
    assert len(await label.views.events(one, 0, limit=1)) == 1


async def test_the_engine_room_shows_and_replays_what_is_theirs(label: TestLabel) -> None:
    await settle_in(label)
    one = person(EVERY_RIGHT, X)
    for x in (MINE, THEIRS):
        await label.runs.begin(SYSTEM, f"run_{x}")
        await label.runs.fail(SYSTEM, f"run_{x}", "plan", DiskFull("the disk is full"))
    for who, many in ((one, 1), (OPERATOR, 2)):
        view = await label.operations.overview(who)
        assert (view.dead.total, len(view.dead.items), view.dead_kinds[0].total) == (many,) * 3
        assert len(await label.operations.dead_letters(who, DeadFilter())) == many
    assert await label.operations.dead_letters(one, DeadFilter(artist_id=f"artist_{THEIRS}")) == []
    swept = await label.operations.replay_all(one, DeadFilter())
    assert (swept.done, swept.left) == ((f"run_{MINE}",), 0)
    with pytest.raises(Forbidden):
        await label.operations.replay(one, f"run_{THEIRS}")
    assert (await label.operations.overview(OPERATOR)).dead.total == 1


async def test_what_concerns_every_artist_is_refused_to_people_of_one(label: TestLabel) -> None:
    one = person(EVERY_RIGHT, X)
    deeds: tuple[Deed, ...] = (
        lambda label, who: label.holds.hold(who, "a quiet day"),
        lambda label, who: label.operations.drain(who, NOBODYS),
        lambda label, who: label.webhooks.all(who),
        lambda label, who: label.providers.disconnect(who, NOBODYS),
        lambda label, who: label.artists.create(who, BRIEF),
        lambda label, who: label.alerts.get(who, NOBODYS),
    )
    for number, deed in enumerate(deeds):
        assert await refused(deed, label, one), number
    assert await label.alerts.open(one) == []
