"""Melodic ideas: a long shape and a short cell, varied from line to line."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

SHAPES: dict[str, tuple[float, ...]] = {
    "arch": (0.0, 3.0, 5.0, 3.0, 0.0),
    "fall": (5.0, 4.0, 2.0, 0.0, -1.0),
    "climb": (-2.0, 0.0, 2.0, 4.0, 5.0),
    "wave": (0.0, 4.0, 0.0, 4.0, 1.0),
    "valley": (4.0, 1.0, -2.0, 0.0, 3.0),
    "plateau": (0.0, 4.0, 4.0, 4.0, 2.0),
}
CELLS: tuple[tuple[int, ...], ...] = (
    (0, 2, 0, -3),
    (0, 0, 3, 5),
    (0, -3, 0, 2),
    (4, 0, -1, 0),
    (0, 5, 3, 0),
    (0, 2, 4, 7),
    (0, 0, -2, -5),
    (0, 4, 2, 0, 5, 4),
)
# Which idea each line of four sings; a prime is the idea moved to another step.
PHRASE_FORMS = ("A A' A B", "A B A C", "A A B B'", "A B A' B'", "A A' B C")
CLOSING = {"verse": False, "chorus": True}


@dataclass(frozen=True)
class Motif:
    """A contour in semitones around the section's centre."""

    shape: tuple[float, ...]
    cell: tuple[int, ...]
    stretch: float

    def height(self, place: float, index: int, shift: float) -> float:
        """Target height of the note at `place` (0 to 1 of the line) and ordinal `index`."""
        x = min(1.0, max(0.0, place)) * (len(self.shape) - 1)
        i = min(int(x), len(self.shape) - 2)
        base = self.shape[i] + (self.shape[i + 1] - self.shape[i]) * (x - i)
        return base * self.stretch + self.cell[index % len(self.cell)] * 0.8 + shift


def invent(rng: Random, avoid: tuple[str, ...] = ()) -> tuple[str, Motif]:
    """A fresh motif, of another shape than those in `avoid`."""
    names = [name for name in SHAPES if name not in avoid]
    name = rng.choice(names)
    return name, Motif(SHAPES[name], rng.choice(CELLS), rng.uniform(0.8, 1.3))


def phrase_letters(form: str, line: int) -> tuple[str, bool]:
    """The idea a line sings and whether it is moved, repeating the form after four lines."""
    word = form.split()[line % 4]
    return word[0], word.endswith("'")
