"""Syllables by spelling, for words whose pronunciation is not known: approximate by design.

English is counted by its pronunciations (`media.lyrics.words`). Here a word is cut by its letters:
one syllable a vowel group in alphabets, one a character in Chinese, Japanese and Korean writing,
one a letter group in the scripts of India, and one every two letters where vowels are mostly not
written (Arabic, Hebrew). It serves to lay a melody under the words, not to sing them.
"""

from __future__ import annotations

import itertools
import unicodedata
from typing import Literal

import regex

Script = Literal[
    "latin", "cyrillic", "greek", "han", "kana", "hangul", "arabic", "hebrew", "indic", "other"
]
_SCRIPTS: tuple[tuple[Script, str], ...] = (
    ("latin", r"\p{Latin}"),
    ("cyrillic", r"\p{Cyrillic}"),
    ("greek", r"\p{Greek}"),
    ("kana", r"[\p{Hiragana}\p{Katakana}ー]"),
    ("han", r"\p{Han}"),
    ("hangul", r"\p{Hangul}"),
    ("arabic", r"\p{Arabic}"),
    ("hebrew", r"\p{Hebrew}"),
    ("indic", r"[\p{Devanagari}\p{Bengali}\p{Tamil}\p{Telugu}\p{Gujarati}\p{Gurmukhi}\p{Thai}]"),
)
_PATTERNS = tuple((script, regex.compile(pattern)) for script, pattern in _SCRIPTS)
_CLUSTER = regex.compile(r"\X")
_VOWELS = {
    "latin": frozenset("aeiouyæøœ"),
    "cyrillic": frozenset("аеёиоуыэюяіїєў"),
    "greek": frozenset("αεηιουω"),
}
# Cyrillic writes every vowel that is spoken, so neighbours are two syllables.
_GROUPED = frozenset({"latin", "greek"})
_SMALL_KANA = frozenset("ゃゅょぁぃぅぇぉゎャュョァィゥェォヮー")
_LETTERS_A_SYLLABLE = 2


def script_of(text: str) -> Script | None:
    """The script most letters of a text are written in; None when it has no letters."""
    counts = {
        script: found for script, pattern in _PATTERNS if (found := len(pattern.findall(text)))
    }
    if not counts:
        return "other" if any(ch.isalpha() for ch in text) else None
    return max(counts, key=lambda script: counts[script])


def plain_letters(text: str) -> str:
    """The same number of lower-case letters without accents (`Über` becomes `uber`)."""
    return "".join(_PLAIN.get(ch) or _bare(ch) for ch in text)


def spelled_syllables(word: str) -> tuple[str, ...]:
    """The pieces of a word that carry a note each; joined they spell it. Approximate."""
    script = script_of(word)
    if script is None:
        return ()
    clusters: list[str] = _CLUSTER.findall(word)
    if script in ("han", "kana", "hangul"):
        return _joined(clusters, _SMALL_KANA)
    if script in ("arabic", "hebrew"):
        return _every(clusters, _LETTERS_A_SYLLABLE)
    if script in _VOWELS:
        return _by_vowels(clusters, _VOWELS[script], grouped=script in _GROUPED)
    return tuple(clusters)


_PLAIN = {"ß": "s", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "t", "ı": "i"}


def _bare(ch: str) -> str:
    lower = ch.lower()
    bare = unicodedata.normalize("NFD", lower)[:1] if lower else ch
    return _PLAIN.get(bare, bare) or ch


def _joined(clusters: list[str], joining: frozenset[str]) -> tuple[str, ...]:
    """One piece a character; a small one belongs to the character before it."""
    pieces: list[str] = []
    for cluster in clusters:
        if pieces and (cluster[0] in joining or not cluster[0].isalpha()):
            pieces[-1] += cluster
        else:
            pieces.append(cluster)
    return tuple(pieces)


def _every(clusters: list[str], letters: int) -> tuple[str, ...]:
    starts = range(0, len(clusters), letters)
    return tuple("".join(clusters[start : start + letters]) for start in starts)


def _by_vowels(clusters: list[str], vowels: frozenset[str], *, grouped: bool) -> tuple[str, ...]:
    """Cut before the consonant that opens each vowel after the first."""
    bare = [plain_letters(cluster[0]) for cluster in clusters]
    starts = [
        i
        for i, letter in enumerate(bare)
        if letter in vowels and not (grouped and i > 0 and bare[i - 1] in vowels)
    ]
    cuts = [i - 1 if bare[i - 1] not in vowels else i for i in starts[1:]]
    edges = [0, *cuts, len(clusters)]
    return tuple("".join(clusters[a:b]) for a, b in itertools.pairwise(edges))
