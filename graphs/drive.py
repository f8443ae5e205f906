"""Drives one run: begins or resumes its graph, and writes down how it ended."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command

from domain.approval import ApprovalStatus
from domain.errors import Conflict, DiskFull, GreenroomError
from domain.run import RUN_STATES, Run, RunKind, RunStatus
from graphs.context import RunContext

Graph = CompiledStateGraph[Any, RunContext, Any, Any]
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_log = structlog.get_logger(__name__)


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

    async def drive(self, run: Run) -> Run:
        """Go on with `run` from its last checkpoint and return it as it then is."""
        context = self._context_of(run)
        runs = context.house.runs
        if RUN_STATES.final(run.status):
            await self._checkpointer.adelete_thread(run.id)
            return run
        if run.status is RunStatus.FAILED:
            return run
        if run.status is RunStatus.WAITING and await _undecided(context):
            return run
        try:
            await runs.begin(context.actor, run.id)
        except Conflict as refused:  # Its artist was paused or retired while it was queued.
            return await runs.cancel(context.actor, run.id, refused)
        config: RunnableConfig = {"configurable": {"thread_id": run.id}, "recursion_limit": 100}
        graph = self._graphs[run.kind]
        try:
            ended = await self._invoke(graph, config, context)
        except GreenroomError as error:
            return await runs.fail(context.actor, run.id, await _where(graph, config), error)
        except Exception as error:  # noqa: BLE001 - one run's bug must not take the worker down
            _log.exception("run failed unexpectedly", run_id=run.id)
            return await runs.fail(context.actor, run.id, await _where(graph, config), _told(error))
        return await self._end(context, ended)

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
        return {"waiting": bool(after.interrupts), "values": after.values}

    async def _end(self, context: RunContext, ended: dict[str, Any]) -> Run:
        run_id = context.run.id
        values = ended["values"]
        if ended["waiting"]:
            approval = await context.house.approvals.standing_of(run_id)
            waits_for = approval.id if approval else str(values["approval_id"])
            return await context.house.runs.wait_for(context.actor, run_id, waits_for)
        run = await context.house.runs.finish(context.actor, run_id, str(values.get("verdict", "")))
        await self._checkpointer.adelete_thread(run_id)
        return run


async def _undecided(context: RunContext) -> bool:
    approval = await context.house.approvals.standing_of(context.run.id)
    return approval is not None and approval.status is ApprovalStatus.WAITING


def _told(error: Exception) -> GreenroomError:
    """A machine's problem in the words of the family; anything else is a defect of ours."""
    full = isinstance(error, OSError) and error.errno in NO_ROOM
    # The checkpoints are not written through the store, which would have told it so.
    full |= isinstance(error, sqlite3.OperationalError) and "disk is full" in str(error)
    if full:
        return DiskFull("the disk is full", remedy="Free some space, then resume the run.")
    return GreenroomError(
        f"unexpected {type(error).__name__}: {error}",
        remedy="This is a defect; the log has the details. Resume to try again.",
    )


async def _where(graph: Graph, config: RunnableConfig) -> str:
    state = await graph.aget_state(config)
    return ", ".join(state.next) or "start"
