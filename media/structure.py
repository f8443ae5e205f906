"""Where a song's sections begin, by listening alone: nobody tells how many there are, or where.

Each beat is described by its timbre (a coarse spectrum in decibels), its attacks (drums come and
go) and its harmony. The song is then cut so that the beats of a section are alike: the cuts that
minimise the squared distance to each section's mean plus a price per cut, found exactly by
dynamic programming. So the number of sections is an outcome and no input.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.ndimage import uniform_filter1d

from domain.score import Score
from media.analysis import ANALYSIS_RATE_HZ, mono, spectrogram, tempos_bpm
from media.sound import Curve, Sound

FRAME, HOP = 2048, 512
BANDS, LOW_HZ, HIGH_HZ = 20, 40.0, 10_000.0
REGISTERS = (0, 5, 12, BANDS)
HARMONY_HZ = (80.0, 2500.0)
FLOOR_DB = -60.0
FADED_DB = -24.0
# Assumed where no beat is heard: drones still have sections.
USUAL_BEAT_S, FASTEST_BEAT_S, SLOWEST_BEAT_S = 0.5, 0.375, 0.75
SHORTEST_SECTION_BEATS = 8
SMOOTHING_BEATS = 4
# Weight of each kind of feature, and what a change must measure to count at all: decibels,
# decibels a frame, and share of the energy. Songs vary five times as much, noise a tenth.
TIMBRE, ATTACKS, HARMONY = (1.0, 2.0), (0.3, 0.08), (0.3, 0.006)
# What a cut must explain, in beats that differ as much as beats of a song usually do.
PRICE_BEATS = 3.5
CONTROL_DRAWS = 200


@dataclass(frozen=True)
class Beats:
    """A song as a row of described beats, (beats, features), and the length of a beat."""

    features: Curve
    beat_s: float


@dataclass(frozen=True)
class BorderScores:
    """How well found borders match the true ones, one to one within a tolerance."""

    precision: float
    recall: float
    f1: float


def find_borders(sound: Sound, sample_rate_hz: int) -> tuple[float, ...]:
    """Seconds at which a new section is heard to begin; the song's start is not listed."""
    return borders_of(describe(mono(sound, sample_rate_hz)))


def describe(signal: Sound) -> Beats:
    """Describe the beats of a mono signal at the analysis rate, its fading end left out."""
    beat_s = _beat_s(signal)
    power = spectrogram(signal, FRAME, HOP)
    hertz: Curve = np.fft.rfftfreq(FRAME, 1.0 / ANALYSIS_RATE_HZ).astype(np.float64)
    bands = _bands(power, hertz)
    level_db = 10.0 * np.log10(bands.sum(axis=1) + 1e-9)
    loud = np.flatnonzero(level_db > np.percentile(level_db, 90) + FADED_DB)
    frames = int(loud[-1]) + 1 if power.any() else 0
    timbre = 10.0 * np.log10(bands[:frames] + 1e-9)
    timbre = np.maximum(timbre, np.percentile(timbre, 98) + FLOOR_DB) if frames else timbre
    rows = [
        weight * _standard(_per_beat(part, beat_s), least)
        for part, (weight, least) in (
            (timbre, TIMBRE),
            (_attacks(timbre), ATTACKS),
            (_harmony(power[:frames], hertz), HARMONY),
        )
    ]
    return Beats(np.hstack(rows), beat_s)


def borders_of(beats: Beats) -> tuple[float, ...]:
    """Seconds at which the sections of described beats begin."""
    usual = sum(weight * weight for weight, _ in (TIMBRE, ATTACKS, HARMONY))
    cuts = _cuts(beats.features, PRICE_BEATS * usual)
    return tuple(cut * beats.beat_s for cut in cuts)


def self_similarity(beats: Beats) -> Curve:
    """Likeness of every beat to every other, -1 to 1, harmony and timbre together."""
    norms = np.linalg.norm(beats.features, axis=1, keepdims=True)
    unit = beats.features / np.maximum(norms, 1e-9)
    return np.asarray(unit @ unit.T)


def novelty(beats: Beats) -> Curve:
    """How much the next beats differ from the last ones, at every beat."""
    count = len(beats.features)
    sums = np.vstack([np.zeros(beats.features.shape[1]), np.cumsum(beats.features, axis=0)])
    here = np.arange(count)
    first = np.maximum(0, here - SHORTEST_SECTION_BEATS)
    last = np.minimum(count, here + SHORTEST_SECTION_BEATS)
    before = (sums[here] - sums[first]) / np.maximum(1, here - first)[:, None]
    after = (sums[last] - sums[here]) / np.maximum(1, last - here)[:, None]
    # Little to compare with, as at both ends, counts for little.
    weight = np.minimum(here - first, last - here) / SHORTEST_SECTION_BEATS
    return np.asarray(weight * np.linalg.norm(after - before, axis=1))


def section_borders(score: Score) -> tuple[float, ...]:
    """Seconds at which a section of another name begins.

    Verse after verse is no border: nobody could hear one, and nobody is asked to.
    """
    return tuple(
        score.seconds(after.start)
        for before, after in pairwise(score.sections)
        if before.name != after.name
    )


def border_scores(
    found: Sequence[float], true: Sequence[float], tolerance_s: float
) -> BorderScores:
    """Match each found border to at most one true one, nearest pairs first."""
    near = sorted(
        (abs(f - t), i, j)
        for i, f in enumerate(found)
        for j, t in enumerate(true)
        if abs(f - t) <= tolerance_s
    )
    taken_found: set[int] = set()
    taken_true: set[int] = set()
    for _, i, j in near:
        if i not in taken_found and j not in taken_true:
            taken_found.add(i)
            taken_true.add(j)
    hits = len(taken_found)
    both = len(found) + len(true)
    return BorderScores(
        precision=hits / len(found) if found else 0.0,
        recall=hits / len(true) if true else 0.0,
        f1=2.0 * hits / both if both else 0.0,
    )


def chance_f1(
    count: int, true: Sequence[float], tolerance_s: float, *,
    bar_s: float, bars: int, draws: int = CONTROL_DRAWS, seed: int = 0,
) -> float:  # fmt: skip
    """Mean F1 of as many borders set at random bar lines: what guessing would earn."""
    lines = np.arange(1, bars) * bar_s
    if not len(lines) or not count:
        return 0.0
    rng = np.random.default_rng(seed)
    size = min(count, len(lines))
    guesses = (rng.choice(lines, size, replace=False) for _ in range(draws))
    return float(np.mean([border_scores(list(g), true, tolerance_s).f1 for g in guesses]))


def _beat_s(signal: Sound) -> float:
    found = tempos_bpm(signal, 1)
    beat_s = 60.0 / found[0] if found else USUAL_BEAT_S
    while beat_s > SLOWEST_BEAT_S:
        beat_s /= 2.0
    while beat_s < FASTEST_BEAT_S:
        beat_s *= 2.0
    return beat_s


def _bands(power: Curve, hertz: Curve) -> Curve:
    edges = np.searchsorted(hertz, np.geomspace(LOW_HZ, HIGH_HZ, BANDS + 1))
    # Low bands are narrower than a bin; each still gets one of its own.
    edges = np.maximum(edges, np.arange(BANDS + 1) + edges[0])
    return np.asarray(np.add.reduceat(power, edges, axis=1)[:, :BANDS])


def _attacks(timbre: Curve) -> Curve:
    rise = np.maximum(0.0, np.diff(timbre, axis=0, prepend=timbre[:1]))
    registers = pairwise(REGISTERS)
    return np.stack([rise[:, low:high].mean(axis=1) for low, high in registers], axis=1)


def _harmony(power: Curve, hertz: Curve) -> Curve:
    inside = (hertz > HARMONY_HZ[0]) & (hertz < HARMONY_HZ[1])
    classes = np.round(12.0 * np.log2(hertz[inside] / 440.0)).astype(int) % 12
    share = np.sqrt(power[:, inside]) @ np.eye(12, dtype=power.dtype)[classes]
    return np.asarray(share / np.maximum(share.sum(axis=1, keepdims=True), 1e-9))


def _per_beat(frames: Curve, beat_s: float) -> Curve:
    """Mean of the frames of each whole beat, a little smoothed over time."""
    per_beat = beat_s * ANALYSIS_RATE_HZ / HOP
    edges = np.round(np.arange(int(len(frames) / per_beat) + 1) * per_beat).astype(int)
    if len(edges) < 2:
        return np.zeros((0, frames.shape[1]))
    sums = np.vstack([np.zeros(frames.shape[1]), np.cumsum(frames, axis=0, dtype=np.float64)])
    means = np.diff(sums[edges], axis=0) / np.diff(edges)[:, None]
    return np.asarray(uniform_filter1d(means, SMOOTHING_BEATS, axis=0, mode="nearest"))


def _standard(rows: Curve, least: float) -> Curve:
    """Zero mean and unit variance; a block weighs the same however many features it has."""
    if not len(rows):
        return rows
    spread = np.maximum(rows.std(axis=0), least)
    return np.asarray((rows - rows.mean(axis=0)) / spread / np.sqrt(rows.shape[1]))


def _cuts(rows: Curve, price: float) -> list[int]:
    """The cheapest way to cut rows into stretches around their means (optimal partitioning)."""
    count = len(rows)
    sums = np.vstack([np.zeros(rows.shape[1]), np.cumsum(rows, axis=0)])
    squares = np.concatenate([[0.0], np.cumsum(np.square(rows).sum(axis=1))])
    best = np.full(count + 1, np.inf)
    best[0] = -price
    before = np.zeros(count + 1, dtype=int)
    for end in range(SHORTEST_SECTION_BEATS, count + 1):
        starts = np.arange(end - SHORTEST_SECTION_BEATS + 1)
        inside = np.square(sums[end] - sums[starts]).sum(axis=1) / (end - starts)
        total = best[starts] + squares[end] - squares[starts] - inside + price
        before[end] = int(np.argmin(total))
        best[end] = total[before[end]]
    cuts = []
    place = int(before[count])
    while place > 0:
        cuts.append(place)
        place = int(before[place])
    return cuts[::-1]
