"""Directives and goals of an artist: give, list, change, take back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response, status
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.context import Context
from api.etags import SeenVersion, tag
from api.schemas import Page
from api.security import Operator
from domain.directive import Directive, DirectiveKind, DirectiveStatus, Target
from domain.errors import NotFound
from services.directives import Shown

router = APIRouter(prefix="/artists/{handle}", tags=["steering"])
ONE = "/directives/{directive_id}"
Limit = Annotated[int, Query(ge=1, le=200, description="At most this many.")]
LASTING = "Holds until it is revoked, and not only once; left out: as the words sound."
UNTIL = "A directive ends then; a goal is to be reached by then."


class NewDirective(BaseModel):
    """What the artist is asked."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"text": "Don't post this week.", "until": "2030-05-10T00:00:00Z"},
                {
                    "kind": "goal",
                    "text": "Three songs before the summer.",
                    "target": {"measure": "songs", "count": 3},
                },
            ]
        },
    )

    kind: DirectiveKind = "directive"
    text: str = Field(max_length=4000)
    target: Target | None = Field(default=None, description="What a goal is measured by.")
    until: AwareDatetime | None = Field(default=None, description=UNTIL)
    lasting: bool | None = Field(default=None, description=LASTING)


class ChangedDirective(BaseModel):
    """All of a directive anew; what is left out is taken away."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": "Post once a week at most."}]}
    )

    text: str = Field(max_length=4000)
    target: Target | None = Field(default=None, description="What a goal is measured by.")
    until: AwareDatetime | None = Field(default=None, description=UNTIL)
    lasting: bool | None = Field(default=None, description=LASTING)


class DirectiveOut(BaseModel):
    """A directive; `progress` tells how near a measured goal is."""

    directive: Directive
    progress: str | None = None


@router.get("/directives")
async def list_directives(
    handle: str,
    context: Context,
    operator: Operator,
    kind: DirectiveKind | None = None,
    status: DirectiveStatus | None = None,
    after: str | None = None,
    limit: Limit = 50,
) -> Page[DirectiveOut]:
    """List an artist's directives and goals, newest first."""
    found = await context.directives.page(
        operator, handle, after=after, limit=limit, kind=kind, status=status
    )
    last = found[-1].directive.id if len(found) == limit else None
    return Page(items=[_out(each) for each in found], next=last)


@router.get("/goals")
async def list_goals(
    handle: str,
    context: Context,
    operator: Operator,
    status: DirectiveStatus | None = None,
    after: str | None = None,
    limit: Limit = 50,
) -> Page[DirectiveOut]:
    """List an artist's goals, newest first."""
    return await list_directives(handle, context, operator, "goal", status, after, limit)


@router.post("/directives", status_code=status.HTTP_201_CREATED)
async def give_directive(
    handle: str, body: NewDirective, response: Response, context: Context, operator: Operator
) -> DirectiveOut:
    """Give an artist a directive or a goal; its next plan sees it."""
    made = await context.directives.add(
        operator,
        handle,
        body.text,
        kind=body.kind,
        target=body.target,
        until=body.until,
        lasting=body.lasting,
    )
    response.headers["Location"] = f"/api/v1/artists/{handle}/directives/{made.id}"
    return await _tagged(context, operator, handle, made.id, response)


@router.get(ONE)
async def show_directive(
    handle: str, directive_id: str, response: Response, context: Context, operator: Operator
) -> DirectiveOut:
    """Show one directive with how it read before."""
    return await _tagged(context, operator, handle, directive_id, response)


@router.put(ONE)
async def change_directive(
    handle: str,
    directive_id: str,
    body: ChangedDirective,
    seen: SeenVersion,
    response: Response,
    context: Context,
    operator: Operator,
) -> DirectiveOut:
    """Say a standing directive otherwise; needs its ETag as `If-Match`."""
    await _of(context, operator, handle, directive_id)
    await context.directives.edit(
        operator,
        directive_id,
        body.text,
        seen=seen,
        target=body.target,
        until=body.until,
        lasting=body.lasting,
    )
    return await _tagged(context, operator, handle, directive_id, response)


@router.post(ONE + "/revoke")
async def revoke_directive(
    handle: str, directive_id: str, response: Response, context: Context, operator: Operator
) -> DirectiveOut:
    """Take a directive back; it stays in the list as revoked."""
    await _of(context, operator, handle, directive_id)
    await context.directives.revoke(operator, directive_id)
    return await _tagged(context, operator, handle, directive_id, response)


@router.post(ONE + "/fulfil")
async def fulfil_directive(
    handle: str, directive_id: str, response: Response, context: Context, operator: Operator
) -> DirectiveOut:
    """Mark a directive or goal as done."""
    await _of(context, operator, handle, directive_id)
    await context.directives.fulfil(operator, directive_id)
    return await _tagged(context, operator, handle, directive_id, response)


async def _of(context: Context, operator: Operator, handle: str, directive_id: str) -> Shown:
    """The directive, if it is this artist's."""
    artist = await context.artists.find(operator, handle)
    found = await context.directives.get(operator, directive_id)
    if found.directive.artist_id != artist.id:
        raise NotFound(
            f"{artist.handle} has no directive {directive_id!r}",
            remedy="Look it up in the artist's list.",
        )
    return found


async def _tagged(
    context: Context, operator: Operator, handle: str, directive_id: str, response: Response
) -> DirectiveOut:
    found = await _of(context, operator, handle, directive_id)
    tag(response, found.directive.row_version)
    return _out(found)


def _out(found: Shown) -> DirectiveOut:
    return DirectiveOut(
        directive=found.directive, progress=found.progress.words if found.progress else None
    )
