"""Compose: words, mood and profile become a score."""

from __future__ import annotations

import tempfile
from pathlib import Path

from agents.seeds import derive_seed, rng_for
from domain.genre import GenrePack
from domain.profile import Profile
from domain.score import BriefOverrides, MoodPoint, Score, SongBrief
from domain.work import Provenance, WorkStatus
from graphs.context import RunContext
from graphs.cycle.conceive import form_of
from graphs.cycle.state import CycleState
from graphs.steps import Outcome
from media.compose.composer import compose as compose_score
from media.gates.score import check_score
from packs import load_pack
from services.naming import file_stem
from services.works import FileToKeep, Made

TRIES = 6


async def compose(state: CycleState, context: RunContext) -> Outcome:
    """Compose until the symbolic gates hold, from one seed after another; keep the score."""
    house = context.house
    artist = await house.artists.find(context.artist_id)
    version = await house.artists.profile(artist.id)
    pack = load_pack(version.profile.genre_pack)
    work = await house.works.get(state["work_id"])
    mood = artist.mood.decayed(house.clock.now())
    point = MoodPoint(valence=mood.valence, arousal=mood.arousal, dominance=mood.dominance)
    for attempt in range(TRIES):
        brief = SongBrief(
            title=work.title,
            pack_id=pack.id,
            seed=derive_seed(state["seed"], "compose", state["revision"] * TRIES + attempt),
            lyrics=work.lyrics,
            mood=point,
            overrides=overrides(state, version.profile, pack),
        )
        score = compose_score(brief, pack)
        checked = check_score(score, pack)
        if checked.passed:
            break
    made_by = f"greenroom-composer@{pack.id}/{pack.version}"
    with tempfile.TemporaryDirectory() as folder:
        made = Made(
            files=(_score_file(Path(folder), score), _lyric_file(Path(folder), score)),
            reports=(checked,),
            provenance=(
                Provenance(
                    part="composition",
                    made_by=made_by,
                    kind="algorithm",
                    inputs={"seed": str(score.seed), "profile": version.id},
                    at=house.clock.now(),
                ),
            ),
            choices=score.choices,
            facts={"tempo_bpm": score.tempo_bpm, "key": score.key, "mode": score.mode},
        )
        await house.works.grow(context.actor, work.id, WorkStatus.COMPOSED, made)
    return Outcome(
        update={},
        says=(
            f"Composed in {score.key} {score.mode} at {score.tempo_bpm:g} BPM, "
            f"{score.duration_s:.0f} seconds, {len(score.tracks)} instruments."
        ),
        snapshot={"mood": point.model_dump(), "tries": attempt + 1},
        facts={
            "quality": checked.model_dump(mode="json"),
            "choices": [c.model_dump() for c in score.choices],
        },
    )


def overrides(state: CycleState, profile: Profile, pack: GenrePack) -> BriefOverrides:
    """What the profile fixes: the form, and a key and mode where it names some of the pack's."""
    keys = [k for k in profile.music.keys if k in pack.keys]
    rng = rng_for(state["seed"], f"compose.key/{state['revision']}")
    return BriefOverrides(form=form_of(state), key=rng.choice(keys) if keys else None)


def _score_file(folder: Path, score: Score) -> FileToKeep:
    path = folder / "score.json"
    path.write_text(score.model_dump_json(indent=1))
    name = f"{file_stem(score.title)}.score.json"
    return FileToKeep(role="score", path=path, media_type="application/json", filename=name)


def _lyric_file(folder: Path, score: Score) -> FileToKeep:
    """Timed lyrics in the LRC form: `[mm:ss.xx]line`."""
    lines = [f"[ti:{score.title}]"]
    for line in score.lyrics:
        minutes, seconds = divmod(score.seconds(line.start), 60)
        lines.append(f"[{int(minutes):02d}:{seconds:05.2f}]{line.text}")
    path = folder / "lyrics.lrc"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    name = f"{file_stem(score.title)}.lrc"
    return FileToKeep(role="lyrics", path=path, media_type="text/plain", filename=name)
