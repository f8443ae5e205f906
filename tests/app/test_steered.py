"""Autopilot and stopping on the real engine, with its duties and its render processes."""

from __future__ import annotations

import asyncio
from pathlib import Path

from app.label import Label
from domain.actor import OPERATOR
from domain.run import RUN_STATES, Run, RunStatus
from services.steering_change import SteeringChange
from tests.support.homes import debuted, quick_label, settled

LONGEST_S = 90
TWO_SECONDS = 2 / 3600


async def ended(label: Label, run_id: str) -> Run:
    async with asyncio.timeout(LONGEST_S):
        while not RUN_STATES.final((run := await label.house.runs.get(OPERATOR, run_id)).status):
            await asyncio.sleep(0.1)
    return run


async def test_autopilot_publishes_once_by_itself_after_its_window(tmp_path: Path) -> None:
    async with quick_label(tmp_path / "home") as label:
        handle = await debuted(label)
        change = SteeringChange(level="autopilot", veto_hours=TWO_SECONDS)
        await label.house.steering.put(OPERATOR, handle, change)
        given = await label.house.directives.add(OPERATOR, handle, "Post a word about the lamps.")
        run = await label.house.runs.start(OPERATOR, handle, seed=3)
        run = await settled(label, run.id)
        assert run.status is RunStatus.WAITING, run.failure
        run = await ended(label, run.id)
        assert run.status is RunStatus.SUCCEEDED, run.failure
        approval = await label.house.approvals.standing_of(OPERATOR, run.id)
        assert approval is not None
        assert approval.decision is not None
        assert approval.decision.by == "policy:autopilot"
        assert len((await label.stage.page(handle)).entries) == 1
        done = (await label.house.directives.get(OPERATOR, given.id)).directive
        assert (done.status, done.run_id) == ("fulfilled", run.id)


async def test_stopping_in_the_middle_of_a_render_publishes_nothing(tmp_path: Path) -> None:
    async with quick_label(tmp_path / "home") as label:
        handle = await debuted(label)
        run = await label.house.runs.start(OPERATOR, handle, approve="auto", seed=3)
        async with asyncio.timeout(LONGEST_S):
            while (await label.house.runs.get(OPERATOR, run.id)).step != "render":
                await asyncio.sleep(0.02)
        stopped = await label.house.steering.stop(OPERATOR, handle, "wrong words")
        assert [r.id for r in stopped.runs] == [run.id]
        # The artist's next run begins only when the stopped one has let go of its processes.
        await label.house.artists.resume(OPERATOR, handle)
        await label.house.directives.add(OPERATOR, handle, "Take a break.")
        after = await ended(label, (await label.house.runs.start(OPERATOR, handle, seed=4)).id)
        assert (after.status, after.action) == (RunStatus.SUCCEEDED, "rest")
        first = await label.house.runs.get(OPERATOR, run.id)
        assert first.status is RunStatus.CANCELLED
        assert first.stopped is not None
        assert first.stopped.why == "wrong words"
        steps = [s.step for s in await label.house.runs.steps(OPERATOR, run.id)]
        assert "render" not in steps
        page = await label.stage.page(handle)
        assert (page.releases, page.entries) == ((), ())
