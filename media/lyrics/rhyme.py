"""Rhyme, heard rather than spelled."""

from __future__ import annotations

from difflib import SequenceMatcher

from media.lyrics.orthography import plain_letters
from media.lyrics.words import VOWELS, pronounce, words_in

IDENTICAL_WORD = 0.3
KINDRED_BONUS = 0.15  # `home` and `alone`: the same vowel before consonants of one family.
_FAMILIES = {
    sound: family
    for family, sounds in enumerate(("mnŋ", "pbtdkɡg", "fvθðszʃʒ", "lɹ", "ʧʤ"))
    for sound in sounds
}


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
    tail_a, tail_b = _tail(_sound(a)), _tail(_sound(b))
    if tail_a == tail_b:
        return 1.0
    vowels_a = [s for s in tail_a if s in VOWELS]
    vowels_b = [s for s in tail_b if s in VOWELS]
    likeness = SequenceMatcher(None, tail_a, tail_b).ratio()
    same_vowel = bool(vowels_a) and vowels_a[:1] == vowels_b[:1]
    kindred = same_vowel and _families(tail_a) == _families(tail_b)
    return 0.4 * same_vowel + 0.5 * likeness + KINDRED_BONUS * kindred


def _families(tail: str) -> list[int | str]:
    """A tail with each consonant replaced by its family."""
    return [_FAMILIES.get(s, s) for s in tail]


def _last_word(line: str) -> str:
    words = words_in(line.lower())
    return words[-1] if words else ""


def _sound(word: str) -> str:
    """How a word sounds; its spelling where no English letters tell."""
    return pronounce(word) or plain_letters(word)


def _tail(sound: str) -> str:
    """From the last stressed vowel to the end, marks removed."""
    starts = [i for i, s in enumerate(sound) if s in "ˈˌ"]
    tail = sound[starts[-1] :] if starts else sound
    first_vowel = next((i for i, s in enumerate(tail) if s in VOWELS), max(0, len(tail) - 1))
    return tail[first_vowel:].replace("ˈ", "").replace("ˌ", "")
