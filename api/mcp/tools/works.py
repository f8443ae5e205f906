"""Tools about works."""

from __future__ import annotations

from pydantic import Field

from api.mcp.tool import Arguments, Caller, McpTool, Result
from api.mcp.tools.artists import HANDLE
from domain.quality import GateResult
from domain.work import Work


class ListWorks(Arguments):
    """Whose works."""

    artist: str = Field(description=HANDLE)
    limit: int = Field(default=20, ge=1, le=200)


class NameWork(Arguments):
    """Which work."""

    work_id: str


class WorkLine(Result):
    """A work in a list."""

    id: str
    title: str
    status: str
    duration_s: float | None
    tempo_bpm: float | None
    key: str | None


class Works(Result):
    """Works, newest first."""

    works: list[WorkLine]


class WorkSheet(WorkLine):
    """A work with its words, its idea and what was measured of it."""

    theme: str
    story: str
    lyrics: str
    gates: list[GateResult]
    files: list[str] = Field(description="What each file is: flac, mp3, cover, lyrics, …")


def line_of(work: Work) -> WorkLine:
    """A work in a list."""
    return WorkLine(
        id=work.id,
        title=work.title,
        status=work.status.value,
        duration_s=work.duration_s,
        tempo_bpm=work.tempo_bpm,
        key=work.key,
    )


def lyrics_of(work: Work) -> str:
    """The words as people print them, a section a paragraph."""
    return "\n\n".join(
        f"[{section.section}]\n" + "\n".join(section.lines) for section in work.lyrics
    )


async def list_works(caller: Caller, asked: ListWorks) -> Works:
    """List an artist's songs, newest first."""
    artist = await caller.context.artists.find(caller.actor, asked.artist)
    found = await caller.context.works.of_artist(caller.actor, artist.id, limit=asked.limit)
    return Works(works=[line_of(work) for work in found])


async def show_work(caller: Caller, asked: NameWork) -> WorkSheet:
    """Show a song: its words, what it is about, and what was measured of its sound."""
    work = await caller.context.works.get(caller.actor, asked.work_id)
    return WorkSheet(
        **line_of(work).model_dump(),
        theme=work.concept.theme,
        story=work.concept.story,
        lyrics=lyrics_of(work),
        gates=[gate for report in work.reports for gate in report.gates],
        files=[asset.role for asset in work.assets],
    )


TOOLS = (
    McpTool("list_works", "List works", "read", ListWorks, Works, list_works, read_only=True),
    McpTool("show_work", "Show a work", "read", NameWork, WorkSheet, show_work, read_only=True),
)
