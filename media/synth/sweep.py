"""Risers, falls, impacts and swells out of moving noise."""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, sosfilt

from media.sound import Curve, Sound
from media.synth.control import drawn_out, times, unclicked
from media.synth.patch import Sweep
from media.synth.wavetable import phase_of, turns
from media.theory import hertz

BANDS = 7
IMPACT_S = 3.0


def render(patch: Sweep, pitch: int, held_s: float, strength: float, sample_rate_hz: int) -> Sound:
    """One sweep in stereo, as long as its note; an impact rings for `IMPACT_S`."""
    seconds = IMPACT_S if patch.kind == "impact" else max(held_s, 0.1)
    samples = int(seconds * sample_rate_hz)
    t = times(samples, sample_rate_hz)
    share = np.minimum(1.0, t / seconds)
    height, loud = _motion(patch, share, t)
    rng = np.random.default_rng(pitch * 13 + 5)
    sound = _noise(patch, height, samples, sample_rate_hz, rng)
    if patch.kind == "impact":
        sound += _boom(pitch, t, samples, sample_rate_hz)
    elif patch.tone:
        sound += np.float32(patch.tone) * _gliding(pitch, share, samples, sample_rate_hz)
    shape = unclicked(drawn_out(loud, samples), int(0.012 * sample_rate_hz))
    return np.asarray(sound * (shape * np.float32(patch.level * strength**1.3)), dtype=np.float32)


def _motion(patch: Sweep, share: Curve, t: Curve) -> tuple[Curve, Curve]:
    """Height of the band (0 to 1) and loudness over time."""
    if patch.kind == "rise":
        return share, share**1.6 * 0.95 + 0.05 * np.minimum(1.0, share * 20)
    if patch.kind == "fall":
        return 1.0 - share, (1.0 - share) ** 1.8 * np.minimum(1.0, t / 0.01)
    if patch.kind == "swell":
        return 0.5 + 0.4 * share, share**3
    return 0.7 * np.exp(-t / 0.35), np.exp(-t / 0.55) * np.minimum(1.0, t / 0.002)


def _noise(
    patch: Sweep, height: Curve, samples: int, sample_rate_hz: int, rng: np.random.Generator
) -> Sound:
    """Fixed bands of noise, crossfaded along the moving height."""
    noise = rng.standard_normal((2, samples), dtype=np.float32)
    edges = np.geomspace(patch.low_hz, patch.high_hz, BANDS)
    out = np.zeros((2, samples), dtype=np.float32)
    for index, centre in enumerate(edges):
        band = butter(1, (centre / 1.5, min(centre * 1.5, 19_000.0)), "bandpass",
                      fs=sample_rate_hz, output="sos")  # fmt: skip
        distance = (height * (BANDS - 1) - index) / 1.1
        out += sosfilt(band, noise).astype(np.float32) * drawn_out(np.exp(-(distance**2)), samples)
    return out


def _boom(pitch: int, t: Curve, samples: int, sample_rate_hz: int) -> Sound:
    """A low hit under the noise, tuned to the chord."""
    low = hertz(24 + pitch % 12)
    frequency = drawn_out(low * (1.0 + 1.5 * np.exp(-t / 0.05)), samples)
    tone = np.sin(turns(phase_of(frequency, samples, sample_rate_hz)) * np.float32(2 * np.pi))
    return np.tile(tone * np.float32(1.6), (2, 1))


def _gliding(pitch: int, share: Curve, samples: int, sample_rate_hz: int) -> Sound:
    """A sine that climbs an octave into the pitch."""
    frequency = drawn_out(hertz(48 + pitch % 12) * 2.0 ** (share**2), samples)
    tone = np.sin(turns(phase_of(frequency, samples, sample_rate_hz)) * np.float32(2 * np.pi))
    return np.tile(tone * np.float32(0.3), (2, 1))
