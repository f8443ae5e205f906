from pathlib import Path

import pytest

from benchmarks.music import (
    BASELINE,
    GATES,
    VARIANTS,
    Measured,
    Variant,
    fluidsynth_cpu_s,
    is_within,
    table,
)


def found(total_s: float = 20.0, peak_mb: float = 800.0) -> dict[Variant, Measured]:
    stages = {"compose": 0.5, "mix": 2.0, "total": total_s, GATES: 3.0}
    measured = Measured(
        seconds=90.0, stages=stages, peak_mb=peak_mb, gates_peak_mb=900.0,
        midi=Path("song.mid"), failures=("key: heard as another",),
    )  # fmt: skip
    return dict.fromkeys(VARIANTS, measured)


def test_table_compares_every_stage_with_fluidsynth() -> None:
    made = table("synthwave", found(), 2.0)
    rows = {row.name: row for row in made.rows}
    assert made.ratio(rows["total"], 0) == pytest.approx(10.0)
    assert set(rows) == {"compose", "mix", "total", GATES, BASELINE}
    assert any("key: heard as another" in note for note in made.notes)


def test_missing_fluidsynth_is_said_and_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert fluidsynth_cpu_s(Path("song.mid"), Path("font.sf2")) is None
    made = table("synthwave", found(), None)
    assert "fluidsynth is not installed" in made.notes[-1]
    assert made.ratio(made.rows[0], 0) is None


@pytest.mark.parametrize(
    ("total_s", "peak_mb", "kept"), [(20.0, 800.0, True), (26.0, 800.0, False), (20, 1300, False)]
)
def test_targets_are_kept_or_missed(total_s: float, peak_mb: float, kept: bool) -> None:
    assert is_within(found(total_s, peak_mb)) is kept
