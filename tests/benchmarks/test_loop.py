"""The whole of learning: it gains where there is something to learn, and undoes what went wrong."""

from __future__ import annotations

import pytest

from benchmarks.loop import (
    LIVELINESS,
    PROMPT,
    Bank,
    Pair,
    Study,
    changed,
    gain_table,
    pairs,
    worlds,
)
from tests.evals.audience.works import work

STUDY = Study(
    seeds=range(1, 3), days=110, trouble_day=60, settled_days=20, exposures=800, panel=200
)
PLACES = {"slow": -1.0, "fast": 1.0}
BANK: Bank = {
    (name, version): [
        work("", tempo=at + by, harmony=at, notes=at, attacks=lively).features for by in (-0.1, 0.1)
    ]
    for name, at in PLACES.items()
    for version, lively in LIVELINESS.items()
}


@pytest.fixture(scope="module")
def shifted() -> list[Pair]:
    return pairs(worlds(STUDY)["shifted"], BANK, STUDY)


def test_who_learns_makes_what_is_liked_more(shifted: list[Pair]) -> None:
    for pair in shifted:
        assert pair.gain(40, 60) > 1.0
        assert pair.frozen.entries == []
        assert changed(pair, STUDY)


def test_versions_of_a_prompt_go_through_the_ledger_with_their_proof(shifted: list[Pair]) -> None:
    versions = [e for pair in shifted for e in pair.learning.entries if e.parameter == PROMPT]
    assert versions
    assert all(entry.proposal.expected.low > 0.0 for entry in versions)


def test_a_shifted_audience_is_noticed_and_what_was_learnt_is_undone(shifted: list[Pair]) -> None:
    for pair in shifted:
        assert changed(pair, STUDY)
        day = pair.learning.reversal_day(STUDY.trouble_day)
        assert day is not None
        assert day <= 45


def test_nobody_gains_in_the_null_world() -> None:
    study = Study(seeds=range(1, 2), days=60, trouble_day=40, trouble_days=10, settled_days=20)
    [pair] = pairs(worlds(study)["null"], BANK, study)
    assert pair.gain(0, 60) == pytest.approx(0.0, abs=0.1)


def test_the_table_tells_the_reversals(shifted: list[Pair]) -> None:
    table = gain_table("shifted", shifted, STUDY)
    assert len(table.rows) == 3
    assert "of them reverted" in table.notes[0]
    assert "of the 2 worlds where something learnt was in force" in table.notes[1]
