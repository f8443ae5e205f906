"""Evaluations: the benchmark's runs are paid once, whatever becomes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.evals import AGAIN, FIRST, RESUMED, STOPPED, Load, measure


async def test_no_answer_is_paid_twice(tmp_path: Path) -> None:
    table = await measure(Load(cases=24, latency_s=0.02, slots=4), tmp_path)
    rows = {row.name: row.values for row in table.rows}
    seconds, share, _, paid, twice = rows[FIRST]
    assert (paid, twice) == (24, 0)
    assert seconds is not None
    assert share == pytest.approx(24 * 0.02 / 4 / seconds)
    assert (rows[AGAIN][3], rows[AGAIN][4]) == (0, 0)
    before, after = rows[STOPPED][3], rows[RESUMED][3]
    assert before is not None
    assert after is not None
    assert 12 <= before < 24
    # An answer that had come when it was stopped is found in the cache.
    assert 24 - 4 - before <= after <= 24 - before
    assert rows[RESUMED][4] == 0
