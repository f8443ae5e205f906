"""The pitches of one line: a search for the path that best follows idea, chords and voice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from domain.score import Chord
from media.theory import ChordTones, melody_pitch_classes, pitches_in

SEMITONES_PER_STEP = 12 / 7
WIDEST_LEAP = 9
_LEAP_COST = {0: 1.0, 1: 0.0, 2: 0.0, 3: 0.7, 4: 0.9, 5: 1.3, 6: 5.0, 7: 1.9, 8: 2.8, 9: 3.4}
_TOO_WIDE = 12.0
_FOLLOW_HEIGHT, _FOLLOW_MOVE = 0.4, 0.6
_EDGE_COST = 1.2


@dataclass(frozen=True)
class Line:
    """All that deciding the pitches of one line depends on; heights are in scale steps.

    Notes above `easy` cost effort, and only a line that peaks sings them freely.
    """

    onsets: Sequence[float]
    durations: Sequence[float]
    heights: Sequence[float]
    centre: float
    low: int
    high: int
    easy: float
    closing: bool
    chords: Sequence[Chord]
    scale: tuple[int, ...]


def find_pitches(line: Line, rng: Random) -> list[int]:
    """The cheapest path through the allowed pitches (Viterbi)."""
    layers = [_candidates(line, i, rng) for i in range(len(line.onsets))]
    paths: dict[int, tuple[float, list[int]]] = {p: (cost, [p]) for p, cost in layers[0].items()}
    for i, layer in enumerate(layers[1:], start=1):
        wanted = (line.heights[i] - line.heights[i - 1]) * SEMITONES_PER_STEP
        paths = {pitch: _extend(paths, pitch, cost, wanted) for pitch, cost in layer.items()}
    return min(paths.values(), key=lambda option: option[0])[1]


def _extend(
    paths: dict[int, tuple[float, list[int]]], pitch: int, cost: float, wanted: float
) -> tuple[float, list[int]]:
    best, source = min(
        (before + _move(pitch - earlier, wanted), earlier) for earlier, (before, _) in paths.items()
    )
    return best + cost, [*paths[source][1], pitch]


def _move(leap: int, wanted: float) -> float:
    width = abs(leap)
    base = _LEAP_COST[width] if width <= WIDEST_LEAP else _TOO_WIDE + width
    return base + _FOLLOW_MOVE * abs(leap - wanted)


def _candidates(line: Line, i: int, rng: Random) -> dict[int, float]:
    onset, duration = line.onsets[i], line.durations[i]
    chord = chord_at(line.chords, onset)
    tones = ChordTones(chord.roman, chord.degree, chord.pitch_classes)
    is_last = i == len(line.onsets) - 1
    target = line.centre + line.heights[i] * SEMITONES_PER_STEP
    costs = {}
    for pitch in pitches_in(melody_pitch_classes(tones, line.scale), line.low, line.high):
        cost = _FOLLOW_HEIGHT * abs(pitch - target) + rng.random() * 0.4
        cost += _EDGE_COST * max(0.0, pitch - line.easy)
        if pitch % 12 not in chord.pitch_classes:
            cost += 9.0 if onset % 2 == 0 or is_last else 1.3 if onset % 1 == 0 else 0.3
            cost += 1.5 if duration >= 1.2 else 0.0
        if is_last:
            cost += _ending(pitch, chord, line)
        costs[pitch] = cost
    return costs


def _ending(pitch: int, chord: Chord, line: Line) -> float:
    """Closing lines come home to the tonic where the chord allows; others stay open."""
    home = pitch % 12 == line.scale[0]
    if line.closing:
        return 0.0 if home else 2.5 if line.scale[0] in chord.pitch_classes else 0.5
    return 1.5 if home else 0.0


def chord_at(chords: Sequence[Chord], beat: float) -> Chord:
    """The chord sounding at a beat."""
    return next((c for c in chords if beat < c.start + c.duration - 1e-9), chords[-1])
