"""When everything is sung: words for the lyrics file, and phones for the singer.

A vowel begins on its note. The consonants before it borrow their time from the note before, those
after it end where the next syllable's begin, and the vowel takes all that is left.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from domain.score import LyricLine, Score
from media.lyrics.words import words_in
from media.voice.phonemes import Phone

SHORTEST_CONSONANT_S = 0.028
LONGEST_CONSONANT_S = 0.16
CONSONANT_STRETCH = 1.0
# What consonants must leave of the way from one vowel to the next.
VOWEL_SHARE = 0.45
# Shorter gaps between notes are sung through, longer ones are rests.
REST_S = 0.22
GLIDE_SHARE = 0.35


@dataclass(frozen=True)
class WordTime:
    """A word as sung, in seconds from the start of the song; `line` counts through the lyrics."""

    text: str
    line: int
    start_s: float
    end_s: float


@dataclass(frozen=True)
class SungNote:
    """The note of one syllable in seconds from the start of the song."""

    start_s: float
    end_s: float
    pitch: int
    velocity: int


@dataclass(frozen=True)
class TimedPhone:
    """A phone with its place in time."""

    phone: Phone
    start_s: float
    end_s: float


def sung_notes(score: Score, line: LyricLine) -> tuple[SungNote, ...]:
    """The notes of a line's syllables, one each."""
    notes = score.vocal.notes if score.vocal else ()
    found = []
    for syllable in line.syllables:
        note = notes[syllable.note]
        start, end = score.seconds(note.start), score.seconds(note.start + note.duration)
        found.append(SungNote(start, end, note.pitch, note.velocity))
    return tuple(found)


def word_times(score: Score) -> tuple[WordTime, ...]:
    """Every word of the lyrics with its time, in the order of the lyrics."""
    times = []
    for number, line in enumerate(score.lyrics):
        words = words_in(line.text)
        notes = sung_notes(score, line)
        spans: dict[int, list[SungNote]] = {}
        for syllable, note in zip(line.syllables, notes, strict=True):
            spans.setdefault(syllable.word, []).append(note)
        for word, sung in spans.items():
            spelled = "".join(s.text for s in line.syllables if s.word == word)
            text = words[word] if word < len(words) else spelled
            times.append(WordTime(text, number, sung[0].start_s, max(n.end_s for n in sung)))
    return tuple(times)


def time_phones(
    phones: Sequence[Phone], natural_s: Sequence[float], notes: Sequence[SungNote]
) -> tuple[TimedPhone, ...]:
    """Place the phones of a line; `natural_s` is how long each would last in speech."""
    lengths = [
        min(max(CONSONANT_STRETCH * natural, SHORTEST_CONSONANT_S), LONGEST_CONSONANT_S)
        for natural in natural_s
    ]
    groups = [
        [at for at, phone in enumerate(phones) if phone.syllable == number]
        for number in range(len(notes))
    ]
    _make_room(phones, lengths, groups, notes)
    timed: list[TimedPhone] = []
    for number, group in enumerate(groups):
        end = _syllable_end(phones, lengths, groups, notes, number)
        timed += _syllable(phones, lengths, group, notes[number].start_s, end)
    return tuple(timed)


def _make_room(
    phones: Sequence[Phone], lengths: list[float], groups: list[list[int]],
    notes: Sequence[SungNote],
) -> None:  # fmt: skip
    """Shorten the consonants between two vowels that are too close for them."""
    for number, (a, b) in enumerate(itertools.pairwise(notes)):
        between = [at for at in groups[number] if phones[at].place == "coda"]
        between += [at for at in groups[number + 1] if phones[at].place == "onset"]
        room = (b.start_s - a.start_s) * (1.0 - VOWEL_SHARE)
        wanted = sum(lengths[at] for at in between)
        if wanted > room:
            for at in between:
                lengths[at] *= room / wanted


def _syllable_end(
    phones: Sequence[Phone], lengths: Sequence[float], groups: Sequence[Sequence[int]],
    notes: Sequence[SungNote], number: int,
) -> float:  # fmt: skip
    note = notes[number]
    coda = sum(lengths[at] for at in groups[number] if phones[at].place == "coda")
    if number + 1 == len(notes):
        return note.end_s + 0.5 * coda
    following = notes[number + 1].start_s - sum(
        lengths[at] for at in groups[number + 1] if phones[at].place == "onset"
    )
    if notes[number + 1].start_s - note.end_s < REST_S:
        return following
    return min(following, note.end_s + 0.5 * coda)


def _syllable(
    phones: Sequence[Phone], lengths: Sequence[float], group: Sequence[int], beat: float,
    end: float,
) -> list[TimedPhone]:  # fmt: skip
    """One syllable whose vowel starts at `beat` and whose last consonant ends at `end`."""
    onset = [at for at in group if phones[at].place == "onset"]
    core = [at for at in group if phones[at].place in ("vowel", "glide")]
    coda = [at for at in group if phones[at].place == "coda"]
    core_end = end - sum(lengths[at] for at in coda)
    room = max(core_end - beat, SHORTEST_CONSONANT_S)
    shares = [room]
    if len(core) > 1:
        closing = min(lengths[core[1]], GLIDE_SHARE * room)
        shares = [room - closing, closing]
    timed = []
    at_s = beat - sum(lengths[at] for at in onset)
    for at, length in [
        *((at, lengths[at]) for at in onset),
        *zip(core, shares, strict=True),
        *((at, lengths[at]) for at in coda),
    ]:
        timed.append(TimedPhone(phones[at], at_s, at_s + length))
        at_s += length
    return timed
