"""A run's samples as the numbers that statistics take, and as people read them."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from domain.evaluation import EvalRun, EvalSample
from learning.intervals import CaseScores, CaseState, Interval, Tally, mean_interval, tally

PASS_AT = 1.0
_BOOTSTRAP_SEED = 1
_FEWEST = 2


class ScoreSummary(BaseModel):
    """One score over cases: its mean with an interval, None where too few cases have a score."""

    model_config = ConfigDict(frozen=True)

    name: str
    scored: int
    mean: float | None
    interval: Interval | None


class SliceSummary(BaseModel):
    """The main score of the cases that share a tag."""

    model_config = ConfigDict(frozen=True)

    slice: str
    value: str
    cases: int
    score: ScoreSummary


class Results(BaseModel):
    """What a run came to; `states` tell failed, flaky and unscored cases apart."""

    model_config = ConfigDict(frozen=True)

    run: EvalRun
    cases: int
    tally: Tally
    scores: tuple[ScoreSummary, ...]
    slices: tuple[SliceSummary, ...]
    states: dict[str, CaseState]


def case_scores(samples: Sequence[EvalSample], score: str) -> list[CaseScores]:
    """One score by case, an entry for each epoch; a failed sample is worth nothing."""
    cases: dict[str, list[EvalSample]] = {}
    for sample in sorted(samples, key=lambda s: (s.case_id, s.epoch)):
        cases.setdefault(sample.case_id, []).append(sample)
    return [
        CaseScores(
            case_id=case_id,
            scores=tuple(sample.value(score) for sample in asked),
            slices=asked[0].case.slices,
        )
        for case_id, asked in cases.items()
    ]


def results_of(run: EvalRun, samples: Sequence[EvalSample]) -> Results:
    """Summarise a run, finished or not."""
    main = case_scores(samples, run.main)
    return Results(
        run=run,
        cases=len(main),
        tally=tally(main, PASS_AT),
        scores=tuple(_summary(name, case_scores(samples, name)) for name in run.scorers),
        slices=_slices(run.main, main),
        states={case.case_id: case.state(PASS_AT) for case in main},
    )


def _summary(name: str, cases: Sequence[CaseScores]) -> ScoreSummary:
    means = [mean for case in cases if (mean := case.mean) is not None]
    return ScoreSummary(
        name=name,
        scored=len(means),
        mean=sum(means) / len(means) if means else None,
        interval=mean_interval(cases, seed=_BOOTSTRAP_SEED) if len(means) >= _FEWEST else None,
    )


def _slices(main: str, cases: Sequence[CaseScores]) -> tuple[SliceSummary, ...]:
    parts: dict[tuple[str, str], list[CaseScores]] = {}
    for case in cases:
        for name, value in case.slices.items():
            parts.setdefault((name, value), []).append(case)
    return tuple(
        SliceSummary(slice=name, value=value, cases=len(held), score=_summary(main, held))
        for (name, value), held in sorted(parts.items())
    )
