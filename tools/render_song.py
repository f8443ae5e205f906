"""The tool that turns a score into sound, by whichever generator fits."""

from __future__ import annotations

from typing import get_args

from pydantic import BaseModel, ConfigDict, Field

from domain.choice import CreativeChoice
from domain.errors import InvalidInput, ProviderInputInvalid
from domain.ports.providers import Generated
from domain.quality import QualityReport
from domain.requests import MasterRequest, MusicAsk, SongRequest, Told
from domain.score import Score
from domain.work import Provenance, Work, WorkStatus
from packs.singers import load_singer
from services.generation.song import MadeBy
from services.naming import file_stem
from services.sound import pack_of
from services.works import Made
from tools.asking import ask_for
from tools.context import ToolContext
from tools.jobs import CATALOGUE, files_of, generate, number, provenance_of, text
from tools.tool import Tool

KEPT_SHEETS = ("score", "lyrics")
VOICE = "greenroom-voice@piper-en_US-joe-medium+world"


class RenderSong(BaseModel):
    """Which work to render, which of its revisions and mixes, and who sings it."""

    model_config = ConfigDict(frozen=True)

    work_id: str
    revision: int
    mix: int = Field(default=0, ge=0, description="Which mix of the same score.")
    repair: tuple[str, ...] = Field(default=(), description="Gates that the mix must mend.")
    singer: str | None = Field(default=None, description="A preset; None: an instrument sings.")


class RenderedSong(BaseModel):
    """What the sound measures, who made it, and why that generator was chosen."""

    model_config = ConfigDict(frozen=True)

    work_id: str
    duration_s: float
    pcm_sha256: str
    passed: bool
    cpu_s: float
    made_by: str
    why: str
    cost_usd: float


async def render_song(context: ToolContext, arguments: RenderSong) -> RenderedSong:
    """Render the work's score to a mastered song and judge the decoded files.

    A connected generator may make the song in place of the embedded engine; its recording is
    mastered and judged like our own, and refused when it fails. Keeps the audio, the MIDI file,
    the lead sheet and the quality report with the work. Rendering the same revision again gives
    the same sound and pays nothing again.
    """
    work = await context.works.get(context.actor, arguments.work_id)
    context.must_own(work.artist_id)
    request = await _request(context, work, arguments)
    key = f"{work.id}-song-{arguments.revision}"
    refused: frozenset[str] = frozenset()
    while True:
        made = await context.generation.make(
            context.actor,
            request,
            key=key,
            out_dir=context.folder,
            progress=context.progress,
            artist_id=work.artist_id,
            run_id=context.run_id,
            work_id=work.id,
            refuse=refused,
        )
        if made.embedded:
            return await _keep(context, work, request, made, made.generated)
        mastered = await _mastered(context, request, made)
        if mastered is not None:
            return await _keep(context, work, request, made, mastered)
        refused |= {made.route.provider}


async def _request(context: ToolContext, work: Work, arguments: RenderSong) -> SongRequest:
    kept = work.asset("score")
    if kept is None:
        raise ProviderInputInvalid("the work has no score yet", field="work_id")
    score = Score.model_validate_json((await context.works.path(kept)).read_bytes())
    profile = (await context.artists.profile(context.actor, work.artist_id)).profile
    singer = load_singer(arguments.singer) if arguments.singer else None
    others = await context.works.of_artist(context.actor, work.artist_id, CATALOGUE)
    prints = [w.asset("fingerprint") for w in others if w.id != work.id]
    return SongRequest(
        score=score,
        ask=ask_for(work, score, pack_of(profile), profile, singer),
        singer=singer,
        stems=context.studio.keep_stems,
        mix=arguments.mix,
        repair=arguments.repair,
        overrides=profile.genre_overrides,
        earlier=tuple([await context.works.path(p) for p in prints if p is not None]),
    )


async def _mastered(context: ToolContext, request: SongRequest, made: MadeBy) -> Generated | None:
    """The foreign recording as a finished song; None, told to the house, when it is no good."""
    recording = next(f.path for f in made.generated.files if f.role == "recording")
    order = MasterRequest(
        audio=recording,
        ask=_asked(request),
        pack_id=request.score.pack_id,
        overrides=request.overrides,
        earlier=request.earlier,
        told=_told(made),
    )
    try:
        done = await generate(context, context.studio.masterer, order, f"{made.job_id}-master")
    except InvalidInput as error:
        await context.generation.reject(context.actor, made.job_id, [error.message])
        return None
    failures = [f"{g.gate}: {g.reason}" for r in done.reports for g in r.failures]
    if failures:
        await context.generation.reject(context.actor, made.job_id, failures)
        return None
    return done


def _told(made: MadeBy) -> tuple[Told, ...]:
    """What its maker takes as a number; everything else was a wish in the style."""
    return tuple(name for name in get_args(Told) if f"told_{name}" in made.capabilities.features)


def _asked(request: SongRequest) -> MusicAsk:
    assert request.ask is not None  # `_request` always puts the song into words.
    return request.ask


async def _keep(
    context: ToolContext, work: Work, request: SongRequest, by: MadeBy, song: Generated
) -> RenderedSong:
    facts = {"pcm_sha256": text(song, "pcm_sha256"), "duration_s": number(song, "duration_s")}
    # The score and the timed words stand with the work since it was composed.
    files = song.model_copy(
        update={"files": tuple(f for f in song.files if f.role not in KEPT_SHEETS)}
    )
    reports: tuple[QualityReport, ...] = song.reports
    added = Made(
        files=files_of(files, file_stem(work.title)),
        reports=reports,
        provenance=_provenance(context, request, by, song),
        choices=(*song.choices, _route(by, request)),
        facts=facts,
    )
    await context.works.grow(context.actor, work.id, WorkStatus.RENDERED, added)
    return RenderedSong(
        work_id=work.id,
        duration_s=number(song, "duration_s"),
        pcm_sha256=text(song, "pcm_sha256"),
        passed=all(r.passed for r in reports),
        cpu_s=number(song, "cpu_s"),
        made_by=by.capabilities.name,
        why=by.route.why,
        cost_usd=by.generated.cost_usd,
    )


def _provenance(
    context: ToolContext, request: SongRequest, by: MadeBy, song: Generated
) -> tuple[Provenance, ...]:
    """Who made the sound, and whose voice sings; a foreign song's voice is its maker's."""
    inputs = {"job": by.job_id, "why": by.route.why}
    audio = provenance_of(context, "audio", by.capabilities, inputs)
    if not by.embedded or not song.facts.get("sung") or request.singer is None:
        return (audio,)
    voice = Provenance(
        part="vocals",
        made_by=VOICE,
        kind="composite",
        inputs={"singer": request.singer.id},
        at=audio.at,
    )
    return (audio, voice)


def _route(by: MadeBy, request: SongRequest) -> CreativeChoice:
    """The router's choice, kept with the work's other choices."""
    names = tuple(c.provider for c in by.route.candidates) or (by.route.provider,)
    return CreativeChoice(
        name="generator",
        options=names,
        probabilities=tuple(float(name == by.route.provider) for name in names),
        chosen=by.route.provider,
        seed=request.score.seed,
        reason=by.route.why,
    )


RENDER_SONG = Tool("render_song", RenderSong, render_song, "make")
