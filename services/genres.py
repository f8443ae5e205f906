"""Find the genre pack that a brief sounds like."""

from __future__ import annotations

import re

from domain.genre import GenrePack
from packs import load_pack, pack_ids

_WORD = re.compile(r"[a-z]{4,}|lo")


def best_pack(brief: str) -> GenrePack:
    """The pack whose name, description and lexicon share most words with the brief.

    The pack's own name counts most; without any shared word it is the first pack by name.
    """
    words = set(_WORD.findall(brief.casefold()))
    return max((load_pack(i) for i in pack_ids()), key=lambda pack: _likeness(pack, words))


def _likeness(pack: GenrePack, words: set[str]) -> float:
    name = set(_WORD.findall(f"{pack.id} {pack.name}".casefold()))
    described = set(_WORD.findall(pack.description.casefold()))
    lexicon = {w.casefold() for w in (*pack.lexicon.nouns, *pack.lexicon.adjectives)}
    return 5.0 * len(words & name) + len(words & described) + len(words & lexicon)
