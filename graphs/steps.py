"""Wraps a node as a step of a run: announced, timed, and kept with snapshot and report."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

from langgraph.errors import GraphBubbleUp
from langgraph.runtime import Runtime
from langgraph.types import Command

from domain.errors import GreenroomError, LeaseLost, StepOverdue, UnusableAnswer
from domain.ids import new_id
from domain.report import Report
from domain.run import StepRecord
from graphs.context import RunContext
from runtime.logs import bound
from runtime.telemetry.tracing import span

StateT = TypeVar("StateT", bound=Mapping[str, Any])
Node = Callable[[StateT, RunContext], Awaitable["Outcome"]]
Step = Callable[[StateT, Runtime[RunContext]], Awaitable[Command[Any]]]


@dataclass(frozen=True)
class Outcome:
    """What a node gives back: its part of the state, and what is kept for people."""

    update: dict[str, Any]
    says: str
    goto: str | None = None
    snapshot: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    report: Report | None = None
    result: Literal["ok", "revise"] = "ok"
    child_cpu_s: float = 0.0


def step(name: str, node: Node[StateT]) -> Step[StateT]:
    """Make a LangGraph node of `node`; a failure is kept too, then raised."""

    async def run(state: StateT, runtime: Runtime[RunContext]) -> Command[Any]:
        context = runtime.context
        await context.house.safe_point()
        # An interrupt waits for a person, and is no failure.
        with bound(step=name), span(f"step {name}", expected=(GraphBubbleUp, LeaseLost), step=name):
            return await take(state, context)

    async def take(state: StateT, context: RunContext) -> Command[Any]:
        attempt = await context.house.runs.step_started(context.actor, context.run, name)
        meter = _Meter()
        context.toolbox.take_calls()  # What a step that was cut short left.
        try:
            refused = await _refused(context, name) if attempt > 1 else 0
            outcome = await _in_time(
                name, node(state, replace(context, attempt=1 + refused)), context
            )
        except LeaseLost:
            raise  # Nothing of this worker's is written down any more.
        except GreenroomError as error:
            facts = {"says": error.message, "code": error.code, "remedy": error.remedy}
            record = meter.record(context, name, attempt, "error", report=facts)
            await context.house.runs.step_finished(context.actor, record)
            raise
        await context.house.runs.step_finished(
            context.actor, _record(meter, context, name, attempt, outcome)
        )
        return Command(update=outcome.update, goto=outcome.goto or ())

    run.__name__ = name
    return run


async def _in_time(name: str, working: Awaitable[Outcome], context: RunContext) -> Outcome:
    limit_s = context.house.rules.step_limit_s
    try:
        async with asyncio.timeout(limit_s) as limit:
            return await working
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise StepOverdue(
            f"the step {name} took longer than {limit_s:g} s",
            remedy="Raise GREENROOM_STEP_LIMIT_S if this machine is slow.",
        ) from error


async def _refused(context: RunContext, name: str) -> int:
    """How many tries of the step ended because no answer could be used.

    Only these make the next try draw other answers. A step that was killed, or that met a limit
    or a model that was away, draws the same ones and finds what is paid for in the cache.
    """
    return sum(
        record.step == name
        and record.outcome == "error"
        and record.report.get("code") == UnusableAnswer.code
        for record in await context.house.runs.steps(context.actor, context.run.id)
    )


def _record(
    meter: _Meter, context: RunContext, name: str, attempt: int, outcome: Outcome
) -> StepRecord:
    report: dict[str, Any] = {"says": outcome.says, **outcome.facts}
    snapshot = dict(outcome.snapshot)
    if outcome.report is not None:
        report |= outcome.report.model_dump(mode="json", exclude={"snapshot"})
        snapshot |= outcome.report.snapshot
    return meter.record(
        context,
        name,
        attempt,
        outcome.result,
        snapshot=snapshot,
        report=report,
        model=", ".join(outcome.report.models) or None if outcome.report else None,
        tokens=outcome.report.tokens if outcome.report else 0,
        cost_usd=outcome.report.cost_usd if outcome.report else 0.0,
        child_cpu_s=outcome.child_cpu_s,
    )


class _Meter:
    """Wall and processor time since it was made."""

    def __init__(self) -> None:
        self._wall = time.monotonic()
        self._cpu = time.process_time()

    def record(
        self,
        context: RunContext,
        name: str,
        attempt: int,
        outcome: Literal["ok", "revise", "error"],
        *,
        child_cpu_s: float = 0.0,
        **kept: Any,
    ) -> StepRecord:
        """The step's row; CPU seconds are this process's and its children's."""
        now = context.house.clock.now()
        return StepRecord(
            id=new_id("step"),
            created_at=now,
            updated_at=now,
            run_id=context.run.id,
            artist_id=context.artist_id,
            step=name,
            attempt=attempt,
            duration_s=time.monotonic() - self._wall,
            cpu_s=time.process_time() - self._cpu + child_cpu_s,
            outcome=outcome,
            tools=context.toolbox.take_calls(),
            **kept,
        )
