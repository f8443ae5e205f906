"""An artist's public page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from api.web.lyrics import LyricBlock, lyric_blocks
from api.web.page import Page, key_name
from api.web.stage_list import first_sentence
from api.web.stage_urls import PUBLIC_ROLES, cover_url, media_url, picture_url
from domain.audience import COMMENT_MAX_CHARS, NAME_MAX_CHARS, AudienceEvent
from domain.release import Release
from domain.stage import StageEntry
from domain.work import Work
from services.stage import StagePage, StageRelease

RELEASES_A_PAGE = 12
NOTES_A_PAGE = 24
Shown = TypeVar("Shown")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class TrackView(_Part):
    """One track with its player and words."""

    title: str
    audio_url: str | None
    duration_s: float | None
    tempo_bpm: float | None
    key: str
    lyrics: tuple[LyricBlock, ...]


class ReleaseView(_Part):
    """A release as it stands on the page."""

    id: str
    title: str
    kind: str
    live_at: datetime
    cover_url: str | None
    cover_large_url: str | None
    tracks: tuple[TrackView, ...]
    credits: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]
    disclosure: str
    plays: int
    likes: int
    liked: bool


class PostView(_Part):
    """A post in the feed."""

    text: str
    at: datetime
    images: tuple[tuple[str, str], ...]
    release_id: str | None
    release_title: str | None


class CommentView(_Part):
    """A visitor's words; plain text, never a link."""

    name: str
    text: str
    at: datetime
    about: str | None


class CommentForm(_Part):
    """The comment form, kept as typed when something is wrong with it."""

    name: str = ""
    text: str = ""
    about: str = ""
    error: str | None = None
    field: str | None = None
    name_max: int = NAME_MAX_CHARS
    text_max: int = COMMENT_MAX_CHARS


class Pages(_Part):
    """Where the pages before and behind a page stand; empty where there is none."""

    newer_url: str
    older_url: str


class Place(_Part):
    """Which page of the releases, and which of the feed; the first is the newest."""

    music: int = 1
    notes: int = 1


NEWEST = Place()


class ArtistPage(Page):
    """Everything a visitor sees of an artist."""

    template: ClassVar[str] = "artist.html"

    handle: str = Field(description="The artist's handle.")
    stage_name: str = Field(description="The artist's name.")
    display: str = Field(description="Display typeface, by its name in the domain.")
    description: str = Field(description="One sentence for search engines and cards.")
    biography: str = Field(description="Who the artist is.")
    genre: str = Field(description="Genre in words.")
    themes: tuple[str, ...] = Field(description="What the songs are about.")
    retired: bool = Field(description="Whether the artist makes nothing new any more.")
    banner_url: str | None = Field(description="Wide picture at the top.")
    portrait_url: str | None = Field(description="Portrait or mark.")
    released: int = Field(description="How many releases are live.")
    music_left: int = Field(description="Releases older than all pages, told on the last one.")
    releases: tuple[ReleaseView, ...] = Field(description="A page of them, newest first.")
    music_pages: Pages = Field(description="Pages of releases before and behind this one.")
    posts: tuple[PostView, ...] = Field(description="A page of the feed, newest first.")
    note_pages: Pages = Field(description="Pages of the feed before and behind this one.")
    notes_left: int = Field(description="Posts older than all pages, told on the last one.")
    comments: tuple[CommentView, ...] = Field(description="Visitors' words, newest first.")
    comment_form: CommentForm = Field(description="State of the comment form.")
    plays: int = Field(description="Plays of all releases.")
    likes: int = Field(description="Likes of all releases.")
    exposure_id: str = Field(description="Names this showing of the page; plays send it back.")
    theme_url: str = Field(description="Style sheet with the artist's colours.")
    page_url: str = Field(description="Public address of this page.")
    image_url: str | None = Field(description="Public address of a picture for cards.")


def artist_page(
    page: StagePage,
    genre: str,
    public_url: str,
    exposure_id: str,
    form: CommentForm | None = None,
    place: Place = NEWEST,
) -> ArtistPage:
    """Lay out the page."""
    artist, profile = page.artist, page.profile
    handle = artist.handle
    titles = {shown.release.id: shown.release.title for shown in page.releases}
    music, music_pages = _paged(handle, page.releases, "music", place, RELEASES_A_PAGE)
    standing = [entry for entry in page.entries if not entry.removed]
    notes, note_pages = _paged(handle, standing, "notes", place, NOTES_A_PAGE)
    here = {shown.release.id for shown in music}
    first = page.releases[0] if page.releases else None
    image = (cover_url(handle, first.works, large=True) if first else None) or picture_url(
        handle, artist.banner_sha256, "banner"
    )
    return ArtistPage(
        title=f"{artist.stage_name} · Greenroom",
        handle=handle,
        stage_name=artist.stage_name,
        display=profile.visual.display_typeface.value,
        description=first_sentence(profile.biography),
        biography=profile.biography,
        genre=genre,
        themes=profile.themes,
        retired=artist.status.value == "retired",
        banner_url=picture_url(handle, artist.banner_sha256, "banner"),
        portrait_url=picture_url(handle, artist.portrait_sha256, "portrait"),
        released=page.released,
        releases=tuple(_release(handle, shown) for shown in music),
        music_pages=music_pages,
        music_left=0 if music_pages.older_url else page.released - len(page.releases),
        posts=tuple(
            _post(handle, e, page, {i: t for i, t in titles.items() if i in here}) for e in notes
        ),
        note_pages=note_pages,
        notes_left=0 if note_pages.older_url else page.noted - len(page.entries),
        comments=tuple(_comment(event, titles) for event in page.comments if event.text),
        comment_form=form or CommentForm(),
        plays=page.totals.get("plays", 0),
        likes=page.totals.get("likes", 0),
        exposure_id=exposure_id,
        theme_url=theme_url(handle, artist.profile_number),
        page_url=f"{public_url}/@{handle}",
        image_url=f"{public_url}{image}" if image else None,
    )


def _paged(
    handle: str, found: Sequence[Shown], part: str, place: Place, size: int
) -> tuple[Sequence[Shown], Pages]:
    """One page of a list, and the addresses of those beside it; the other list stays in place."""
    number = getattr(place, part)
    begin = (number - 1) * size

    def address(page: int) -> str:
        wanted = place.model_copy(update={part: page})
        query = {name: n for name, n in wanted.model_dump().items() if n > 1}
        return f"/@{handle}{'?' if query else ''}{urlencode(query)}#{part}"

    pages = Pages(
        newer_url=address(number - 1) if number > 1 else "",
        older_url=address(number + 1) if len(found) > begin + size else "",
    )
    return found[begin : begin + size], pages


def theme_url(handle: str, profile_number: int) -> str:
    """Where the artist's colours are; a new profile has a new address."""
    return f"/@{handle}/theme.css?v={profile_number}"


def _release(handle: str, shown: StageRelease) -> ReleaseView:
    release = shown.release
    return ReleaseView(
        id=release.id,
        title=release.title,
        kind=release.kind,
        live_at=release.live_at or release.updated_at,
        cover_url=cover_url(handle, shown.works),
        cover_large_url=cover_url(handle, shown.works, large=True),
        tracks=tuple(_track(handle, work) for work in shown.works),
        credits=credit_lines(release),
        lines=(f"℗ {release.p_line}", f"© {release.c_line}"),
        disclosure=release.disclosure.statement,
        plays=shown.plays,
        likes=shown.likes,
        liked=shown.liked,
    )


def _track(handle: str, work: Work) -> TrackView:
    return TrackView(
        title=work.title,
        audio_url=media_url(handle, work.asset("mp3")),
        duration_s=work.duration_s,
        tempo_bpm=work.tempo_bpm,
        key=key_name(work.key, work.mode),
        lyrics=lyric_blocks(work.lyrics),
    )


def credit_lines(release: Release) -> tuple[tuple[str, str], ...]:
    """Each contributor once, with all roles in words."""
    roles: dict[str, list[str]] = {}
    for credit in release.credits:
        spaced = "".join(f" {c}" if c.isupper() else c for c in credit.role).strip()
        roles.setdefault(credit.name, []).append(spaced.capitalize())
    return tuple((name, ", ".join(found)) for name, found in roles.items())


def _post(handle: str, entry: StageEntry, page: StagePage, titles: dict[str, str]) -> PostView:
    public = {
        a.sha256: a
        for shown in page.releases
        for w in shown.works
        for a in w.assets
        if a.role in PUBLIC_ROLES
    }
    images = tuple(
        (media_url(handle, public[part.sha256]) or "", part.alt)
        for part in entry.payload.media
        if part.media_type.startswith("image/") and part.sha256 in public
    )
    release_id = entry.payload.release_id if entry.payload.release_id in titles else None
    return PostView(
        text=entry.payload.text,
        at=entry.published_at,
        images=images,
        release_id=release_id,
        release_title=titles.get(release_id) if release_id else None,
    )


def _comment(event: AudienceEvent, titles: dict[str, str]) -> CommentView:
    assert event.text is not None
    return CommentView(
        name=event.visitor_name or "A visitor",
        text=event.text.text,
        at=event.created_at,
        about=titles.get(event.release_id or ""),
    )
