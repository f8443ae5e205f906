"""Drives one run: begins or resumes its graph, and writes down how it ended."""

from __future__ import annotations

import asyncio
import errno
import sqlite3
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import psycopg
import structlog
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command
from opentelemetry.trace import SpanKind
from psycopg_pool import PoolTimeout

from domain.actor import SYSTEM
from domain.approval import ApprovalStatus
from domain.errors import Conflict, DiskFull, EnvironmentProblem, GreenroomError, Held, LeaseLost
from domain.ports.engine import HandedOver
from domain.run import RUN_STATES, Run, RunKind, RunStatus
from graphs.context import RunContext
from runtime.logs import bound
from runtime.telemetry.semantics import run_attributes
from runtime.telemetry.tracing import span
from services.run_moves import LONGEST_WAIT_S
from services.runs import RunService

Graph = CompiledStateGraph[Any, RunContext, Any, Any]
# An engine's delay and the clock need not agree to the second.
EARLY = timedelta(seconds=2)
LONGEST = timedelta(seconds=LONGEST_WAIT_S)
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_log = structlog.get_logger(__name__)


class _CutShort(Exception):
    """Somebody stopped the run while it was at a step."""


class RunDriver:
    """Takes a run by its id as far as it goes: to its end, to an interrupt, or to a failure.

    Safe to call twice: a run that has ended or failed is left alone (resuming queues it first),
    and one that waits for an undecided approval keeps waiting. The thread of the checkpoints is
    the run's id.
    """

    def __init__(
        self,
        graphs: Mapping[RunKind, Graph],
        checkpointer: BaseCheckpointSaver[Any],
        context_of: Callable[[Run], RunContext],
    ) -> None:
        self._graphs = graphs
        self._checkpointer = checkpointer
        self._context_of = context_of
        self._held: dict[str, int] = {}
        self._working: dict[str, tuple[asyncio.Task[dict[str, Any]], RunService]] = {}
        self._stopped: set[str] = set()

    async def drive(self, run: Run) -> Run:
        """Go on with `run` from its last checkpoint and return it as it then is.

        Raises `HandedOver` when this worker ends before the run does.
        """
        context = self._context_of(run)
        runs = context.house.runs
        if RUN_STATES.final(run.status):
            await self._checkpointer.adelete_thread(run.id)
            return run
        if run.status is RunStatus.FAILED or await _not_yet(context):
            return run
        try:
            await context.house.safe_point()
            if run.status is RunStatus.RUNNING and self._held.get(run.id) == run.lease:
                # It was this worker's own, whose outcome could not be written: nobody died.
                await runs.give_back(context.actor, run.id)
            taken = await runs.begin(SYSTEM, run.id)
        except Held:
            return run  # It is queued again when the hold is lifted.
        except Conflict as refused:  # Its artist was paused or retired while it was queued.
            return await runs.refuse(SYSTEM, run.id, refused)
        if taken.status is not RunStatus.RUNNING:
            return taken
        self._held[run.id] = taken.lease
        try:
            with (
                bound(run_id=run.id, artist_id=run.artist_id),
                span(
                    f"run {run.kind}",
                    run_attributes(run.kind, run.artist_id),
                    kind=SpanKind.CONSUMER,
                    parent=run.traceparent,
                    expected=(HandedOver,),
                    run_id=run.id,
                    lease=taken.lease,
                ),
            ):
                ended = await self._go(self._context_of(taken))
        except LeaseLost as lost:
            _log.warning("run left to another worker", run_id=run.id, why=lost.message)
            ended = await runs.get(context.actor, run.id)
        self._held.pop(run.id, None)
        return ended

    async def end_stopped(self) -> None:
        """Cut short the steps of runs that somebody stopped; a render's processes end with them.

        Call it every second: with nothing at work it costs nothing.
        """
        if not self._working:
            return
        working = dict(self._working)
        _, runs = next(iter(working.values()))
        for run_id in await runs.stopped_among(working.keys() - self._stopped):
            if run_id in self._working:
                _log.info("run stopped", run_id=run_id)
                self._stopped.add(run_id)
                working[run_id][0].cancel()

    async def _go(self, context: RunContext) -> Run:
        runs, run = context.house.runs, context.run
        config: RunnableConfig = {"configurable": {"thread_id": run.id}, "recursion_limit": 100}
        graph = self._graphs[run.kind]
        try:
            ended = await self._at_work(graph, config, context)
        except _CutShort:
            return await runs.get(context.actor, run.id)
        except LeaseLost:
            raise
        except Held:
            return await runs.give_back(context.actor, run.id)
        except HandedOver:
            await runs.give_back(context.actor, run.id)
            raise
        except asyncio.CancelledError:
            await asyncio.shield(_put_back(context))
            raise
        except GreenroomError as error:
            return await runs.fail(context.actor, run.id, await _where(graph, config), error)
        except Exception as error:  # noqa: BLE001 - one run's bug must not take the worker down
            told = _told(error)
            if not told.passing:
                _log.exception("run failed unexpectedly", run_id=run.id)
            return await runs.fail(context.actor, run.id, await _where(graph, config), told)
        return await self._end(context, ended)

    async def _at_work(
        self, graph: Graph, config: RunnableConfig, context: RunContext
    ) -> dict[str, Any]:
        """The graph in a task of its own, which alone ends when somebody stops the run."""
        run_id = context.run.id
        task = asyncio.create_task(self._invoke(graph, config, context))
        self._working[run_id] = (task, context.house.runs)
        try:
            return await task
        except asyncio.CancelledError:
            if run_id in self._stopped:
                raise _CutShort from None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            raise
        finally:
            self._working.pop(run_id, None)
            self._stopped.discard(run_id)

    async def _invoke(
        self, graph: Graph, config: RunnableConfig, context: RunContext
    ) -> dict[str, Any]:
        state = await graph.aget_state(config)
        payload: Any = None
        if not state.values and not state.next:
            payload = {"run_id": context.run.id, "seed": context.run.seed}
        elif state.interrupts:
            # Perhaps nothing is decided, where a crash came before the run was marked as
            # waiting; the approve step finds that out and interrupts again.
            payload = Command(resume="closed")
        if payload is not None or state.next:
            await graph.ainvoke(payload, config, context=context, durability="sync")
        after = await graph.aget_state(config)
        told = after.interrupts[-1].value if after.interrupts else {}
        until = told.get("until")
        return {"waiting": bool(after.interrupts), "values": after.values, "until": until}

    async def _end(self, context: RunContext, ended: dict[str, Any]) -> Run:
        run_id = context.run.id
        values = ended["values"]
        if ended["waiting"]:
            approval = await context.house.approvals.standing_of(context.actor, run_id)
            waits_for = approval.id if approval else str(values["approval_id"])
            until = datetime.fromisoformat(ended["until"]) if ended["until"] else None
            return await context.house.runs.wait_for(context.actor, run_id, waits_for, until)
        run = await context.house.runs.finish(context.actor, run_id, str(values.get("verdict", "")))
        await self._checkpointer.adelete_thread(run_id)
        return run


async def _put_back(context: RunContext) -> None:
    """A worker that ends cuts a step short: no death of its, if that can still be written."""
    try:
        await context.house.runs.give_back(context.actor, context.run.id)
    except GreenroomError as error:
        _log.warning("run not given back", run_id=context.run.id, why=error.message)


async def _not_yet(context: RunContext) -> bool:
    """Whether the run waits for a person, or for the time of its next try."""
    run = context.run
    if run.status is RunStatus.WAITING:
        return await _undecided(context)
    if run.retry_at is None:
        return False
    # No wait is longer than the longest one: then the clock was set back, and it is over.
    left = run.retry_at - context.house.clock.now()
    return EARLY < left <= LONGEST


async def _undecided(context: RunContext) -> bool:
    approval = await context.house.approvals.standing_of(context.actor, context.run.id)
    return approval is not None and approval.status is ApprovalStatus.WAITING


def _told(error: Exception) -> GreenroomError:
    """A machine's problem in the words of the family; anything else is a defect of ours."""
    full = isinstance(error, OSError) and error.errno in NO_ROOM
    # The checkpoints are not written through the store, which would have told it so.
    full |= isinstance(error, sqlite3.OperationalError) and "disk is full" in str(error)
    if full:
        return DiskFull("the disk is full", remedy="Free some space, then resume the run.")
    if isinstance(error, psycopg.OperationalError | PoolTimeout):
        return EnvironmentProblem(
            f"the checkpoints' database cannot be used: {error}",
            remedy="Check that GREENROOM_DATABASE_URL is in reach; the run goes on by itself.",
        )
    return GreenroomError(
        f"unexpected {type(error).__name__}: {error}",
        remedy="This is a defect; the log has the details. Resume to try again.",
    )


async def _where(graph: Graph, config: RunnableConfig) -> str:
    state = await graph.aget_state(config)
    return ", ".join(state.next) or "start"
