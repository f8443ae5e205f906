"""Artists: create, show, steer, and start their runs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response, status

from api.context import Context
from api.schemas import CreatedArtist, NewArtist, NewRun, NewSound, Page, ProfileOut
from api.security import Operator
from domain.artist import Artist
from domain.run import Run
from services.sound import Sound
from services.views import WorkView

router = APIRouter(prefix="/artists", tags=["artists"])
Limit = Annotated[int, Query(ge=1, le=200, description="At most this many.")]


@router.get("")
async def list_artists(
    context: Context, operator: Operator, after: str | None = None, limit: Limit = 50
) -> Page[Artist]:
    """List artists in the order they came."""
    found = await context.artists.page(operator, after, limit)
    return Page(items=found, next=found[-1].id if len(found) == limit else None)


@router.post("", status_code=status.HTTP_202_ACCEPTED)
async def create_artist(
    body: NewArtist, response: Response, context: Context, operator: Operator
) -> CreatedArtist:
    """Create an artist from a brief and start its debut run."""
    artist = await context.artists.create(operator, body.brief, body.genre, body.seed)
    response.headers["Location"] = f"/api/v1/artists/{artist.handle}"
    if not body.debut:
        return CreatedArtist(artist=artist)
    run = await context.runs.start(
        operator, artist.id, "debut", approve=body.approve, seed=body.seed
    )
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    return CreatedArtist(artist=artist, run=run)


@router.get("/{handle}")
async def show_artist(handle: str, context: Context, operator: Operator) -> Artist:
    """Show an artist, by handle or id."""
    return await context.artists.find(operator, handle)


@router.get("/{handle}/profile")
async def show_profile(handle: str, context: Context, operator: Operator) -> ProfileOut:
    """Show the profile in force and its history."""
    artist = await context.artists.find(operator, handle)
    return ProfileOut(
        current=await context.artists.profile(operator, artist.id),
        history=await context.artists.profile_history(operator, artist.id),
    )


@router.get("/{handle}/sound")
async def show_sound(handle: str, context: Context, operator: Operator) -> Sound:
    """Show who sings, and how the artist bends its genre."""
    return await context.sound.of(operator, handle)


@router.put("/{handle}/sound")
async def choose_sound(handle: str, body: NewSound, context: Context, operator: Operator) -> Sound:
    """Choose a singer and bend the genre; later songs follow it."""
    await context.sound.choose(operator, handle, singer=body.singer, overrides=body.overrides)
    return await context.sound.of(operator, handle)


@router.post("/{handle}/pause")
async def pause_artist(handle: str, context: Context, operator: Operator) -> Artist:
    """Stop new runs; what runs already goes to its end."""
    return await context.artists.pause(operator, handle)


@router.post("/{handle}/resume")
async def resume_artist(handle: str, context: Context, operator: Operator) -> Artist:
    """Let a paused artist run again."""
    return await context.artists.resume(operator, handle)


@router.post("/{handle}/retire")
async def retire_artist(handle: str, context: Context, operator: Operator) -> Artist:
    """End an artist's work for good; its page stays."""
    return await context.artists.retire(operator, handle)


@router.post("/{handle}/runs", status_code=status.HTTP_202_ACCEPTED)
async def start_run(
    handle: str,
    response: Response,
    context: Context,
    operator: Operator,
    body: NewRun | None = None,
) -> Run:
    """Run one cycle of an artist."""
    wanted = body or NewRun()
    run = await context.runs.start(operator, handle, approve=wanted.approve, seed=wanted.seed)
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    return run


@router.get("/{handle}/works")
async def list_works(
    handle: str, context: Context, operator: Operator, limit: Limit = 50
) -> Page[WorkView]:
    """List an artist's works, newest first."""
    artist = await context.artists.find(operator, handle)
    works = await context.works.of_artist(operator, artist.id, limit=limit)
    return Page(items=[await context.views.work(work) for work in works])
