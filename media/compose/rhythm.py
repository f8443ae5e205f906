"""When each syllable of a line is sung: a search over slots of two bars."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from domain.errors import InvalidInput
from media.lyrics.prosody import LineSyllable
from media.lyrics.words import STRESSED

LINE_BEATS = 8.0
LAST_ONSET = 6.5
PICKUP_BEATS = 1.0
COARSE, FINE = 0.5, 0.25
COARSE_LIMIT = 11
_BEAT_WEIGHTS = (3.0, 1.2, 2.2, 1.2, 2.8, 1.2, 2.2, 0.6)
_NEVER = -1e9


def fit_rhythm(
    syllables: Sequence[LineSyllable], rng: Random, *, pickup: bool, breadth: float
) -> list[float]:
    """Onsets in beats from the line's first downbeat; a pickup may start before it.

    `rng` flavours the slots, so that lines given the same stream share a rhythmic habit.
    `breadth` from 0 (talkative) to 1 (broad) says how much space notes like.
    """
    grid = COARSE if len(syllables) <= COARSE_LIMIT else FINE
    slots = _slots(grid, rng, pickup)
    if len(syllables) > len(slots):
        raise InvalidInput(
            f"a line of {len(syllables)} syllables does not fit into two bars",
            field="lyrics",
            remedy=f"keep lines under {len(slots)} syllables",
        )
    return _search(syllables, slots, grid, breadth)


def _slots(grid: float, rng: Random, pickup: bool) -> list[tuple[float, float]]:
    """All (time, flavour) a syllable may start at."""
    first = -round(PICKUP_BEATS / grid) if pickup else 0
    last = round(LAST_ONSET / grid)
    return [(i * grid, rng.random() * 0.6) for i in range(first, last + 1)]


def _place_score(time: float, stress: int) -> float:
    if time % 1:
        return -4.0 if stress == STRESSED else (-0.1 if time % COARSE == 0 else -0.6)
    weight = _BEAT_WEIGHTS[int(time) % 8] if time >= 0 else 0.2
    return 1.0 + weight if stress == STRESSED else -0.7 * weight


def _gap_score(gap: float, earlier: LineSyllable, later: LineSyllable, breadth: float) -> float:
    wanted = 0.5 + 0.5 * breadth + (0.35 if earlier.stress == STRESSED else 0.0)
    score = -abs(gap - wanted) * 0.9
    if gap > 1.5:
        score -= gap - 1.5
    if not later.opens and gap > 1.0:
        score -= 1.5
    return score


def _search(
    syllables: Sequence[LineSyllable], slots: list[tuple[float, float]], grid: float, breadth: float
) -> list[float]:
    count, width = len(syllables), len(slots)
    best = [[_NEVER] * width for _ in range(count)]
    back = [[0] * width for _ in range(count)]
    for j, (time, flavour) in enumerate(slots):
        late = -0.9 * max(0.0, time) if syllables[0].stress else -0.4 * max(0.0, time)
        early = -1.0 if time < 0 and syllables[0].stress == STRESSED else 0.0
        best[0][j] = _place_score(time, syllables[0].stress) + flavour + late + early
    for i in range(1, count):
        for j in range(i, width):
            time, flavour = slots[j]
            here = _place_score(time, syllables[i].stress) + flavour
            for k in range(i - 1, j):
                gap = _gap_score(time - slots[k][0], syllables[i - 1], syllables[i], breadth)
                score = best[i - 1][k] + here + gap
                if score > best[i][j]:
                    best[i][j], back[i][j] = score, k
    j = max(range(width), key=lambda slot: best[-1][slot])
    path = [j]
    for i in range(count - 1, 0, -1):
        j = back[i][j]
        path.append(j)
    return [slots[j][0] for j in reversed(path)]
