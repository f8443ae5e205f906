"""What a simulated listener can notice of a finished work, measured (tests and studies only).

Every component is measured on what was rendered or written, by the parts that the gates and the
reports use. Each is scaled so that usual works lie between -1 and 1; what cannot be measured (no
words, no score, no cover) is 0, the middle, which tastes neither like nor dislike.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

import numpy as np
from numpy.typing import NDArray

from domain.errors import InvalidInput
from domain.score import Score
from media.analysis import ONSET_RATE_HZ, mono, onset_curve, spectral_centroid_hz, spectrogram
from media.loudness import measure as measure_loudness
from media.lyrics.overlap import vocabulary_share
from media.lyrics.scorers.rhyming import rhyme_kind
from media.pictures.colour import to_oklab
from media.sound import Sound, decibels, require_sound
from media.theory import BRIGHTNESS

Vector = NDArray[np.float64]
# Beyond this a component says "far out" and no more: silence must not outweigh all else.
FURTHEST = 3.0
LATEST_WORKS = 5
COVER_SIDE_PX = 64
FRAME, HOP = 2048, 1024


@dataclass(frozen=True, eq=False)
class Rendered:
    """A finished work as it reaches a listener; picture (height, width, 3), 8 bits."""

    sound: Sound
    sample_rate_hz: int
    score: Score | None = None
    cover: NDArray[np.uint8] | None = None
    lyrics: tuple[str, ...] = ()


@dataclass(frozen=True)
class Component:
    """One measured property: its usual middle and how far from it usual works go."""

    name: str
    unit: str
    middle: float
    reach: float

    def scaled(self, value: float | None) -> float:
        """The value in units of the usual reach, kept within `FURTHEST`; None is the middle."""
        if value is None:
            return 0.0
        return max(-FURTHEST, min(FURTHEST, (value - self.middle) / self.reach))


COMPONENTS = (
    Component("tempo", "octaves from 60 bpm", 0.75, 0.6),
    Component("harmony", "brightness of the mode", 0.0, 0.8),
    Component("chords", "tones of a chord", 3.7, 0.7),
    Component("notes", "octaves of notes a second", 4.0, 1.3),
    Component("singing", "share of the time", 0.5, 0.4),
    Component("loudness", "LUFS", -14.0, 12.0),
    Component("dynamics", "dB between peak and mean", 13.0, 4.0),
    Component("attacks", "a second", 3.0, 1.5),
    Component("spectrum", "octaves of its centre from 1 kHz", 1.0, 0.7),
    Component("noisiness", "flatness of the spectrum, log10", -2.1, 0.8),
    Component("rhyme", "share of lines that rhyme", 0.6, 0.4),
    Component("words", "different words a word", 0.8, 0.2),
    Component("light", "lightness of the cover", 0.45, 0.25),
    Component("colour", "chroma of the cover", 0.08, 0.05),
    Component("newness", "distance to the latest works", 0.5, 0.4),
)
NAMES = tuple(component.name for component in COMPONENTS)
INDEX = {name: place for place, name in enumerate(NAMES)}


@dataclass(frozen=True, eq=False)
class Features:
    """The measured components of one work, scaled, in the order of `NAMES`."""

    vector: Vector

    def __getitem__(self, name: str) -> float:
        """One component by name."""
        return float(self.vector[INDEX[name]])


def measure(work: Rendered, earlier: Sequence[Features] = ()) -> Features:
    """Measure a work; `earlier` are the artist's works before it, oldest first.

    Raises `InvalidInput` when the sound is not float32 with channels first, or is empty.
    """
    require_sound(work.sound)
    if not work.sound.shape[1]:
        raise InvalidInput(
            "the work has no sound", field="sound", remedy="Render it before it is measured."
        )
    found = {**_of_sound(work.sound, work.sample_rate_hz), **_of_score(work.score)}
    found |= {**_of_words(work.lyrics), **_of_cover(work.cover)}
    vector = np.array([c.scaled(found.get(c.name)) for c in COMPONENTS])
    newness = COMPONENTS[INDEX["newness"]]
    vector[INDEX["newness"]] = newness.scaled(_newness(vector, earlier))
    return Features(vector)


def _of_sound(sound: Sound, sample_rate_hz: int) -> dict[str, float]:
    loudness = {"loudness": measure_loudness(sound, sample_rate_hz).integrated_lufs}
    signal = mono(sound, sample_rate_hz)
    level = float(np.sqrt(np.mean(np.square(signal, dtype=np.float64))))
    if level == 0.0:
        return loudness
    power = spectrogram(signal, FRAME, HOP)
    rise = onset_curve(signal)
    above = rise > rise.mean() + rise.std()
    attacks = int(np.count_nonzero(above[1:] & ~above[:-1]))
    return loudness | {
        "dynamics": decibels(float(np.abs(signal).max())) - decibels(level),
        "attacks": attacks * ONSET_RATE_HZ / len(rise),
        "spectrum": math.log2(max(spectral_centroid_hz(signal), 1.0) / 1000.0),
        "noisiness": math.log10(_flatness(power)),
    }


def _flatness(power: Vector) -> float:
    """Geometric over arithmetic mean of the power spectrum (Johnston 1988): 1 is white noise."""
    total = power.sum(axis=1)
    loud = power[total > 0.01 * total.max()][:, 1:] + 1e-12
    ratio = np.exp(np.log(loud).mean(axis=1)) / loud.mean(axis=1)
    return float(np.mean(ratio))


def _of_score(score: Score | None) -> dict[str, float]:
    if score is None:
        return {}
    notes = sum(len(track.notes) for track in score.tracks)
    sung = sum(note.duration for note in score.vocal.notes) if score.vocal else 0.0
    found = {
        "tempo": math.log2(score.tempo_bpm / 60.0),
        "harmony": BRIGHTNESS[score.mode],
        "notes": math.log2(max(notes, 1) / score.duration_s),
        "singing": min(1.0, sung / score.beats),
    }
    if score.chords:
        found["chords"] = mean(len(chord.pitch_classes) for chord in score.chords)
    return found


def _of_words(lines: Sequence[str]) -> dict[str, float]:
    if len(lines) < 2:
        return {}
    return {"rhyme": _rhyming(lines), "words": vocabulary_share(lines)}


def _rhyming(lines: Sequence[str]) -> float:
    """Share of the lines that rhyme with one of the two before or after them."""
    rhymed = {
        place
        for by in (1, 2)
        for i in range(len(lines) - by)
        if rhyme_kind(lines[i], lines[i + by]) in ("perfect", "slant")
        for place in (i, i + by)
    }
    return len(rhymed) / len(lines)


def _of_cover(cover: NDArray[np.uint8] | None) -> dict[str, float]:
    """Mean lightness and chroma in OKLab of pixels on a coarse grid."""
    if cover is None:
        return {}
    step = max(1, cover.shape[0] // COVER_SIDE_PX)
    lab = to_oklab(cover[::step, ::step].astype(np.float32) / 255).reshape(-1, 3)
    return {
        "light": float(lab[:, 0].mean()),
        "colour": float(np.hypot(lab[:, 1], lab[:, 2]).mean()),
    }


def _newness(vector: Vector, earlier: Sequence[Features]) -> float | None:
    """Root mean square distance to the nearest of the artist's latest works."""
    rest = [place for name, place in INDEX.items() if name != "newness"]
    gaps = [
        float(np.sqrt(np.mean((vector - other.vector)[rest] ** 2)))
        for other in earlier[-LATEST_WORKS:]
    ]
    return min(gaps, default=None)
