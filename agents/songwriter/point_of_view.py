"""Who a song is told by and to: two persons, so that its lines belong to one scene."""

from __future__ import annotations

from domain.work import Concept
from media.lyrics.scorers.consistency import Person, persons_in, tense_of
from media.lyrics.words import word_set, words_in

Persons = tuple[Person, ...]
_WOMEN = word_set("woman girl mother sister daughter wife grandmother aunt queen lady")
_MEN = word_set("man boy father brother son husband grandfather uncle king")
_MANY = word_set("people children friends neighbours neighbors strangers sisters brothers parents")
_OTHERS: Persons = ("she", "he", "they", "you")


def persons_of(concept: Concept) -> Persons:
    """The one who tells the song and the one it is about, as the scene has them."""
    told = persons_in(concept.story)
    named = {word.removesuffix("'s") for word in words_in(concept.story.lower())}
    told["she"] += bool(named & _WOMEN)
    told["he"] += bool(named & _MEN)
    told["they"] += bool(named & _MANY)
    narrator: Person = "we" if told["we"] > told["i"] else "i"
    other = max(_OTHERS, key=lambda person: told[person])
    return (narrator, other if told[other] else "you")


def opens_for(opening: str, persons: Persons) -> bool:
    """Whether a way to begin a line speaks of nobody but these persons."""
    return set(persons_in(opening)) <= set(persons)


def tense_for(concept: Concept) -> str:
    """The tense the scene is told in."""
    return tense_of(concept.story) or "present"
