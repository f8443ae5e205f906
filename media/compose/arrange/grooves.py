"""Small changes to a pack's groove, so that two songs rarely share one."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from domain.genre import Groove

Pattern = dict[str, str]
_OFF_STEPS = (3, 6, 7, 10, 11, 14)
_GHOST_STEPS = (2, 5, 7, 9, 10, 15)


def _pushed_kick(pattern: Pattern, rng: Random) -> Pattern:
    return _added(pattern, "kick", "o", rng.sample(_OFF_STEPS, 1))


def _ghosts(pattern: Pattern, rng: Random) -> Pattern:
    drum = "snare" if "snare" in pattern else "rim"
    return _added(pattern, drum, "g", rng.sample(_GHOST_STEPS, 2))


def _lighter_cymbals(pattern: Pattern, rng: Random) -> Pattern:
    """Every soft off-step of the busiest small drum falls silent in one half of the bar."""
    half = rng.randrange(2)
    changed = dict(pattern)
    for drum in ("hat", "shaker", "ride"):
        if drum in changed:
            changed[drum] = "".join(
                "." if symbol in "og" and i % 2 and i // 8 % 2 == half else symbol
                for i, symbol in enumerate(changed[drum])
            )
    return changed


def _accented(pattern: Pattern, rng: Random) -> Pattern:
    """The accent of the small drums moves to the off-beats."""
    every = rng.choice((2, 6))
    changed = dict(pattern)
    for drum in ("hat", "shaker", "ride", "tambourine"):
        if drum in changed:
            changed[drum] = "".join(
                "X" if symbol in "xo" and i % 8 == every else symbol
                for i, symbol in enumerate(changed[drum])
            )
    return changed


VARIATIONS: dict[str, Callable[[Pattern, Random], Pattern]] = {
    "as written": lambda pattern, _: pattern,
    "pushed kick": _pushed_kick,
    "ghost notes": _ghosts,
    "lighter cymbals": _lighter_cymbals,
    "accents moved": _accented,
}


def _added(pattern: Pattern, drum: str, symbol: str, places: list[int]) -> Pattern:
    """Put hits where the drum is silent; drums that the pattern leaves out stay out."""
    if drum not in pattern:
        return pattern
    steps = list(pattern[drum])
    for bar in range(len(steps) // 16):
        for place in places:
            if steps[bar * 16 + place] == ".":
                steps[bar * 16 + place] = symbol
    return {**pattern, drum: "".join(steps)}


def varied(groove: Groove, how: str, rng: Random) -> Groove:
    """The groove with one variation in its fuller patterns; backbeats and fills stay."""
    change = VARIATIONS[how]
    return groove.model_copy(
        update={level: change(getattr(groove, level), rng) for level in ("main", "full")}
    )


def hits(patterns: Pattern) -> int:
    """How many strokes a pattern has."""
    return sum(symbol != "." for steps in patterns.values() for symbol in steps)
