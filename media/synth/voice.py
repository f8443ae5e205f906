"""One synthesised note."""

from __future__ import annotations

import numpy as np

from media.sound import Curve, Sound, silence
from media.synth.patches import Envelope, Patch
from media.synth.wavetable import play, stack
from media.theory import hertz

VIBRATO_HZ, VIBRATO_AFTER_S = 5.4, 0.25
# Layers start at fixed, different phases: repeatable, and never all in step.
_PHASES = (0.11, 0.43, 0.77, 0.29, 0.61, 0.93)


def envelope(shape: Envelope, held_s: float, sample_rate_hz: int) -> Curve:
    """Loudness over time of a note held for `held_s`, its release included."""
    t = np.arange(int((held_s + shape.release_s) * sample_rate_hz)) / sample_rate_hz
    fall = shape.sustain + (1.0 - shape.sustain) * np.exp(-(t - shape.attack_s) / shape.decay_s)
    body = np.where(t < shape.attack_s, t / shape.attack_s, fall)
    release = np.clip((t - held_s) / shape.release_s, 0.0, 1.0)
    return np.asarray(body * (1.0 - release) ** 2)


def render_note(
    patch: Patch, pitch: int, held_s: float, strength: float, sample_rate_hz: int
) -> Sound:
    """Render a note in stereo; `strength` 0 to 1 is loudness and brightness."""
    loud = envelope(patch.envelope, held_s, sample_rate_hz)
    samples = len(loud)
    t = np.arange(samples) / sample_rate_hz
    cutoff = _cutoff(patch, strength, t)
    bend = _vibrato(patch, t)
    out = silence(samples)
    for index, layer in enumerate(patch.layers):
        base = hertz(pitch + 12 * layer.octave + layer.cents / 100.0)
        cycles = stack(layer.wave, hertz(pitch + 12 * layer.octave), patch.resonance)
        frequency = base * bend if bend is not None else base
        phase = _PHASES[index % len(_PHASES)]
        if patch.fm_index:
            mono = _fm(patch, base, t, strength)
        else:
            mono = play(cycles, frequency, cutoff, sample_rate_hz, phase)
        angle = (layer.pan + 1.0) * np.pi / 4.0
        out[0] += mono * np.float32(layer.level * np.cos(angle))
        out[1] += mono * np.float32(layer.level * np.sin(angle))
    shape: Sound = (loud * (patch.level * strength**1.3)).astype(np.float32)
    return out * shape


def _cutoff(patch: Patch, strength: float, t: Curve) -> Curve:
    """Velocity opens the filter; a negative sweep time opens it slowly instead of closing."""
    if patch.sweep_s > 0:
        moving = np.exp(-t / patch.sweep_s)
    else:
        moving = np.minimum(1.0, t / -patch.sweep_s)
    return np.asarray(patch.cutoff_hz + patch.cutoff_sweep_hz * strength * moving)


def _vibrato(patch: Patch, t: Curve) -> Curve | None:
    if not patch.vibrato_cents:
        return None
    depth = np.clip((t - VIBRATO_AFTER_S) / 0.35, 0.0, 1.0) * patch.vibrato_cents
    return np.asarray(2.0 ** (depth * np.sin(2 * np.pi * VIBRATO_HZ * t) / 1200.0))


def _fm(patch: Patch, base_hz: float, t: Curve, strength: float) -> Sound:
    """Two-operator FM; the index is kept low enough for its sidebands to stay below Nyquist."""
    ratio = patch.fm_ratio
    room = max(0.0, (16_000.0 - base_hz) / (base_hz * ratio) - 1.0)
    index = min(patch.fm_index * strength, room) * np.exp(-t / 0.35)
    turn = 2.0 * np.pi * base_hz * t
    return np.asarray(np.sin(turn + index * np.sin(ratio * turn)), dtype=np.float32)
