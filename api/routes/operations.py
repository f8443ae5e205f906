"""The house at work: queue, workers, stuck runs; dead letters to replay or discard."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response, status
from pydantic import BaseModel, ConfigDict, Field

from api.context import ApiContext, Context
from api.schemas import Page
from api.security import Operator
from domain.actor import Actor
from domain.dead_letters import DeadFilter
from domain.ports.engine import WorkerView
from domain.run import Run
from services.operations_view import CacheLine, DeadLetter, Overview, Swept

router = APIRouter(prefix="/operations", tags=["operations"])


class DeadLetters(BaseModel):
    """Which failed runs are meant; what is left out does not narrow."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"code": "model_unavailable"}]}
    )

    artist: str | None = Field(default=None, description="Handle or id of an artist.")
    code: str | None = Field(default=None, description="Code of the failure.")
    step: str | None = Field(default=None, description="Step in which they stopped.")


class Reason(BaseModel):
    """Why something is given up."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"why": "The brief was a joke."}]}
    )

    why: str = ""


class GivenUp(DeadLetters):
    """Which failed runs are given up, and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"artist": "harbour-signal", "why": "It is retired."}]},
    )

    why: str = ""


async def wanted_dead(context: ApiContext, operator: Actor, wanted: DeadLetters) -> DeadFilter:
    """The filter with the artist found; raises `NotFound`."""
    artist = await context.artists.find(operator, wanted.artist) if wanted.artist else None
    return DeadFilter(artist_id=artist.id if artist else None, code=wanted.code, step=wanted.step)


@router.get("")
async def overview(context: Context, operator: Operator) -> Overview:
    """Show queue, workers, what runs, what is tried again, what is stuck, and dead letters."""
    return await context.operations.overview(operator)


@router.get("/caches")
async def caches(context: Context, operator: Operator) -> list[CacheLine]:
    """Show how often answers, embeddings and renders were found again."""
    renders = await context.operations.renders(operator)
    stats = await context.shared.stats()
    # Every render that is kept was missed once.
    lines = {name: (counts.hits, counts.misses) for name, counts in stats.caches.items()}
    lines["renders"] = (renders.hits, renders.kept)
    return [CacheLine(name=name, hits=h, misses=m) for name, (h, m) in lines.items()]


@router.get("/dead-letters")
async def list_dead_letters(
    context: Context,
    operator: Operator,
    wanted: Annotated[DeadLetters, Depends()],
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> Page[DeadLetter]:
    """List failed runs that wait for somebody's decision, newest first."""
    dead = await wanted_dead(context, operator, wanted)
    found = await context.operations.dead_letters(operator, dead, after, limit)
    return Page(items=found, next=found[-1].run_id if len(found) == limit else None)


@router.post("/dead-letters/replay")
async def replay_all(wanted: DeadLetters, context: Context, operator: Operator) -> Swept:
    """Replay all failed runs that fit, 200 at most; `left` tells how many remain."""
    return await context.operations.replay_all(
        operator, await wanted_dead(context, operator, wanted)
    )


@router.post("/dead-letters/discard")
async def discard_all(body: GivenUp, context: Context, operator: Operator) -> Swept:
    """Discard all failed runs that fit, 200 at most; `left` tells how many remain."""
    dead = await wanted_dead(context, operator, body)
    return await context.operations.discard_all(operator, dead, body.why)


@router.post("/dead-letters/{run_id}/replay", status_code=status.HTTP_202_ACCEPTED)
async def replay(run_id: str, response: Response, context: Context, operator: Operator) -> Run:
    """Go on with a failed run at the step it was in."""
    run = await context.operations.replay(operator, run_id)
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    return run


@router.post("/dead-letters/{run_id}/discard")
async def discard(run_id: str, body: Reason, context: Context, operator: Operator) -> Run:
    """Give a failed run up for good; its failure stays to be read."""
    return await context.operations.discard(operator, run_id, body.why)


@router.get("/workers")
async def list_workers(context: Context, operator: Operator) -> list[WorkerView]:
    """List processes that take runs, and those that fell silent holding some."""
    return await context.operations.workers(operator)


@router.post("/workers/{worker_id}/drain", status_code=status.HTTP_202_ACCEPTED)
async def drain(
    worker_id: str, response: Response, context: Context, operator: Operator
) -> WorkerView:
    """Make a worker take nothing new and hand over what it has; it stays up, idle."""
    response.headers["Location"] = "/api/v1/operations/workers"
    return await context.operations.drain(operator, worker_id)
