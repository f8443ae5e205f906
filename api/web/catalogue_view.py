"""What the catalogue shows: works in rows with a player, and one work whole."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from api.context import ApiContext
from api.web.operator_views import WorkCard, media_url, work_card
from api.web.page import Page, key_name
from domain.actor import Actor
from domain.artist import Artist
from domain.release import Release
from domain.work import AssetRole, Credit, Provenance, WorkStatus
from services.shelf import Filters, ShelfItem

PAGE = "/operator/catalogue"
ORDERS = (("newest", "Newest first"), ("oldest", "Oldest first"), ("title", "By title"))
SOUNDS: tuple[AssetRole, ...] = ("mp3", "ogg", "flac")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class ShelfForm(_Part):
    """The filters as typed."""

    artist: str = ""
    genre: str = ""
    status: str = ""
    since: str = ""
    until: str = ""
    order: str = "newest"
    title: str = ""
    after: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether anything is filtered."""
        return any((self.artist, self.genre, self.status, self.since, self.until))

    def url(self, **changes: str) -> str:
        """The address of this list with changes."""
        now = {k: str(v) for k, v in (self.model_dump() | changes).items() if v}
        return f"{PAGE}?{urlencode(now)}" if now else PAGE


class ShelfRow(_Part):
    """A work in the list."""

    id: str
    title: str
    handle: str
    stage_name: str
    genre: str
    status: str
    release: str | None
    cover_url: str | None
    audio_url: str | None
    wave_url: str
    duration_s: float | None
    facts: str
    at: datetime
    passed: bool | None


class CataloguePage(Page):
    """All works of the label, a page at a time."""

    template: ClassVar[str] = "catalogue.html"

    form: ShelfForm = Field(description="The filters as typed.")
    rows: tuple[ShelfRow, ...] = Field(description="The works of this page.")
    total: int = Field(description="How many works fit.")
    artists: tuple[tuple[str, str], ...] = Field(description="Artists to choose from.")
    genres: tuple[tuple[str, str], ...] = Field(description="Genres to choose from.")
    statuses: tuple[str, ...] = Field(description="States to choose from.")
    orders: tuple[tuple[str, str], ...] = Field(description="Orders to choose from.")
    clear_url: str | None = Field(description="Without filters, where there are any.")
    first_url: str | None = Field(description="The first page, on any other.")
    next_url: str | None = Field(description="The page after, if there is one.")


class WorkPage(Page):
    """One work, whole."""

    template: ClassVar[str] = "catalogue_work.html"

    work: WorkCard = Field(description="The work with lyrics, reports and files.")
    wave_url: str = Field(description="Where the wave of its sound is.")
    artist: Artist = Field(description="Whose work it is.")
    genre: str = Field(description="The artist's genre.")
    run_id: str = Field(description="The run that made it.")
    made_at: datetime = Field(description="When it was begun.")
    release: Release | None = Field(description="The release it is on.")
    credits: tuple[Credit, ...] = Field(description="Who is credited.")
    provenance: tuple[Provenance, ...] = Field(description="What made each part.")
    posts: tuple[tuple[str, str, str, str | None], ...] = Field(
        description="Channel, words, state and address of each post."
    )


async def catalogue_page(context: ApiContext, actor: Actor, form: ShelfForm) -> CataloguePage:
    """Read a page of the list."""
    found = await context.desk.shelf.page(actor, _filters(form))
    names = {pack.id: pack.name for pack in context.views.genres()}
    used = sorted({a.genre_pack for a in found.artists}, key=lambda g: names.get(g, g))
    last = {"title": found.next[0], "after": found.next[1]} if found.next else None
    start = {"title": "", "after": ""}
    return CataloguePage(
        title="Catalogue · Greenroom",
        form=form,
        rows=tuple(_row(item, names) for item in found.items),
        total=found.total,
        artists=tuple(
            (a.handle, a.stage_name) for a in sorted(found.artists, key=lambda a: a.stage_name)
        ),
        genres=tuple((genre, names.get(genre, genre)) for genre in used),
        statuses=tuple(status.value for status in WorkStatus),
        orders=ORDERS,
        clear_url=PAGE if form.narrowed else None,
        first_url=form.url(**start) if form.after else None,
        next_url=form.url(**last) if last else None,
    )


async def work_page(context: ApiContext, actor: Actor, work_id: str) -> WorkPage:
    """Read one work."""
    found = await context.desk.shelf.work(actor, work_id)
    work = found.work
    return WorkPage(
        title=f"{work.title} · Greenroom",
        work=work_card(found.view),
        wave_url=f"{PAGE}/{work.id}/wave",
        artist=found.artist,
        genre=context.views.genre_name(found.artist.genre_pack),
        run_id=work.run_id,
        made_at=work.created_at,
        release=found.release,
        credits=found.release.credits if found.release else work.credits,
        provenance=work.provenance,
        posts=tuple(
            (post.payload.channel, post.payload.text, post.status.value, post.url)
            for post in found.posts
        ),
    )


def _filters(form: ShelfForm) -> Filters:
    """What the form asks for; what cannot be read does not narrow."""
    until = _day(form.until)
    return Filters.model_validate(
        {
            "artist": form.artist,
            "genre": form.genre,
            "status": form.status if form.status in set(WorkStatus) else None,
            "since": _day(form.since),
            "until": until + timedelta(days=1) if until else None,
            "order": form.order if form.order in dict(ORDERS) else "newest",
            "after": (form.title, form.after) if form.after else None,
        }
    )


def _day(text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(0), UTC)
    except ValueError:
        return None


def _row(item: ShelfItem, genres: dict[str, str]) -> ShelfRow:
    work = item.work
    cover = work.asset("cover_thumb") or work.asset("cover")
    sound = next((a for a in map(work.asset, SOUNDS) if a is not None), None)
    tempo = f"{work.tempo_bpm:.0f} BPM" if work.tempo_bpm else ""
    return ShelfRow(
        id=work.id,
        title=work.title,
        handle=item.artist.handle,
        stage_name=item.artist.stage_name,
        genre=genres.get(item.artist.genre_pack, item.artist.genre_pack),
        status=work.status.value,
        release=item.release.status.value if item.release else None,
        cover_url=media_url(cover) if cover else None,
        audio_url=media_url(sound) if sound else None,
        wave_url=f"{PAGE}/{work.id}/wave",
        duration_s=work.duration_s,
        facts=" · ".join(fact for fact in (tempo, key_name(work.key, work.mode)) if fact),
        at=work.created_at,
        passed=all(r.passed for r in work.reports) if work.reports else None,
    )
