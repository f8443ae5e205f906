"""Rhyme in a stanza: which rhymes its scheme wants, which it has, and rhymes inside lines."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean
from typing import Literal

from media.lyrics.rhyme import IDENTICAL_WORD, rhyme_score
from media.lyrics.words import FUNCTION_WORDS, words_in

Kind = Literal["perfect", "slant", "same word", "none"]
SLANT = 0.4
PERFECT = 0.95
# For each line of four, the earlier line it rhymes with.
SCHEMES: dict[str, tuple[int | None, ...]] = {
    "ABCB": (None, None, None, 1),
    "AABB": (None, 0, None, 2),
    "ABAB": (None, None, 0, 1),
    "AAAA": (None, 0, 0, 0),
    "XXXX": (None, None, None, None),
}


def partner_of(index: int, scheme: str) -> int | None:
    """The earlier line of the same stanza that a line rhymes with; schemes repeat every four."""
    own = SCHEMES[scheme][index % 4]
    return None if own is None else index - index % 4 + own


def partners_of(index: int, lines: int, scheme: str) -> tuple[int, ...]:
    """Every line of a stanza of so many lines that a line rhymes with, earlier or later."""
    first = index if (own := partner_of(index, scheme)) is None else own
    family = [i for i in range(lines) if i == first or partner_of(i, scheme) == first]
    return tuple(i for i in family if i != index)


def rhyme_kind(first: str, second: str) -> Kind:
    """Perfect, slant (a shared vowel or kindred consonants), the same word, or none."""
    score = rhyme_score(first, second)
    if score >= PERFECT:
        return "perfect"
    if score >= SLANT:
        return "slant"
    return "same word" if score == IDENTICAL_WORD and _ends_alike(first, second) else "none"


def rhyme_coverage(lines: Sequence[str], scheme: str) -> float | None:
    """Share of the rhymes a scheme wants that a stanza has, slant ones too; None when none."""
    wanted = [
        (line, lines[partner])
        for i, line in enumerate(lines)
        if (partner := partner_of(i, scheme)) is not None
    ]
    if not wanted:
        return None
    return mean(rhyme_kind(a, b) in ("perfect", "slant") for a, b in wanted)


def internal_rhyme(line: str) -> float:
    """How well the best two different content words before the line's end rhyme, 0 to 1."""
    words = [w for w in words_in(line.lower()) if w not in FUNCTION_WORDS]
    pairs = [(a, b) for i, a in enumerate(words) for b in words[i + 1 :] if a != b]
    found = max((rhyme_score(a, b) for a, b in pairs), default=0.0)
    return found if found >= PERFECT else 0.0


def _ends_alike(first: str, second: str) -> bool:
    a, b = words_in(first.lower()), words_in(second.lower())
    return bool(a and b) and a[-1] == b[-1]
