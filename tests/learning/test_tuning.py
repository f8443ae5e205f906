from __future__ import annotations

import numpy as np
import pytest

from domain.choice import CreativeChoice
from domain.errors import InvalidInput
from learning.off_policy import Logged
from learning.tuning import FLOOR, difference, surprises, tune

OPTIONS = ("short", "middle", "long")


def log(worth: tuple[float, ...], songs: int, seed: int) -> list[Logged]:
    rng = np.random.default_rng(seed)
    made = []
    for number in range(songs):
        place = int(rng.integers(len(OPTIONS)))
        choice = CreativeChoice(
            name="form", options=OPTIONS, probabilities=(1 / 3,) * 3, chosen=OPTIONS[place],
            seed=number,
        )  # fmt: skip
        made.append(Logged(choice=choice, reward=worth[place] + 0.05 * rng.standard_normal()))
    return made


def test_the_better_option_is_found_and_called_harmless() -> None:
    tuned = tune(log((0.1, 0.2, 0.4), 90, 1), seed=1)
    assert max(tuned.weights, key=lambda option: tuned.weights[option]) == "long"
    assert min(tuned.weights.values()) >= FLOOR / len(OPTIONS) - 1e-9
    assert tuned.harmless
    assert tuned.gain.low > 0.0


def test_where_choices_do_not_matter_no_gain_is_claimed() -> None:
    claims = [tune(log((0.2, 0.2, 0.2), 60, seed), seed=1).gain.low > 0.0 for seed in range(20)]
    assert sum(claims) <= 2


def test_it_is_judged_on_songs_that_it_was_not_learnt_from() -> None:
    # By chance alone some option always looks better; learnt and judged on the same songs, the
    # gain would be above zero nearly always.
    gains = [tune(log((0.2, 0.2, 0.2), 75, seed), seed=1).gain.estimate for seed in range(20)]
    assert sum(gain > 0.0 for gain in gains) < 17


def test_too_short_a_log_is_refused() -> None:
    with pytest.raises(InvalidInput):
        tune(log((0.1, 0.2, 0.4), 12, 1), seed=1)


def test_a_difference_has_its_interval() -> None:
    rng = np.random.default_rng(3)
    before, after = rng.normal(0.2, 0.05, 60), rng.normal(0.3, 0.05, 40)
    found = difference(list(after), list(before))
    assert found.low < 0.1 < found.high
    assert found.low > 0.0
    same = difference([0.2, 0.2], [0.2, 0.2])
    assert (same.low, same.high) == (0.0, 0.0)


def test_surprises_stay_around_zero_whatever_is_drawn_until_the_audience_changes() -> None:
    before = [found for found in surprises(log((0.1, 0.2, 0.4), 300, 3)) if found is not None]
    assert abs(float(np.mean(before[30:]))) < 0.02
    changed = [*log((0.1, 0.2, 0.4), 300, 3), *log((0.1, 0.1, 0.1), 60, 4)]
    after = [found for found in surprises(changed)[300:] if found is not None]
    assert float(np.mean(after)) < -0.05
    assert surprises(changed)[0] is None
