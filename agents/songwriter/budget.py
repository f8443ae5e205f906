"""How much a critique may spend on rewriting lines."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RewriteBudget:
    """Bounds of the critique: calls and tokens in all, passes, and lines and candidates a pass."""

    calls: int
    tokens: int
    passes: int = 2
    lines: int = 4
    candidates: int = 6

    def left(self, calls: int, tokens: int) -> int:
        """How many more calls may be made after so many calls and tokens."""
        return 0 if tokens >= self.tokens else max(0, self.calls - calls)


# A call of the embedded model reads about 500 tokens and takes seconds: at most four lines twice.
SMALL = RewriteBudget(calls=36, tokens=30_000)
# A strong model sees the whole song each time and needs fewer tries.
STRONG = RewriteBudget(calls=24, tokens=40_000, candidates=4)
NO_REWRITES = RewriteBudget(calls=0, tokens=0, passes=0)
