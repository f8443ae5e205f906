"""The adaptation ledger: what the label changed about itself, and the way back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.context import Context
from api.listing import After, Limit, OfArtist
from api.schemas import Page
from api.security import Operator
from domain.adaptation import Adaptation, AdaptationStatus
from services.adaptations import REASON_MAX_CHARS

router = APIRouter(prefix="/adaptations", tags=["learning"])


class Rollback(BaseModel):
    """Why an adaptation goes."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "Every song begins the same."}]}
    )

    reason: str = Field(min_length=1, max_length=REASON_MAX_CHARS)


@router.get("")
async def list_adaptations(
    context: Context,
    operator: Operator,
    artist: OfArtist = None,
    state: Annotated[
        AdaptationStatus | None, Query(alias="status", description="Only in this state.")
    ] = None,
    parameter: Annotated[str | None, Query(description="Only of this parameter.")] = None,
    after: After = None,
    limit: Limit = 20,
) -> Page[Adaptation]:
    """List adaptations, newest first; of an artist, those of the whole label as well."""
    found = await context.adaptations.page(operator, artist, state, parameter, after, limit)
    return Page(items=found, next=found[-1].id if len(found) == limit else None)


@router.get("/{adaptation_id}")
async def show_adaptation(adaptation_id: str, context: Context, operator: Operator) -> Adaptation:
    """Show one with its evidence, what was observed of it, and its history."""
    return await context.adaptations.get(operator, adaptation_id)


@router.post("/{adaptation_id}/rollback")
async def roll_back(
    adaptation_id: str, body: Rollback, context: Context, operator: Operator
) -> Adaptation:
    """Put back exactly what was before, from the next choice on; the parameter then rests."""
    return await context.adaptations.revert(operator, adaptation_id, body.reason)
