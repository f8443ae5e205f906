"""Is the singer in tune? Measured on the sound alone, against the notes of the score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyworld
import soxr

from domain.score import Score
from media.sound import Curve, Sound
from media.voice.timing import SungNote, sung_notes

_RATE_HZ = 16_000
_FRAME_S = 0.005
_FLOOR_HZ, _CEILING_HZ = 60.0, 1100.0
# A singer glides between notes, so the borders of a note belong to nobody.
EDGE_S = 0.06
# A voice sounds in most of its notes; noise and silence do not.
LEAST_VOICED_SHARE = 0.3
_MARGIN_S = 0.2
# DIO follows a held vowel an octave up when its formant sits on the second harmonic. The first
# harmonic then lies at half the pitch, where a voice that really sings up there has nothing.
_DOUBLED_FROM_HZ = 400.0
_HALF_IS_HEARD_DB = -22.0
_HARMONICS_WINDOW = 1024

Spectra = npt.NDArray[np.complexfloating]
Tracker = Literal["dio", "harvest"]


def f0_share_within(
    sound: Sound, sample_rate_hz: int, score: Score, cents: float = 50.0, tracker: Tracker = "dio"
) -> float:
    """Share of the voiced frames inside sung notes that are within `cents` of the note.

    `sound` is a dry vocal on the song's time line. 0 when too little of it is voiced to be
    singing, or when the score has no sung notes. Harvest, the other tracker, is thirty times
    slower and takes more of the consonants for voiced.
    """
    mono = sound.mean(axis=0)
    frames = good = voiced = 0
    for notes in _lines(score):
        start_s = max(0.0, notes[0].start_s - _MARGIN_S)
        heard = _heard(mono, sample_rate_hz, start_s, notes[-1].end_s + _MARGIN_S, tracker)
        off, inside = _off_cents(heard, start_s, notes)
        frames += inside
        voiced += len(off)
        good += int(np.count_nonzero(np.abs(off) <= cents))
    if not frames or voiced < LEAST_VOICED_SHARE * frames:
        return 0.0
    return good / voiced


def _lines(score: Score) -> list[tuple[SungNote, ...]]:
    return [notes for line in score.lyrics if (notes := sung_notes(score, line))]


def _heard(mono: Sound, rate_hz: int, start_s: float, end_s: float, tracker: Tracker) -> Curve:
    """Pitch of a stretch, a value each frame, 0 where nothing is voiced."""
    stretch = mono[int(start_s * rate_hz) : int(end_s * rate_hz)]
    if len(stretch) < rate_hz * _MARGIN_S:
        return np.zeros(1)
    samples = np.ascontiguousarray(soxr.resample(stretch, rate_hz, _RATE_HZ), dtype=np.float64)
    track = pyworld.dio if tracker == "dio" else pyworld.harvest
    pitch, times = track(
        samples, _RATE_HZ, f0_floor=_FLOOR_HZ, f0_ceil=_CEILING_HZ, frame_period=1000.0 * _FRAME_S
    )
    return _octaves_mended(samples, np.asarray(pyworld.stonemask(samples, pitch, times, _RATE_HZ)))


def _octaves_mended(samples: Curve, pitch: Curve) -> Curve:
    """Halve the pitch of high frames that have a harmonic at half of it."""
    padded = np.pad(samples, _HARMONICS_WINDOW // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, _HARMONICS_WINDOW)
    frames = windows[:: round(_FRAME_S * _RATE_HZ)]
    high = np.flatnonzero(pitch[: len(frames)] > _DOUBLED_FROM_HZ)
    spectra = np.fft.rfft(frames[high] * np.blackman(_HARMONICS_WINDOW), axis=1)
    half = _level_at(spectra, 0.5 * pitch[high])
    whole = _level_at(spectra, pitch[high])
    doubled = high[half > whole * 10.0 ** (_HALF_IS_HEARD_DB / 20.0)]
    mended = pitch.copy()
    mended[doubled] *= 0.5
    return mended


def _level_at(spectra: Spectra, hertz: Curve) -> Curve:
    """Each frame's level at its own frequency: the strongest of the three bins around it."""
    place = np.round(hertz * _HARMONICS_WINDOW / _RATE_HZ).astype(int)
    rows = np.arange(len(spectra))
    return np.asarray(np.abs([spectra[rows, place + off] for off in (-1, 0, 1)]).max(axis=0))


def _off_cents(pitch: Curve, start_s: float, notes: Sequence[SungNote]) -> tuple[Curve, int]:
    """How far the voiced frames of the notes are off, and how many frames the notes have."""
    at = start_s + _FRAME_S * np.arange(len(pitch))
    off, inside = [np.zeros(0)], 0
    for note in notes:
        own = (at >= note.start_s + EDGE_S) & (at <= note.end_s - EDGE_S)
        inside += int(np.count_nonzero(own))
        heard = pitch[own & (pitch > 0.0)]
        wanted = 440.0 * 2.0 ** ((note.pitch - 69) / 12.0)
        off.append(1200.0 * np.log2(heard / wanted))
    return np.concatenate(off), inside
