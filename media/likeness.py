"""How alike two melodies, or two songs' manners, are.

Melodies are compared as sequences of intervals and relative note lengths, so that another key,
another tempo and an uneven hand change nothing; the best local alignment (Smith and Waterman
1981) is divided by what the shorter melody would score against itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from itertools import pairwise
from math import sqrt
from statistics import mean

import numpy as np
from numpy.typing import NDArray

from domain.genre import Part
from domain.score import BEATS_PER_BAR, Note, Score, Track

# Above this two melodies are held to be the same; `python -m benchmarks likeness` calibrates it.
DUPLICATE_THRESHOLD = 0.35
FEWEST_NOTES = 8
LONGEST_NOTES = 400
_PITCH_WEIGHT, _LENGTH_WEIGHT, _DRIFT, _GAP = 0.75, 0.25, 0.15, 0.6
_PERFECT = _PITCH_WEIGHT + _LENGTH_WEIGHT - _DRIFT
# Reward for intervals that differ by 0, 1, 2, 3 or more semitones.
_PITCH_REWARD = np.array([1.0, 0.3, -0.4, -1.0])
_LONGEST_OCTAVES = 2.0
Floats = NDArray[np.float64]


def melody_likeness(a: Score | Sequence[Note], b: Score | Sequence[Note]) -> float:
    """From 0 (nothing in common) to 1 (the same melody, in whatever key and tempo).

    Melodies of fewer than eight notes are like nothing: there is too little to compare.
    """
    first, second = _features(melody_of(a)), _features(melody_of(b))
    if first is None or second is None:
        return 0.0
    rewards = _rewards(first, second)
    perfect = _PERFECT * min(rewards.shape)
    return float(min(1.0, _best_alignment(rewards) / perfect))


def melody_of(source: Score | Sequence[Note]) -> Sequence[Note]:
    """The notes of a song's melody: what is sung, or else its hook."""
    if not isinstance(source, Score):
        return source
    parts: tuple[Part, ...] = ("vocal", "hook")
    tracks = {track.part: track for track in source.tracks}
    return next((tracks[part].notes for part in parts if part in tracks), ())


def _features(notes: Sequence[Note]) -> tuple[Floats, Floats] | None:
    """Intervals in semitones, and note lengths in octaves around their mean.

    The mean moves little when notes are lost; a median would jump from one length to another.
    """
    line = _top_line(notes)[:LONGEST_NOTES]
    if len(line) < FEWEST_NOTES:
        return None
    pitches = np.array([n.pitch for n in line], dtype=np.float64)
    starts = np.array([n.start for n in line], dtype=np.float64)
    lengths = np.log2(np.maximum(np.diff(starts), 1e-3))
    lengths -= np.clip(lengths, *np.quantile(lengths, (0.1, 0.9))).mean()
    return np.diff(pitches), np.clip(lengths, -_LONGEST_OCTAVES, _LONGEST_OCTAVES)


def _top_line(notes: Sequence[Note]) -> list[Note]:
    """The highest note of each onset, in time."""
    top: list[Note] = []
    for n in sorted(notes, key=lambda n: (n.start, -n.pitch)):
        if not top or n.start - top[-1].start > 0.02:
            top.append(n)
    return top


def _rewards(a: tuple[Floats, Floats], b: tuple[Floats, Floats]) -> Floats:
    """Reward for aligning each step of one melody with each of the other."""
    apart = np.abs(a[0][:, None] - b[0][None, :]).round().astype(np.intp)
    pitch = _PITCH_REWARD[np.minimum(apart, len(_PITCH_REWARD) - 1)]
    length = 1.0 - 2.0 * np.minimum(1.0, np.abs(a[1][:, None] - b[1][None, :]))
    rewards: Floats = _PITCH_WEIGHT * pitch + _LENGTH_WEIGHT * length - _DRIFT
    return rewards


def _best_alignment(rewards: Floats) -> float:
    """Score of the best local alignment with linear gaps, one row at a time.

    A gap along the row is a running maximum once each cell is raised by the gaps before it.
    """
    ramp = _GAP * np.arange(rewards.shape[1] + 1)
    row = np.zeros(rewards.shape[1] + 1)
    best = 0.0
    for reward in rewards:
        fresh = np.zeros_like(row)
        fresh[1:] = np.maximum(row[:-1] + reward, row[1:] - _GAP)
        np.maximum(fresh, 0.0, out=fresh)
        row = np.maximum.accumulate(fresh + ramp) - ramp
        best = max(best, float(row.max()))
    return best


def signature_likeness(a: Score, b: Score) -> float:
    """How much two songs share a manner, 0 to 1: turns, rhythms, chords, beat and instruments."""
    return mean(
        (
            _cosine(_turns(a), _turns(b)),
            _cosine(_rhythms(a), _rhythms(b)),
            _cosine(_changes(a), _changes(b)),
            _cosine(_beat(a), _beat(b)),
            _overlap(_instruments(a), _instruments(b)),
        )
    )


def _turns(score: Score) -> Counter[Hashable]:
    """Pairs of intervals in the melody."""
    moves = [b.pitch - a.pitch for a, b in pairwise(melody_of(score))]
    return Counter(pairwise(moves))


def _rhythms(score: Score) -> Counter[Hashable]:
    """Where in two bars the melody's notes begin, in sixteenths."""
    return Counter(round(n.start * 4) % (8 * BEATS_PER_BAR) for n in melody_of(score))


def _changes(score: Score) -> Counter[Hashable]:
    return Counter((a.roman, b.roman) for a, b in pairwise(score.chords))


def _beat(score: Score) -> Counter[Hashable]:
    """Drum and step of every stroke."""
    drums = (n for t in score.tracks if t.part == "drums" for n in t.notes)
    return Counter((n.pitch, round(n.start * 4) % (4 * BEATS_PER_BAR)) for n in drums)


def _instruments(score: Score) -> set[tuple[str, str]]:
    tracks: Iterable[Track] = score.tracks
    return {(t.role, t.voice) for t in tracks}


def _cosine(a: Counter[Hashable], b: Counter[Hashable]) -> float:
    shared = sum(count * b[key] for key, count in a.items())
    norms = sqrt(sum(c * c for c in a.values()) * sum(c * c for c in b.values()))
    return shared / norms if norms else 0.0


def _overlap(a: set[tuple[str, str]], b: set[tuple[str, str]]) -> float:
    return len(a & b) / len(a | b) if a | b else 0.0
