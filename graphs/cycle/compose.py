"""Compose: words, mood and profile become a score."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import datetime
from pathlib import Path

from agents.producer import sound_asked
from agents.seeds import derive_seed
from domain.actor import Actor
from domain.artist import Artist
from domain.profile import Profile
from domain.score import BriefOverrides, MoodPoint, Score, SongBrief
from domain.singer import Singer
from domain.work import Provenance, Work, WorkStatus
from graphs.context import House, RunContext
from graphs.cycle.conceive import form_of
from graphs.cycle.revising import keeps, revised_by, score_of, singer_of
from graphs.cycle.state import CycleState
from graphs.steps import Outcome
from media.notation.lrc import score_to_lrc
from media.passing import TRIES, Composed, compose_passing
from media.voice.readiness import why_not_sung
from services.naming import file_stem
from services.sound import pack_of, sound_of
from services.works import FileToKeep, Made
from tools.jobs import CATALOGUE

EARLIER_SCORES = 100
USUAL_ENERGY = 0.55


async def compose(state: CycleState, context: RunContext) -> Outcome:
    """Compose until the symbolic gates hold, from one seed after another; keep the score.

    Another version of a song stays what it was in all that was not complained about: new words
    are set to its tempo, key and mood, and a new melody may not repeat the one sent back.
    """
    house = context.house
    artist = await house.artists.find(context.actor, context.artist_id)
    version = await house.artists.profile(context.actor, artist.id)
    pack = pack_of(version.profile)
    work = await house.works.get(context.actor, state["work_id"])
    singer, unsung = voice_of(artist, version.profile, work)
    if keeps(state, "score"):
        return await _kept(context, work, singer_of(work) or singer)
    before, asked = await _before(context, work)
    point, fixed = _wanted(state, artist, version.profile, house.clock.now(), before, asked)
    brief = SongBrief(
        title=work.title,
        pack_id=pack.id,
        seed=state["seed"],
        # Words that nobody sings have no time in the song; its melody is the instrument's own.
        lyrics=work.lyrics if singer else (),
        mood=point,
        overrides=fixed,
        singer=singer,
        signature=artist.seed,
    )

    def seed_of(number: int) -> int:
        if before is not None and asked is None and state["revision"] == number == 0:
            return before.seed
        return derive_seed(state["seed"], "compose", state["revision"] * TRIES + number)

    earlier = await earlier_scores(house, context.actor, work)
    if before is not None and asked is not None:
        earlier = (*earlier, before)
    composed = await asyncio.to_thread(compose_passing, brief, pack, seed_of, earlier=earlier)
    made_by = Provenance(
        part="composition",
        made_by=f"greenroom-composer@{pack.id}/{pack.version}",
        kind="algorithm",
        inputs={"seed": str(composed.score.seed), "profile": version.id},
        at=house.clock.now(),
    )
    with tempfile.TemporaryDirectory() as folder:
        made = _made(Path(folder), composed, made_by)
        await house.works.grow(context.actor, work.id, WorkStatus.COMPOSED, made)
    return _told(composed, point, singer, unsung)


def _wanted(
    state: CycleState,
    artist: Artist,
    profile: Profile,
    now: datetime,
    before: Score | None,
    asked: str | None,
) -> tuple[MoodPoint, BriefOverrides]:
    """The mood to compose in and what is fixed: the artist's own, or those of the version before.

    Where the music itself was minded, what was `asked` moves its tempo and energy instead.
    """
    mood = artist.mood.decayed(now)
    point = MoodPoint(valence=mood.valence, arousal=mood.arousal, dominance=mood.dominance)
    fixed = overrides(state, profile)
    if before is None:
        return point, fixed
    if asked is None:
        return before.mood, _as_before(fixed, before)
    tempo_bpm = profile.music.tempo_bpm
    return point, sound_asked(fixed, asked, before_bpm=before.tempo_bpm, tempo_bpm=tempo_bpm)


def _made(folder: Path, composed: Composed, made_by: Provenance) -> Made:
    """What the work gains by its score."""
    score = composed.score
    return Made(
        files=_files(folder, score),
        reports=(composed.report,),
        provenance=(made_by,),
        choices=score.choices,
        facts={"tempo_bpm": score.tempo_bpm, "key": score.key, "mode": score.mode},
    )


def _told(
    composed: Composed, point: MoodPoint, singer: Singer | None, unsung: str | None
) -> Outcome:
    """What the step says of its score, and why nobody sings where nobody does."""
    score = composed.score
    return Outcome(
        update={"mix": 0, "repair": [], "singer": singer.id if singer else None},
        says=(
            f"Composed in {score.key} {score.mode} at {score.tempo_bpm:g} BPM, "
            f"{score.duration_s:.0f} seconds, {len(score.tracks)} instruments, "
            f"{f'sung by {singer.name}' if singer else f'not sung: {unsung}'}."
        ),
        snapshot={"mood": point.model_dump(), "tries": composed.tries},
        facts={
            "quality": composed.report.model_dump(mode="json"),
            "choices": [c.model_dump() for c in score.choices],
            "singer": singer.id if singer else None,
            "unsung": unsung,
        },
    )


async def _kept(context: RunContext, work: Work, singer: Singer | None) -> Outcome:
    """The score stays; whoever mixes it anew is told who sings."""
    await context.house.works.grow(context.actor, work.id, WorkStatus.COMPOSED, Made())
    return Outcome(
        update={"repair": [], "singer": singer.id if singer else None},
        says="The music stays as it was.",
    )


async def _before(context: RunContext, work: Work) -> tuple[Score | None, str | None]:
    """The score of the version before, and what was said about the music, if that was minded."""
    revised = await revised_by(context)
    if revised is None or revised.work is None or work.revises is None:
        return None, None
    asked = revised.said if "music" in revised.reasons else None
    return await score_of(context.house, revised.work), asked


def _as_before(fixed: BriefOverrides, before: Score) -> BriefOverrides:
    """The same form and energy, in the tempo, key and mode that the song had."""
    had = {"tempo_bpm": before.tempo_bpm, "key": before.key, "mode": before.mode}
    return fixed.model_copy(update=had)


def voice_of(artist: Artist, profile: Profile, work: Work) -> tuple[Singer | None, str | None]:
    """Who sings the work, or why nobody does."""
    sound = sound_of(artist, profile)
    if sound.singer is None:
        return None, sound.unsung
    why = why_not_sung(work.lyrics, sound.language, sound.singer)
    return (None, why) if why else (sound.singer, None)


async def earlier_scores(house: House, actor: Actor, work: Work) -> tuple[Score, ...]:
    """The scores of the artist's finished works, which no new melody may repeat."""
    others = await house.works.of_artist(actor, work.artist_id, CATALOGUE, limit=EARLIER_SCORES)
    kept = [w.asset("score") for w in others if w.id != work.id]
    paths = [await house.works.path(asset) for asset in kept if asset is not None]
    return await asyncio.to_thread(_read_scores, paths)


def _read_scores(paths: list[Path]) -> tuple[Score, ...]:
    return tuple(Score.model_validate_json(path.read_bytes()) for path in paths)


def overrides(state: CycleState, profile: Profile) -> BriefOverrides:
    """What the profile fixes: the form, and how much energy its songs have."""
    low, high = profile.music.energy
    energy = max(-1.0, min(1.0, (low + high) - 2 * USUAL_ENERGY))
    return BriefOverrides(form=form_of(state), energy=round(energy, 3))


def _files(folder: Path, score: Score) -> tuple[FileToKeep, ...]:
    """The score, and the timed words where there are any."""
    stem = file_stem(score.title)
    path = folder / "score.json"
    path.write_text(score.model_dump_json(indent=1), encoding="utf-8")
    kept = FileToKeep(
        role="score", path=path, media_type="application/json", filename=f"{stem}.score.json"
    )
    if not score.lyrics:
        return (kept,)
    timed = folder / "lyrics.lrc"
    timed.write_text(score_to_lrc(score), encoding="utf-8")
    name = f"{stem}.lrc"
    return (
        kept,
        FileToKeep(role="lyrics", path=timed, media_type="text/plain", filename=name),
    )
