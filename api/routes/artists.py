"""Artists: create, show, steer, and start their runs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi import status as http

from api.context import ApiContext, Context
from api.etags import SeenVersion, tag
from api.listing import After, Limit, Wanted, narrowed, page
from api.schemas import CreatedArtist, NewArtist, NewRun, NewSound, Page
from api.security import Operator
from domain.actor import Actor
from domain.artist import Artist, ArtistStatus
from domain.run import Run
from domain.work import WorkStatus
from services.sound import Sound
from services.views import WorkView

router = APIRouter(prefix="/artists", tags=["artists"])


@router.get("")
async def list_artists(
    context: Context,
    operator: Operator,
    after: After = None,
    limit: Limit = 50,
    status: Annotated[ArtistStatus | None, Query(description="Only in this state.")] = None,
) -> Page[Artist]:
    """List artists in the order they came."""
    return page(await context.artists.page(operator, after, limit, status), limit)


@router.post("", status_code=http.HTTP_202_ACCEPTED)
async def create_artist(
    body: NewArtist, response: Response, context: Context, operator: Operator
) -> CreatedArtist:
    """Create an artist from a brief and start its debut run."""
    if body.debut and body.approve == "auto":
        # Its run would refuse this too, but then the artist is there already.
        operator.must("approve")
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


@router.get("/{handle}/sound")
async def show_sound(
    handle: str, response: Response, context: Context, operator: Operator
) -> Sound:
    """Show who sings, and how the artist bends its genre; the ETag is that of its profile."""
    sound = await context.sound.of(operator, handle)
    await _tag(response, context, operator, handle)
    return sound


@router.put("/{handle}/sound")
async def choose_sound(
    handle: str,
    body: NewSound,
    seen: SeenVersion,
    response: Response,
    context: Context,
    operator: Operator,
) -> Sound:
    """Choose a singer and bend the genre, as a new profile version; later songs follow it."""
    await context.sound.choose(
        operator, handle, singer=body.singer, overrides=body.overrides, seen=seen
    )
    await _tag(response, context, operator, handle)
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


@router.post("/{handle}/runs", status_code=http.HTTP_202_ACCEPTED)
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
    handle: str,
    context: Context,
    operator: Operator,
    wanted: Wanted,
    status: Annotated[list[WorkStatus] | None, Query(description="In one of these.")] = None,
) -> Page[WorkView]:
    """List an artist's works, newest first."""
    found = await context.catalogue.works(operator, narrowed(wanted, status), handle)
    return page([await context.views.work(work) for work in found], wanted.limit)


async def _tag(response: Response, context: ApiContext, operator: Actor, handle: str) -> None:
    artist = await context.artists.find(operator, handle)
    tag(response, artist.profile_number)
