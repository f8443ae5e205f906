"""Risers: one long note before each section that lifts the song."""

from __future__ import annotations

from itertools import pairwise

from domain.score import Note
from media.compose.arrange.bars import Stage, note
from media.theory import nearest

LIFT_FROM = 0.18
LONG_LIFT = 0.4
SHORT_BEATS, LONG_BEATS = 4.0, 8.0


def play_risers(stage: Stage) -> list[Note]:
    """Rise into every section whose energy jumps; the patch decides what rising sounds like.

    `enters_at` is the energy that the section to come must reach; `plays_in` and `rests_in` name
    the sections that a riser sounds in. Pitch is the root of the chord that it leads to.
    """
    notes = []
    for before, after in pairwise(stage.plan.sections):
        lift = after.section.energy - before.section.energy_end
        if lift < LIFT_FROM or after.section.energy < stage.role.enters_at:
            continue
        if not stage.plays_in(before.section.name):
            continue
        wanted = LONG_BEATS if lift >= LONG_LIFT else SHORT_BEATS
        length = min(wanted, before.section.end - before.section.start)
        start = after.section.start - length
        root = stage.chord_at(after.section.start).pitch_classes[0]
        middle = (stage.voice.low + stage.voice.high) // 2
        pitch = nearest(root, middle, stage.voice.low, stage.voice.high)
        velocity = stage.role.velocity * (0.7 + 0.3 * min(1.0, lift / 0.5))
        notes.append(note(start, length, pitch, velocity))
    return notes
