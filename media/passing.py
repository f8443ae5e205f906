"""Compose until the score's gates hold and the melody is nobody's twin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.genre import GenrePack
from domain.quality import QualityReport
from domain.score import Score, SongBrief
from media.compose.composer import compose
from media.gates.score import check_score

TRIES = 6


@dataclass(frozen=True)
class Composed:
    """The score that was kept, how it was judged, and how many were written for it."""

    score: Score
    report: QualityReport
    tries: int


def compose_passing(
    brief: SongBrief,
    pack: GenrePack,
    seed_of: Callable[[int], int],
    *,
    earlier: Sequence[Score] = (),
    tries: int = TRIES,
) -> Composed:
    """Compose from `seed_of(0)`, `seed_of(1)`, ... until every gate of the score passes.

    The last score is kept with its failing report when none does. `earlier` are the artist's
    own scores, which the melody may not repeat.
    """
    for number in range(tries):
        score = compose(brief.model_copy(update={"seed": seed_of(number)}), pack)
        report = check_score(score, pack, earlier=earlier)
        if report.passed:
            break
    return Composed(score=score, report=report, tries=number + 1)
