"""Stops: the band falls silent for a moment before it comes in full."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from domain.genre import Part
from domain.score import Note
from media.compose.chooser import Chooser
from media.compose.plan import Plan
from media.compose.sections import trait

Window = tuple[float, float]
LIFT_FROM = 0.15
LONGEST_STOP_S = 0.75
OPTIONS = ("play on", "half a beat", "one beat")
_BEATS = {"play on": 0.0, "half a beat": 0.5, "one beat": 1.0}
_WEIGHTS = (2.0, 0.7, 1.0)
_SHORTEST_REST = 0.1
_PLAY_THROUGH: tuple[Part, ...] = ("vocal", "riser")


def stops_of(plan: Plan, chooser: Chooser) -> tuple[Window, ...]:
    """Before a chorus that lifts the song there may be a stop; the voice and risers go on."""
    found = []
    for before, after in pairwise(plan.sections):
        lift = after.section.energy - before.section.energy_end
        if trait(after.section.name).kind != "chorus" or lift < LIFT_FROM:
            continue
        place = f"{after.section.name} {after.section.occurrence}"
        chosen = chooser.pick(
            f"stop before:{place}", OPTIONS, _WEIGHTS, str, f"energy jumps by {lift:.2f}"
        )
        beats = min(_BEATS[chosen], LONGEST_STOP_S * plan.tempo_bpm / 60.0)
        if beats:
            found.append((after.section.start - beats, after.section.start))
    return tuple(found)


def silenced(notes: Sequence[Note], part: Part, stops: Sequence[Window]) -> list[Note]:
    """The notes without those that begin in a stop; longer ones end where it begins."""
    if part in _PLAY_THROUGH or not stops:
        return list(notes)
    kept = []
    for n in notes:
        window = next((w for w in stops if n.start < w[1] and n.start + n.duration > w[0]), None)
        if window is None:
            kept.append(n)
        elif n.start <= window[0] - _SHORTEST_REST:
            kept.append(n.model_copy(update={"duration": window[0] - n.start}))
    return kept
