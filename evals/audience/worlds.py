"""The worlds that are shipped, each by a seed (tests and studies only, never part of a label)."""

from __future__ import annotations

import numpy as np

from evals.audience.world import Campaign, Floats, Shift, Taste, WorldSpec

# What tastes may be about: what an artist chooses, and therefore can learn to choose well.
CHOSEN = ("tempo", "harmony", "notes", "attacks", "spectrum", "noisiness", "chords")
# Nobody likes what cannot be heard.
AUDIBLE = {"loudness": 0.5}
SHIFT_DAY = 60
POISON_DAYS, POISON_SHARE = (60, 75), 0.6
GROUPS = 3
FURTHEST_IDEAL, AROUND_IDEAL, WEIGHT = 1.2, 0.35, 0.25


def plain(seed: int) -> WorldSpec:
    """Three groups of kindred taste, fatigue, rhythms, a few bots; nothing happens."""
    return WorldSpec(name="plain", seed=seed, tastes=_tastes(seed, _centre(seed)))


def shifting(seed: int, day: int = SHIFT_DAY) -> WorldSpec:
    """On one day everybody wants about the opposite."""
    turned = _tastes(seed, -_centre(seed))
    shift = Shift(day=day, tastes=turned)
    return plain(seed).model_copy(update={"name": "shifting", "shifts": (shift,)})


def poisoned(seed: int, days: tuple[int, int] = POISON_DAYS) -> WorldSpec:
    """For some days bots push the tempos that people like less and shout down the others."""
    first, last = days
    liked_fast = _centre(seed)[CHOSEN.index("tempo")] > 0
    campaigns = tuple(
        Campaign(
            first_day=first, last_day=last, share=POISON_SHARE, component="tempo",
            side="above" if fast else "below", brigade=fast == liked_fast,
        )
        for fast in (True, False)
    )  # fmt: skip
    return plain(seed).model_copy(update={"name": "poisoned", "campaigns": campaigns})


def null(seed: int) -> WorldSpec:
    """Tastes that ignore every choice: works differ by luck alone, so nothing can be learnt."""
    return WorldSpec(name="null", seed=seed, tastes=(Taste(),), wish_for_new=0.0)


def _centre(seed: int) -> Floats:
    """What everybody in a world leans to, far from the middle in each component."""
    rng = np.random.default_rng([seed, 3])
    sides = rng.choice([-1.0, 1.0], len(CHOSEN))
    return sides * rng.uniform(0.4, FURTHEST_IDEAL, len(CHOSEN))


def _tastes(seed: int, centre: Floats) -> tuple[Taste, ...]:
    rng = np.random.default_rng([seed, 4])
    ideals = centre + AROUND_IDEAL * rng.standard_normal((GROUPS, len(CHOSEN)))
    return tuple(
        Taste(
            share=float(rng.uniform(0.5, 1.0)),
            ideal=dict(zip(CHOSEN, ideal.tolist(), strict=True)),
            weight={**AUDIBLE, **dict.fromkeys(CHOSEN, WEIGHT)},
        )
        for ideal in ideals
    )
