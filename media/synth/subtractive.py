"""Subtractive synthesis: detuned oscillators whose filter moves."""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, sosfilt

from media.sound import Curve, Sound, silence
from media.synth.control import Signal, drawn_out, envelope, times
from media.synth.patch import Subtractive
from media.synth.wavetable import phase_of, read, rows, stack
from media.theory import hertz

VIBRATO_HZ, VIBRATO_AFTER_S = 5.4, 0.25
# Layers start at fixed, different phases: repeatable, and never all in step.
_PHASES = (0.11, 0.43, 0.77, 0.29, 0.61, 0.93, 0.19)


def render(
    patch: Subtractive, pitch: int, held_s: float, strength: float, sample_rate_hz: int
) -> Sound:
    """One note in stereo."""
    loud = envelope(patch.envelope, held_s, sample_rate_hz)
    samples = len(loud)
    t = times(samples, sample_rate_hz)
    row = drawn_out(rows(_cutoff(patch, strength, t)), samples)
    bend = _vibrato(patch, t)
    out = silence(samples)
    for index, layer in enumerate(patch.layers):
        base = hertz(pitch + 12 * layer.octave + layer.cents / 100.0)
        cycles = stack(layer.wave, hertz(pitch + 12 * layer.octave), patch.resonance)
        moving: Signal | float = base if bend is None else drawn_out(bend * base, samples)
        start = _PHASES[index % len(_PHASES)]
        mono = read(cycles, phase_of(moving, samples, sample_rate_hz, start), row)
        angle = (layer.pan + 1.0) * np.pi / 4.0
        out[0] += mono * np.float32(layer.level * np.cos(angle))
        out[1] += mono * np.float32(layer.level * np.sin(angle))
    if patch.breath:
        out += _breath(patch, pitch, samples, sample_rate_hz)
    return out * (loud * np.float32(patch.level * strength**1.3))


def _cutoff(patch: Subtractive, strength: float, t: Curve) -> Curve:
    """Velocity opens the filter; a negative sweep time opens it slowly instead of closing."""
    if patch.sweep_s > 0:
        moving = np.exp(-t / patch.sweep_s)
    else:
        moving = np.minimum(1.0, t / -patch.sweep_s)
    return np.asarray(patch.cutoff_hz + patch.cutoff_sweep_hz * strength * moving)


def _vibrato(patch: Subtractive, t: Curve) -> Curve | None:
    if not patch.vibrato_cents:
        return None
    depth = np.clip((t - VIBRATO_AFTER_S) / 0.35, 0.0, 1.0) * patch.vibrato_cents
    return np.asarray(2.0 ** (depth * np.sin(2 * np.pi * VIBRATO_HZ * t) / 1200.0))


def _breath(patch: Subtractive, pitch: int, samples: int, sample_rate_hz: int) -> Sound:
    """Air around the tone's second and third harmonic."""
    rng = np.random.default_rng(pitch)
    low = min(hertz(pitch) * 1.5, 6000.0)
    band = butter(1, (low, min(low * 5.0, 14_000.0)), "bandpass", fs=sample_rate_hz, output="sos")
    noise = rng.standard_normal((2, samples), dtype=np.float32)
    air: Sound = sosfilt(band, noise).astype(np.float32) * np.float32(patch.breath)
    return air
