"""Feel: swing, and the small unevenness of hands."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from domain.genre import Part, Role, Swing
from domain.score import Note

TIGHTNESS_MEMORY = 0.7
VELOCITY_SPREAD = 3.5
_STEADY: tuple[Part, ...] = ("vocal",)


def swing(notes: Sequence[Note], amount: float, feel: Swing) -> list[Note]:
    """Delay the off-beats of the subdivision by `amount` of its length; they end where they did."""
    unit = 0.5 if feel.subdivision == 8 else 0.25
    if not amount:
        return list(notes)
    return [_delayed(n, amount * unit) if _is_off(n.start, unit) else n for n in notes]


def _delayed(n: Note, beats: float) -> Note:
    duration = max(n.duration / 2, n.duration - beats)
    return n.model_copy(update={"start": n.start + beats, "duration": duration})


def _is_off(start: float, unit: float) -> bool:
    place = start % (2 * unit)
    return abs(place - unit) < 0.02


def humanise(notes: Sequence[Note], role: Role, tempo_bpm: float, rng: Random) -> list[Note]:
    """Shift each onset a little (drifting, as people do), and vary the touch.

    Notes that start together stay together. The sung melody keeps its time, because the words
    are aligned to it.
    """
    if role.part in _STEADY:
        return list(notes)
    beats_per_s = tempo_bpm / 60.0
    drift, last, shaped = 0.0, None, []
    for n in sorted(notes, key=lambda n: (n.start, n.pitch)):
        if n.start != last:
            keep = (1 - TIGHTNESS_MEMORY**2) ** 0.5
            drift = TIGHTNESS_MEMORY * drift + keep * rng.gauss(0, role.loose_ms / 1000.0)
            last = n.start
        start = max(0.0, n.start + (drift + role.late_ms / 1000.0) * beats_per_s)
        velocity = min(127, max(1, round(n.velocity + rng.gauss(0, VELOCITY_SPREAD))))
        shaped.append(n.model_copy(update={"start": round(start, 4), "velocity": velocity}))
    return shaped
