"""Consistency of a stanza: one tense, and few people who act."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from media.lyrics.words import word_set, words_in

Person = Literal["i", "we", "you", "she", "he", "they"]
_PERSONS: dict[Person, frozenset[str]] = {
    "i": word_set("i i'm i'll i've i'd me my mine myself"),
    "we": word_set("we we're we'll we've we'd us our ours ourselves"),
    "you": word_set("you you're you'll you've you'd your yours yourself"),
    "she": word_set("she she's she'll she'd her hers herself"),
    "he": word_set("he he's he'll he'd him his himself"),
    "they": word_set("they they're they'll they've they'd them their theirs themselves"),
}
_SUBJECTS: dict[str, Person] = {
    form: person
    for person, forms in _PERSONS.items()
    for form in forms
    if form.split("'")[0] in ("i", "we", "you", "she", "he", "they")
}
_PAST = word_set(
    "was were had did said went came left took gave got made saw knew thought told found felt kept "
    "held stood sat ran fell grew drew drove rode wrote broke spoke woke wore swore sang rang "
    "drank swam began flew threw blew lost won met sent spent built bought brought caught taught "
    "fought slept wept crept swept led fed bled heard paid laid lit hid slid shook stole chose "
    "froze rose forgot ate tore bore hung stuck struck swung wound meant"
)
_PRESENT = word_set(
    "is are am has have does do says goes comes leaves takes gives gets makes sees knows thinks "
    "tells finds feels keeps holds stands sits runs falls grows draws drives rides writes breaks "
    "speaks wakes wears sings rings drinks begins flies throws blows loses wins meets sends waits "
    "walks talks turns looks calls hums shines burns sleeps i'm it's she's he's we're you're "
    "they're"
)
_NOT_PAST = word_set(
    "red bed shed sled bread thread seed need feed weed speed indeed hundred ahead"
)
MOST_ACTORS = 2


def tense_of(line: str) -> Literal["past", "present"] | None:
    """The tense of a line's verbs, guessed from its words; None when nothing tells."""
    words = words_in(line.lower())
    past = sum(
        w in _PAST or (w.endswith("ed") and len(w) > 4 and w not in _NOT_PAST) for w in words
    )
    present = sum(w in _PRESENT for w in words)
    if past == present:
        return None
    return "past" if past > present else "present"


def actor_of(line: str) -> Person | None:
    """Who acts in a line: the first subject pronoun in it."""
    return next((_SUBJECTS[w] for w in words_in(line.lower()) if w in _SUBJECTS), None)


def persons_in(text: str) -> Counter[Person]:
    """How often each person is meant."""
    words = words_in(text.lower())
    return Counter({p: n for p, forms in _PERSONS.items() if (n := sum(w in forms for w in words))})


def odd_tenses(lines: Sequence[str]) -> list[int]:
    """Lines of a stanza whose tense is not that of most of its lines; a tie has none."""
    tenses = [tense_of(line) for line in lines]
    counts = Counter(t for t in tenses if t is not None)
    if len(counts) < 2 or counts["past"] == counts["present"]:
        return []
    usual = max(counts, key=lambda tense: counts[tense])
    return [i for i, tense in enumerate(tenses) if tense not in (None, usual)]


def odd_actors(lines: Sequence[str], allowed: Sequence[Person] | None = None) -> list[int]:
    """Lines where somebody acts beyond the two who act most, or beyond those allowed."""
    actors = [actor_of(line) for line in lines]
    counts = Counter(a for a in actors if a is not None)
    usual = allowed or [actor for actor, _ in counts.most_common(MOST_ACTORS)]
    return [i for i, actor in enumerate(actors) if actor is not None and actor not in usual]
