"""The public stage: anybody may look, listen, like and comment; nobody can approve anything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse
from starlette.responses import Response

from api.context import ApiContext, Context
from api.listing import After
from api.media import send_file
from api.security import FromOurPage, Visitor, known_visitor, remember_visitor
from api.web.artist_page import NEWEST, ArtistPage, CommentForm, Place, artist_page
from api.web.feed import feed
from api.web.once import Sent, once
from api.web.palette import css, theme_of
from api.web.stage_list import stage_list
from api.web.stage_urls import public_files
from domain.actor import visitor_actor
from domain.errors import InvalidInput, LimitReached, NotFound
from domain.ids import new_id
from services.stage import CARDS_A_PAGE, StagePage

router = APIRouter(include_in_schema=False)
DAY_CACHE = "public, max-age=86400"
SEE_OTHER = 303
# Whoever writes for the first time has no name of its own before the answer.
ANYBODY = visitor_actor("anybody")
Number = Annotated[int, Query(ge=1, le=1000)]
_MAGIC = ((b"\x89PNG", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"RIFF", "image/webp"))


async def count_address(request: Request) -> None:
    """Count what a visitor does against the client's address."""
    await request.app.state.address_limit.count(request.client.host if request.client else "")


Counted = Depends(count_address)


@router.get("/")
async def front(context: Context, after: After = None) -> HTMLResponse:
    """The artists of the label, the newest first."""
    found = await context.stage.cards(after, CARDS_A_PAGE + 1)
    return stage_list(found, context.views.genre_name, after).response()


@router.get("/themes.css")
async def themes(context: Context, after: After = None) -> Response:
    """The colours of the artists on one page of the list."""
    rules = [
        css(theme_of(profile.visual.palette), f'[data-artist="{artist.handle}"]')
        for artist, profile in await context.stage.faces(after)
    ]
    return _css("\n".join(rules))


@router.get("/@{handle}")
async def artist(
    handle: str, request: Request, context: Context, music: Number = 1, notes: Number = 1
) -> HTMLResponse:
    """An artist's page; older music and notes stand on further pages."""
    page = await context.stage.page(handle, known_visitor(request))
    return _page(context, page, place=Place(music=music, notes=notes)).response()


@router.get("/@{handle}/theme.css")
async def theme(handle: str, context: Context) -> Response:
    """The artist's colours."""
    page = await context.stage.page(handle)
    return _css(css(theme_of(page.profile.visual.palette), f'[data-artist="{handle}"]'))


@router.get("/@{handle}/feed.xml")
async def rss(handle: str, context: Context) -> Response:
    """The artist's feed."""
    page = await context.stage.page(handle)
    return Response(
        feed(page, context.public_url()), media_type="application/rss+xml; charset=utf-8"
    )


@router.get("/@{handle}/media/{sha256}/{filename}")
async def media(handle: str, sha256: str, filename: str, context: Context) -> FileResponse:
    """A file of a live release, the portrait or the banner; everything else is not found."""
    file = public_files(await context.stage.page(handle)).get(sha256)
    if file is None:
        raise NotFound("no such file")
    kind = file.media_type or _picture_type(await context.media.path(sha256))
    return await send_file(
        context.media, sha256, filename=file.filename, media_type=kind, cache=DAY_CACHE
    )


@router.post("/@{handle}/plays", dependencies=[FromOurPage, Counted], status_code=204)
async def play(
    handle: str,
    request: Request,
    context: Context,
    visitor: Visitor,
    release_id: Annotated[str, Form(max_length=80)],
    seconds: Annotated[float, Form()],
    exposure_id: Annotated[str | None, Form(max_length=80)] = None,
) -> Response:
    """Somebody listened."""
    await context.audience.play(visitor, handle, release_id, seconds, exposure_id)
    return remember_visitor(request, Response(status_code=204), visitor)


@router.post("/@{handle}/likes", dependencies=[FromOurPage, Counted])
async def like(
    handle: str,
    request: Request,
    context: Context,
    visitor: Visitor,
    release_id: Annotated[str, Form(max_length=80)],
    on: Annotated[bool, Form()],
) -> Response:
    """Like or unlike a release; a script gets the new count, a plain form goes back."""
    liked = await context.audience.like(visitor, handle, release_id, on)
    response: Response
    if "application/json" in request.headers.get("accept", ""):
        page = await context.stage.page(handle, visitor.id)
        likes = next(s.likes for s in page.releases if s.release.id == release_id)
        response = JSONResponse({"liked": liked, "likes": likes})
    else:
        response = RedirectResponse(f"/@{handle}#{release_id}", SEE_OTHER)
    return remember_visitor(request, response, visitor)


@router.post("/@{handle}/comments", dependencies=[FromOurPage, Counted])
async def comment(
    handle: str,
    request: Request,
    context: Context,
    visitor: Visitor,
    sent: Sent,
    name: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
    about: Annotated[str, Form(max_length=80)] = "",
) -> Response:
    """Keep a visitor's words; what is wrong with them stands beside the field."""
    page = await context.stage.page(handle, known_visitor(request))

    async def keep() -> Response:
        await context.audience.comment(visitor, handle, about or None, name, text)
        return RedirectResponse(f"/@{handle}#guestbook", SEE_OTHER)

    try:
        response = await once(context, ANYBODY, sent, keep)
    except (InvalidInput, LimitReached) as error:
        wrong = f"{error.message[:1].upper()}{error.message[1:]}. {error.remedy or ''}".strip()
        form = CommentForm(name=name, text=text, about=about, error=wrong, field=error.field)
        return _page(context, page, form).response(error.status)
    return remember_visitor(request, response, visitor)


def _page(
    context: ApiContext,
    page: StagePage,
    form: CommentForm | None = None,
    place: Place = NEWEST,
) -> ArtistPage:
    genre = context.views.genre_name(page.artist.genre_pack)
    return artist_page(page, genre, context.public_url(), new_id("exposure"), form, place)


def _css(text: str) -> Response:
    return Response(
        text, media_type="text/css; charset=utf-8", headers={"Cache-Control": DAY_CACHE}
    )


def _picture_type(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(4)
    return next((kind for magic, kind in _MAGIC if head.startswith(magic)), "image/png")
