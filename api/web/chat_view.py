"""What the chat pages show: talks, turns, and the cards of what an artist made."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.context import ApiContext
from api.web.operator_views import Notice, WorkCard, work_card
from api.web.page import Fragment, Page
from domain.actor import Actor
from domain.artist import Artist, ArtistStatus
from domain.directive import Directive
from domain.errors import Forbidden, NotFound
from domain.ids import new_id
from domain.talk import Card, Talk, Turn, TurnStatus

PAGE = "/operator/chat"
TALKS = 40
TURNS = 60
FACES = 200
SUGGESTIONS = (
    "What are you working on?",
    "Play me your latest song",
    "How many people listened?",
    "Your next song should be slower",
)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Face(_Part):
    """An artist to talk with."""

    handle: str
    stage_name: str
    portrait_url: str | None
    paused: bool


class TalkLine(_Part):
    """A talk in the list; `here`: it is the one that is open."""

    url: str
    title: str
    stage_name: str
    at: datetime
    here: bool


class ShownPart(_Part):
    """One part of a turn as the page draws it."""

    kind: Literal["text", "tool", "card", "question"]
    text: str = ""
    status: str = ""
    why: str = ""
    id: str = ""
    card: Card | None = None
    work: WorkCard | None = None
    directive: Directive | None = None


class ShownTurn(_Part):
    """One turn as the page draws it."""

    id: str
    mine: bool
    name: str
    at: datetime
    status: str
    parts: tuple[ShownPart, ...]
    problem: str = ""
    remedy: str = ""


class TurnPart(Fragment):
    """One turn alone, as it is swapped in while the answer grows."""

    template: ClassVar[str] = "chat_turn.html"

    turn: ShownTurn = Field(description="The turn.")
    base: str = Field(description="Address of its talk.")
    own: bool = Field(description="Whether who looks may say something in the talk.")


class ChatHome(Page):
    """The talks, and a first word to an artist."""

    template: ClassVar[str] = "chat_home.html"

    talks: tuple[TalkLine, ...] = Field(description="One's own, the lately used first.")
    faces: tuple[Face, ...] = Field(description="Artists that can talk.")
    more: bool = Field(description="Whether there are more artists than are read for this page.")
    chosen: Face | None = Field(description="The artist to say a first word to.")
    suggestions: tuple[str, ...] = Field(description="What one might say.")
    said: str = Field(description="What was typed and refused.")
    notice: Notice | None = Field(description="What is wrong, if anything.")


class ChatPage(Page):
    """One talk."""

    template: ClassVar[str] = "chat.html"

    talks: tuple[TalkLine, ...] = Field(description="One's own, the lately used first.")
    face: Face = Field(description="The artist.")
    turns: tuple[ShownTurn, ...] = Field(description="The last turns, oldest first.")
    base: str = Field(description="Address of the talk.")
    own: bool = Field(description="Whether who looks may say something here.")
    key: str = Field(description="Names the next thing said: sent twice, it is said once.")
    answering: str = Field(description="Id of the turn that is being answered, or nothing.")
    earlier_url: str = Field(description="Turns before these, if there are any.")
    said: str = Field(description="What was typed and refused.")
    notice: Notice | None = Field(description="What is wrong, if anything.")


async def chat_home(
    context: ApiContext,
    actor: Actor,
    handle: str | None,
    said: str = "",
    notice: Notice | None = None,
) -> ChatHome:
    """Read the first page of chat."""
    found = await context.artists.page(actor, limit=FACES + 1)
    artists = found[:FACES]
    if handle and all(artist.handle != handle for artist in artists):
        # Who is named is there, however many come before it.
        with suppress(NotFound, Forbidden):
            artists.append(await context.artists.find(actor, handle))
    faces = {a.handle: face(a) for a in artists if a.profile_number and _talks(a)}
    chosen = faces.get(handle or "") or (next(iter(faces.values())) if len(faces) == 1 else None)
    return ChatHome(
        title="Chat · Greenroom",
        talks=await _lines(context, actor, ""),
        faces=tuple(faces.values()),
        more=len(found) > FACES,
        chosen=chosen,
        suggestions=SUGGESTIONS,
        said=said,
        notice=notice,
    )


async def chat_page(
    context: ApiContext,
    actor: Actor,
    talk_id: str,
    *,
    before: int | None = None,
    said: str = "",
    notice: Notice | None = None,
) -> ChatPage:
    """Read one talk."""
    talk = await context.talks.get(actor, talk_id)
    artist = await context.artists.find(actor, talk.artist_id)
    turns = await context.talks.turns(actor, talk_id, before=before, limit=TURNS)
    shown = [await shown_turn(context, actor, turn, artist.stage_name) for turn in turns]
    last = turns[-1] if turns else None
    answering = last is not None and last.status is TurnStatus.ANSWERING
    first = turns[0].number if turns else 1
    return ChatPage(
        title=f"{artist.stage_name}: {talk.title or 'a talk'} · Greenroom",
        talks=await _lines(context, actor, talk.id),
        face=face(artist),
        turns=tuple(shown),
        base=f"{PAGE}/{talk.id}",
        own=talk.person == actor.id,
        key=new_id("said"),
        answering=last.id if last is not None and answering else "",
        earlier_url=f"{PAGE}/{talk.id}?before={first}" if first > 1 else "",
        said=said,
        notice=notice,
    )


async def turn_part(
    context: ApiContext, actor: Actor, turn: Turn, stage_name: str, *, own: bool
) -> TurnPart:
    """One turn as a part of the page."""
    return TurnPart(
        turn=await shown_turn(context, actor, turn, stage_name),
        base=f"{PAGE}/{turn.talk_id}",
        own=own,
    )


async def shown_turn(context: ApiContext, actor: Actor, turn: Turn, stage_name: str) -> ShownTurn:
    """A turn with what its cards show now: a work's player, a directive's present words."""
    parts = [await _shown(context, actor, part.model_dump(), part) for part in turn.parts]
    failure = turn.failure if turn.status is TurnStatus.FAILED else None
    return ShownTurn(
        id=turn.id,
        mine=turn.speaker == "person",
        name="You" if turn.speaker == "person" else stage_name,
        at=turn.created_at,
        status=turn.status.value,
        parts=tuple(parts),
        problem=failure.message if failure else "",
        remedy=(failure.remedy or "") if failure else "",
    )


async def _shown(
    context: ApiContext, actor: Actor, values: dict[str, object], part: object
) -> ShownPart:
    card = getattr(part, "card", None)
    if isinstance(card, Card):
        return await _shown_card(context, actor, card)
    known = {k: v for k, v in values.items() if k in ShownPart.model_fields}
    if values["kind"] == "tool":
        known["text"] = values["says"]
    return ShownPart.model_validate(known)


async def _shown_card(context: ApiContext, actor: Actor, card: Card) -> ShownPart:
    """What the card names may be gone; then the card stands as it was."""
    work, directive = None, None
    try:
        if card.kind == "work":
            found = await context.works.get(actor, card.id)
            work = work_card(await context.views.work(found))
        elif card.kind == "directive":
            directive = (await context.directives.get(actor, card.id)).directive
    except NotFound:
        pass
    return ShownPart(kind="card", card=card, work=work, directive=directive)


def face(artist: Artist) -> Face:
    """An artist as somebody to talk with."""
    sha256 = artist.portrait_sha256
    return Face(
        handle=artist.handle,
        stage_name=artist.stage_name,
        portrait_url=f"/@{artist.handle}/media/{sha256}/portrait.png" if sha256 else None,
        paused=artist.status is ArtistStatus.PAUSED,
    )


def _talks(artist: Artist) -> bool:
    return artist.status is not ArtistStatus.RETIRED


async def _lines(context: ApiContext, actor: Actor, here: str) -> tuple[TalkLine, ...]:
    talks = await context.talks.page(actor, limit=TALKS)
    names = await context.overview.names({_whose(talk) for talk in talks})
    return tuple(_line(talk, names, here) for talk in talks if talk.turns or talk.id == here)


def _line(talk: Talk, names: dict[str, str], here: str) -> TalkLine:
    return TalkLine(
        url=f"{PAGE}/{talk.id}",
        title=talk.title or "A new talk",
        stage_name=names[_whose(talk)],
        at=talk.last_at,
        here=talk.id == here,
    )


def _whose(talk: Talk) -> str:
    return f"artist:{talk.artist_id}"
