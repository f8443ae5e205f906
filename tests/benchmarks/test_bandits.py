"""Bandits: the study tells who learnt from who did not, and gains nothing where none is to have."""

from __future__ import annotations

import pytest

from benchmarks.bandits import (
    CHANCE,
    LINUCB,
    THOMPSON,
    Bank,
    Lives,
    Study,
    gain,
    gain_table,
    lives,
    one_place,
    regret_table,
    relative_regret,
    tasteless,
    two_places,
)
from tests.evals.audience.works import work

STUDY = Study(seeds=range(1, 6), rounds=(20, 80), exposures=200)
PLACES = {"slow": -1.0, "even": 0.0, "fast": 1.0}
BANK: Bank = {
    name: [work("", tempo=at + by, harmony=at, notes=at).features for by in (-0.1, 0.1)]
    for name, at in PLACES.items()
}


@pytest.fixture(scope="module")
def tasteful() -> Lives:
    return lives(one_place, BANK, STUDY)


def test_who_learns_misses_less_and_makes_what_is_liked(tasteful: Lives) -> None:
    for name in (THOMPSON, LINUCB):
        assert relative_regret(tasteful, name, 80).estimate < 0.6
        assert gain(tasteful, name).low > 0.0
    assert relative_regret(tasteful, CHANCE, 80).estimate == pytest.approx(1.0)
    assert gain(tasteful, CHANCE).estimate == 0.0


def test_regret_grows_and_chances_share_of_it_shrinks(tasteful: Lives) -> None:
    for name, runs in tasteful.items():
        assert all(0.0 < run.regrets[20] <= run.regrets[80] for run in runs), name
    early, late = (relative_regret(tasteful, THOMPSON, rounds).estimate for rounds in (20, 80))
    assert late < early


def test_nobody_gains_where_tastes_ignore_every_choice() -> None:
    done = lives(tasteless, BANK, Study(seeds=range(1, 7), rounds=(40,), exposures=50))
    assert all(run.regrets[40] == 0.0 for runs in done.values() for run in runs)
    # Luck is all there is: nobody is ahead by more than a hair.
    assert all(abs(gain(done, name).estimate) < 1.5 for name in done)


def test_the_tables_hold_every_policy_and_the_verdicts(tasteful: Lives) -> None:
    table = regret_table("One place", tasteful, STUDY, 80)
    assert [row.name for row in table.rows] == list(tasteful)
    assert table.rows[0].values[0] == pytest.approx(100.0)
    assert all("40 % of chance's regret" in note for note in table.notes)
    assert len(gain_table("gains", tasteful).rows) == len(tasteful)


def test_who_is_told_the_place_learns_what_each_likes() -> None:
    study = Study(seeds=range(1, 4), rounds=(100,), exposures=200)
    done = lives(two_places, BANK, study)
    assert relative_regret(done, LINUCB, 100).estimate < 0.6
    assert gain(done, LINUCB).low > 0.0
