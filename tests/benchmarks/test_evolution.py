from __future__ import annotations

import pytest

from benchmarks.evolution import GEPA, GREEDY, RANDOM, played, promoted_of_noise
from benchmarks.evolution_tasks import CHECKS, HEEDED, SECTION, landscape, verifiable
from domain.errors import InvalidInput
from evals.evolution.verdict import check_test_cases, least_test_cases, prove
from learning.intervals import CaseScores


def test_noise_is_not_promoted() -> None:
    assert promoted_of_noise(101, 12) == 0


def _cases(score: float, count: int) -> list[CaseScores]:
    return [CaseScores(case_id=f"c{n}", scores=(score,)) for n in range(count)]


def test_a_win_in_every_case_is_proof_and_a_loss_or_a_tie_is_none() -> None:
    least = least_test_cases()
    check_test_cases(least)
    assert prove(_cases(0.0, least), _cases(1.0, least)).better
    assert not prove(_cases(1.0, least), _cases(0.0, least)).better
    assert not prove(_cases(1.0, least), _cases(1.0, least)).better
    assert not prove(_cases(0.0, least - 1), _cases(1.0, least - 1)).better
    with pytest.raises(InvalidInput):
        check_test_cases(least - 1)


def test_every_method_plays_and_feedback_beats_chance() -> None:
    scores = played(verifiable, (1, 2), 300)
    assert sum(scores[GEPA]) > sum(scores["as it was"])
    assert sum(scores[GREEDY]) > sum(scores[RANDOM])


def test_the_solver_follows_what_its_prompt_spells_out_and_forgets_the_rest() -> None:
    puzzle = verifiable(1)
    rules = [f"Follow {kind}." for kind in CHECKS]

    def mean(lines: list[str]) -> float:
        trials = puzzle.rollouts({SECTION: "\n".join(lines)}, puzzle.test)
        return sum(trial.score for trial in trials) / len(trials)

    assert mean([]) < mean(rules[:HEEDED]) == mean(rules) < 1.0


def test_a_landscape_is_the_same_for_the_same_seed_only() -> None:
    one, same, other = (
        [t.score for t in landscape(seed).rollouts({SECTION: "Rule 1."}, landscape(seed).test)]
        for seed in (1, 1, 2)
    )
    assert one == same
    assert one != other
