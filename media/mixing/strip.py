"""The channel strip: effects, loudness and place of one stem."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from domain.genre import DRUMS, Role
from domain.score import Score, Track
from media.effects.chain import Context, run_chain
from media.effects.sidechain import automate, duck_curve
from media.loudness import SILENT_LUFS, measure
from media.sound import Sound, gain


def channel_strip(
    score: Score, role: Role, track: Track, stem: Sound, sample_rate_hz: int,
    kicks_s: Sequence[float] = (),
) -> Sound:  # fmt: skip
    """Bring an instrument to its level and place; it ducks under the kicks if its role does."""
    context = Context(sample_rate_hz, score.tempo_bpm, seed_of(score, track.role))
    shaped = at_level(run_chain(stem, role.effects, context), role.level_lufs, sample_rate_hz)
    place(shaped, role.pan)
    if role.duck_db and kicks_s:
        curve = duck_curve(shaped.shape[1], sample_rate_hz, kicks_s, depth_db=role.duck_db)
        return automate(shaped, curve)
    return shaped


def seed_of(score: Score, name: str) -> int:
    """The seed of one strip's random effects."""
    return crc32(f"{score.seed}:{name}".encode())


def at_level(sound: Sound, level_lufs: float, sample_rate_hz: int) -> Sound:
    """Scale to an integrated loudness; silence stays silent. Works on the sound given."""
    loudness = measure(sound, sample_rate_hz).integrated_lufs
    if loudness > SILENT_LUFS:
        sound *= gain(level_lufs - loudness)
    return sound


def place(sound: Sound, position: float) -> None:
    """Turn down the far channel of a stereo sound in place; -1 is left, 1 is right."""
    if position:
        sound[0] *= np.float32(np.sqrt(1.0 - max(0.0, position)))
        sound[1] *= np.float32(np.sqrt(1.0 + min(0.0, position)))


def kick_times(score: Score) -> list[float]:
    """When the kick drum sounds, in seconds."""
    return [
        score.seconds(note.start)
        for track in score.tracks
        if track.part == "drums"
        for note in track.notes
        if note.pitch == DRUMS["kick"]
    ]
