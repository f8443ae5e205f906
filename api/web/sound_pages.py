"""An artist's sound: who sings, and how the artist bends its genre."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field
from starlette.responses import Response

from api.context import ApiContext, Context
from api.security import FromOurPage, LocalOperator
from api.web.artist_views import ArtistHead, head_of
from api.web.operator_views import Notice
from api.web.page import Page
from domain.actor import Actor
from domain.artist import Artist
from domain.errors import Conflict, InvalidInput
from domain.singer import Singer
from services.sound import Override, Sound, singers

router = APIRouter(prefix="/operator/artists/{handle}/sound", include_in_schema=False)
SEE_OTHER = 303
TEXT_MAX_CHARS = 4000
TRUTHS = {"true": True, "yes": True, "false": False, "no": False}


class SoundPage(Page):
    """An artist's sound as it is, and the form to change it."""

    template: ClassVar[str] = "sound.html"

    head: ArtistHead = Field(description="The top of the artist's pages.")
    artist: Artist = Field(description="Whose sound it is.")
    sound: Sound = Field(description="The sound in force.")
    singers: tuple[Singer, ...] = Field(description="Presets to choose from.")
    wish: str = Field(description="The singer chosen in the form.")
    overrides: str = Field(description="The overrides as they stand in the form.")
    wrong: str | None = Field(description="The form's field that is wrong, if one is.")
    notice: Notice | None = Field(description="The outcome, or what went wrong.")


@router.get("")
async def show(
    handle: str, context: Context, operator: LocalOperator, saved: bool = False
) -> HTMLResponse:
    """The artist's sound."""
    told = Notice(kind="good", text="Saved. The next song follows it.") if saved else None
    return (await _page(context, operator, handle, notice=told)).response()


@router.post("", dependencies=[FromOurPage])
async def save(
    handle: str,
    context: Context,
    operator: LocalOperator,
    singer: Annotated[str, Form(max_length=60)] = "auto",
    overrides: Annotated[str, Form(max_length=TEXT_MAX_CHARS)] = "",
) -> Response:
    """Choose a singer and bend the genre."""
    try:
        asked = read_overrides(overrides)
        in_force = (await context.sound.of(operator, handle)).overrides
        gone = {path: None for path in in_force if path not in asked}
        await context.sound.choose(operator, handle, singer=singer, overrides={**asked, **gone})
    except (Conflict, InvalidInput) as error:
        told = Notice(kind="bad", text=error.message, remedy=error.remedy)
        wrong = "singer" if error.field == "singer" else "overrides"
        page = await _page(context, operator, handle, told, typed=(singer, overrides), wrong=wrong)
        return page.response(error.status)
    return RedirectResponse(f"/operator/artists/{handle}/sound?saved=true", SEE_OTHER)


def read_overrides(text: str) -> dict[str, Override]:
    """Read lines of `path: value`; raises `InvalidInput` that quotes the line."""
    found: dict[str, Override] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        path, separator, value = line.partition(":")
        if not path.strip() or not separator or not _is_plain(value):
            raise InvalidInput(
                f"“{line[:80]}” is no value by its path",
                field="overrides",
                remedy="Write one line each, such as mix.reverb_s: 3.",
            )
        found[path.strip()] = _value(value.strip())
    return found


def _is_plain(value: str) -> bool:
    """Whether it is one word or number: nothing empty, and no list or mapping."""
    return bool(value.strip()) and not set(value) & set("[]{}:\"'")


def _value(text: str) -> Override:
    """A number or a truth where it is written as one, else the word itself."""
    if text.lower() in TRUTHS:
        return TRUTHS[text.lower()]
    for kind in (int, float):
        with suppress(ValueError):
            return kind(text)
    return text


async def _page(
    context: ApiContext,
    operator: Actor,
    handle: str,
    notice: Notice | None = None,
    *,
    typed: tuple[str, str] | None = None,
    wrong: str | None = None,
) -> SoundPage:
    artist = await context.artists.find(operator, handle)
    sound = await context.sound.of(operator, handle)
    lines = "\n".join(f"{path}: {value}" for path, value in sound.overrides.items())
    wish, overrides = typed or (sound.wish, lines)
    return SoundPage(
        title=f"Sound of {artist.stage_name} · Greenroom",
        head=head_of(context, artist),
        artist=artist,
        sound=sound,
        singers=singers(),
        wish=wish,
        overrides=overrides,
        wrong=wrong,
        notice=notice,
    )
