"""Makes lines singable: drops what no voice can sing, and says what was dropped."""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass

import regex

from media.lyrics.prosody import scan, syllable_count

LONGEST_LINE_SYLLABLES = 14
LONGEST_LINE_CHARACTERS = 2000
# Chord names between words, and the times of an LRC file.
_CHORDS = regex.compile(
    r"[\[(]\s*[A-G][#b♯♭]?(?:m|maj|min|dim|aug|sus|add|\d|/[A-G][#b]?)*\s*[\])]"
    r"|\[\d{1,3}:\d\d(?:[.:]\d{1,3})?\]|<\d{1,3}:\d\d(?:[.:]\d{1,3})?>"
)
# Signs, emoji and format marks, each with the selectors that shape it.
_UNSUNG = regex.compile(
    r"(?:[^\p{L}\p{M}\p{N}\p{P}\s]|\p{Emoji_Presentation}|[\p{Cf}--[\u200c\u200d]])"
    r"[\ufe00-\ufe0f\u20e3]*|[\ufe00-\ufe0f\u20e3]+"
)
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_SPACES = regex.compile(r"\s+")
_BREAKS = ",;:.!?–—…，、。；：！？،؛"


@dataclass(frozen=True, slots=True)
class Dropped:
    """Something that cannot be sung: where it stood (1 is the first line), what, and why."""

    number: int
    text: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.number}: {self.reason}: {self.text[:60]!r}"


@dataclass(frozen=True, slots=True)
class CleanedLyrics:
    """Lines that can be sung, each with its number in the text, and what was dropped."""

    lines: tuple[tuple[int, str], ...]
    dropped: tuple[Dropped, ...]


def clean_lines(text: str) -> CleanedLyrics:
    """Drop lines and signs that nobody can sing: emoji, chords, bare punctuation, empty lines.

    Empty lines are dropped without a word; everything else that goes is listed.
    """
    kept: list[tuple[int, str]] = []
    dropped: list[Dropped] = []
    for number, raw in enumerate(normal(text).split("\n"), start=1):
        line, gone = clean_line(raw)
        if gone and line:
            dropped.append(Dropped(number, gone, "signs that cannot be sung"))
        if line:
            kept.append((number, line))
        elif raw.strip():
            dropped.append(Dropped(number, raw.strip(), "nothing in it can be sung"))
    return CleanedLyrics(tuple(kept), tuple(dropped))


def normal(text: str) -> str:
    """Unicode in composed form with plain line ends and no byte order mark."""
    flat = unicodedata.normalize("NFC", text.removeprefix("\ufeff"))
    return _LINE_ENDS.sub("\n", flat)


def clean_line(raw: str) -> tuple[str, str]:
    """The line without unsingable signs (empty when no word is left), and the signs."""
    without_chords = _CHORDS.sub(" ", raw)
    line = _SPACES.sub(" ", _UNSUNG.sub("", without_chords)).strip()
    gone = " ".join([*_CHORDS.findall(raw), *_UNSUNG.findall(without_chords)]).strip()
    return (line if syllable_count(line) else ""), gone


def broken_up(line: str, most: int = LONGEST_LINE_SYLLABLES) -> tuple[str, ...]:
    """A line in pieces of at most `most` syllables, cut at commas or in the middle.

    A single word longer than that is cut between its syllables.
    """
    if syllable_count(line) <= most:
        return (line,)
    words = line.split()
    if len(words) == 1:
        return _word_in_pieces(line, most)
    at = _best_cut(words)
    halves = (" ".join(words[:at]), " ".join(words[at:]))
    return tuple(
        piece for half in halves for piece in broken_up(half, most) if syllable_count(piece)
    )


def _best_cut(words: list[str]) -> int:
    """The word to cut before: near the middle, rather after a comma than exactly there."""
    counts = [syllable_count(word) for word in words]
    sums = list(itertools.accumulate(counts))
    total = max(1, sums[-1])

    def cost(at: int) -> float:
        off_centre = abs(sums[at - 1] / total - 0.5)
        return off_centre - (0.25 if words[at - 1][-1] in _BREAKS else 0.0)

    return min(range(1, len(words)), key=cost)


def _word_in_pieces(word: str, most: int) -> tuple[str, ...]:
    syllables = [s.text for s in scan(word)]
    return tuple(
        "".join(syllables[start : start + most]) for start in range(0, len(syllables), most)
    )
