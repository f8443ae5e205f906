"""Profiles: who an artist is, how that came, and saying it anew."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.context import Context
from api.etags import SeenVersion, tag
from api.schemas import Page, ProfileOut
from api.security import Operator
from domain.profile import Profile, ProfileVersion
from domain.profile_diff import Difference, differences

router = APIRouter(prefix="/artists/{handle}/profile", tags=["artists"])
Number = Annotated[int, Path(ge=1, le=1_000_000)]


class NewProfile(BaseModel):
    """The whole profile as it shall be from now on."""

    model_config = ConfigDict(extra="forbid")

    profile: Profile
    reason: str = Field(default="edited by a person", min_length=1, max_length=500)


class ProfileDiff(BaseModel):
    """What changed from one version to another."""

    before: int
    after: int
    differences: list[Difference]


@router.get("")
async def show_profile(
    handle: str, response: Response, context: Context, operator: Operator
) -> ProfileOut:
    """Show the profile in force and its history; the ETag is that of the one in force."""
    artist = await context.artists.find(operator, handle)
    current = await context.artists.profile(operator, artist.id)
    tag(response, current.number)
    return ProfileOut(
        current=current, history=await context.artists.profile_history(operator, artist.id)
    )


@router.put("")
async def edit_profile(
    handle: str,
    body: NewProfile,
    seen: SeenVersion,
    response: Response,
    context: Context,
    operator: Operator,
) -> ProfileVersion:
    """Put a new version in force; one that argues with itself is refused, the fields named."""
    artist = await context.artists.find(operator, handle)
    # Without a profile there is nothing to edit: the debut writes the first one.
    await context.artists.profile(operator, artist.id)
    version = await context.artists.adopt_profile(
        operator, artist.id, body.profile, reason=body.reason, seen=seen
    )
    tag(response, version.number)
    return version


@router.get("/versions")
async def list_versions(handle: str, context: Context, operator: Operator) -> Page[ProfileVersion]:
    """List every version with its reason and evidence, oldest first."""
    artist = await context.artists.find(operator, handle)
    return Page(items=await context.artists.profile_history(operator, artist.id))


@router.get("/versions/{number}")
async def show_version(
    handle: str, number: Number, context: Context, operator: Operator
) -> ProfileVersion:
    """Show one version."""
    artist = await context.artists.find(operator, handle)
    return await context.artists.profile_number(operator, artist.id, number)


@router.get("/diff")
async def compare_versions(
    handle: str,
    context: Context,
    operator: Operator,
    before: Annotated[int, Query(ge=1, le=1_000_000, description="Number of a version.")],
    after: Annotated[int, Query(ge=1, le=1_000_000, description="Number of another one.")],
) -> ProfileDiff:
    """Show which fields differ between two versions."""
    artist = await context.artists.find(operator, handle)
    old = await context.artists.profile_number(operator, artist.id, before)
    new = await context.artists.profile_number(operator, artist.id, after)
    found = differences(old.profile, new.profile)
    return ProfileDiff(before=before, after=after, differences=found)
