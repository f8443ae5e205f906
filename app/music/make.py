"""Make a song without an artist: compose, render, judge, and repair within the budget."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agents.critic import critique
from agents.seeds import derive_seed
from app.music.wish import MadeSong, SongWish, Words
from domain.errors import InvalidInput
from domain.genre import FormSection, GenrePack
from domain.ports.providers import Generated, Progress, Provider
from domain.quality import QualityReport
from domain.requests import SongRequest
from domain.score import BriefOverrides, Score, SongBrief
from domain.singer import Singer
from media.passing import TRIES, Composed, compose_passing
from media.tags import SongTags, key_tag, write_tags
from media.voice.readiness import why_not_sung
from tools.jobs import number, text

WORK = ".greenroom-work"
FOLDERS = ("stems", "plots")
# A folder that holds these was filled by an earlier song, which the new one replaces.
MARKS = ("song.flac", "report.json")
ARTIST = "Greenroom"
TAGGED = ("song.flac", "song.mp3", "song.ogg")
HIDDEN = ("fingerprint",)
SHOWN = ("flac", "mp3", "ogg", "midi", "score", "musicxml", "lyrics", "report")
Engine = Provider[SongRequest]


@dataclass(frozen=True)
class _Take:
    """One attempt: a score, how it was judged on paper, and what the mix must mend."""

    composed: Composed
    revision: int = 0
    mix: int = 0
    repair: tuple[str, ...] = ()


async def make_song(
    wish: SongWish,
    words: Words,
    form: tuple[FormSection, ...] | None,
    engine: Engine,
    out_dir: Path,
    progress: Progress,
) -> MadeSong:
    """Make the song and put its files into `out_dir`; the same wish makes the same song.

    A song whose gates still fail after all revisions is kept and says so. Raises `InvalidInput`
    naming `out` where the folder cannot be written.
    """
    singer, unsung = _singer_of(wish, words)
    brief = SongBrief(
        title=words.title,
        pack_id=wish.pack.id,
        seed=wish.seed,
        # Words that nobody sings have no time in the song.
        lyrics=words.sections if singer else (),
        mood=wish.mood,
        overrides=BriefOverrides(form=form),
        singer=singer,
    )
    work = open_folder(out_dir)
    take = _Take(await asyncio.to_thread(_composed, brief, wish, 0))
    tried: list[str] = []
    while True:
        made = await _render(take, wish, singer, engine, work, progress)
        reports = (take.composed.report, *made.reports)
        verdict = critique(
            reports, revisions_done=take.revision, revisions_allowed=wish.revisions, tried=tried
        )
        if verdict.decision != "revise" or verdict.redo is None:
            break
        # The words stay: what only other words would mend gets another score.
        tried.append("mix" if verdict.redo == "mix" else "score")
        progress(f"revision {take.revision + 1}: {tried[-1]}", 0.0)
        take = await _revised(take, tried[-1], made, brief, wish)
    await asyncio.to_thread(_collect, made, out_dir)
    await asyncio.to_thread(_tag, out_dir, words, take.composed.score, singer)
    return _told(wish, words, take, made, tried, singer, unsung, out_dir)


def _singer_of(wish: SongWish, words: Words) -> tuple[Singer | None, str | None]:
    if wish.instrumental or not words.sections:
        return None, "the song is instrumental"
    if wish.singer is None:
        return None, f"{wish.pack.name} is played, not sung; name a singer to change that"
    why = why_not_sung(words.sections, words.language, wish.singer)
    return (None, why) if why else (wish.singer, None)


def _composed(brief: SongBrief, wish: SongWish, revision: int) -> Composed:
    form = brief.overrides.form
    pack = _judging(wish.pack, form) if wish.sheet is not None and form else wish.pack

    def seed_of(number: int) -> int:
        return derive_seed(wish.seed, "compose", revision * TRIES + number)

    return compose_passing(brief, pack, seed_of)


def _judging(pack: GenrePack, form: Sequence[FormSection]) -> GenrePack:
    """The pack without the gates that no composer can pass whatever a person's words are."""
    excused = {"song_length": "the song is as long as the words it was given"}
    if len({section.name for section in form if section.sung}) == 1:
        excused["energy_contrast"] = "the words it was given are all of one kind of section"
    rules = pack.gates.model_copy(
        update={"not_applicable": {**pack.gates.not_applicable, **excused}}
    )
    return pack.model_copy(update={"gates": rules})


async def _render(
    take: _Take,
    wish: SongWish,
    singer: Singer | None,
    engine: Engine,
    work: Path,
    progress: Progress,
) -> Generated:
    request = SongRequest(
        score=take.composed.score,
        singer=singer,
        stems=wish.stems,
        mix=take.mix,
        repair=take.repair,
        report_with=(take.composed.report,),
    )
    job = await engine.submit(request, f"take-{take.revision}", work)
    return await engine.fetch(job, progress)


async def _revised(
    take: _Take, redo: str, made: Generated, brief: SongBrief, wish: SongWish
) -> _Take:
    """The next take: another mix of the same score, or another score."""
    revision = take.revision + 1
    if redo == "mix":
        failing = tuple(g.gate for report in made.reports for g in report.failures)
        return replace(take, revision=revision, mix=take.mix + 1, repair=failing)
    composed = await asyncio.to_thread(_composed, brief, wish, revision)
    return _Take(composed, revision=revision)


def open_folder(out_dir: Path) -> Path:
    """Make the folder and an empty workplace in it; raises `InvalidInput` naming `out`."""
    work = out_dir / WORK
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
    except OSError as error:
        raise InvalidInput(
            f"{out_dir} cannot be written: {error.strerror}",
            field="out",
            remedy="Name a folder that you may write to.",
        ) from error
    return work


def _collect(made: Generated, out_dir: Path) -> None:
    """Move what was made to where people look for it; only an earlier song's folders go."""
    if all((out_dir / mark).is_file() for mark in MARKS):
        for name in FOLDERS:
            shutil.rmtree(out_dir / name, ignore_errors=True)
    for file in (f for f in made.files if f.role not in HIDDEN):
        target = _place(file.path, out_dir)
        target.parent.mkdir(parents=True, exist_ok=True)
        file.path.replace(target)
    shutil.rmtree(out_dir / WORK, ignore_errors=True)


def _tag(out_dir: Path, words: Words, score: Score, singer: Singer | None) -> None:
    """Title, key and the truth about how it was made, in every audio file."""
    lyrics = "\n\n".join("\n".join(section.lines) for section in words.sections)
    tags = SongTags(
        title=words.title,
        artist=ARTIST,
        bpm=score.tempo_bpm,
        key=key_tag(score.key, score.mode),
        lyrics=lyrics if singer else "",
        ai_disclosure=disclosure(words, singer),
    )
    for name in TAGGED:
        write_tags(out_dir / name, tags)


def disclosure(words: Words, singer: Singer | None) -> str:
    """What was generated, and by what."""
    written = f"words by {words.written_by}, " if words.sections and singer else ""
    voice = ", sung by a synthetic voice" if singer else ""
    return (
        f"Made with Greenroom: {written}music by a generative program{voice}. "
        "No human performance was recorded for it."
    )


def _place(path: Path, out_dir: Path) -> Path:
    folder = path.parent.name
    return out_dir / folder / path.name if folder in FOLDERS else out_dir / path.name


def _told(
    wish: SongWish,
    words: Words,
    take: _Take,
    made: Generated,
    tried: Sequence[str],
    singer: Singer | None,
    unsung: str | None,
    out_dir: Path,
) -> MadeSong:
    score: Score = take.composed.score
    reports: tuple[QualityReport, ...] = (take.composed.report, *made.reports)
    return MadeSong(
        title=words.title,
        pack=wish.pack.id,
        seed=wish.seed,
        status="passed" if all(r.passed for r in reports) else "failed",
        duration_s=number(made, "duration_s"),
        tempo_bpm=score.tempo_bpm,
        key=score.key,
        mode=score.mode,
        singer=singer.id if singer else None,
        unsung=unsung,
        written_by=words.written_by,
        lyrics=words.sections,
        language=words.language,
        revisions=take.revision,
        repairs=tuple(tried),
        notes=words.notes,
        files={f.role: _place(f.path, out_dir) for f in made.files if f.role in SHOWN},
        stems=tuple(_place(f.path, out_dir) for f in made.files if f.role == "stem"),
        reports=reports,
        pcm_sha256=text(made, "pcm_sha256"),
        integrated_lufs=number(made, "integrated_lufs"),
        loudness_range_lu=number(made, "loudness_range_lu"),
        true_peak_dbtp=number(made, "true_peak_dbtp"),
        cpu_s=number(made, "cpu_s"),
        peak_mb=round(number(made, "peak_kb") / 1024, 1),
    )
