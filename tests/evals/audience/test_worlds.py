"""The shipped worlds: each does what its name says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from evals.audience.features import INDEX, NAMES
from evals.audience.world import Audience, Work
from evals.audience.worlds import CHOSEN, POISON_DAYS, SHIFT_DAY, null, plain, poisoned, shifting
from tests.evals.audience.works import drawn_works, work

WORKS = drawn_works(300)


def appeals(audience: Audience, works: list[Work] = WORKS, day: int = 0) -> list[float]:
    return [audience.true_appeal(shown, day) for shown in works]


def explained(truth: list[float]) -> float:
    """Share of the variance that squares and values of the features explain, adjusted."""
    vectors = np.array([w.features.vector for w in WORKS])
    design = np.column_stack([np.ones(len(vectors)), vectors, vectors**2])
    values = np.array(truth)
    rest = values - design @ np.linalg.lstsq(design, values, rcond=None)[0]
    free = len(values) - design.shape[1]
    return float(1.0 - (rest @ rest / free) / values.var(ddof=1))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_appeal_follows_the_features_in_the_plain_world_and_not_in_the_null_one(seed: int) -> None:
    assert explained(appeals(Audience(plain(seed)))) > 0.6
    assert abs(explained(appeals(Audience(null(seed))))) < 0.15


def test_no_single_feature_counts_in_the_null_world() -> None:
    truth = appeals(Audience(null(1)))
    ps = [spearmanr(truth, [w.features.vector[i] for w in WORKS]).pvalue for i in INDEX.values()]
    assert min(ps) > 0.05 / len(NAMES)
    assert np.std(truth) > 0.02


def test_the_null_world_answers_alike_whatever_is_shown() -> None:
    loud, calm = work("loud", **dict.fromkeys(CHOSEN, 1.5)), work("calm")
    spec = null(3).model_copy(update={"luck": 0.0, "bots": 0.0})
    answers = Audience(spec).expose([loud, calm], np.arange(20_000) % 2, 0)
    likes = [answers.counts(place)["like"] for place in (0, 1)]
    assert abs(likes[0] - likes[1]) < 4 * np.sqrt(sum(likes))


def test_seeds_give_worlds_of_other_tastes() -> None:
    one, other = (
        appeals(Audience(plain(seed).model_copy(update={"luck": 0.0}))) for seed in (1, 2)
    )
    assert spearmanr(one, other).statistic < 0.7


def test_silence_appeals_to_few() -> None:
    for seed in range(5):
        audience = Audience(plain(seed).model_copy(update={"luck": 0.0}))
        assert audience.true_appeal(work("silence", loudness=-3.0)) < 0.1
        assert audience.true_appeal(work("sound")) > 0.2


def test_the_shift_turns_the_ranking_on_its_day() -> None:
    audience = Audience(shifting(1).model_copy(update={"luck": 0.0}))
    start, eve, day = (appeals(audience, day=d) for d in (0, SHIFT_DAY - 1, SHIFT_DAY))
    assert start == eve
    assert spearmanr(start, day).statistic < -0.3


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_poison_turns_the_counts_while_it_lasts_and_never_the_appeal(seed: int) -> None:
    audience = Audience(poisoned(seed))
    fast, slow = work("fast", tempo=0.8), work("slow", tempo=-0.8)

    def lead(day: int) -> float:
        answers = audience.expose([fast, slow], np.arange(4000) % 2, day)
        return float(answers.counts(0)["like"] - answers.counts(1)["like"])

    first, last = POISON_DAYS
    liked_fast = audience.spec.campaigns[0].brigade
    honest = Audience(plain(seed).model_copy(update={"luck": 0.0}))
    assert (honest.true_appeal(fast) > honest.true_appeal(slow)) == liked_fast
    for day in (first, last):
        assert lead(day) * (1 if liked_fast else -1) < -500
    assert appeals(audience, day=first) == appeals(Audience(plain(seed)))
    answers = audience.expose([fast, slow], np.arange(4000) % 2, last + 1)
    assert answers.bots.mean() < 0.05
