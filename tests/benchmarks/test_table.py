from __future__ import annotations

import json

import pytest
from rich.console import Console

from benchmarks.table import Column, Row, Table, print_tables

SECONDS = Column("s", 1, ratio=True)
MEMORY = Column("MB", 0)


def table() -> Table:
    rows = (Row("plain", (2.0, 100.0)), Row("fancy", (5.0, 250.4)), Row("unmeasured", (None, None)))
    return Table("Times", (SECONDS, MEMORY), rows, baseline="plain", notes=("On a quiet day.",))


def rendered(made: Table) -> str:
    console = Console(width=100)
    with console.capture() as captured:
        made.show(console)
    return captured.get()


def test_a_table_names_its_baseline_and_shows_ratios_to_it() -> None:
    lines = rendered(table()).splitlines()
    plain = next(line for line in lines if "plain" in line)
    fancy = next(line for line in lines if "fancy" in line)
    assert "plain (baseline)" in plain
    assert [c.strip() for c in plain.split("│")[2:-1]] == ["2.0", "1.00", "100"]
    assert [c.strip() for c in fancy.split("│")[2:-1]] == ["5.0", "2.50", "250"]
    assert lines[-1] == "On a quiet day."


def test_what_was_not_measured_is_never_shown_as_zero() -> None:
    line = next(line for line in rendered(table()).splitlines() if "unmeasured" in line)
    assert [c.strip() for c in line.split("│")[2:-1]] == ["-", "-", "-"]
    assert table().as_json()["rows"][2] == {  # type: ignore[index]
        "name": "unmeasured",
        "s": None,
        "s, ratio": None,
        "MB": None,
    }


def test_a_ratio_to_nothing_is_nothing() -> None:
    made = Table("t", (SECONDS,), (Row("none", (0.0,)), Row("some", (1.0,))), baseline="none")
    assert [made.ratio(row, 0) for row in made.rows] == [None, None]


def test_json_carries_unrounded_figures(capsys: pytest.CaptureFixture[str]) -> None:
    print_tables([table()], as_json=True)
    (read,) = json.loads(capsys.readouterr().out)
    assert read["baseline"] == "plain"
    assert read["rows"][1] == {"name": "fancy", "s": 5.0, "s, ratio": 2.5, "MB": 250.4}


def test_a_table_without_its_baseline_is_refused() -> None:
    with pytest.raises(ValueError, match="baseline 'gone'"):
        Table("t", (MEMORY,), (Row("here", (1.0,)),), baseline="gone")


def test_a_row_that_misses_a_figure_is_refused() -> None:
    with pytest.raises(ValueError, match="every column"):
        Table("t", (SECONDS, MEMORY), (Row("here", (1.0,)),), baseline="here")
