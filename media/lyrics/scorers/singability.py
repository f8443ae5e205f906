"""Singability: vowels that can be held at a line's end, few consonants in a heap."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import lru_cache
from statistics import mean

from media.lyrics.words import VOWELS, pronounce, words_in

# How freely a vowel can be held on a long note (Miller, The Structure of Singing, 1986: open and
# back vowels carry; neutral and short ones do not). Diphthongs are held on their first part.
_OPENNESS = {
    "ɑ": 1.0, "ɔ": 1.0, "O": 1.0, "I": 0.95, "W": 0.9, "A": 0.9, "Y": 0.9, "æ": 0.85, "a": 0.95,
    "u": 0.8, "i": 0.75, "e": 0.8, "o": 1.0, "ɛ": 0.6, "ʌ": 0.6, "ɒ": 0.95, "ɜ": 0.5, "ɪ": 0.4,
    "ʊ": 0.4, "ə": 0.2, "ᵊ": 0.1, "ᵻ": 0.2, "ɚ": 0.3, "ɐ": 0.5,
}  # fmt: skip
_MARKS = "ˈˌ"
_STOPPED = frozenset("ptkbdgʧʤɡ")
_STOP_COST = 0.15
WORST_CLUSTER = 6


def end_openness(line: str) -> float:
    """How well the last stressed vowel of a line can be held, 0 to 1."""
    words = words_in(line.lower())
    sound = pronounce(words[-1]) if words else ""
    if not sound:
        return 0.0
    stressed = max((i for i, s in enumerate(sound) if s == "ˈ"), default=0)
    tail = [s for s in sound[stressed:] if s not in _MARKS]
    vowel = next((s for s in tail if s in VOWELS), None)
    if vowel is None:
        return 0.0
    closed = tail[-1] in _STOPPED
    return max(0.0, _OPENNESS.get(vowel, 0.5) - (_STOP_COST if closed else 0.0))


def heaviest_cluster(line: str) -> int:
    """The most consonants in a row, across the words, as in `strengths stretched`."""
    sound = "".join(pronounce(word) for word in words_in(line.lower()))
    groups = itertools.groupby((s for s in sound if s not in _MARKS), key=lambda s: s in VOWELS)
    return max((len(list(group)) for is_vowel, group in groups if not is_vowel), default=0)


@lru_cache(maxsize=8192)
def singability(line: str) -> float:
    """How easily a line is sung, 0 to 1: an open end and no heap of consonants."""
    heap = max(0, heaviest_cluster(line) - 2) / (WORST_CLUSTER - 2)
    return 0.6 * end_openness(line) + 0.4 * (1.0 - min(1.0, heap))


def mean_openness(lines: Sequence[str]) -> float:
    """Mean openness of the ends of some lines."""
    return mean(end_openness(line) for line in lines) if lines else 0.0
