"""The tool that turns a score into sound."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from domain.errors import ProviderInputInvalid
from domain.requests import SongRequest
from domain.score import Score
from domain.work import Work, WorkStatus
from services.naming import file_stem
from services.works import Made
from tools.context import ToolContext
from tools.jobs import CATALOGUE, files_of, generate, number, provenance_of, text
from tools.tool import Tool


class RenderSong(BaseModel):
    """Which work to render, and which of its revisions."""

    model_config = ConfigDict(frozen=True)

    work_id: str
    revision: int


class RenderedSong(BaseModel):
    """What the sound measures."""

    model_config = ConfigDict(frozen=True)

    work_id: str
    duration_s: float
    pcm_sha256: str
    passed: bool
    cpu_s: float


async def render_song(context: ToolContext, arguments: RenderSong) -> RenderedSong:
    """Render the work's score to a mastered song and judge the decoded files.

    Keeps the audio, the MIDI file and the quality report with the work. Rendering the same
    revision again gives the same sound.
    """
    work = await context.works.get(arguments.work_id)
    context.must_own(work.artist_id)
    kept = work.asset("score")
    if kept is None:
        raise ProviderInputInvalid("the work has no score yet", field="work_id")
    request = SongRequest(
        score=Score.model_validate_json(context.works.path(kept).read_bytes()),
        earlier=await _earlier_fingerprints(context, work),
    )
    music = context.studio.music
    made = await generate(context, music, request, f"{work.id}-song-{arguments.revision}")
    facts = {"pcm_sha256": text(made, "pcm_sha256"), "duration_s": number(made, "duration_s")}
    added = Made(
        files=files_of(made, file_stem(work.title)),
        reports=made.reports,
        provenance=(provenance_of(context, "audio", music.capabilities, {"score": kept.sha256}),),
        choices=made.choices,
        facts=facts,
    )
    await context.works.grow(context.actor, work.id, WorkStatus.RENDERED, added)
    return RenderedSong(
        work_id=work.id,
        duration_s=number(made, "duration_s"),
        pcm_sha256=text(made, "pcm_sha256"),
        passed=all(r.passed for r in made.reports),
        cpu_s=number(made, "cpu_s"),
    )


async def _earlier_fingerprints(context: ToolContext, work: Work) -> tuple[Path, ...]:
    others = await context.works.of_artist(work.artist_id, CATALOGUE)
    prints = [w.asset("fingerprint") for w in others if w.id != work.id]
    return tuple(context.works.path(p) for p in prints if p is not None)


RENDER_SONG = Tool("render_song", RenderSong, render_song, "make")
