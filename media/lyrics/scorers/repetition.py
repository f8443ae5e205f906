"""Repetition: what a line says again of itself, of the lines before it, and how it begins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from media.lyrics.overlap import word_overlap
from media.lyrics.words import FUNCTION_WORDS, words_in

NEAR_LINES = 4


def last_word(line: str) -> str:
    """The word a line ends with, in lower case; empty when it has none."""
    words = words_in(line.lower())
    return words[-1] if words else ""


def opening_words(line: str, count: int = 2) -> tuple[str, ...]:
    """The words a line begins with, in lower case."""
    return tuple(words_in(line.lower())[:count])


def said_twice(line: str) -> int:
    """How many content words a line says more than once."""
    counts = Counter(w for w in words_in(line.lower()) if w not in FUNCTION_WORDS)
    return sum(count > 1 for count in counts.values())


def tired_words(line: str, before: Sequence[str]) -> int:
    """How many content words stand in two or more earlier lines already."""
    used = Counter(word for other in before for word in set(words_in(other.lower())))
    return sum(used[w] >= 2 and w not in FUNCTION_WORDS for w in set(words_in(line.lower())))


def nearest_overlap(line: str, before: Sequence[str]) -> float:
    """The largest share of content words a line has in common with an earlier one."""
    return max((word_overlap(line, other) for other in before), default=0.0)


def starts_alike(line: str, before: Sequence[str]) -> bool:
    """Whether a line begins like a line near it, or like both lines just before it."""
    starts = [opening_words(other) for other in before[-NEAR_LINES:]]
    mine = opening_words(line)
    return mine in starts or (len(before) > 1 and all(s[:1] == mine[:1] for s in starts[-2:]))


def repeated_openings(lines: Sequence[str]) -> list[int]:
    """The lines of a song that begin with two words another line began with before."""
    seen: set[tuple[str, ...]] = set()
    found = []
    for index, line in enumerate(lines):
        start = opening_words(line)
        if start in seen:
            found.append(index)
        seen.add(start)
    return found
