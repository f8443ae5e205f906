"""The tuned bass drum: a sine that falls into its pitch, may glide, and rings."""

from __future__ import annotations

import numpy as np

from media.sound import Sound
from media.synth.control import drawn_out, times, unclicked
from media.synth.patch import Sub
from media.synth.wavetable import phase_of, turns
from media.theory import hertz

DAMP_S = 0.02


def render(
    patch: Sub, pitch: int, held_s: float, strength: float, sample_rate_hz: int,
    from_pitch: int | None = None,
) -> Sound:  # fmt: skip
    """One note in stereo; `from_pitch` is where a gliding note comes from.

    A gliding note has no attack of its own, as the drum under it is still ringing.
    """
    samples = max(1, int((min(held_s, patch.ring_s) + DAMP_S) * sample_rate_hz))
    t = times(samples, sample_rate_hz)
    if from_pitch is None:
        bend = patch.drop_semitones * np.exp(-t / patch.drop_s)
    else:
        bend = (from_pitch - pitch) * np.maximum(0.0, 1.0 - t / patch.glide_s) ** 2
    frequency = drawn_out(hertz(pitch) * 2.0 ** (bend / 12.0), samples)
    tone = np.sin(turns(phase_of(frequency, samples, sample_rate_hz)) * np.float32(2 * np.pi))
    rise = np.minimum(1.0, t / 0.003)
    loud = drawn_out(rise * np.exp(-t / (patch.ring_s / 2.2)), samples)
    drive = np.float32(patch.drive * (0.6 + 0.4 * strength))
    driven = np.tanh(tone * loud * drive) / np.tanh(drive)
    mono = unclicked(driven.astype(np.float32), int(DAMP_S * sample_rate_hz))
    return np.tile(mono * np.float32(patch.level * strength**1.3), (2, 1))
