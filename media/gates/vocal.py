"""Gates on the singer alone: is the voice there, on pitch, and can the words be understood?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyworld
import soxr

from domain.genre import GenrePack
from domain.quality import GateResult, not_applicable
from domain.score import Note, Score
from media.gates.ranges import excuse, judge
from media.sound import Curve, Sound

NAMES = ("vocal_presence", "vocal_pitch", "vocal_tuning", "words")
TRACKING_RATE_HZ = 16_000
LOWEST_HZ, HIGHEST_HZ = 60.0, 1100.0
FRAME_S = 0.005
IN_TUNE_CENTS = 50.0
# A note sounds when its loudest stretch comes this near to the voice's usual level.
PRESENT_DB, QUIETEST_DB = -30.0, -60.0
LEVEL_FRAME_S = 0.02
FEWEST_VOICED_FRAMES = 50

# Word error of the sung lines, 0 to 1 and above, as some listener hears them; given the dry
# voice, its sample rate and the score.
WordError = Callable[[Sound, int, Score], float]


@dataclass(frozen=True)
class Sung:
    """The dry voice, one channel on the song's time line."""

    samples: Sound
    rate_hz: int


def check_vocal(
    dry_vocal: Sound | None, rate_hz: int, score: Score, pack: GenrePack,
    word_error: WordError | None = None,
) -> tuple[GateResult, ...]:  # fmt: skip
    """Judge the dry lead vocal against the score; `word_error` is a listener."""
    if dry_vocal is None:
        return tuple(not_applicable(name, "nobody sings in this song") for name in NAMES)
    notes = _sung_notes(score)
    if not notes:
        return tuple(not_applicable(name, "the score gives the singer no words") for name in NAMES)
    sung = Sung(np.asarray(dry_vocal, np.float32).mean(axis=0), rate_hz)
    return (
        _presence(sung, score, notes, pack),
        *_pitch(sung, score, notes, pack),
        _words(dry_vocal, rate_hz, score, pack, word_error),
    )


def _sung_notes(score: Score) -> list[Note]:
    if score.vocal is None:
        return []
    places = sorted({s.note for line in score.lyrics for s in line.syllables})
    return [score.vocal.notes[place] for place in places]


def _presence(sung: Sung, score: Score, notes: list[Note], pack: GenrePack) -> GateResult:
    """Share of the written notes during which the voice sounds."""
    hop = int(LEVEL_FRAME_S * sung.rate_hz)
    frames = len(sung.samples) // hop
    power = np.square(sung.samples[: frames * hop], dtype=np.float64).reshape(frames, hop)
    level = 10.0 * np.log10(power.mean(axis=1) + 1e-12)
    spans = [_span(note, score, LEVEL_FRAME_S) for note in notes]
    loudest = np.array([level[first:last].max(initial=-120.0) for first, last in spans])
    floor = max(QUIETEST_DB, float(np.percentile(loudest, 75)) + PRESENT_DB)
    share = float(np.mean(loudest > floor))
    return judge(pack, "vocal_presence", share, "share of sung notes in which the voice sounds")


def _span(note: Note, score: Score, frame_s: float) -> tuple[int, int]:
    first = int(score.seconds(note.start) / frame_s)
    return first, max(first + 1, int(score.seconds(note.start + note.duration) / frame_s))


def _pitch(
    sung: Sung, score: Score, notes: list[Note], pack: GenrePack
) -> tuple[GateResult, GateResult]:
    hertz = _track(sung)
    target = np.full(len(hertz), np.nan)
    for note in notes:
        first, last = _span(note, score, FRAME_S)
        target[first:last] = note.pitch
    used = (hertz > 0.0) & np.isfinite(target)
    off = np.abs(1200.0 * np.log2(hertz[used] / 440.0) - 100.0 * (target[used] - 69.0))
    enough = len(off) >= FEWEST_VOICED_FRAMES
    share = float(np.mean(off <= IN_TUNE_CENTS)) if enough else np.nan
    median = float(np.median(off)) if enough else np.nan
    what = f"share of voiced moments within {IN_TUNE_CENTS:.0f} cents of the written note"
    return (
        judge(pack, "vocal_pitch", share, what),
        judge(pack, "vocal_tuning", median, "usual distance from the written note", "cents"),
    )


def _track(sung: Sung) -> Curve:
    """Fundamental frequency a frame, 0 where nothing is voiced."""
    samples = soxr.resample(sung.samples, sung.rate_hz, TRACKING_RATE_HZ).astype(np.float64)
    rough, times = pyworld.dio(
        samples, TRACKING_RATE_HZ, LOWEST_HZ, HIGHEST_HZ, frame_period=1000.0 * FRAME_S
    )
    return np.asarray(pyworld.stonemask(samples, rough, times, TRACKING_RATE_HZ))


def _words(
    dry_vocal: Sound, rate_hz: int, score: Score, pack: GenrePack, word_error: WordError | None
) -> GateResult:
    if no := excuse(pack, "words"):
        return no
    if word_error is None:
        return not_applicable("words", "no speech recogniser is installed to listen with")
    error = word_error(dry_vocal, rate_hz, score)
    return judge(pack, "words", error, "share of words misheard from the voice alone")
