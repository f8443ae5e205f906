"""One synthesised note, whatever kind of patch plays it."""

from __future__ import annotations

from media.sound import Sound
from media.synth import ensemble, fm, modal, sub, subtractive, sweep
from media.synth.patch import Ensemble, Fm, Modal, Patch, Sub, Subtractive


def render_note(
    patch: Patch, pitch: int, held_s: float, strength: float, sample_rate_hz: int,
    from_pitch: int | None = None,
) -> Sound:  # fmt: skip
    """Render a note in stereo; `strength` 0 to 1 is loudness and brightness.

    `from_pitch` lets a gliding patch slide in from the note before; others ignore it.
    """
    if isinstance(patch, Subtractive):
        return subtractive.render(patch, pitch, held_s, strength, sample_rate_hz)
    if isinstance(patch, Fm):
        return fm.render(patch, pitch, held_s, strength, sample_rate_hz)
    if isinstance(patch, Modal):
        return modal.render(patch, pitch, held_s, strength, sample_rate_hz)
    if isinstance(patch, Ensemble):
        return ensemble.render(patch, pitch, held_s, strength, sample_rate_hz)
    if isinstance(patch, Sub):
        return sub.render(patch, pitch, held_s, strength, sample_rate_hz, from_pitch)
    return sweep.render(patch, pitch, held_s, strength, sample_rate_hz)
