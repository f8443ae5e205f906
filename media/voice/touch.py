"""The loudness a singer gives: velocity, the arc of a phrase, long notes that fade, clean ends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from media.sound import Curve
from media.voice.timing import REST_S, SungNote, TimedPhone

USUAL_VELOCITY = 88
DB_PER_VELOCITY = 0.09
ARC_DB = 1.5
SMOOTHING_S = 0.04
IN_S, OUT_S = 0.012, 0.07


def loudness_curve(
    notes: Sequence[SungNote], timed: Sequence[TimedPhone], start_s: float, samples: int,
    sample_rate_hz: int,
) -> Curve:  # fmt: skip
    """A factor for each sample of a line that starts at `start_s`."""
    at = start_s + np.arange(samples) / sample_rate_hz
    knots = np.array([note.start_s for note in notes])
    levels = np.array([DB_PER_VELOCITY * (note.velocity - USUAL_VELOCITY) for note in notes])
    length = max(notes[-1].end_s - notes[0].start_s, 0.1)
    arc = ARC_DB * np.sin(np.pi * np.clip((at - notes[0].start_s) / length, 0.0, 1.0)) - ARC_DB
    factor = 10.0 ** ((np.interp(at, knots, levels) + arc) / 20.0)
    return np.asarray(factor * _open(timed, at))


def _open(timed: Sequence[TimedPhone], at: Curve) -> Curve:
    """One while something is sung, nothing in rests and around the line, with soft edges."""
    gate = np.zeros(len(at))
    for first, last in _stretches(timed):
        rise = np.clip((at - first + IN_S) / IN_S, 0.0, 1.0)
        fall = np.clip((last + OUT_S - at) / OUT_S, 0.0, 1.0)
        gate = np.maximum(gate, np.minimum(rise, fall))
    return gate * gate * (3.0 - 2.0 * gate)


def _stretches(timed: Sequence[TimedPhone]) -> list[tuple[float, float]]:
    found = [(timed[0].start_s, timed[0].end_s)]
    for phone in timed[1:]:
        if phone.start_s - found[-1][1] > 0.25 * REST_S:
            found.append((phone.start_s, phone.end_s))
        else:
            found[-1] = (found[-1][0], phone.end_s)
    return found
