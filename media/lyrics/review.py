"""The view of a whole lyric: how good it is, which lines are weakest, and for which reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import mean
from typing import Literal

from media.lyrics.overlap import vocabulary_share, word_overlap
from media.lyrics.prosody import line_fit, syllable_count
from media.lyrics.scorers.cliche import common_in, common_share, worn_in
from media.lyrics.scorers.consistency import Person, odd_actors, odd_tenses
from media.lyrics.scorers.hook import hook_places, hook_share
from media.lyrics.scorers.metre import best_metre, length_evenness, stress_fit
from media.lyrics.scorers.originality import Catalogue, originality
from media.lyrics.scorers.repetition import repeated_openings
from media.lyrics.scorers.rhyming import partner_of, partners_of, rhyme_kind
from media.lyrics.scorers.singability import mean_openness, singability
from media.lyrics.weights import song_score
from media.lyrics.words import words_in

Reason = Literal[
    "unrhymed", "off_metre", "wrong_length", "no_hook", "cliche", "repeats", "same_opening",
    "new_person", "other_tense", "hard_to_sing", "sung_before",
]  # fmt: skip
# What only a reader can say; code can neither find these nor measure that they are mended.
Taste = Literal["unclear", "flat", "off_scene", "forced_rhyme", "out_of_voice"]
# What a line loses by each fault; lines are rewritten in this order.
COST: dict[Reason, float] = {
    "no_hook": 1.2,
    "unrhymed": 1.0,
    "sung_before": 0.9,
    "repeats": 0.8,
    "cliche": 0.7,
    "new_person": 0.6,
    "wrong_length": 0.5,
    "same_opening": 0.5,
    "off_metre": 0.4,
    "other_tense": 0.4,
    "hard_to_sing": 0.3,
}
LEAST_METRE = 0.75
LEAST_FIT = 0.8
LEAST_SINGABLE = 0.4
LEAST_ORIGINAL = 0.5
MOST_COMMON = 0.4
MOST_WORN = 2
MOST_OVERLAP = 0.3
ENOUGH_HOOK = 0.6
CHORUS = "chorus"

Stanzas = Mapping[str, Sequence[str]]
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Aim:
    """What a song is held to."""

    scheme: str
    syllables: tuple[int, int]
    title: str = ""
    persons: tuple[Person, ...] | None = None
    catalogue: Catalogue = field(default_factory=Catalogue)
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Weakness:
    """A line with its faults; the cost says which line to mend first."""

    place: Place
    reasons: tuple[Reason | Taste, ...]

    @property
    def cost(self) -> float:
        """What the faults cost together; matters of taste cost nothing."""
        return sum(cost for reason, cost in COST.items() if reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Review:
    """A song's score from 0 to 1, its parts, and its weak lines, the weakest first."""

    score: float
    parts: dict[str, float]
    weak: tuple[Weakness, ...]


def review(stanzas: Stanzas, aim: Aim) -> Review:
    """Look at a whole song; every stanza stands once under its key (`verse 1`, `chorus`)."""
    parts = _parts(stanzas, aim)
    faults: dict[Place, list[Reason]] = {}
    for place, reason in _faults(stanzas, aim):
        faults.setdefault(place, []).append(reason)
    weak = [Weakness(place, tuple(dict.fromkeys(found))) for place, found in faults.items()]
    weak.sort(key=lambda weakness: -weakness.cost)
    return Review(song_score(parts), parts, tuple(weak))


def _parts(stanzas: Stanzas, aim: Aim) -> dict[str, float]:
    lines = [line for stanza in stanzas.values() for line in stanza]
    if not lines:
        return {}
    odd_people = sum(len(odd_actors(s, aim.persons)) for s in stanzas.values())
    parts = {
        "metre": mean(_metre(s) for s in stanzas.values() if s),
        "length": mean(_length(line, aim) for line in lines),
        "fresh": 1.0 - mean(common_share(line) for line in lines),
        "distinct": min(1.0, vocabulary_share(lines)),
        "openings": 1.0 - len(repeated_openings(lines)) / len(lines),
        "persons": 1.0 - odd_people / len(lines),
        "tense": 1.0 - sum(len(odd_tenses(s)) for s in stanzas.values()) / len(lines),
        "singable": mean(singability(line) for line in lines),
        "original": mean(originality(line, aim.catalogue) for line in lines),
    }
    rhymes = [r for s in stanzas.values() if (r := _rhyme(s, aim.scheme)) is not None]
    if rhymes:
        parts["rhyme"] = mean(rhymes)
    if aim.title and CHORUS in stanzas:
        parts["hook"] = min(1.0, hook_share(stanzas[CHORUS], aim.title) / ENOUGH_HOOK)
    if CHORUS in stanzas and len(stanzas) > 1:
        parts["contrast"] = contrast(stanzas)
    return parts


def contrast(stanzas: Stanzas) -> float:
    """How much the chorus differs from the other stanzas in words, length and open ends, 0 to 1."""
    chorus = list(stanzas[CHORUS])
    others = [line for key, stanza in stanzas.items() if key != CHORUS for line in stanza]
    if not chorus or not others:
        return 0.0
    words = 1.0 - word_overlap(" ".join(chorus), " ".join(others))
    lengths = abs(_mean_length(chorus) - _mean_length(others))
    openness = mean_openness(chorus) - mean_openness(others)
    return 0.5 * words + 0.25 * min(1.0, lengths / 2) + 0.25 * min(1.0, max(0.0, 0.5 + openness))


def _mean_length(lines: Sequence[str]) -> float:
    return mean(syllable_count(line) for line in lines)


def _length(line: str, aim: Aim) -> float:
    """1 inside the genre's range of syllables, less with the distance to it."""
    low, high = aim.syllables
    nearest = max(low, min(high, syllable_count(line, aim.language)))
    return line_fit(line, nearest, aim.language)


def _metre(lines: Sequence[str]) -> float:
    metre = best_metre(lines)
    fit = mean(stress_fit(line, metre) for line in lines) if metre else 0.0
    return 0.75 * fit + 0.25 * length_evenness(lines)


def _rhyme(lines: Sequence[str], scheme: str) -> float | None:
    """Mean over the rhymes a scheme wants: 1 a perfect one, 0.75 a slant one."""
    worth = {"perfect": 1.0, "slant": 0.75, "same word": 0.2, "none": 0.0}
    found = [
        worth[rhyme_kind(line, lines[partner])]
        for i, line in enumerate(lines)
        if (partner := partner_of(i, scheme)) is not None
    ]
    return mean(found) if found else None


def _faults(stanzas: Stanzas, aim: Aim) -> Iterator[tuple[Place, Reason]]:
    for key, stanza in stanzas.items():
        lines = list(stanza)
        for index, reason in _faults_of_stanza(lines, aim):
            yield (key, index), reason
        for index, line in enumerate(lines):
            for reason in _faults_of_line(line, aim):
                yield (key, index), reason
    if aim.title and stanzas.get(CHORUS):
        chorus = list(stanzas[CHORUS])
        if hook_share(chorus, aim.title) < ENOUGH_HOOK:
            yield (CHORUS, hook_places(chorus)[0]), "no_hook"
    yield from _faults_between(stanzas)


def _faults_of_line(line: str, aim: Aim) -> Iterator[Reason]:
    if _length(line, aim) < LEAST_FIT:
        yield "wrong_length"
    if originality(line, aim.catalogue) < LEAST_ORIGINAL:
        yield "sung_before"
    if aim.language != "en":
        return
    worn = worn_in(words_in(line.lower())) >= MOST_WORN
    if worn or (common_in(line) and common_share(line) > MOST_COMMON):
        yield "cliche"
    if singability(line) < LEAST_SINGABLE:
        yield "hard_to_sing"


def _faults_of_stanza(lines: list[str], aim: Aim) -> Iterator[tuple[int, Reason]]:
    if (metre := best_metre(lines)) and aim.language == "en":
        yield from (
            (i, "off_metre") for i, s in enumerate(lines) if stress_fit(s, metre) < LEAST_METRE
        )
    yield from ((i, "other_tense") for i in odd_tenses(lines))
    yield from ((i, "new_person") for i in odd_actors(lines, aim.persons))
    for i, line in enumerate(lines):
        family = partners_of(i, len(lines), aim.scheme)
        is_last = all(other < i for other in family)
        if family and is_last and not any(_rhymes(line, lines[other]) for other in family):
            yield i, "unrhymed"


def _rhymes(first: str, second: str) -> bool:
    return rhyme_kind(first, second) in ("perfect", "slant")


def _faults_between(stanzas: Stanzas) -> Iterator[tuple[Place, Reason]]:
    flat = [((key, i), line) for key, lines in stanzas.items() for i, line in enumerate(lines)]
    lines = [line for _, line in flat]
    for index in repeated_openings(lines):
        yield flat[index][0], "same_opening"
    for n, (place, line) in enumerate(flat):
        if any(word_overlap(line, other) > MOST_OVERLAP for other in lines[:n]):
            yield place, "repeats"
