"""The singer: a score and a voice become dry vocal stems.

Every line is spoken once by the network and taken apart once; lead, doubles and harmony are sung
from that take. Lines that repeat with the same words and notes are sung once and placed again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
import soxr

from domain.genre import GenrePack
from domain.score import Score
from domain.singer import Singer
from media.sound import Curve, Sound, decibels, silence
from media.voice.lines import Line, harmonised, read_lines
from media.voice.phonemes import Phone
from media.voice.pitch import Inflection, pitch_curve
from media.voice.speech import Speaker
from media.voice.stems import VocalPart, VocalStem
from media.voice.take import FRAME_S, Take, take_apart
from media.voice.timing import TimedPhone, time_phones
from media.voice.touch import loudness_curve
from media.voice.vocoder import vocode
from media.voice.world import Manner, sing_take

SHORTEST_SPOKEN_VOWEL_S = 0.2
# A take holds about 3 MB; a song has some twenty different lines, a wild one hundreds.
TAKES_KEPT = 48
RUN_IN_S, RUN_OUT_S = 0.06, 0.12


@dataclass(frozen=True)
class Hand:
    """How one part differs from the lead: detune, wander, delay, and where it is heard."""

    part: VocalPart
    level_db: float = 0.0
    pan: float = 0.0
    cents: float = 0.0
    wander_cents: float = 5.0
    loose_s: float = 0.0
    formant: float = 1.0
    breath: float = 0.0


LEAD = Hand("lead")
DOUBLES = (
    Hand("double_left", -9.0, -0.75, -6.0, 9.0, 0.018, 0.97, 0.05),
    Hand("double_right", -9.0, 0.75, 5.0, 9.0, 0.018, 1.03, 0.05),
)
HARMONY = Hand("harmony", -7.0, 0.3, 0.0, 7.0, 0.012, 1.02, 0.05)


def sing(
    score: Score, pack: GenrePack, singer: Singer, model: Path, samples: int, sample_rate_hz: int
) -> Iterator[VocalStem]:
    """Sing a score: the lead first, then what the pack asks for; each stem has `samples`.

    Nothing comes when the score has no words. `model` comes from `media.voice.model.prepare`.
    """
    lines = read_lines(score)
    if not lines:
        return
    choir = Choir(Speaker(model), singer, sample_rate_hz)
    lead = choir.stem(LEAD, lines, samples)
    yield lead
    if pack.vocal.vocoder > 0.0:
        shaped = vocode(lead.sound, score, sample_rate_hz, crc32(f"{score.seed}:vocoder".encode()))
        yield VocalStem("vocoder", shaped, decibels(pack.vocal.vocoder), 0.0)
        del shaped
    del lead
    doubled = [line for line in lines if line.section in pack.vocal.doubles_in]
    for hand in DOUBLES if doubled else ():
        yield choir.stem(hand, doubled, samples)
    second = [
        harmonised(line) for line in lines
        if line.section in pack.vocal.harmonies_in and line.harmony
    ]  # fmt: skip
    if second:
        yield choir.stem(HARMONY, second, samples)


class Choir:
    """Sings lines in several hands and remembers the latest takes."""

    def __init__(self, speaker: Speaker, singer: Singer, sample_rate_hz: int) -> None:
        self._speaker = speaker
        self._singer = singer
        self._rate = sample_rate_hz
        self._takes: dict[tuple[Phone, ...], Take] = {}

    def stem(self, hand: Hand, lines: Sequence[Line], samples: int) -> VocalStem:
        """One part over the whole song."""
        sound = silence(samples, channels=1)
        times = Counter(line.key for line in lines)
        again: dict[tuple[object, ...], Sound] = {}
        for line in lines:
            sung = again.get(line.key)
            if sung is None:
                sung = self._line(hand, line)
            if times[line.key] > 1:
                again[line.key] = sung
            _place(sound, sung, round((line.begins_s - _run_in(line)) * self._rate))
        return VocalStem(hand.part, sound, hand.level_db, hand.pan)

    def _line(self, hand: Hand, line: Line) -> Sound:
        take = self._take(line.phones)
        seed = crc32(repr((hand.part, line.key)).encode())
        timed = time_phones(line.phones, take.lengths_s.tolist(), line.notes)
        timed = _loosened(timed, hand.loose_s, seed)
        start = -_run_in(line)
        frames = int(np.ceil((timed[-1].end_s + RUN_OUT_S - start) / FRAME_S))
        inflection = Inflection(seed, hand.cents, hand.wander_cents)
        pitch = pitch_curve(line.notes, start, frames, self._singer, inflection)
        manner = Manner(self._singer.formant * hand.formant, self._singer.breath + hand.breath)
        sung = sing_take(take, timed, pitch, start, manner)
        sung *= loudness_curve(line.notes, timed, start, len(sung), take.sample_rate_hz)
        return _at_rate(sung, take.sample_rate_hz, self._rate)

    def _take(self, phones: tuple[Phone, ...]) -> Take:
        take = self._takes.pop(phones, None)
        if take is None:
            take = take_apart(self._speaker.speak(phones, SHORTEST_SPOKEN_VOWEL_S), phones)
        self._takes[phones] = take
        if len(self._takes) > TAKES_KEPT:
            del self._takes[next(iter(self._takes))]
        return take


def _run_in(line: Line) -> float:
    """Time before the first note for its consonants, on the grid of frames."""
    onset = sum(1 for phone in line.phones if phone.syllable == 0 and phone.place == "onset")
    return float(np.ceil((RUN_IN_S + 0.17 * onset) / FRAME_S) * FRAME_S)


def _loosened(timed: Sequence[TimedPhone], loose_s: float, seed: int) -> tuple[TimedPhone, ...]:
    """Shift every phone a little, neighbours staying joined and none losing half its length."""
    if not loose_s:
        return tuple(timed)
    rng = np.random.default_rng(seed)
    shift = rng.uniform(-loose_s, loose_s, len(timed) + 1)
    edges = [float(timed[0].start_s + shift[0])]
    moved: list[TimedPhone] = []
    for here, phone in enumerate(timed):
        start = edges[-1] if here == 0 else max(edges[-1], phone.start_s + float(shift[here]))
        if here and phone.start_s - timed[here - 1].end_s < FRAME_S:
            start = edges[-1]
        shortest = 0.5 * (phone.end_s - phone.start_s)
        end = max(start + shortest, phone.end_s + float(shift[here + 1]))
        moved.append(TimedPhone(phone.phone, start, end))
        edges.append(end)
    return tuple(moved)


def _at_rate(samples: Curve, rate_hz: int, wanted_hz: int) -> Sound:
    resampled = soxr.resample(samples.astype(np.float32), rate_hz, wanted_hz)
    return np.asarray(resampled, dtype=np.float32)[None, :]


def _place(sound: Sound, line: Sound, at: int) -> None:
    """Add a line at a sample, cut where it leaves the song."""
    start, stop = max(0, at), min(sound.shape[1], at + line.shape[1])
    if start < stop:
        sound[:, start:stop] += line[:, start - at : stop - at]
