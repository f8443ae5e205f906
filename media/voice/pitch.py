"""The pitch a singer makes of notes: glides, delayed vibrato, drift, scoops and falls."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from domain.singer import Singer
from media.sound import Curve
from media.voice.take import FRAME_S, frame_times
from media.voice.timing import SungNote

# A glide is nearly over when the vowel begins.
GLIDE_BEFORE = 0.8
VIBRATO_FROM_S, VIBRATO_FADES_IN_S = 0.28, 0.35
LONG_NOTE_S = 0.5
DRIFT_CENTS, DRIFT_SMOOTHING_S = 5.0, 0.12
SCOOP_CENTS, SCOOP_S = 70.0, 0.07
FALL_CENTS, FALL_S = 60.0, 0.1


@dataclass(frozen=True)
class Inflection:
    """What makes two voices on one melody different people."""

    seed: int
    cents: float = 0.0
    wander_cents: float = DRIFT_CENTS


def pitch_curve(
    notes: Sequence[SungNote], start_s: float, frames: int, singer: Singer, inflection: Inflection
) -> Curve:
    """Pitch in hertz for `frames` frames from `start_s` on."""
    at = frame_times(start_s, frames)
    cents = 100.0 * _steps(notes, at, singer.glide_ms / 1000.0)
    for index, note in enumerate(notes):
        cents += _vibrato(note, at, singer, inflection.seed + index)
    cents += _scoop(notes[0], at) + _fall(notes[-1], at)
    rng = np.random.default_rng(inflection.seed)
    drift = gaussian_filter1d(rng.standard_normal(frames), DRIFT_SMOOTHING_S / FRAME_S)
    spread = float(np.std(drift)) or 1.0
    cents += inflection.cents + inflection.wander_cents * drift / spread
    return np.asarray(440.0 * 2.0 ** ((cents / 100.0 - 69.0) / 12.0))


def _steps(notes: Sequence[SungNote], at: Curve, glide_s: float) -> Curve:
    pitch = np.full(len(at), float(notes[0].pitch))
    for before, note in itertools.pairwise(notes):
        start = note.start_s - GLIDE_BEFORE * glide_s
        way = np.clip((at - start) / max(glide_s, FRAME_S), 0.0, 1.0)
        pitch += (note.pitch - before.pitch) * way * way * (3.0 - 2.0 * way)
    return pitch


def _vibrato(note: SungNote, at: Curve, singer: Singer, seed: int) -> Curve:
    if note.end_s - note.start_s < LONG_NOTE_S:
        return np.zeros(len(at))
    rng = np.random.default_rng(seed)
    rate = singer.vibrato_hz * (1.0 + 0.04 * rng.standard_normal())
    since = at - note.start_s
    depth = np.clip((since - VIBRATO_FROM_S) / VIBRATO_FADES_IN_S, 0.0, 1.0)
    depth *= (since > 0.0) & (at < note.end_s)
    wave = np.sin(2.0 * np.pi * rate * (since - VIBRATO_FROM_S))
    return np.asarray(singer.vibrato_cents * depth * wave)


def _scoop(note: SungNote, at: Curve) -> Curve:
    """Come up to the first note from below."""
    left = np.clip(1.0 - (at - note.start_s) / SCOOP_S, 0.0, 1.0)
    return np.asarray(-SCOOP_CENTS * left**2)


def _fall(note: SungNote, at: Curve) -> Curve:
    """Let the last note go downwards."""
    return np.asarray(-FALL_CENTS * np.clip((at - note.end_s + 0.02) / FALL_S, 0.0, 1.0))
