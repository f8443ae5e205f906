from __future__ import annotations

import asyncio
from datetime import time, timedelta
from typing import Any

import pytest

from domain.actor import OPERATOR, SYSTEM
from domain.artist import Artist
from domain.directive import DirectiveStatus
from domain.rhythm import Window
from domain.run import Run, RunStatus
from graphs.context import RunContext
from graphs.cycle.perceive import perceive
from graphs.cycle.plan import plan
from graphs.cycle.recall import recall
from graphs.cycle.remember import remember
from graphs.cycle.state import CycleState
from graphs.steps import Outcome
from services.autopilot import AutopilotService
from services.steering_change import SteeringChange
from tests.graphs.build import Stand, asking, chain, context_of
from tests.services.build import artist
from tests.support import label as play
from tests.support.label import TestLabel

HOUR = timedelta(hours=1)


async def steer(label: TestLabel, who: Artist, **changes: Any) -> None:
    await label.steering.put(OPERATOR, who.id, SteeringChange.model_validate(changes))


async def planned(label: TestLabel, who: Artist) -> tuple[RunContext, CycleState, Outcome]:
    """A run of the artist up to its plan."""
    run = await play.cycle(label, who)
    context = context_of(label, run, ("recall_memories",))
    state = CycleState(run_id=run.id, seed=3)
    for node in (perceive, recall):
        state.update((await node(state, context)).update)  # type: ignore[typeddict-item]
    outcome = await plan(state, context)
    state.update(outcome.update)  # type: ignore[typeddict-item]
    return context, state, outcome


async def test_a_directive_is_followed_named_and_fulfilled_by_its_run(label: TestLabel) -> None:
    who = await artist(label)
    given = await label.directives.add(OPERATOR, who.id, "Take a break.")
    context, state, outcome = await planned(label, who)
    assert state["action"] == "rest"
    assert "I follow the directive “Take a break.”" in outcome.says
    assert outcome.facts["plan"]["directive_id"] == given.id
    assert outcome.report is not None
    snapshot: Any = outcome.report.snapshot
    (shown,) = snapshot["facts"]["orders"]
    assert shown["text"] == "Take a break."
    await remember(state, context)
    done = (await label.directives.get(OPERATOR, given.id)).directive
    assert (done.status, done.run_id) == (DirectiveStatus.FULFILLED, context.run.id)
    _, after, _ = await planned(label, who)
    assert after["directive_id"] is None


async def test_what_is_ruled_out_is_no_choice_and_says_why(label: TestLabel) -> None:
    who = await artist(label)
    _, before, _ = await planned(label, who)
    assert before["action"] == "write_and_release_song"  # It has no song yet.
    no = await label.directives.add(OPERATOR, who.id, "No new songs this week.")
    context, state, plan_step = await planned(label, who)
    assert state["action"] != "write_and_release_song"
    because = "I may not write and release a song: my label said: No new songs this week."
    assert plan_step.says.endswith(because)
    told = (await perceive(state, context)).facts["perceived"]
    assert {option["action"] for option in told["legal"]} == {"post_update", "rest"}
    assert told["denied"] == {"write_and_release_song": "my label said: No new songs this week."}
    await label.directives.revoke(OPERATOR, no.id)
    _, free, _ = await planned(label, who)
    assert free["action"] == "write_and_release_song"


async def test_when_all_is_ruled_out_in_one_sentence_it_rests(label: TestLabel) -> None:
    who = await artist(label)
    await label.directives.add(OPERATOR, who.id, "no new songs and no posts")
    _, state, plan_step = await planned(label, who)
    assert state["action"] == "rest"
    because = "write and release a song or post an update: my label said: no new songs and no posts"
    assert f"I may not {because}." in plan_step.says
    assert (await label.directives.orders(OPERATOR, who.id))[0].lasting


async def test_a_full_day_leaves_nothing_to_publish(label: TestLabel) -> None:
    who = await artist(label)
    await play.live_release(label, who)
    await steer(label, who, posts_day=1)
    _, state, _ = await planned(label, who)
    assert state["action"] == "rest"
    label.clock.advance(timedelta(days=1))
    context = context_of(label, await play.cycle(label, who))
    legal = (await perceive(state, context)).facts["perceived"]["legal"]
    assert len(legal) == 3


async def queued(label: TestLabel) -> tuple[Artist, Run]:
    who = await artist(label)
    return who, await label.runs.start(OPERATOR, who.handle, seed=3)


async def test_autopilot_goes_on_by_itself_after_the_window(label: TestLabel) -> None:
    who, run = await queued(label)
    await steer(label, who, level="autopilot", veto_hours=6)
    stand = Stand(label, asking(who))
    assert (await stand.drive(run.id)).status is RunStatus.WAITING
    label.clock.advance(6 * HOUR)
    duty = AutopilotService(label.database, label.clock, label.approvals)
    # The process that decided dies; another one finds the run, and drives it twice.
    await duty.approve_due(SYSTEM)
    stand.driver = stand.new_driver()
    assert (await stand.drive(run.id)).status is RunStatus.SUCCEEDED
    assert (await stand.drive(run.id)).status is RunStatus.SUCCEEDED
    steps = [r.step for r in await label.runs.steps(OPERATOR, run.id)]
    assert steps == ["submit", "publish"]


async def test_a_vetoed_run_publishes_nothing(label: TestLabel) -> None:
    who, run = await queued(label)
    await steer(label, who, level="autopilot", veto_hours=6)
    stand = Stand(label, asking(who))
    await stand.drive(run.id)
    (approval,) = await label.approvals.waiting(OPERATOR, who.id)
    await label.approvals.decide(OPERATOR, approval.id, "reject", reason="timing")
    label.clock.advance(7 * HOUR)
    duty = AutopilotService(label.database, label.clock, label.approvals)
    assert await duty.approve_due(SYSTEM) == []
    assert (await stand.drive(run.id)).status is RunStatus.REJECTED
    steps = [r.step for r in await label.runs.steps(OPERATOR, run.id)]
    assert "publish" not in steps


async def test_what_a_person_approved_waits_for_quiet_hours_to_end(label: TestLabel) -> None:
    who, run = await queued(label)
    await steer(label, who, quiet=Window(start=time(9), end=time(12)))
    stand = Stand(label, asking(who))
    await stand.drive(run.id)
    (approval,) = await label.approvals.waiting(OPERATOR, who.id)
    await label.approvals.decide(OPERATOR, approval.id, "approve")
    held = await stand.drive(run.id)
    assert held.status is RunStatus.WAITING
    assert held.held_back
    assert held.retry_at is not None
    assert held.retry_at.time() == time(12)
    label.clock.advance(HOUR)
    assert (await stand.drive(run.id)).held_back  # Looked at too early: it waits on.
    stand.driver = stand.new_driver()
    label.clock.advance(2 * HOUR)
    assert (await stand.drive(run.id)).status is RunStatus.SUCCEEDED


class LongStep:
    """A step that takes until it is cut short, as a render's child is."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.cut = False

    async def render(self, state: CycleState, context: RunContext) -> Outcome:
        self.begun.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            self.cut = True
            raise
        return Outcome(update={}, says="rendered")

    async def publish(self, state: CycleState, context: RunContext) -> Outcome:
        raise AssertionError("nothing is published after a stop")


async def test_stopping_cuts_the_step_under_way_and_the_run_tells_who(label: TestLabel) -> None:
    who, run = await queued(label)
    long = LongStep()
    stand = Stand(label, chain(render=long.render, publish=long.publish))
    await stand.driver.end_stopped()
    driving = asyncio.create_task(stand.drive(run.id))
    await long.begun.wait()
    await stand.driver.end_stopped()
    assert not long.cut  # Nobody has stopped it.
    await label.steering.stop(OPERATOR, who.id, "wrong words")
    await stand.driver.end_stopped()
    ended = await asyncio.wait_for(driving, 10)
    assert long.cut
    assert ended.status is RunStatus.CANCELLED
    assert ended.stopped is not None
    assert (ended.stopped.by, ended.stopped.why) == ("operator:local", "wrong words")
    assert (await stand.drive(run.id)).status is RunStatus.CANCELLED


async def test_a_worker_that_ends_still_hands_its_step_over(label: TestLabel) -> None:
    _, run = await queued(label)
    long = LongStep()
    stand = Stand(label, chain(render=long.render))
    driving = asyncio.create_task(stand.drive(run.id))
    await long.begun.wait()
    driving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await driving
    assert long.cut
    assert (await label.runs.get(OPERATOR, run.id)).status is RunStatus.QUEUED


async def test_a_run_stopped_between_steps_ends_at_the_next_safe_point(label: TestLabel) -> None:
    _, run = await queued(label)
    long = LongStep()

    async def first(state: CycleState, context: RunContext) -> Outcome:
        await label.runs.cancel(OPERATOR, run.id)
        return Outcome(update={}, says="done")

    stand = Stand(label, chain(first=first, publish=long.publish))
    assert (await stand.drive(run.id)).status is RunStatus.CANCELLED
    assert await label.approvals.waiting(OPERATOR) == []
