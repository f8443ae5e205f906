"""Steering: nudge a shaped song into the ranges its genre asks of brightness and width."""

from __future__ import annotations

import math

import numpy as np

from domain.genre import GenrePack, Range
from media.analysis import mono, spectral_centroid_hz
from media.effects.eq import high_shelf
from media.effects.stereo import width
from media.gates.ranges import DEFAULTS
from media.sound import Sound

# How far inside a range a song must stand: encoding and limiting move it a little.
MARGIN_SHARE = 0.06
SHELF_HZ = 2500.0
SHELF_STEP_DB, SHELF_LIMIT_DB = 1.5, 6.0
WIDTHS = tuple(round(0.1 * step, 1) for step in range(3, 31))


def wanted(pack: GenrePack, gate: str) -> Range | None:
    """The range a gate asks of this genre; None where it does not apply."""
    if gate in pack.gates.not_applicable:
        return None
    return pack.gates.ranges.get(gate, DEFAULTS[gate])


def steer(sound: Sound, pack: GenrePack, sample_rate_hz: int) -> Sound:
    """Correct brightness, then width, only where the song stands outside."""
    brighter = _brightness(sound, wanted(pack, "centroid"), sample_rate_hz)
    return _width(brighter, wanted(pack, "stereo"))


def correlation(sound: Sound) -> float:
    """Correlation of left and right; NaN when a channel is silent."""
    left, right, both = _moments(sound)
    return both / (left * right) ** 0.5 if left > 0.0 and right > 0.0 else float("nan")


def _moments(sound: Sound) -> tuple[float, float, float]:
    """Variances of the channels and their covariance."""
    left, right = (channel - channel.mean() for channel in sound)
    return float(left @ left), float(right @ right), float(left @ right)


def _inside(span: Range, *, scale: float) -> tuple[float, float]:
    """The range without its margins; an open end stays open."""
    low = -np.inf if span.low is None else span.low + MARGIN_SHARE * scale
    high = np.inf if span.high is None else span.high - MARGIN_SHARE * scale
    return float(low), float(max(low, high))


def _brightness(sound: Sound, span: Range | None, rate: int) -> Sound:
    if span is None:
        return sound
    low, high = _inside(span, scale=span.low or span.high or 0.0)
    db, corrected = 0.0, sound
    while abs(db) < SHELF_LIMIT_DB:
        found = spectral_centroid_hz(mono(corrected, rate))
        if low <= found <= high:
            break
        db += SHELF_STEP_DB if found < low else -SHELF_STEP_DB
        corrected = high_shelf(sound, rate, hz=SHELF_HZ, db=db)
    return corrected


def _width(sound: Sound, span: Range | None) -> Sound:
    if span is None or sound.shape[0] == 1:
        return sound
    low, high = _inside(span, scale=0.5)
    left, right, both = _moments(sound)
    middle = (left + right + 2.0 * both) / 4.0
    side = (left + right - 2.0 * both) / 4.0
    tilt = (left - right) / 4.0
    if low <= correlation(sound) <= high or side <= 0.0:
        return sound

    def miss(amount: float) -> float:
        found = _widened(middle, side * amount**2, tilt * amount)
        return max(low - found, found - high, 0.0)

    return width(sound, amount=min(WIDTHS, key=lambda amount: (miss(amount), abs(amount - 1.0))))


def _widened(middle: float, side: float, tilt: float) -> float:
    """Correlation of a sound with these energies of middle and side and their product."""
    left, right = middle + side + 2.0 * tilt, middle + side - 2.0 * tilt
    return float((middle - side) / math.sqrt(max(left * right, 1e-30)))
