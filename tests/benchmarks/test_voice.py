from __future__ import annotations

from benchmarks.table import Row
from benchmarks.voice import misses


def _row(name: str, dry: float, mix: float | None, in_tune: float) -> Row:
    return Row(name, (dry, mix, in_tune, None, 60.0, 3.0, 5.0, 4.0))


def test_songs_within_the_targets_miss_nothing() -> None:
    assert misses([_row("a", 0.1, 0.3, 0.99), _row("b", 0.28, None, 0.96)]) == []


def test_every_missed_target_is_told() -> None:
    told = "\n".join(misses([_row("a", 0.4, 0.9, 0.99), _row("b", 0.2, 0.8, 0.9)]))
    assert "a: dry word error 0.40" in told
    assert "b: 0.900 in tune" in told
    assert "mean dry word error 0.30" in told
    assert "mean mix word error 0.85" in told
