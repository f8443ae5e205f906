"""Gates on the singer alone: is the voice there, on pitch, and can the words be understood?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from domain.genre import GenrePack
from domain.quality import GateResult, not_applicable
from domain.score import Note, Score
from media.gates.ranges import excuse, judge
from media.sound import Sound
from media.voice.measure import f0_share_within

NAMES = ("vocal_presence", "vocal_pitch", "vocal_tuning", "words")
# Off the note; and the usual distance of a voice that is well in tune.
IN_TUNE_CENTS, PURE_CENTS = 50.0, 15.0
# A note sounds when its loudest stretch comes this near to the voice's usual level.
PRESENT_DB, QUIETEST_DB = -30.0, -60.0
LEVEL_FRAME_S = 0.02

# Word error of the sung lines, 0 to 1 and above, as some listener hears them; given the dry
# voice, its sample rate and the score.
WordError = Callable[[Sound, int, Score], float]


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
    return (
        _presence(dry_vocal.mean(axis=0), rate_hz, score, notes, pack),
        *_pitch(dry_vocal, rate_hz, score, pack),
        _words(dry_vocal, rate_hz, score, pack, word_error),
    )


def _sung_notes(score: Score) -> list[Note]:
    if score.vocal is None:
        return []
    places = sorted({s.note for line in score.lyrics for s in line.syllables})
    return [score.vocal.notes[place] for place in places]


def _presence(
    voice: Sound, rate_hz: int, score: Score, notes: Sequence[Note], pack: GenrePack
) -> GateResult:
    """Share of the written notes during which the voice sounds."""
    hop = int(LEVEL_FRAME_S * rate_hz)
    frames = len(voice) // hop
    power = np.square(voice[: frames * hop], dtype=np.float64).reshape(frames, hop).mean(axis=1)
    level_db = 10.0 * np.log10(power + 1e-12)
    loudest = np.array([level_db[_frames(note, score)].max(initial=-120.0) for note in notes])
    floor = max(QUIETEST_DB, float(np.percentile(loudest, 75)) + PRESENT_DB)
    share = float(np.mean(loudest > floor))
    return judge(pack, "vocal_presence", share, "share of sung notes in which the voice sounds")


def _frames(note: Note, score: Score) -> slice:
    first = int(score.seconds(note.start) / LEVEL_FRAME_S)
    return slice(
        first, max(first + 1, int(score.seconds(note.start + note.duration) / LEVEL_FRAME_S))
    )


def _pitch(
    dry_vocal: Sound, rate_hz: int, score: Score, pack: GenrePack
) -> tuple[GateResult, GateResult]:
    near = f0_share_within(dry_vocal, rate_hz, score, IN_TUNE_CENTS)
    pure = f0_share_within(dry_vocal, rate_hz, score, PURE_CENTS)
    what = "share of voiced moments within {:.0f} cents of the written note"
    return (
        judge(pack, "vocal_pitch", near, what.format(IN_TUNE_CENTS)),
        judge(pack, "vocal_tuning", pure, what.format(PURE_CENTS)),
    )


def _words(
    dry_vocal: Sound, rate_hz: int, score: Score, pack: GenrePack, word_error: WordError | None
) -> GateResult:
    if no := excuse(pack, "words"):
        return no
    if word_error is None:
        return not_applicable("words", "no speech recogniser is installed to listen with")
    error = word_error(dry_vocal, rate_hz, score)
    return judge(pack, "words", error, "share of words misheard from the voice alone")
