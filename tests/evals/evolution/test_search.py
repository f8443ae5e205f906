from __future__ import annotations

import random
import threading
from collections.abc import Sequence

import pytest

from evals.evolution.search import Bench, Feedback, Plan, SearchOver, Texts, Trial, search

WORDS = ("short", "plain", "warm", "concrete", "honest", "first", "calm", "exact")
TRAINING = [f"t{n}" for n in range(8)]
VALIDATION = [f"v{n}" for n in range(8)]
PLAN = Plan(TRAINING, VALIDATION, seed=3, samples=400, rounds=60)


class Obedient:
    """Case n is answered well when the text holds its word."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def __call__(self, texts: Texts, case_ids: Sequence[str]) -> list[Trial]:
        self.asked += [(texts["system"], case_id) for case_id in case_ids]
        return [self._trial(texts["system"], case_id) for case_id in case_ids]

    def _trial(self, text: str, case_id: str) -> Trial:
        word = WORDS[int(case_id[1:])]
        score = float(word in text.split())
        return Trial(case_id, score, {"short": -float(len(text))}, {"wants": word})


def _adds_what_was_missed(texts: Texts, section: str, seen: Sequence[Feedback]) -> str | None:
    missing = [one["wants"] for one in seen if one["wants"] not in texts[section].split()]
    return f"{texts[section]} {missing[0]}" if missing else None


def test_feedback_leads_to_the_best_text() -> None:
    found = search({"system": "Write."}, PLAN, Obedient(), _adds_what_was_missed)
    assert found.best is not None
    assert found.tried[0].score == 0.0
    assert found.best.score == 1.0
    assert found.tried.index(found.best) in found.front


def test_no_pair_is_asked_twice_and_the_same_seed_goes_the_same_way() -> None:
    first, second = Obedient(), Obedient()
    found = search({"system": "Write."}, PLAN, first, _adds_what_was_missed)
    assert len(first.asked) == len(set(first.asked)) == found.samples
    search({"system": "Write."}, PLAN, second, _adds_what_was_missed)
    assert first.asked == second.asked


@pytest.mark.parametrize("most", [5, 8, 20, 33])
def test_no_sample_beyond_the_budget_is_asked(most: int) -> None:
    rollouts = Obedient()
    plan = Plan(TRAINING, VALIDATION, seed=3, samples=most, rounds=60)
    found = search({"system": "Write."}, plan, rollouts, _adds_what_was_missed)
    assert len(rollouts.asked) <= most
    assert str(most) in found.why_ended
    assert (found.best is None) == (most < len(VALIDATION))


def test_a_search_that_asks_nothing_new_still_ends() -> None:
    found = search({"system": " ".join(WORDS)}, PLAN, Obedient(), _adds_what_was_missed)
    assert (found.samples, found.why_ended) == (16, "all 60 rounds are gone")


def test_a_stop_keeps_the_best_so_far() -> None:
    stop, rollouts = threading.Event(), Obedient()
    found = search(
        {"system": "Write."},
        PLAN,
        rollouts,
        _adds_what_was_missed,
        watch=lambda now: stop.set() if now.best > 0.2 else None,
        stop=stop,
    )
    assert found.why_ended == "it was stopped"
    assert found.best is not None
    assert 0.2 < found.best.score < 1.0


def test_the_end_of_a_budget_while_reflecting_ends_the_search() -> None:
    def broke(texts: Texts, section: str, seen: Sequence[Feedback]) -> str | None:
        raise SearchOver("no money")

    found = search({"system": "Write."}, PLAN, Obedient(), broke)
    assert (found.why_ended, len(found.tried)) == ("no money", 1)


def test_noise_for_proposals_finds_nothing() -> None:
    draw = random.Random(1)
    found = search({"system": "Write."}, PLAN, Obedient(), lambda *_: f"noise {draw.random()}")
    assert found.best is found.tried[0]


def test_a_bench_refuses_before_it_asks() -> None:
    rollouts = Obedient()
    bench = Bench(rollouts, 2)
    with pytest.raises(SearchOver):
        bench.ask({"system": ""}, ["t0", "t1", "t2"])
    assert rollouts.asked == []
