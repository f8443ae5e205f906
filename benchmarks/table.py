"""One shape for what a benchmark measured: rows, a named baseline among them, and ratios to it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue
from rich.console import Console
from rich.table import Table as RichTable

NOTHING = "-"


@dataclass(frozen=True)
class Column:
    """A measured figure: its heading with the unit, and how many decimals mean anything."""

    heading: str
    decimals: int = 1
    ratio: bool = False


@dataclass(frozen=True)
class Row:
    """One measured thing; None stands for what was not measured."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Table:
    """Rows of figures. Columns with `ratio` are followed by their ratio to the baseline row."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    baseline: str
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if [row.name for row in self.rows].count(self.baseline) != 1:
            raise ValueError(f"the baseline {self.baseline!r} must be one of the rows")
        if any(len(row.values) != len(self.columns) for row in self.rows):
            raise ValueError("every row needs a value for every column")

    def ratio(self, row: Row, column: int) -> float | None:
        """How many times the baseline's figure this row's is."""
        value, base = row.values[column], self._base.values[column]
        return None if value is None or not base else value / base

    @property
    def _base(self) -> Row:
        return next(row for row in self.rows if row.name == self.baseline)

    def show(self, console: Console) -> None:
        """Print it for people."""
        made = RichTable(title=self.title, title_justify="left")
        made.add_column("")
        for column in self.columns:
            made.add_column(column.heading, justify="right")
            if column.ratio:
                made.add_column("ratio", justify="right")
        for row in self.rows:
            made.add_row(self._label(row), *self._cells(row))
        console.print(made)
        for note in self.notes:
            console.print(note)

    def as_json(self) -> dict[str, JsonValue]:
        """The same for scripts, unrounded."""
        rows: list[JsonValue] = []
        for row in self.rows:
            figures: dict[str, JsonValue] = {"name": row.name}
            for number, column in enumerate(self.columns):
                figures[column.heading] = row.values[number]
                if column.ratio:
                    figures[f"{column.heading}, ratio"] = self.ratio(row, number)
            rows.append(figures)
        return {
            "title": self.title,
            "baseline": self.baseline,
            "rows": rows,
            "notes": list(self.notes),
        }

    def _label(self, row: Row) -> str:
        return f"{row.name} (baseline)" if row.name == self.baseline else row.name

    def _cells(self, row: Row) -> list[str]:
        cells = []
        for number, column in enumerate(self.columns):
            cells.append(_cell(row.values[number], column.decimals))
            if column.ratio:
                cells.append(_cell(self.ratio(row, number), 2))
        return cells


def print_tables(tables: Sequence[Table], *, as_json: bool) -> None:
    """Print what a benchmark measured, on standard output."""
    if as_json:
        print(json.dumps([table.as_json() for table in tables], indent=1))
        return
    # A pipe has no width of its own: a narrow guess would cut the figures.
    console = Console(width=None if sys.stdout.isatty() else 140)
    for table in tables:
        table.show(console)


def _cell(value: float | None, decimals: int) -> str:
    return NOTHING if value is None else f"{value:.{decimals}f}"
