"""The chart of a soak: memory, runs that ended, and how late runs began."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import matplotlib as mpl
from matplotlib.figure import Figure


class Point(Protocol):
    """What the chart shows of one moment."""

    @property
    def at_s(self) -> float:
        """Seconds after the first slot."""

    @property
    def rss_mb(self) -> float:
        """Memory of all processes."""

    @property
    def ended(self) -> int:
        """Runs that have ended."""


def draw(samples: Sequence[Point], lags_s: Sequence[float], file: Path) -> None:
    """Write the chart as SVG; the same figures give the same file."""
    mpl.rcParams["svg.hashsalt"] = "greenroom"
    mpl.rcParams["svg.fonttype"] = "none"
    figure = Figure(figsize=(9, 6.5), layout="constrained")
    memory, ended, lags = figure.subplots(3, 1)
    minutes = [s.at_s / 60 for s in samples]
    memory.plot(minutes, [s.rss_mb for s in samples], color="#2a6f97")
    memory.set_ylim(bottom=0)
    memory.set_ylabel("memory, MB")
    ended.plot(minutes, [s.ended for s in samples], color="#bc6c25")
    ended.set_ylabel("cycles done")
    ended.set_xlabel("minutes after the first slot")
    lags.hist(lags_s, bins=30, color="#606c38")
    lags.set_xlabel("seconds from a slot to its run's first step")
    lags.set_ylabel("runs")
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, format="svg", metadata={"Date": None})
