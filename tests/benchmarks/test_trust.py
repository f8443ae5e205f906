from __future__ import annotations

import pytest

from benchmarks.trust import alarms, experiments, gates, intervals


def test_peeking_fools_the_plain_test_and_not_ours() -> None:
    false, found = experiments(200)
    shares = {row.name: row.values[0] or 0.0 for row in false.rows}
    plain = shares.pop(false.baseline)
    assert plain > 15.0
    assert all(share <= 5.0 for share in shares.values())
    assert all((row.values[2] or 0.0) > 85.0 for row in found.rows)
    assert all((row.values[0] or 0.0) < 2 * (row.values[1] or 0.0) for row in found.rows)


def test_every_share_stands_inside_its_interval() -> None:
    for table in (intervals(60), gates(100)):
        for row in table.rows:
            share, low, high = (value or 0.0 for value in row.values[:3])
            assert low <= share <= high


def test_the_gate_gains_power_with_cases_at_the_same_false_alarms() -> None:
    rows = {row.name: row.values for row in gates(300).rows}
    few, many = rows["30 cases, deviation 0.2"], rows["300 cases, deviation 0.2"]
    assert (many[0] or 0.0) > (few[0] or 0.0) + 30.0
    assert all((values[3] or 0.0) < 9.0 for values in rows.values())


def test_delays_are_measured_beside_those_stated() -> None:
    for row in alarms(20).rows:
        assert row.values[3] == pytest.approx(100.0, abs=10.0)
        seen, stated = row.values[6] or 0.0, row.values[7] or 0.0
        assert seen <= 2 * stated + 2
