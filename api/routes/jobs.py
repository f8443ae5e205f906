"""Generation jobs: which provider made what, and those that wait for a person's word."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.context import Context
from api.schemas import Page
from api.security import Operator
from domain.generation import GenerationJob

router = APIRouter(tags=["jobs"])


class JobOutcome(BaseModel):
    """What a person found out at the provider."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"outcome": "failed", "cost_usd": 0}]}
    )

    outcome: Literal["done", "failed"]
    cost_usd: float | None = Field(
        default=None, description="What was billed; none: the quote if done, else nothing."
    )


@router.get("/jobs")
async def list_jobs(
    context: Context,
    operator: Operator,
    unknown: Annotated[bool, Query(description="Only those of unknown outcome.")] = False,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> Page[GenerationJob]:
    """List generation jobs, newest first, each with its route and the reason for it."""
    found = await context.generation.jobs(operator, after, limit, unknown=unknown)
    return Page(items=found, next=found[-1].id if len(found) == limit else None)


@router.get("/jobs/{job_id}")
async def show_job(job_id: str, context: Context, operator: Operator) -> GenerationJob:
    """Show one job."""
    return await context.generation.job(operator, job_id)


@router.post("/jobs/{job_id}/look-up")
async def look_up(job_id: str, context: Context, operator: Operator) -> GenerationJob:
    """Ask the provider, free of charge, what became of a job of unknown outcome."""
    return await context.generation.look_up(operator, job_id)


@router.post("/jobs/{job_id}/settle")
async def settle(
    job_id: str, body: JobOutcome, context: Context, operator: Operator
) -> GenerationJob:
    """Say what became of a job of unknown outcome; refused for any other job."""
    return await context.generation.settle(operator, job_id, body.outcome, body.cost_usd)


@router.get("/works/{work_id}/jobs")
async def jobs_of_work(work_id: str, context: Context, operator: Operator) -> list[GenerationJob]:
    """List every job tried for a work, oldest first."""
    await context.works.get(operator, work_id)
    return await context.generation.jobs_of_work(operator, work_id)
