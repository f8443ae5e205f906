"""What the songs of one artist share: favourites, and an idea that keeps coming back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from media.compose.motif import Motif, invent

FAVOUR = 5.0


@dataclass(frozen=True)
class Signature:
    """Leanings drawn from an artist's own seed; without a seed nothing is preferred."""

    seed: int | None

    def favours(self, kind: str, labels: Sequence[str]) -> list[float]:
        """Weight factors: the artist's favourite of a kind counts more, nothing is excluded.

        Each label is rated by itself, so that a favourite stays one when options come and go.
        """
        if self.seed is None or len(labels) < 2:
            return [1.0] * len(labels)
        ratings = [Random(f"{self.seed}:{kind}:{label}").random() for label in labels]
        best = max(ratings)
        return [FAVOUR if rating == best else 1.0 for rating in ratings]

    def note(self) -> str:
        """The reason to log where the signature weighs in."""
        return "" if self.seed is None else "; the artist's signature favours some"

    def motif(self, rhythms: Sequence[tuple[float, ...]]) -> Motif | None:
        """The artist's own idea in one of these rhythms, if there is an artist."""
        return None if self.seed is None else invent(Random(f"{self.seed}:motif"), rhythms)
