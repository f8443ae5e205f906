"""Struck and plucked things as sums of ringing partials.

A damped sine is an exponential of a complex number, and an exponential of (block + place) is a
product of two: so a thousand partials over a whole note are one matrix product.
"""

from __future__ import annotations

import numpy as np

from media.sound import Curve, Sound
from media.synth.control import Signal
from media.synth.patch import Modal
from media.theory import hertz

BLOCK = 256
SIXTY_DB = 6.908
HIGHEST_HZ = 15_500.0
LONGEST_S = 7.0
_REFERENCE_HZ = 262.0


def ring(
    hertz_: Curve, ring_s: Curve, levels: Curve, phases: Curve, samples: int, sample_rate_hz: int
) -> Signal:
    """Sum of sines of (frequency, time to -60 dB, level, phase in turns), one value a sample."""
    exponent = -SIXTY_DB / ring_s + 2j * np.pi * hertz_
    blocks = -(-samples // BLOCK)
    inside = np.exp(exponent[:, None] * (np.arange(BLOCK) / sample_rate_hz))
    starts = np.exp((np.arange(blocks) * BLOCK / sample_rate_hz)[:, None] * exponent)
    starts *= levels * np.exp(2j * np.pi * phases)
    # The imaginary part: all partials of phase zero start at zero, without a click.
    left = np.concatenate([starts.real, starts.imag], axis=1).astype(np.float32)
    right = np.concatenate([inside.imag, inside.real], axis=0).astype(np.float32)
    out: Signal = (left @ right).ravel()[:samples]
    return out


def render(patch: Modal, pitch: int, held_s: float, strength: float, sample_rate_hz: int) -> Sound:
    """One note in stereo."""
    base = hertz(pitch)
    shorter = (_REFERENCE_HZ / base) ** patch.key_tracking
    longest = max(mode.ring_s for mode in patch.modes) * shorter
    seconds = min(longest, LONGEST_S)
    if patch.release_s:
        seconds = min(seconds, held_s + patch.release_s)
    samples = max(BLOCK, int(seconds * sample_rate_hz))
    offsets = (-patch.detune_cents, patch.detune_cents) if patch.detune_cents else (0.0,)
    channels = [_strings(patch, base, cents, shorter, strength, samples, sample_rate_hz)
                for cents in offsets]  # fmt: skip
    if patch.detune_cents:
        # Both strings sound in both channels, each leaning to its side.
        near, far = np.float32(0.75), np.float32(0.35)
        sound = np.stack([near * channels[0] + far * channels[1],
                          far * channels[0] + near * channels[1]])  # fmt: skip
    else:
        sound = np.stack([channels[0], channels[0]]) * np.float32(0.7071)
    if patch.knock:
        _strike(sound, patch.knock * strength, pitch, sample_rate_hz)
    shape = _shape(patch, held_s, samples, sample_rate_hz)
    return np.asarray(sound * (shape * np.float32(patch.level * strength**1.3)))


def _strings(
    patch: Modal, base_hz: float, cents: float, shorter: float, strength: float, samples: int,
    sample_rate_hz: int,
) -> Signal:  # fmt: skip
    tuned = base_hz * 2.0 ** (cents / 1200.0)
    ratios = np.array([mode.ratio for mode in patch.modes])
    kept = ratios * tuned < HIGHEST_HZ
    ratios = ratios[kept]
    levels = np.array([mode.level for mode in patch.modes])[kept]
    levels = levels * strength ** (patch.bright * np.log2(np.maximum(ratios, 1.0)))
    times = np.array([mode.ring_s for mode in patch.modes])[kept] * shorter
    return ring(tuned * ratios, times, levels, np.zeros(len(ratios)), samples, sample_rate_hz)


def _shape(patch: Modal, held_s: float, samples: int, sample_rate_hz: int) -> Signal:
    """Attack, damping after the key is lifted, and a clean end."""
    shape = np.ones(samples, dtype=np.float32)
    rise = max(2, int(patch.attack_s * sample_rate_hz))
    shape[:rise] = np.linspace(0.0, 1.0, rise, dtype=np.float32)[: len(shape)]
    held = int(held_s * sample_rate_hz)
    if patch.release_s and held < samples:
        t = np.arange(samples - held, dtype=np.float32) / np.float32(sample_rate_hz)
        shape[held:] *= np.maximum(0.0, 1.0 - t / np.float32(patch.release_s)) ** 2
    end = min(samples, int(0.02 * sample_rate_hz))
    shape[samples - end :] *= np.linspace(1.0, 0.0, end, dtype=np.float32)
    return shape


def _strike(sound: Sound, level: float, pitch: int, sample_rate_hz: int) -> None:
    """Add the knock of a hammer or a nail, in place."""
    count = min(sound.shape[1], int(0.03 * sample_rate_hz))
    rng = np.random.default_rng(pitch)
    noise = rng.standard_normal(count + 3)
    dull = (noise[:-3] + noise[1:-2] + noise[2:-1] + noise[3:]) / 4.0
    fall = np.exp(-np.arange(count) / (0.006 * sample_rate_hz))
    sound[:, :count] += (level * dull * fall).astype(np.float32)
