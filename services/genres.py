"""Find the genre pack that a brief sounds like."""

from __future__ import annotations

import re

from domain.genre import GenrePack
from packs import load_pack, pack_ids

_WORD = re.compile(r"\b[a-z]{4,}\b")
_COMMON = frozenset(
    (
        "about", "after", "also", "been", "does", "from", "have", "into",
        "just", "like", "made", "make", "music", "over", "song", "songs",
        "some", "than", "that", "their", "them", "then", "they", "this",
        "what", "when", "where", "which", "with", "works", "would",
    )
)  # fmt: skip
_LOFI = re.compile(r"\blo[ -]?fi\b")


def best_pack(brief: str) -> GenrePack:
    """The pack whose name, description and lexicon share most words with the brief.

    The pack's own name counts most; without any shared word it is the first pack by name.
    """
    words = _words(brief)
    return max((load_pack(i) for i in pack_ids()), key=lambda pack: _likeness(pack, words))


def _likeness(pack: GenrePack, words: set[str]) -> float:
    name = _words(f"{pack.id} {pack.name}")
    described = _words(pack.description)
    lexicon = {w.casefold() for w in (*pack.lexicon.nouns, *pack.lexicon.adjectives)}
    return 5.0 * len(words & name) + len(words & described) + len(words & lexicon)


def _words(text: str) -> set[str]:
    """Whole words of four letters and more; "lo-fi" however it is written counts as one."""
    return set(_WORD.findall(_LOFI.sub("lofi", text.casefold()))) - _COMMON
