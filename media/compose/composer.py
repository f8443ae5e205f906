"""Compose a song: plan, harmony, melody, arrangement."""

from __future__ import annotations

from domain.errors import InvalidInput
from domain.genre import GenrePack
from domain.score import Score, SongBrief
from media.compose.arrange import arrange
from media.compose.chooser import Chooser
from media.compose.harmony import harmonise
from media.compose.melody import MelodyWriter
from media.compose.plan import make_plan
from media.compose.sung_harmony import harmonise_voice


def compose(brief: SongBrief, pack: GenrePack) -> Score:
    """Compose the song a brief asks for; the same brief and pack give the same score."""
    if brief.pack_id != pack.id:
        raise InvalidInput(
            f"the brief asks for {brief.pack_id!r} but the pack is {pack.id!r}",
            field="pack_id",
            remedy="load the pack that the brief names",
        )
    chooser = Chooser(brief.seed, pack.id)
    plan = make_plan(brief, pack, chooser)
    chords = harmonise(plan, pack, brief, chooser)
    melody = MelodyWriter(plan, chords, pack, chooser).write()
    tracks = arrange(plan, chords, melody, pack, brief, chooser)
    second = harmonise_voice(plan, chords, melody, pack, brief, chooser)
    return Score(
        title=brief.title,
        pack_id=pack.id,
        pack_version=pack.version,
        seed=brief.seed,
        tempo_bpm=plan.tempo_bpm,
        key=plan.key,
        mode=plan.mode,
        swing=plan.swing,
        mood=brief.mood,
        sections=tuple(placed.section for placed in plan.sections),
        chords=chords,
        tracks=tracks,
        lyrics=tuple(melody.lines),
        vocal_harmony=second,
        choices=chooser.log,
    )
