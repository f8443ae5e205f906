"""Bus automation: levels that follow the song's sections, deep enough for a loudness range."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from domain.genre import Range
from domain.score import BEATS_PER_BAR, Score, Section
from media.loudness import range_of
from media.mixing.curves import GRID_S, grid_size, smooth
from media.mixing.levels import Bus, at_hops
from media.sound import Curve

SMOOTHING_S = 0.35
LAST_CHORUS_DB = 0.8
LIFT_DB, LIFT_BARS = 0.9, 2
# Below zero the automation lifts quiet sections: some arrangements fall further than asked.
DEPTHS = tuple(round(-2.0 + 0.1 * step, 1) for step in range(51))
# The limiter takes some of the range away again.
RANGE_MARGIN_LU = 0.8


def energy_db(score: Score, dynamic_range_db: float, samples: int, sample_rate_hz: int) -> Curve:
    """Level over time from the energies of the sections, full energy being 0 dB."""
    points = [
        (score.seconds(beat), (energy - 1.0) * dynamic_range_db)
        for section in score.sections
        for beat, energy in (
            (section.start, section.energy), (section.end - 0.01, section.energy_end)
        )
    ]  # fmt: skip
    return smooth(_drawn(points, samples, sample_rate_hz), SMOOTHING_S)


def accents_db(score: Score, samples: int, sample_rate_hz: int) -> Curve:
    """A rise into every chorus, and a last chorus above the others."""
    curve = np.zeros(grid_size(samples, sample_rate_hz))
    choruses = [section for section in score.sections if section.name == "chorus"]
    for before, section in zip(score.sections, score.sections[1:], strict=False):
        if section.name == "chorus" and before.name != "chorus":
            _ramp(curve, score, before)
    if len(choruses) > 1:
        last = choruses[-1]
        curve[_index(score, last.start) : _index(score, last.end)] += LAST_CHORUS_DB
    return smooth(curve, SMOOTHING_S)


def fit_depth(
    powers: Mapping[Bus, Curve], curves: Mapping[Bus, Curve], energy: Mapping[Bus, Curve],
    wanted: Range | None,
) -> float:  # fmt: skip
    """How deep the automation must go for the loudness range wanted; 1 is as written.

    `powers` are the hop powers of the buses (see `media.loudness`), `curves` what the buses do
    besides, `energy` the decibels of automation at depth 1. The depth nearest to 1 that lands
    inside wins, or the one that comes nearest.
    """
    if wanted is None:
        return 1.0
    low = (wanted.low or 0.0) + RANGE_MARGIN_LU
    high = max(low, (wanted.high or 99.0) - RANGE_MARGIN_LU)
    steady = {
        name: power * 10.0 ** (at_hops(curves[name], len(power)) / 10.0)
        for name, power in powers.items()
    }
    moving = {name: at_hops(energy[name], len(power)) for name, power in powers.items()}

    def miss(depth: float) -> float:
        total = sum(p * 10.0 ** (depth * moving[name] / 10.0) for name, p in steady.items())
        found = range_of(np.asarray(total))
        return max(low - found, found - high, 0.0)

    return min(DEPTHS, key=lambda depth: (round(miss(depth), 2), abs(depth - 1.0)))


def _drawn(points: list[tuple[float, float]], samples: int, sample_rate_hz: int) -> Curve:
    grid = np.arange(grid_size(samples, sample_rate_hz)) * GRID_S
    levels = np.interp(grid, [time for time, _ in points], [level for _, level in points])
    return np.asarray(levels)


def _ramp(curve: Curve, score: Score, section: Section) -> None:
    beats = min(LIFT_BARS, section.bars) * BEATS_PER_BAR
    first, stop = _index(score, section.end - beats), _index(score, section.end)
    curve[first:stop] += np.linspace(0.0, LIFT_DB, stop - first)


def _index(score: Score, beat: float) -> int:
    return round(score.seconds(beat) / GRID_S)
