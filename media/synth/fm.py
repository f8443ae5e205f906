"""Frequency modulation with the index held low enough for its sidebands to stay audible."""

from __future__ import annotations

import numpy as np

from media.sound import Curve, Sound, silence
from media.synth.control import drawn_out, envelope, times
from media.synth.patch import Fm, Pair
from media.synth.wavetable import phase_of, turns
from media.theory import hertz

HIGHEST_HZ = 16_000.0
_TWO_PI = np.float32(2.0 * np.pi)


def render(patch: Fm, pitch: int, held_s: float, strength: float, sample_rate_hz: int) -> Sound:
    """One note in stereo."""
    loud = envelope(patch.envelope, held_s, sample_rate_hz)
    samples = len(loud)
    t = times(samples, sample_rate_hz)
    out = silence(samples)
    for pair in patch.pairs:
        mono = _pair(pair, hertz(pitch + pair.cents / 100.0), strength, t, samples, sample_rate_hz)
        angle = (pair.pan + 1.0) * np.pi / 4.0
        out[0] += mono * np.float32(np.cos(angle))
        out[1] += mono * np.float32(np.sin(angle))
    return out * (loud * np.float32(patch.level * strength**1.3))


def _pair(
    pair: Pair, base_hz: float, strength: float, t: Curve, samples: int, sample_rate_hz: int
) -> Sound:
    carrier_hz, modulator_hz = base_hz * pair.carrier, base_hz * pair.modulator
    carrier = turns(phase_of(carrier_hz, samples, sample_rate_hz)) * _TWO_PI
    if pair.index:
        modulator = turns(phase_of(modulator_hz, samples, sample_rate_hz)) * _TWO_PI
        index = drawn_out(_index(pair, carrier_hz, modulator_hz, strength, t), samples)
        carrier += index * np.sin(modulator)
    tone = np.sin(carrier)
    fade = np.exp(-t / pair.fade_s) if pair.fade_s else np.ones_like(t)
    return np.asarray(tone * drawn_out(fade * pair.level, samples))


def _index(pair: Pair, carrier_hz: float, modulator_hz: float, strength: float, t: Curve) -> Curve:
    """Velocity and time move the index; Carson's rule bounds it."""
    room = max(0.0, (HIGHEST_HZ - carrier_hz) / modulator_hz - 1.0)
    falling = pair.floor + (1.0 - pair.floor) * np.exp(-t / pair.fall_s)
    return np.asarray(min(pair.index * (0.35 + 0.65 * strength), room) * falling)
