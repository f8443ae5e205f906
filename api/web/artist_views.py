"""What the artists' pages of the dashboard show."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from api.context import ApiContext
from api.web.artist_forms import ArtistForm
from api.web.diffs import Change, changes
from api.web.operator_home import SlotLine
from api.web.operator_views import Notice, RunLine, media_url, run_line
from api.web.page import Fragment, Page
from domain.actor import Actor
from domain.artist import Artist
from domain.mood import Mood
from domain.post import Post
from domain.profile import Profile, ProfileVersion
from domain.work import Work
from services.artist_desk import MONEY_DAYS, ArtistDesk
from services.views import GenreChoice

ARTISTS_A_PAGE = 50
VERSIONS_A_PAGE = 20
SLOTS_SHOWN = 5


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class ArtistLine(_Part):
    """An artist in the list."""

    id: str
    handle: str
    stage_name: str
    portrait_url: str | None
    genre: str
    status: str
    mood: str
    next_at: datetime | None


class ArtistHead(_Part):
    """The top of every page of one artist."""

    handle: str
    stage_name: str
    portrait_url: str | None
    genre: str
    status: str
    mood: str
    brief: str
    has_page: bool
    may_run: bool
    may_pause: bool
    may_resume: bool


class MoodAxis(_Part):
    """One axis of the mood, -1 to 1, and where it rests."""

    name: str
    low: str
    high: str
    value: float
    rest: float


class WorkTile(_Part):
    """A work in a row of covers."""

    id: str
    title: str
    status: str
    cover_url: str | None
    run_id: str


class VersionLine(_Part):
    """A version of the profile with what it changed."""

    number: int
    at: datetime
    by: str
    reason: str
    evidence: tuple[str, ...]
    changes: tuple[Change, ...]


class ArtistsPage(Page):
    """All artists."""

    template: ClassVar[str] = "artists.html"

    artists: tuple[ArtistLine, ...] = Field(description="One page of them, in the order they came.")
    next_url: str = Field(description="The page behind, if there is one.")
    first_url: str = Field(description="The first page, where this is another.")
    genres: tuple[GenreChoice, ...] = Field(description="Genre packs to choose from.")
    form: ArtistForm = Field(description="The form for another artist.")
    notice: Notice | None = Field(description="What just went wrong, if anything.")


class ArtistLive(Fragment):
    """The part of an artist's page that follows the event log."""

    template: ClassVar[str] = "artist_desk_live.html"

    head: ArtistHead = Field(description="Who it is.")
    axes: tuple[MoodAxis, ...] = Field(description="How it feels.")
    causes: tuple[tuple[str, datetime], ...] = Field(description="Why, newest first.")
    plan: str = Field(description="What its newest run set out to do.")
    planned_at: datetime | None = Field(description="When it said so.")
    slots: tuple[SlotLine, ...] = Field(description="Its next slots.")
    works: tuple[WorkTile, ...] = Field(description="Its newest works.")
    posts: tuple[Post, ...] = Field(description="Its newest posts.")
    runs: tuple[RunLine, ...] = Field(description="Its newest runs.")
    audience: dict[str, int] = Field(description="Plays, likes and comments.")
    tokens: int = Field(description="Tokens of the last weeks.")
    cost_usd: float = Field(description="Money of the last weeks.")
    money_days: int = Field(description="How many days that is.")


class ArtistDeskPage(Page):
    """An artist's first page."""

    template: ClassVar[str] = "artist_desk.html"

    head: ArtistHead = Field(description="Who it is.")
    live_html: ArtistLive = Field(description="The part that follows the event log.")
    notice: Notice | None = Field(description="What just happened, if anything.")
    last_event: int = Field(description="Event id from which the page follows.")


class ArtistProfilePage(Page):
    """Who an artist is, and how it came to be so."""

    template: ClassVar[str] = "artist_profile.html"

    head: ArtistHead = Field(description="Who it is.")
    profile: Profile | None = Field(description="The profile in force; None before the debut.")
    tree: dict[str, Any] = Field(description="What of it is not shown in words above.")
    versions: tuple[VersionLine, ...] = Field(description="Versions, newest first.")
    next_url: str = Field(description="Where older versions are, or empty.")
    first_url: str = Field(description="The newest versions, where these are others.")
    notice: Notice | None = Field(description="What just happened, if anything.")


async def artists_page(
    context: ApiContext,
    operator: Actor,
    after: str | None = None,
    form: ArtistForm | None = None,
    notice: Notice | None = None,
) -> ArtistsPage:
    """Read one page of the artists."""
    found = await context.artists.page(operator, after, ARTISTS_A_PAGE + 1)
    coming = await context.schedules.next_by_artist(operator)
    shown = found[:ARTISTS_A_PAGE]
    more = len(found) > ARTISTS_A_PAGE
    return ArtistsPage(
        title="Artists · Greenroom",
        artists=tuple(_line(context, artist, coming.get(artist.id)) for artist in shown),
        next_url=f"/operator/artists?after={shown[-1].id}" if more else "",
        first_url="/operator/artists" if after else "",
        genres=tuple(context.views.genres()),
        form=form or ArtistForm(),
        notice=notice,
    )


async def artist_live(context: ApiContext, operator: Actor, handle: str) -> ArtistLive:
    """Read what an artist's page follows."""
    desk = await context.desks.read(operator, handle)
    slots = await context.schedules.upcoming(operator, SLOTS_SHOWN, desk.artist.id)
    mood = desk.artist.mood.decayed(context.clock.now())
    return ArtistLive(
        head=head_of(context, desk.artist),
        axes=axes_of(mood),
        causes=tuple((cause.what, cause.at) for cause in reversed(mood.causes)),
        plan=desk.plan,
        planned_at=desk.planned_at,
        slots=tuple(
            SlotLine(
                at=slot.slot_at,
                handle=desk.artist.handle,
                stage_name=desk.artist.stage_name,
                rhythm=slot.schedule.name,
            )
            for slot in slots
        ),
        works=tuple(_tile(work) for work in desk.works),
        posts=tuple(desk.posts),
        runs=_runs(desk),
        audience=desk.audience,
        tokens=desk.spent.tokens,
        cost_usd=desk.spent.cost_usd,
        money_days=MONEY_DAYS,
    )


async def artist_desk_page(
    context: ApiContext, operator: Actor, handle: str, notice: Notice | None = None
) -> ArtistDeskPage:
    """Read an artist's first page."""
    last_event = await context.views.last_event()
    live = await artist_live(context, operator, handle)
    return ArtistDeskPage(
        title=f"{live.head.stage_name} · Greenroom",
        head=live.head,
        live_html=live,
        notice=notice,
        last_event=last_event,
    )


async def artist_profile_page(
    context: ApiContext,
    operator: Actor,
    handle: str,
    below: int | None = None,
    notice: Notice | None = None,
) -> ArtistProfilePage:
    """Read who an artist is and was; the versions are those below a number."""
    artist, current, found = await context.desks.profiles(
        operator, handle, VERSIONS_A_PAGE + 1, below
    )
    versions = found[:VERSIONS_A_PAGE]
    address = f"/operator/artists/{artist.handle}/profile"
    more = len(found) > VERSIONS_A_PAGE
    names = await context.overview.names({version.author for version in versions})
    profile = current.profile if current else None
    earlier: list[ProfileVersion | None] = [*found[1:], None]
    shown = {"stage_name", "biography", "themes", "influences", "audience"}
    return ArtistProfilePage(
        title=f"Profile of {artist.stage_name} · Greenroom",
        head=head_of(context, artist),
        profile=profile,
        tree=profile.model_dump(mode="json", exclude=shown) if profile else {},
        versions=tuple(
            VersionLine(
                number=version.number,
                at=version.created_at,
                by=names[version.author],
                reason=version.reason,
                evidence=version.evidence,
                changes=_changed(before, version),
            )
            for version, before in zip(versions, earlier, strict=False)
        ),
        next_url=f"{address}?below={versions[-1].number}#versions" if more else "",
        first_url=f"{address}#versions" if below is not None else "",
        notice=notice,
    )


def head_of(context: ApiContext, artist: Artist) -> ArtistHead:
    """The top of an artist's pages."""
    status = artist.status.value
    return ArtistHead(
        handle=artist.handle,
        stage_name=artist.stage_name,
        portrait_url=_portrait(artist),
        genre=context.views.genre_name(artist.genre_pack),
        status=status,
        mood=artist.mood.word(),
        brief=artist.brief,
        has_page=bool(artist.profile_number),
        may_run=status == "active",
        may_pause=status in ("active", "evolving"),
        may_resume=status == "paused",
    )


def axes_of(mood: Mood) -> tuple[MoodAxis, ...]:
    """The mood's three axes with what their ends are called."""
    ends = (
        ("valence", "low", "bright"),
        ("arousal", "calm", "stirred"),
        ("dominance", "yielding", "in charge"),
    )
    return tuple(
        MoodAxis(
            name=name,
            low=low,
            high=high,
            value=getattr(mood, name),
            rest=getattr(mood, f"rest_{name}"),
        )
        for name, low, high in ends
    )


def _changed(before: ProfileVersion | None, after: ProfileVersion) -> tuple[Change, ...]:
    if before is None:
        return ()
    return changes(before.profile.model_dump(mode="json"), after.profile.model_dump(mode="json"))


def _portrait(artist: Artist) -> str | None:
    picture = artist.portrait_sha256
    return f"/operator/media/{picture}/portrait" if picture else None


def _line(context: ApiContext, artist: Artist, next_at: datetime | None) -> ArtistLine:
    status = artist.status.value
    return ArtistLine(
        id=artist.id,
        handle=artist.handle,
        stage_name=artist.stage_name,
        portrait_url=_portrait(artist),
        genre=context.views.genre_name(artist.genre_pack),
        status=status,
        mood=artist.mood.word(),
        next_at=next_at if status == "active" else None,
    )


def _tile(work: Work) -> WorkTile:
    cover = work.asset("cover_thumb") or work.asset("cover")
    return WorkTile(
        id=work.id,
        title=work.title,
        status=work.status.value,
        cover_url=media_url(cover) if cover else None,
        run_id=work.run_id,
    )


def _runs(desk: ArtistDesk) -> tuple[RunLine, ...]:
    return tuple(run_line(run, desk.artist) for run in desk.runs)
