"""From one idea to all the phrases of a song, by named developments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from media.compose import development as dev
from media.compose.chooser import Chooser
from media.compose.delivery import Delivery
from media.compose.motif import Motif, invent
from media.compose.sections import Trait, trait
from media.compose.signature import Signature

PHRASE_BEATS = 8.0
# Which phrase each line of four sings; a prime is the phrase moved to another step.
PHRASE_FORMS = ("A A' A B", "A B A C", "A A B B'", "A B A' B'", "A A' B C", "A B A' C")
LETTERS = "ABC"

Developer = Callable[[Motif, Random], Motif]
# Each makes two bars out of an idea of one.
PHRASES: dict[str, Developer] = {
    "repeated and varied": lambda m, rng: dev.join(m, dev.vary(m, rng)),
    "sequenced up": lambda m, rng: dev.join(m, dev.sequence(m, rng.choice((1, 2)))),
    "sequenced down": lambda m, rng: dev.join(m, dev.sequence(m, rng.choice((-1, -2)))),
    "answered by its inversion": lambda m, _: dev.join(m, _landing(dev.invert(m), m)),
    "answered backwards": lambda m, _: dev.join(m, dev.reverse(m)),
    "augmented": lambda m, _: dev.augment(m),
    "ornamented": lambda m, rng: dev.join(m, dev.ornament(dev.vary(m, rng), rng)),
    "broken up": lambda m, rng: dev.join(
        dev.fragment(m), dev.sequence(dev.fragment(m), rng.choice((-1, 1, 2))), m
    ),
}
# How a section's idea grows out of the song's.
DERIVATIONS: dict[str, Developer] = {
    "inverted": lambda m, _: dev.invert(m),
    "reversed": lambda m, _: dev.reverse(m),
    "varied": lambda m, rng: dev.vary(dev.vary(m, rng), rng),
    "moved and ornamented": lambda m, rng: dev.ornament(dev.sequence(m, -1), rng),
}
NEW_RHYTHM_CHANCE = 0.75


def _landing(answer: Motif, call: Motif) -> Motif:
    """Moved so that the answer starts where the call ended."""
    return dev.sequence(answer, call.degrees[-1] - answer.degrees[0])


@dataclass(frozen=True)
class SectionIdea:
    """The phrases of one section: by letter, their order, and the height of each line."""

    form: str
    phrases: dict[str, Motif]
    moves: dict[str, int]
    arc: tuple[int, ...]
    trait: Trait

    def letter(self, line: int) -> str:
        """The phrase a line sings, the form repeating after four lines."""
        return self._word(line)[0]

    def phrase(self, line: int) -> Motif:
        """The phrase of a line in its place."""
        word = self._word(line)
        moved = self.moves[word[0]] if word.endswith("'") else 0
        return dev.sequence(self.phrases[word[0]], moved + self.arc[line % len(self.arc)])

    def peaks(self, line: int) -> bool:
        """Whether the section's highest notes belong to this line."""
        return self.arc[line % len(self.arc)] == max(self.arc)

    def _word(self, line: int) -> str:
        return self.form.split()[line % 4]


def song_idea(signature: Signature, delivery: Delivery, chooser: Chooser) -> Motif:
    """The idea the whole song grows from: new, or a variation of the artist's own."""
    fresh = invent(chooser.rng("idea"), delivery.rhythms)
    own = signature.motif(delivery.rhythms)
    if own is None:
        return fresh
    options = ("new", "from the artist's own")
    picked = chooser.pick("idea", options, (1.0, 4.0), str, "songs of one artist share an idea")
    if picked == "new":
        return fresh
    return dev.vary(own, chooser.rng("idea:variation"))


def section_idea(
    name: str, idea: Motif, signature: Signature, delivery: Delivery, chooser: Chooser
) -> SectionIdea:
    """Develop the song's idea for one section; a chorus takes it as it is."""
    kind = trait(name)
    cell = idea if kind.kind == "chorus" else _derived(name, idea, delivery, chooser)
    form = chooser.pick(
        f"phrases:{name}", PHRASE_FORMS, signature.favours("phrases", PHRASE_FORMS), str,
        "how the section's lines answer each other" + signature.note(),
    )  # fmt: skip
    arc = chooser.pick(
        f"arc:{name}", kind.arcs, [1.0] * len(kind.arcs), str, "where the section's lines lie"
    )
    names = list(PHRASES)
    phrases: dict[str, Motif] = {}
    for letter in LETTERS:
        how = chooser.pick(
            f"development:{name}:{letter}", names, [1.0] * len(names), str,
            "how the idea fills two bars",
        )  # fmt: skip
        phrases[letter] = PHRASES[how](cell, chooser.rng(f"phrase:{name}:{letter}"))
        names.remove(how)
    moves = {letter: chooser.rng(f"move:{name}:{letter}").choice((-1, 1, 2)) for letter in LETTERS}
    return SectionIdea(form, phrases, moves, arc, kind)


def _derived(name: str, idea: Motif, delivery: Delivery, chooser: Chooser) -> Motif:
    how = chooser.pick(
        f"derived:{name}", tuple(DERIVATIONS), [1.0] * len(DERIVATIONS), str,
        "the section's idea grows out of the chorus's",
    )  # fmt: skip
    rng = chooser.rng(f"derivation:{name}")
    cell = DERIVATIONS[how](idea, rng)
    if rng.random() < NEW_RHYTHM_CHANCE:
        rhythms = [r for r in delivery.rhythms if r != idea.onsets]
        cell = _in_rhythm(cell, rng.choice(rhythms))
    return cell


def _in_rhythm(motif: Motif, onsets: tuple[float, ...]) -> Motif:
    """The walk in another rhythm: cut short, or its last notes said again."""
    last = len(motif.degrees) - 1
    degrees = tuple(motif.degrees[min(i, last)] for i in range(len(onsets)))
    return Motif(onsets, degrees, motif.beats)
