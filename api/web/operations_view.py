"""What the engine room shows: queue, workers, what runs, what stopped, in the words of the page."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from api.context import ApiContext
from api.web.operator_views import Notice, action_words
from api.web.page import Fragment, Page
from domain.actor import Actor
from domain.ports.engine import WorkerView
from services.operations_view import DeadLetter, Overview, QueueView, RunAtWork

NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
CAUSES = {
    "operator": "you asked for it",
    "schedule": "by its rhythm",
    "supervisor": "the supervisor asked for it",
    "system": "begun by itself",
}


class Summary(BaseModel):
    """The house in two sentences, and whether somebody should act."""

    model_config = ConfigDict(frozen=True)

    queue: str
    crew: str
    alarm: bool


class OperationsLive(Fragment):
    """The part of the engine room that follows the event log and the clock."""

    template: ClassVar[str] = "operations_live.html"

    work: Overview = Field(description="Queue, workers, runs and dead letters.")
    summary: Summary = Field(description="The same in two sentences.")
    actions: dict[str, str] = Field(description="What each run shown is about, by its id.")
    causes: dict[str, str] = Field(description="Why a run was begun, in words.")


class OperationsPage(Page):
    """The engine room."""

    template: ClassVar[str] = "operations.html"

    live_html: OperationsLive = Field(description="The part that is followed.")
    notice: Notice | None = Field(description="What was just done or went wrong.")
    last_event: int = Field(description="Event id from which the page follows.")


async def operations_live(context: ApiContext, operator: Actor) -> OperationsLive:
    """Read what the page follows."""
    work = await context.operations.overview(operator)
    shown: list[RunAtWork | DeadLetter] = [
        *work.running.items,
        *work.retrying.items,
        *work.stuck.items,
        *work.dead.items,
    ]
    return OperationsLive(
        work=work,
        summary=summary(work),
        actions={run.run_id: action_words(run.kind, run.action) for run in shown},
        causes=CAUSES,
    )


async def operations_page(
    context: ApiContext, operator: Actor, notice: Notice | None = None
) -> OperationsPage:
    """Read the page."""
    last_event = await context.views.last_event()
    return OperationsPage(
        title="Engine room · Greenroom",
        live_html=await operations_live(context, operator),
        notice=notice,
        last_event=last_event,
    )


def summary(work: Overview) -> Summary:
    """The house in two sentences."""
    able = [worker for worker in work.workers if worker.state == "working"]
    return Summary(
        queue=_queue_words(work.queue),
        crew=_crew_words(work.workers, able),
        alarm=not able and work.queue.waiting > 0,
    )


def done_words(done: str | None, many: int, refused: int, left: int) -> Notice | None:
    """What was just done; None for words nobody of ours wrote."""
    runs = f"{_number(many)} run{'' if many == 1 else 's'}"
    told = {
        "replayed": f"{runs} went back into the queue.",
        "discarded": f"{runs} given up; what went wrong stays in the run.",
        "drained": "That worker takes nothing new and hands over what it has.",
    }
    if done not in told:
        return None
    rest = [f"{refused} refused: their artists are paused, retired or changing."] if refused else []
    rest += [f"{left} more are left; do it again for these."] if left else []
    kind = "plain" if rest else "good"
    return Notice(kind=kind, text=told[done], remedy=" ".join(rest) or None)


def _queue_words(queue: QueueView) -> str:
    if not queue.waiting:
        return "Nothing waits."
    return f"{_number(queue.waiting)} job{' waits' if queue.waiting == 1 else 's wait'}."


def _crew_words(workers: tuple[WorkerView, ...], able: list[WorkerView]) -> str:
    if not workers:
        return "No worker is at work: nothing runs until one starts."
    if not able:
        return "No worker takes anything new: start another."
    told = f"{_number(len(able))} worker{' is' if len(able) == 1 else 's are'} at work."
    for state in ("draining", "silent"):
        if many := sum(worker.state == state for worker in workers):
            told += f" {_number(many)} {'is' if many == 1 else 'are'} {state}."
    return told


def _number(many: int) -> str:
    return NUMBERS[many] if many < len(NUMBERS) else f"{many:,}"
