"""Tools about artists."""

from __future__ import annotations

from pydantic import Field

from api.mcp.tool import Arguments, Caller, McpTool, Result
from domain.artist import Artist
from domain.errors import NotFound
from domain.profile import Profile

HANDLE = "Handle or id of the artist, such as `harbour-signal`."


class ListArtists(Arguments):
    """Which page of the list."""

    after: str | None = Field(default=None, description="`next` of the page before.")
    limit: int = Field(default=50, ge=1, le=200)


class ArtistLine(Result):
    """An artist in a list."""

    handle: str
    stage_name: str
    status: str
    genre: str


class Artists(Result):
    """Artists in the order they came."""

    artists: list[ArtistLine]
    next: str | None = Field(description="Send it as `after` for the next page; null: no more.")


class NameArtist(Arguments):
    """Which artist."""

    artist: str = Field(description=HANDLE)


class StopArtist(NameArtist):
    """Whom to stop, and why."""

    why: str = Field(default="", max_length=500)
    pause: bool = Field(default=True, description="Let nothing begin until it is resumed.")


class Feelings(Result):
    """How the artist feels, each from -1 to 1."""

    valence: float
    arousal: float
    dominance: float


class ArtistSheet(ArtistLine):
    """Who an artist is."""

    mood: Feelings
    profile_version: int = Field(description="0 while the artist has no profile yet.")
    profile: Profile | None
    public_page: str
    operator_page: str


class Stopped(ArtistLine):
    """What stopping an artist ended."""

    runs: list[str] = Field(description="Ids of the runs that were cancelled.")


def line_of(artist: Artist) -> ArtistLine:
    """An artist in a list."""
    return ArtistLine(
        handle=artist.handle,
        stage_name=artist.stage_name,
        status=artist.status.value,
        genre=artist.genre_pack,
    )


async def list_artists(caller: Caller, asked: ListArtists) -> Artists:
    """List the label's artists that you may see, with their status and genre."""
    found = await caller.context.artists.page(caller.actor, asked.after, asked.limit)
    more = found[-1].id if len(found) == asked.limit else None
    return Artists(artists=[line_of(artist) for artist in found], next=more)


async def show_artist(caller: Caller, asked: NameArtist) -> ArtistSheet:
    """Show who an artist is: profile, mood, status and where its pages are."""
    artist = await caller.context.artists.find(caller.actor, asked.artist)
    try:
        version = await caller.context.artists.profile(caller.actor, artist.id)
    except NotFound:
        version = None
    mood = artist.mood.decayed(caller.context.clock.now())
    return ArtistSheet(
        **line_of(artist).model_dump(),
        mood=Feelings(valence=mood.valence, arousal=mood.arousal, dominance=mood.dominance),
        profile_version=version.number if version else 0,
        profile=version.profile if version else None,
        public_page=caller.page(f"/@{artist.handle}"),
        operator_page=caller.page(f"/operator/artists/{artist.handle}"),
    )


async def pause_artist(caller: Caller, asked: NameArtist) -> ArtistLine:
    """Let no new run of an artist begin; what runs already goes to its end."""
    return line_of(await caller.context.artists.pause(caller.actor, asked.artist))


async def resume_artist(caller: Caller, asked: NameArtist) -> ArtistLine:
    """Let a paused artist run again."""
    return line_of(await caller.context.artists.resume(caller.actor, asked.artist))


async def stop_artist(caller: Caller, asked: StopArtist) -> Stopped:
    """End at once everything an artist is at; nothing of it becomes public any more.

    Ask your person first: its runs do not go on again. A second time is harmless.
    """
    stop = await caller.context.steering.stop(
        caller.actor, asked.artist, asked.why, pause=asked.pause
    )
    return Stopped(**line_of(stop.artist).model_dump(), runs=[run.id for run in stop.runs])


TOOLS = (
    McpTool(
        "list_artists", "List artists", "read", ListArtists, Artists, list_artists, read_only=True
    ),
    McpTool(
        "show_artist",
        "Show an artist",
        "read",
        NameArtist,
        ArtistSheet,
        show_artist,
        read_only=True,
    ),
    McpTool("pause_artist", "Pause an artist", "steer", NameArtist, ArtistLine, pause_artist),
    McpTool("resume_artist", "Resume an artist", "steer", NameArtist, ArtistLine, resume_artist),
    McpTool(
        "stop_artist",
        "Stop an artist",
        "steer",
        StopArtist,
        Stopped,
        stop_artist,
        destructive=True,
        idempotent=True,
    ),
)
