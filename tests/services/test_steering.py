from __future__ import annotations

import asyncio
from datetime import time, timedelta
from typing import Any

import pytest

from domain.actor import OPERATOR, SYSTEM, Actor, artist_actor
from domain.approval import Approval, ApprovalStatus
from domain.artist import Artist, ArtistStatus
from domain.errors import Conflict, Forbidden, InvalidInput, LeaseLost, StaleVersion
from domain.ids import new_id
from domain.post import Payload, PostStatus
from domain.release import ReleaseStatus
from domain.rhythm import Window
from domain.rights import RIGHTS
from domain.run import RunStatus
from domain.seen import Seen
from domain.steering import Budgets, Standing
from services.autopilot import AutopilotService
from services.run_moves import lease_of
from services.steering_change import SteeringChange
from tests.services.build import artist, asked, ids
from tests.support import label as play
from tests.support.label import TestLabel

HOUR = timedelta(hours=1)
# The label's clock stands at 9:30 in UTC.
MORNING = Window(start=time(9), end=time(12))


def autopilot(label: TestLabel) -> AutopilotService:
    return AutopilotService(label.database, label.clock, label.approvals)


async def steer(label: TestLabel, who: Artist, **changes: Any) -> None:
    await label.steering.put(OPERATOR, who.id, SteeringChange.model_validate(changes))


async def post_of(label: TestLabel, who: Artist, own: Standing | None = None) -> Approval:
    """An approval over a post, as a run opens it."""
    run = await play.cycle(label, who, own)
    actor, post_id = artist_actor(who.id), new_id("post")
    payload = Payload(channel="stage", text="Hello.")
    await label.catalogue.draft_post(actor, post_id, who.id, run.id, payload)
    return await label.approvals.open(actor, new_id("approval"), who.id, run.id, (), (post_id,))


async def stands(label: TestLabel, approval: Approval) -> ApprovalStatus:
    return (await label.approvals.get(OPERATOR, approval.id)).status


async def test_autopilot_lets_out_once_what_nobody_objected_to(label: TestLabel) -> None:
    who = await artist(label)
    await steer(label, who, level="autopilot", veto_hours=6)
    approval = await post_of(label, who)
    assert approval.status is ApprovalStatus.WAITING
    assert approval.auto_approve_at == label.clock.now() + 6 * HOUR
    label.clock.advance(6 * HOUR - timedelta(seconds=1))
    assert await autopilot(label).approve_due(SYSTEM) == []
    label.clock.advance(timedelta(seconds=1))
    last = await label.views.last_event()
    # Two leaders for a moment, as when one was frozen.
    both = await asyncio.gather(*(autopilot(label).approve_due(SYSTEM) for _ in range(2)))
    assert [a.id for found in both for a in found] == [approval.id]
    assert await autopilot(label).approve_due(SYSTEM) == []
    decided = await label.approvals.get(OPERATOR, approval.id)
    assert decided.decision is not None
    assert decided.decision.by == "policy:autopilot"
    told = await label.views.events(OPERATOR, last, artist_id=who.id)
    closed = [e for e in told if e.kind == "approval.closed"]
    assert [(e.actor, e.data["by"]) for e in closed] == [("system:system", "policy:autopilot")]


async def test_a_veto_is_a_rejection_and_nothing_goes_out_after(label: TestLabel) -> None:
    who = await artist(label)
    await steer(label, who, level="autopilot", veto_hours=6)
    approval = await post_of(label, who)
    await label.approvals.decide(OPERATOR, approval.id, "reject", reason="timing")
    label.clock.advance(7 * HOUR)
    assert await autopilot(label).approve_due(SYSTEM) == []
    assert await stands(label, approval) is ApprovalStatus.REJECTED


@pytest.mark.parametrize(
    ("steered", "own", "status"),
    [
        ({}, None, ApprovalStatus.WAITING),
        ({}, "auto", ApprovalStatus.APPROVED),
        ({"level": "supervised"}, "auto", ApprovalStatus.WAITING),
        ({"level": "manual"}, "auto", ApprovalStatus.WAITING),
        ({"level": "autopilot", "veto_hours": 0}, None, ApprovalStatus.APPROVED),
        ({"level": "autopilot", "veto_hours": 0}, "ask", ApprovalStatus.WAITING),
    ],
)
async def test_the_stricter_word_counts(
    label: TestLabel, steered: dict[str, Any], own: Standing | None, status: ApprovalStatus
) -> None:
    who = await artist(label)
    if steered:
        await steer(label, who, **steered)
    approval = await post_of(label, who, own)
    assert approval.status is status
    assert approval.auto_approve_at is None


async def test_what_waits_is_asked_of_a_person_once_the_level_is_lowered(label: TestLabel) -> None:
    who = await artist(label)
    await steer(label, who, level="autopilot", veto_hours=1)
    approval = await post_of(label, who)
    await steer(label, who, level="supervised")
    assert (await label.approvals.get(OPERATOR, approval.id)).auto_approve_at is None
    label.clock.advance(2 * HOUR)
    assert await autopilot(label).approve_due(SYSTEM) == []
    assert await stands(label, approval) is ApprovalStatus.WAITING


async def test_a_longer_window_counts_for_what_waits_already(label: TestLabel) -> None:
    who = await artist(label)
    await steer(label, who, level="autopilot", veto_hours=1)
    approval = await post_of(label, who)
    await steer(label, who, veto_hours=100)
    moved = await label.approvals.get(OPERATOR, approval.id)
    assert moved.auto_approve_at == approval.created_at + 100 * HOUR
    assert moved.expires_at > moved.auto_approve_at


@pytest.mark.parametrize("obstacle", ["paused", "held", "quiet"])
async def test_nothing_leaves_while_it_may_not(label: TestLabel, obstacle: str) -> None:
    who = await artist(label)
    await steer(label, who, level="autopilot", veto_hours=1)
    approval = await post_of(label, who)
    label.clock.advance(HOUR)
    if obstacle == "paused":
        await label.artists.pause(OPERATOR, who.id)
    elif obstacle == "held":
        await label.holds.hold(OPERATOR)
    else:
        await steer(label, who, quiet=MORNING)
    assert await autopilot(label).approve_due(SYSTEM) == []
    if obstacle == "paused":
        await label.artists.resume(OPERATOR, who.id)
    elif obstacle == "held":
        await label.holds.lift(OPERATOR)
    else:
        label.clock.advance(2 * HOUR)
    assert [a.id for a in await autopilot(label).approve_due(SYSTEM)] == [approval.id]


async def test_a_window_never_ends_in_quiet_hours(label: TestLabel) -> None:
    who = await artist(label)
    await steer(label, who, level="autopilot", veto_hours=0, quiet=MORNING)
    approval = await post_of(label, who)
    assert approval.auto_approve_at is not None
    assert approval.auto_approve_at.time() == time(12)


async def test_two_people_who_steer_at_once_are_told_apart(label: TestLabel) -> None:
    who = await artist(label)
    unset = await label.steering.of(OPERATOR, who.id)
    assert (unset.row_version, unset.level, unset.in_force) == (0, None, "supervised")
    both = Seen(versions=frozenset({unset.row_version}))
    change = SteeringChange(level="manual")
    first = await label.steering.put(OPERATOR, who.id, change, seen=both)
    with pytest.raises(StaleVersion):
        await label.steering.put(OPERATOR, who.id, SteeringChange(level="autopilot"), seen=both)
    assert await label.steering.of(OPERATOR, who.id) == first


async def test_what_is_left_out_stays_and_null_takes_a_limit_away(label: TestLabel) -> None:
    who = await artist(label)
    await steer(label, who, posts_day=2, budgets={"tokens_day": 10, "usd_run": 0.5})
    await steer(label, who, budgets={"tokens_day": None, "usd_day": 1.0})
    found = await label.steering.of(OPERATOR, who.id)
    assert (found.posts_day, found.budgets) == (2, Budgets(usd_day=1.0, usd_run=0.5))
    view = await label.steering.view(OPERATOR, who.id)
    assert (view.limits.tokens_day, view.limits.usd_day) == (2_000_000, 1.0)


async def test_to_let_more_out_takes_the_right_to_approve(label: TestLabel) -> None:
    who = await artist(label)
    steers = Actor(kind="operator", id="u", rights=RIGHTS["operator"] - {"approve"})
    await label.steering.put(steers, who.id, SteeringChange(level="manual"))
    with pytest.raises(Forbidden):
        await label.steering.put(steers, who.id, SteeringChange(level="autopilot"))
    await steer(label, who, level="autopilot", veto_hours=6)
    await label.steering.put(steers, who.id, SteeringChange(veto_hours=8))
    await steer(label, who, quiet=MORNING, posts_day=3)
    await label.steering.put(steers, who.id, SteeringChange(posts_day=2))
    for looser in ({"veto_hours": 1}, {"quiet": "none"}, {"posts_day": None}, {"posts_day": 4}):
        with pytest.raises(Forbidden):
            await label.steering.put(steers, who.id, SteeringChange.model_validate(looser))


async def test_a_zone_nobody_knows_is_refused(label: TestLabel) -> None:
    who = await artist(label)
    with pytest.raises(InvalidInput) as refused:
        await steer(label, who, tz="Mars/Olympus")
    assert refused.value.field == "tz"


async def test_by_hand_schedules_and_supervisors_begin_nothing(label: TestLabel) -> None:
    who = await artist(label)
    await steer(label, who, level="manual")
    with pytest.raises(Conflict) as refused:
        await label.runs.start(SYSTEM, who.id, cause="schedule")
    assert refused.value.field == "level"
    assert (await label.runs.start(OPERATOR, who.id)).status is RunStatus.QUEUED


async def test_a_full_day_is_told(label: TestLabel) -> None:
    who = await artist(label)
    await steer(label, who, posts_day=1)
    assert await label.steering.day_is_full(who.id) is None
    await play.live_release(label, who)
    assert await label.steering.day_is_full(who.id) == "1 of at most 1 posts went out today"
    until = await label.steering.held_back_until(who.id)
    assert until is not None
    assert until.date() > label.clock.now().date()


async def test_stopping_ends_everything_and_nothing_of_it_goes_out(label: TestLabel) -> None:
    who = await artist(label)
    waiting = await asked(label, who)
    running = await play.cycle(label, who)
    queued = await label.runs.start(OPERATOR, who.id)
    stopped = await label.steering.stop(OPERATOR, who.handle, "wrong words")
    assert stopped.artist.status is ArtistStatus.PAUSED
    assert {run.id for run in stopped.runs} == {waiting.run_id, running.id, queued.id}
    for run in stopped.runs:
        assert run.status is RunStatus.CANCELLED
        assert run.stopped is not None
        assert (run.stopped.by, run.stopped.why) == ("operator:local", "wrong words")
    assert await stands(label, waiting) is ApprovalStatus.VOID
    post = await label.catalogue.post(OPERATOR, ids(waiting)["post"])
    assert post.status is PostStatus.CANCELLED
    with pytest.raises(Conflict):
        await label.publishing.post(OPERATOR, post.id)
    again = await label.steering.stop(OPERATOR, who.handle)
    assert again.runs == ()


async def test_what_was_approved_but_is_not_out_stays_in(label: TestLabel) -> None:
    who = await artist(label)
    approval = await asked(label, who)
    await label.approvals.decide(OPERATOR, approval.id, "approve")
    await label.runs.cancel(OPERATOR, approval.run_id)
    release = await label.catalogue.release(OPERATOR, ids(approval)["release"])
    assert release.status is ReleaseStatus.DRAFT
    with pytest.raises(Conflict):
        await label.publishing.release(OPERATOR, release.id)
    assert await label.publishing.retry_due(SYSTEM) == []


async def test_the_worker_of_a_stopped_run_writes_nothing_more(label: TestLabel) -> None:
    who = await artist(label)
    run = await play.cycle(label, who)
    actor = artist_actor(who.id, lease_of(run))
    await label.runs.cancel(OPERATOR, run.id)
    assert await label.runs.stopped_among({run.id}) == {run.id}
    with pytest.raises(LeaseLost):
        await label.runs.step_started(actor, run, "render")


async def test_a_run_that_has_ended_is_not_stopped(label: TestLabel) -> None:
    who = await artist(label)
    run = await play.cycle(label, who)
    await label.runs.finish(SYSTEM, run.id)
    with pytest.raises(Conflict):
        await label.runs.cancel(OPERATOR, run.id)
    viewer = Actor(kind="operator", id="u", rights=RIGHTS["viewer"])
    with pytest.raises(Forbidden):
        await label.runs.cancel(viewer, (await play.cycle(label, who)).id)
