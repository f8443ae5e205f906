"""Rhyme, heard rather than spelled."""

from __future__ import annotations

from difflib import SequenceMatcher

from media.lyrics.words import VOWELS, pronounce, words_in

IDENTICAL_WORD = 0.3


def rhyme_score(first: str, second: str) -> float:
    """How well the last words of two lines rhyme, 0 to 1.

    A perfect rhyme scores 1, a shared vowel (assonance) about a half, the same word twice only
    `IDENTICAL_WORD`, because repeating is not rhyming.
    """
    a, b = _last_word(first), _last_word(second)
    if not a or not b:
        return 0.0
    if a == b:
        return IDENTICAL_WORD
    tail_a, tail_b = _tail(pronounce(a)), _tail(pronounce(b))
    if tail_a == tail_b:
        return 1.0
    vowels_a = [s for s in tail_a if s in VOWELS]
    vowels_b = [s for s in tail_b if s in VOWELS]
    likeness = SequenceMatcher(None, tail_a, tail_b).ratio()
    return 0.4 * (vowels_a[:1] == vowels_b[:1]) + 0.5 * likeness


def _last_word(line: str) -> str:
    words = words_in(line.lower())
    return words[-1] if words else ""


def _tail(sound: str) -> str:
    """From the last stressed vowel to the end, marks removed."""
    starts = [i for i, s in enumerate(sound) if s in "ˈˌ"]
    tail = sound[starts[-1] :] if starts else sound
    first_vowel = next((i for i, s in enumerate(tail) if s in VOWELS), 0)
    return tail[first_vowel:].replace("ˈ", "").replace("ˌ", "")
