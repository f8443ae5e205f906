from __future__ import annotations

import asyncio
import errno
import sqlite3
from typing import Any

import pytest
from langgraph.types import Command

from domain.actor import OPERATOR, SYSTEM
from domain.artist import Artist
from domain.errors import Forbidden, Held, LimitReached, PartMissing, UnusableAnswer
from domain.ports.engine import HandedOver
from domain.run import Run, RunStatus
from graphs.context import RunContext
from graphs.cycle.state import CycleState
from graphs.steps import Outcome
from tests.graphs.build import Stand, asking, chain
from tests.services.build import artist
from tests.support.label import TestLabel
from tools.recall_memories import Memories, RecallMemories
from tools.render_song import RenderedSong, RenderSong


class Killed(BaseException):
    """Ends a run as the end of its process does: nothing is written down."""


class Steps:
    """Two steps that count how often they ran; the second raises what it is told to."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.trouble: BaseException | None = None

    async def first(self, state: CycleState, context: RunContext) -> Outcome:
        self.ran.append("first")
        return Outcome(update={"subject": "rain"}, says="first done")

    async def second(self, state: CycleState, context: RunContext) -> Outcome:
        self.ran.append("second")
        if self.trouble is not None:
            raise self.trouble
        return Outcome(update={}, says=state["subject"])


async def queued(label: TestLabel) -> tuple[Artist, Run]:
    who = await artist(label)
    return who, await label.runs.start(OPERATOR, who.handle, seed=3)


async def test_a_run_goes_to_its_end_and_its_checkpoints_go(label: TestLabel) -> None:
    steps = Steps()
    stand = Stand(label, chain(first=steps.first, second=steps.second))
    _, run = await queued(label)
    done = await stand.drive(run.id)
    assert done.status is RunStatus.SUCCEEDED
    assert not stand.has_checkpoints(run.id)
    records = await label.runs.steps(OPERATOR, run.id)
    assert [(r.step, r.attempt, r.outcome) for r in records] == [
        ("first", 1, "ok"),
        ("second", 1, "ok"),
    ]
    assert records[1].report["says"] == "rain"


async def test_each_step_keeps_what_its_tools_were_given_and_gave(label: TestLabel) -> None:
    async def remembers(state: CycleState, context: RunContext) -> Outcome:
        await context.toolbox.use("recall_memories", RecallMemories(query="ferries"), Memories)
        return Outcome(update={"subject": "rain"}, says="remembered")

    async def renders(state: CycleState, context: RunContext) -> Outcome:
        unknown = RenderSong(work_id="work_unknown", revision=0)
        await context.toolbox.use("render_song", unknown, RenderedSong)
        return Outcome(update={}, says="rendered")

    stand = Stand(label, chain(first=remembers, second=renders), ("recall_memories", "render_song"))
    _, run = await queued(label)
    assert (await stand.drive(run.id)).status is RunStatus.FAILED
    first, second = await label.runs.steps(OPERATOR, run.id)
    (looked,), (tried,) = first.tools, second.tools
    assert (looked.tool, looked.arguments["query"]) == ("recall_memories", "ferries")
    assert (looked.result, looked.failure) == ({"found": []}, None)
    assert (tried.tool, tried.arguments["work_id"]) == ("render_song", "work_unknown")
    assert tried.result == {}
    assert "work_unknown" in (tried.failure or "")


async def test_an_ended_run_is_left_alone(label: TestLabel) -> None:
    steps = Steps()
    stand = Stand(label, chain(first=steps.first, second=steps.second))
    _, run = await queued(label)
    done = await stand.drive(run.id)
    assert await stand.drive(run.id) == done
    assert steps.ran == ["first", "second"]


async def test_a_failure_is_kept_with_step_and_remedy_and_resumed_there(label: TestLabel) -> None:
    steps = Steps()
    steps.trouble = PartMissing("no font", field="soundfont", remedy="Install it.")
    stand = Stand(label, chain(first=steps.first, second=steps.second))
    _, run = await queued(label)
    failed = await stand.drive(run.id)
    assert failed.status is RunStatus.FAILED
    assert failed.failure is not None
    assert failed.failure.model_dump() == {
        "code": "part_missing",
        "message": "no font",
        "step": "second",
        "field": "soundfont",
        "remedy": "Install it.",
        "exit_code": 8,
    }
    assert [r.outcome for r in await label.runs.steps(OPERATOR, run.id)] == ["ok", "error"]

    assert (await stand.drive(run.id)).status is RunStatus.FAILED
    assert steps.ran == ["first", "second"], "only resuming tries again"

    steps.trouble = None
    await label.runs.resume(OPERATOR, run.id)
    stand.driver = stand.new_driver()
    done = await stand.drive(run.id)
    assert (done.status, done.failure) == (RunStatus.SUCCEEDED, None)
    assert steps.ran == ["first", "second", "second"]
    assert [r.attempt for r in await label.runs.steps(OPERATOR, run.id)] == [1, 1, 2]


async def test_only_refused_answers_make_the_next_try_draw_others(label: TestLabel) -> None:
    tried: list[int] = []
    troubles = [
        UnusableAnswer("all were junk"),
        LimitReached("too many tokens"),
        UnusableAnswer("junk again"),
        Killed(),
    ]

    async def write(state: CycleState, context: RunContext) -> Outcome:
        tried.append(context.scope("write").attempt)
        if troubles:
            raise troubles.pop(0)
        return Outcome(update={}, says="written")

    stand = Stand(label, chain(write=write))
    _, run = await queued(label)
    for _ in range(3):
        assert (await stand.drive(run.id)).status is RunStatus.FAILED
        await label.runs.resume(OPERATOR, run.id)
    with pytest.raises(Killed):
        await stand.drive(run.id)
    assert (await stand.drive(run.id)).status is RunStatus.SUCCEEDED
    assert tried == [1, 2, 2, 3, 3]


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (ZeroDivisionError("division by zero"), "internal_error"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full"),
        (OSError(errno.EDQUOT, "Quota exceeded"), "disk_full"),
        (OSError(errno.EACCES, "Permission denied"), "internal_error"),
        (sqlite3.OperationalError("database or disk is full"), "disk_full"),
        (sqlite3.OperationalError("no such table: x"), "internal_error"),
    ],
)
async def test_the_unexpected_fails_the_run_and_not_the_worker(
    label: TestLabel, trouble: Exception, code: str
) -> None:
    steps = Steps()
    steps.trouble = trouble
    stand = Stand(label, chain(first=steps.first, second=steps.second))
    _, run = await queued(label)
    failed = await stand.drive(run.id)
    assert failed.status is RunStatus.FAILED
    assert failed.failure is not None
    assert (failed.failure.code, failed.failure.step) == (code, "second")
    assert failed.failure.remedy
    steps.trouble = None
    await label.runs.resume(OPERATOR, run.id)
    assert (await stand.drive(run.id)).status is RunStatus.SUCCEEDED


@pytest.mark.parametrize(("verdict", "status"), [("approve", "succeeded"), ("reject", "rejected")])
async def test_a_run_waits_until_a_person_has_decided(
    label: TestLabel, verdict: Any, status: str
) -> None:
    who, run = await queued(label)
    stand = Stand(label, asking(who))
    waiting = await stand.drive(run.id)
    assert waiting.status is RunStatus.WAITING
    assert waiting.approval_id is not None
    for _ in range(2):
        assert await stand.drive(run.id) == waiting
    await label.approvals.decide(OPERATOR, waiting.approval_id, verdict, reason="mix")
    stand.driver = stand.new_driver()
    assert (await stand.drive(run.id)).status == status
    steps = [r.step for r in await label.runs.steps(OPERATOR, run.id)]
    assert steps == ["submit", "publish" if verdict == "approve" else "remember"]


async def test_a_run_killed_before_it_was_marked_as_waiting_does_not_pass_undecided(
    label: TestLabel,
) -> None:
    """The interrupt was kept, the process died, and the run's row still says it runs."""
    who, run = await queued(label)
    stand = Stand(label, asking(who))
    waiting = await stand.drive(run.id)
    await label.runs.begin(SYSTEM, run.id)
    again = await stand.drive(run.id)
    assert (again.status, again.approval_id) == (RunStatus.WAITING, waiting.approval_id)
    assert [r.step for r in await label.runs.steps(OPERATOR, run.id)] == ["submit"]
    assert again.approval_id is not None
    await label.approvals.decide(OPERATOR, again.approval_id, "approve")
    assert (await stand.drive(run.id)).status is RunStatus.SUCCEEDED


async def test_a_resume_that_comes_too_early_waits_on(label: TestLabel) -> None:
    """Whatever resumes the graph itself, the approve step asks the store."""
    who, run = await queued(label)
    stand = Stand(label, asking(who))
    waiting = await stand.drive(run.id)
    context = stand.driver._context_of(waiting)
    config: Any = {"configurable": {"thread_id": run.id}}
    for _ in range(3):
        await stand.graph.ainvoke(Command(resume="closed"), config, context=context)
        state = await stand.graph.aget_state(config)
        assert state.next == ("approve",)
    assert waiting.approval_id is not None
    await label.approvals.decide(OPERATOR, waiting.approval_id, "approve")
    assert (await stand.drive(run.id)).status is RunStatus.SUCCEEDED


async def test_after_an_edit_the_run_waits_for_the_new_approval(label: TestLabel) -> None:
    who, run = await queued(label)
    stand = Stand(label, asking(who))
    waiting = await stand.drive(run.id)
    assert waiting.approval_id is not None
    (post,) = (await label.views.run(OPERATOR, run.id)).posts
    fresh = await label.approvals.edit_post(OPERATOR, waiting.approval_id, post.id, "New words.")
    await label.runs.begin(SYSTEM, run.id)
    again = await stand.drive(run.id)
    assert (again.status, again.approval_id) == (RunStatus.WAITING, fresh.id)
    await label.approvals.decide(OPERATOR, fresh.id, "approve")
    assert (await stand.drive(run.id)).status is RunStatus.SUCCEEDED


async def test_a_tool_that_was_not_granted_is_not_there(label: TestLabel) -> None:
    async def render(state: CycleState, context: RunContext) -> Outcome:
        await context.toolbox.use(
            "render_song", RenderSong(work_id="work_x", revision=0), RenderedSong
        )
        raise AssertionError("the tool ran")

    _, run = await queued(label)
    stand = Stand(label, chain(render=render), granted=("draw_portrait",))
    failed = await stand.drive(run.id)
    assert failed.failure is not None
    assert (failed.failure.code, failed.failure.step) == (Forbidden.code, "render")


@pytest.mark.parametrize("how", ["pause", "retire"])
async def test_a_queued_run_of_a_stopped_artist_is_cancelled_with_the_reason(
    label: TestLabel, how: str
) -> None:
    steps = Steps()
    stand = Stand(label, chain(first=steps.first, second=steps.second))
    who, run = await queued(label)
    await getattr(label.artists, how)(OPERATOR, who.handle)
    ended = await stand.drive(run.id)
    assert ended.status is RunStatus.CANCELLED
    assert ended.failure is not None
    assert f"{how}d" in ended.failure.message
    assert ended.failure.remedy
    assert steps.ran == []
    assert await stand.drive(run.id) == ended


async def test_what_waits_goes_to_its_end_though_its_artist_is_paused(label: TestLabel) -> None:
    who, run = await queued(label)
    stand = Stand(label, asking(who))
    waiting = await stand.drive(run.id)
    await label.artists.pause(OPERATOR, who.handle)
    assert waiting.approval_id is not None
    await label.approvals.decide(OPERATOR, waiting.approval_id, "approve")
    assert (await stand.drive(run.id)).status is RunStatus.SUCCEEDED


async def test_a_worker_that_ends_cuts_a_step_short_and_that_is_no_death(label: TestLabel) -> None:
    steps = Steps()
    begun = asyncio.Event()

    async def long(state: CycleState, context: RunContext) -> Outcome:
        begun.set()
        await asyncio.sleep(60)
        raise AssertionError("the worker ended long before")

    _, run = await queued(label)
    for _ in range(7):
        begun.clear()
        stand = Stand(label, chain(first=steps.first, long=long))
        working = asyncio.create_task(stand.drive(run.id))
        await begun.wait()
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working
        stopped = await label.runs.get(OPERATOR, run.id)
        assert (stopped.status, stopped.deaths, stopped.holder) == (RunStatus.QUEUED, 0, None)


async def test_an_outcome_that_could_not_be_written_is_no_death_of_this_worker(
    label: TestLabel,
) -> None:
    steps = Steps()
    stand = Stand(label, chain(first=steps.first, second=steps.second))
    _, run = await queued(label)
    steps.trouble = Killed()
    for _ in range(7):
        with pytest.raises(Killed):
            await stand.drive(run.id)
    assert (await label.runs.get(OPERATOR, run.id)).deaths == 0
    steps.trouble = None
    assert (await stand.drive(run.id)).status is RunStatus.SUCCEEDED


async def test_a_worker_that_is_ending_or_held_stops_between_two_steps(label: TestLabel) -> None:
    steps = Steps()
    stop: list[Exception] = []

    async def safe_point() -> None:
        if stop and steps.ran:
            raise stop.pop()

    stand = Stand(label, chain(first=steps.first, second=steps.second), safe_point=safe_point)
    _, run = await queued(label)
    stop.append(HandedOver())
    with pytest.raises(HandedOver):
        await stand.drive(run.id)
    assert (await label.runs.get(OPERATOR, run.id)).status is RunStatus.QUEUED
    stop.append(Held("everything is held"))
    assert (await stand.drive(run.id)).status is RunStatus.QUEUED
    assert steps.ran == ["first"]
    assert (await stand.drive(run.id)).status is RunStatus.SUCCEEDED
    assert steps.ran == ["first", "second"]


async def test_a_step_that_takes_too_long_is_told_so(label: TestLabel) -> None:
    async def long(state: CycleState, context: RunContext) -> Outcome:
        await asyncio.sleep(60)
        raise AssertionError("its time was over")

    stand = Stand(label, chain(long=long), step_limit_s=0.2)
    _, run = await queued(label)
    failed = await stand.drive(run.id)
    assert failed.failure is not None
    assert (failed.failure.code, failed.failure.step) == ("step_overdue", "long")
