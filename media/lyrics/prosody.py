"""A line as sung: its syllables in order, with the stress a singer would give them."""

from __future__ import annotations

from dataclasses import dataclass

from media.lyrics.words import HALF_STRESSED, STRESSED, syllabify, words_in


@dataclass(frozen=True)
class LineSyllable:
    """A syllable inside a line; `opens` marks the first syllable of its word."""

    text: str
    stress: int
    word: int
    opens: bool


def scan(line: str, language: str | None = None) -> tuple[LineSyllable, ...]:
    """Scan a line into syllables with metrical stress; approximate outside English.

    Without `language` Latin letters are read as English, other scripts by their spelling.
    """
    found = []
    for index, word in enumerate(words_in(line)):
        for place, syllable in enumerate(syllabify(word, language)):
            found.append(LineSyllable(syllable.text, syllable.stress, index, place == 0))
    return _relax(found)


def _relax(syllables: list[LineSyllable]) -> tuple[LineSyllable, ...]:
    """Demote the middle of three strong syllables in a row, as a singer does."""
    relaxed = list(syllables)
    for here in range(1, len(relaxed) - 1):
        trio = relaxed[here - 1 : here + 2]
        if all(s.stress == STRESSED for s in trio):
            middle = trio[1]
            relaxed[here] = LineSyllable(middle.text, HALF_STRESSED, middle.word, middle.opens)
    return tuple(relaxed)


def syllable_count(line: str, language: str | None = None) -> int:
    """How many notes a line needs."""
    return len(scan(line, language))


def line_fit(line: str, target_syllables: int, language: str | None = None) -> float:
    """How well a line's length suits a target: 1 when equal, 0 when off by half or more."""
    if target_syllables < 1:
        raise ValueError("target_syllables must be at least 1")
    off = abs(syllable_count(line, language) - target_syllables) / target_syllables
    return max(0.0, 1.0 - 2.0 * off)
