"""Slow curves: computed every few samples, drawn out to every sample."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from media.sound import Curve
from media.synth.patch import Envelope

HOP = 32
Signal = npt.NDArray[np.float32]
_RAMP = (np.arange(HOP, dtype=np.float32) / HOP)[None, :]


def times(samples: int, sample_rate_hz: int) -> Curve:
    """Seconds of the control points that `drawn_out` needs for so many samples."""
    return np.asarray(np.arange(-(-samples // HOP) + 1) * (HOP / sample_rate_hz), np.float64)


def drawn_out(control: Curve, samples: int) -> Signal:
    """Straight lines between control points, one value per sample."""
    points = control.astype(np.float32)
    lines = points[:-1, None] + np.diff(points)[:, None] * _RAMP
    return np.asarray(lines.ravel()[:samples], np.float32)


def length(shape: Envelope, held_s: float, sample_rate_hz: int) -> int:
    """Samples of a note held for `held_s`, its release included."""
    return int((held_s + shape.release_s) * sample_rate_hz)


def envelope(shape: Envelope, held_s: float, sample_rate_hz: int) -> Signal:
    """Loudness over time of a note held for `held_s`, its release included."""
    samples = length(shape, held_s, sample_rate_hz)
    t = times(samples, sample_rate_hz)
    fall = shape.sustain + (1.0 - shape.sustain) * np.exp(-(t - shape.attack_s) / shape.decay_s)
    body = np.where(t < shape.attack_s, t / shape.attack_s, fall)
    release = np.clip((t - held_s) / shape.release_s, 0.0, 1.0)
    curve = drawn_out(body * (1.0 - release) ** 2, samples)
    return unclicked(curve)


def unclicked(curve: Signal, samples: int = HOP) -> Signal:
    """The same, its last samples drawn to zero, in place."""
    count = min(samples, len(curve))
    curve[len(curve) - count :] *= np.linspace(1.0, 0.0, count, dtype=np.float32)
    return curve
