from __future__ import annotations

import random
from datetime import timedelta

from domain.experiment import Experiment, arm_of
from services.experiment_looks import Outcome, look_at, sample_plan
from tests.store import nouns

SONGS_A_DAY, DAYS = 40, 15
SIMULATIONS = 150


def _tried(seed: int, gain: float = 0.0, rejected: float = 0.0) -> Experiment:
    """So many days, looked at each day, until it is decided; `gain`: the treatment's in reward."""
    rng = random.Random(seed)
    fresh = nouns.experiment(f"experiment_{seed}")
    definition = fresh.definition.model_copy(update={"effect": 0.1})
    plan = sample_plan(definition, [])
    one = fresh.model_copy(update={"definition": definition, "plan": plan})
    outcomes: list[Outcome] = []
    for day in range(DAYS):
        for number in range(SONGS_A_DAY):
            unit = f"work_{day}_{number}"
            arm = arm_of(one.id, unit, definition.arms).name
            treated = arm == "short"
            refused = float(rng.random() < 0.1 + rejected * treated)
            reward = min(1.0, max(0.0, rng.gauss(0.4 + gain * treated, 0.25)))
            outcomes.append(Outcome(arm, unit, reward=reward, rejection=refused))
        at = one.created_at + timedelta(days=day)
        seen = look_at(one, outcomes, at)
        one = one.amend(at, looks=(*one.looks, seen))
        if seen.decided or seen.mismatch or seen.breach:
            break
    return one


def test_where_arms_do_the_same_daily_looks_rarely_show_a_difference() -> None:
    tried = [_tried(seed) for seed in range(SIMULATIONS)]
    lasts = [one.last for one in tried if one.last is not None]
    shown = sum(any(c.verdict in ("better", "worse") for c in last.compared) for last in lasts)
    # 5 % of 150 is 7.5; sixteen or more would be seen less than once in 200 such tests.
    assert shown <= 15
    assert sum(last.mismatch for last in lasts) <= 5
    assert sum(last.breach is not None for last in lasts) <= 15


def test_a_planted_effect_is_found_and_early() -> None:
    tried = [_tried(seed, gain=0.1) for seed in range(40)]
    found = [one for one in tried if one.last and one.last.compared[0].verdict == "better"]
    assert len(found) >= 34
    assert all(one.last.compared[0].low > 0 for one in found if one.last)
    assert len(found[0].looks) < DAYS


def test_a_guardrail_sees_rejections_rise() -> None:
    last = _tried(3, rejected=0.5).last
    assert last is not None
    assert last.breach is not None
    assert last.breach.metric == "rejection"


def test_an_arm_that_loses_songs_is_no_arm_to_compare() -> None:
    one = nouns.experiment()
    lost = [Outcome("as it is", f"a{n}", reward=0.1) for n in range(400)]
    lost += [Outcome("short", f"b{n}", reward=0.9) for n in range(200)]
    seen = look_at(one, lost, one.created_at)
    assert seen.mismatch
    assert seen.shares_p < 1e-4


def test_what_was_shown_once_stays_shown_and_one_value_counts_per_unit() -> None:
    one = _tried(1, gain=0.1)
    assert one.last is not None
    verdict = one.last.compared[0].verdict
    flat = [
        Outcome(a, f"{a}{n}", reward=n % 2 / 2) for a in ("as it is", "short") for n in range(900)
    ]
    again = look_at(one, flat + flat, one.created_at + timedelta(days=40))
    assert again.compared[0].verdict == verdict
    assert again.assigned == {"as it is": 900, "short": 900}
