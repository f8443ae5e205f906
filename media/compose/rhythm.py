"""When each syllable of a line is sung: a search over slots of two bars."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from domain.errors import InvalidInput
from media.compose.delivery import Delivery
from media.compose.motif import Motif
from media.compose.words import quoted
from media.lyrics.prosody import LineSyllable
from media.lyrics.words import STRESSED

LINE_BEATS = 8.0
LAST_ONSET = 6.5
CALM_LAST_ONSET = 6.0
PICKUP_BEATS = 1.0
COARSE, FINE = 0.5, 0.25
COARSE_LIMIT = 11
SHORTEST_S = 0.15
_BEAT_WEIGHTS = (3.0, 1.2, 2.2, 1.2, 2.8, 1.2, 2.2, 0.6)
_ON_MOTIF = 0.9
_FLAVOUR = 0.3
_NEVER = -1e9
Slot = tuple[float, float]


def fit_rhythm(
    syllables: Sequence[LineSyllable], phrase: Motif, delivery: Delivery, rng: Random,
    *, pickup: bool, breadth: float, line: str = "",
) -> list[float]:  # fmt: skip
    """Onsets in beats from the line's first downbeat; a pickup may start before it.

    The phrase's own onsets attract syllables and `rng` flavours the rest, so that lines of one
    phrase share a rhythm. `breadth` from 0 (talkative) to 1 (broad) says how much space notes like.
    """
    grid = min(delivery.grid, COARSE if len(syllables) <= COARSE_LIMIT else FINE)
    slots = _slots(grid, phrase, rng, pickup=pickup)
    if len(syllables) > len(slots):
        raise InvalidInput(
            f"the line {quoted(line)} has {len(syllables)} syllables, "
            "which do not fit into two bars",
            field="lyrics",
            remedy=f"break it into lines of fewer than {len(slots)} syllables",
        )
    return _search(syllables, slots, breadth, SHORTEST_S / delivery.beat_s)


def _slots(grid: float, phrase: Motif, rng: Random, *, pickup: bool) -> list[Slot]:
    """All (time, flavour) a syllable may start at."""
    first = -round(PICKUP_BEATS / grid) if pickup else 0
    last = round(LAST_ONSET / grid)
    wanted = {round(onset * 4) for onset in phrase.onsets}
    return [
        (i * grid, rng.random() * _FLAVOUR + (_ON_MOTIF if round(i * grid * 4) in wanted else 0.0))
        for i in range(first, last + 1)
    ]


def _place_score(time: float, stress: int) -> float:
    if time % 1:
        return -4.0 if stress == STRESSED else (-0.1 if time % COARSE == 0 else -0.6)
    weight = _BEAT_WEIGHTS[int(time) % 8] if time >= 0 else 0.2
    return 1.0 + weight if stress == STRESSED else -0.7 * weight


def _gap_score(
    gap: float, earlier: LineSyllable, later: LineSyllable, breadth: float, shortest: float
) -> float:
    wanted = 0.5 + 0.5 * breadth + (0.35 if earlier.stress == STRESSED else 0.0)
    score = -abs(gap - wanted) * 0.9
    if gap > 1.5:
        score -= gap - 1.5
    if gap < shortest:
        score -= 1.5
    if not later.opens and gap > 1.0:
        score -= 1.5
    return score


def _first_score(time: float, stress: int) -> float:
    late = -0.9 * max(0.0, time) if stress else -0.4 * max(0.0, time)
    return late - (1.0 if time < 0 and stress == STRESSED else 0.0)


def _search(
    syllables: Sequence[LineSyllable], slots: list[Slot], breadth: float, shortest: float
) -> list[float]:
    count, width = len(syllables), len(slots)
    best = [[_NEVER] * width for _ in range(count)]
    back = [[0] * width for _ in range(count)]
    for j, (time, flavour) in enumerate(slots):
        stress = syllables[0].stress
        best[0][j] = _place_score(time, stress) + flavour + _first_score(time, stress)
    gap_at = slots[1][0] - slots[0][0]
    for i in range(1, count):
        pair = syllables[i - 1], syllables[i]
        gaps = [_gap_score(k * gap_at, *pair, breadth, shortest) for k in range(width)]
        for j in range(i, width):
            time, flavour = slots[j]
            here = _place_score(time, syllables[i].stress) + flavour
            before = max(range(i - 1, j), key=lambda k: best[i - 1][k] + gaps[j - k])
            best[i][j] = best[i - 1][before] + gaps[j - before] + here
            back[i][j] = before
    j = max(range(width), key=lambda slot: best[-1][slot] + _last_score(slots[slot][0]))
    path = [j]
    for i in range(count - 1, 0, -1):
        j = back[i][j]
        path.append(j)
    return [slots[j][0] for j in reversed(path)]


def _last_score(time: float) -> float:
    """Lines end early enough to hold the last note and breathe."""
    return -1.2 if time > CALM_LAST_ONSET else 0.4 if time % 1 == 0 else 0.0
