"""How each line begins: code varies it, so that lines of a song and songs of a brief differ."""

from __future__ import annotations

from itertools import cycle

from agents.seeds import rng_for
from agents.songwriter.point_of_view import Persons, opens_for
from agents.songwriter.words import word_lists
from domain.genre import GenrePack

LONGEST_IMAGE_WORDS = 4  # A line must not take five words in a row from what it was given.


def openings(
    images: tuple[str, ...], pack: GenrePack, seed: int, persons: Persons | None = None
) -> list[str]:
    """Different ways to begin a line: plain words, images of the scene, things of the genre.

    With `persons` none speaks of anybody else. The same seed gives the same list.
    """
    rng = rng_for(seed, "lyrics.openings")
    lists = {
        name: [words for words in found if persons is None or opens_for(words, persons)]
        for name, found in word_lists().items()
    }
    plain = rng.sample(lists["plain"], len(lists["plain"]))
    scene = [_capital(i) for i in images if len(i.split()) <= LONGEST_IMAGE_WORDS]
    rng.shuffle(scene)
    nouns = rng.sample(pack.lexicon.nouns, len(pack.lexicon.nouns))
    genre = [f"{rng.choice(lists['determiners'])} {noun}" for noun in nouns]
    found: list[str] = []
    # Things of the genre are rare: a cassette in every song's kitchen is nobody's scene.
    for pool in cycle((plain, scene, plain, plain, scene, plain, genre)):
        if not plain:
            return found
        found.append((pool or plain).pop())
    return found


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
