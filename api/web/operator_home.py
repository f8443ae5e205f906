"""The operator's first page: artists, what waits, what runs, what ran."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from api.context import ApiContext
from api.web.alerts_view import AlertLine, open_alerts
from api.web.operator_views import (
    LiveRun,
    Notice,
    RunLine,
    WaitingCard,
    media_url,
    run_line,
)
from api.web.page import Fragment, Page
from domain.actor import Actor
from domain.artist import BRIEF_MAX_CHARS, Artist
from services.views import ApprovalView, GenreChoice

RUNS_SHOWN = 12
GOING_ON = ("queued", "running")


class ArtistRow(BaseModel):
    """An artist with what can be done about it."""

    model_config = ConfigDict(frozen=True)

    handle: str
    stage_name: str
    genre: str
    status: str
    mood: str
    has_page: bool
    may_run: bool
    may_pause: bool
    may_resume: bool
    next_at: datetime | None


class ArtistForm(BaseModel):
    """The form for another artist, kept as typed when something is wrong."""

    model_config = ConfigDict(frozen=True)

    brief: str = ""
    genre: str = ""
    seed: str = ""
    field: str | None = None
    error: str | None = None
    remedy: str | None = None
    brief_max: int = BRIEF_MAX_CHARS


class OperatorLive(Fragment):
    """The part of the first page that follows the event log."""

    template: ClassVar[str] = "operator_live.html"

    alerts: tuple[AlertLine, ...] = Field(description="Alerts that nobody has seen yet.")
    waiting: tuple[WaitingCard, ...] = Field(description="Approvals that wait, oldest first.")
    live: tuple[LiveRun, ...] = Field(description="Runs that go on, queued ones last.")
    stopped: tuple[RunLine, ...] = Field(description="Artists' newest runs that failed.")
    past: tuple[RunLine, ...] = Field(description="Runs that ended or wait, newest first.")
    artists: tuple[ArtistRow, ...] = Field(description="All artists in the order they came.")


class OperatorHome(Page):
    """The operator's first page."""

    template: ClassVar[str] = "operator_home.html"

    live_html: OperatorLive = Field(description="The part that follows the event log.")
    genres: tuple[GenreChoice, ...] = Field(description="Genre packs to choose from.")
    form: ArtistForm = Field(description="State of the form for another artist.")
    notice: Notice | None = Field(description="What just went wrong, if anything.")
    last_event: int = Field(description="Event id from which the page follows.")


async def operator_live(context: ApiContext, operator: Actor) -> OperatorLive:
    """Read what the first page follows."""
    runs = await context.views.runs(operator, limit=RUNS_SHOWN)
    lines = [run_line(run, artist) for run, artist in runs]
    live = []
    going_on = [line for line in lines if line.status in GOING_ON]
    going_on.sort(key=lambda line: line.status == "queued")
    for line in going_on:
        seen = await context.views.run(operator, line.id)
        steps = await context.views.timeline(operator, line.id)
        live.append(
            LiveRun(line=line, steps=tuple(steps), tokens=seen.tokens, cost_usd=seen.cost_usd)
        )
    coming = await context.schedules.next_by_artist(operator)
    return OperatorLive(
        alerts=tuple(alert for alert in await open_alerts(context, operator) if not alert.seen),
        waiting=tuple(_waiting(view) for view in await context.views.waiting(operator)),
        live=tuple(live),
        stopped=_stopped(lines),
        past=tuple(line for line in lines if line.status not in GOING_ON),
        artists=tuple(
            _artist(a, context.views.genre_name(a.genre_pack), coming.get(a.id))
            for a in await context.artists.page(operator, limit=200)
        ),
    )


def _stopped(lines: list[RunLine]) -> tuple[RunLine, ...]:
    """Failed runs that nothing newer of the same artist has made a matter of the past."""
    newest: dict[str, RunLine] = {}
    for line in lines:
        newest.setdefault(line.handle, line)
    return tuple(line for line in newest.values() if line.status == "failed")


async def operator_home(
    context: ApiContext,
    operator: Actor,
    form: ArtistForm | None = None,
    notice: Notice | None = None,
) -> OperatorHome:
    """Read the first page."""
    last_event = await context.views.last_event()
    return OperatorHome(
        title="Greenroom · your label",
        live_html=await operator_live(context, operator),
        genres=tuple(context.views.genres()),
        form=form or ArtistForm(),
        notice=notice,
        last_event=last_event,
    )


def _artist(artist: Artist, genre: str, next_at: datetime | None) -> ArtistRow:
    status = artist.status.value
    return ArtistRow(
        handle=artist.handle,
        stage_name=artist.stage_name,
        genre=genre,
        status=status,
        mood=artist.mood.word(),
        has_page=bool(artist.profile_number),
        may_run=status == "active",
        may_pause=status in ("active", "evolving"),
        may_resume=status == "paused",
        next_at=next_at if status == "active" else None,
    )


def _waiting(view: ApprovalView) -> WaitingCard:
    covers = [f for w in view.works for f in w.files if f.role in ("cover_thumb", "cover")]
    covers.sort(key=lambda f: f.role != "cover_thumb")
    title = view.releases[0].title if view.releases else view.posts[0].payload.text
    return WaitingCard(
        id=view.approval.id,
        handle=view.artist.handle,
        stage_name=view.artist.stage_name,
        title=title,
        cover_url=media_url(covers[0]) if covers else None,
        passed=all(w.passed for w in view.works) if view.works else None,
        expires_at=view.approval.expires_at,
    )
