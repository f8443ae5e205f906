"""Watches a process from outside: memory of it and of its children, CPU of the embedded model.

From outside, because looking costs CPU seconds that must not count as the watched one's.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from tools.vendors.embedded.process import MODULE

EVERY_S = 0.05
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Sample:
    """Memory at one moment; a child counts with the most it has had since it began."""

    at: float
    process_mb: float
    child_mb: float
    model_cpu_s: float | None


@dataclass(frozen=True)
class Peaks:
    """The most that was seen between two moments."""

    process_mb: float | None = None
    child_mb: float | None = None
    together_mb: float | None = None
    model_cpu_s: float | None = None


@dataclass
class Watch:
    """Samples process `pid` while the block runs. `model` finds the embedded model's process."""

    pid: int
    model: Callable[[], psutil.Process | None] = lambda: None
    samples: list[Sample] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        process = psutil.Process(self.pid)
        while not self._ended.wait(EVERY_S):
            try:
                self.samples.append(self._sample(process))
            except psutil.NoSuchProcess:
                return

    def _sample(self, process: psutil.Process) -> Sample:
        model = self.model()
        return Sample(
            at=time.monotonic(),
            process_mb=process.memory_info().rss / MEGABYTE,
            child_mb=sum(map(_most_mb, process.children(recursive=True))),
            model_cpu_s=_cpu_s(model) if model else None,
        )

    def between(self, began: float, ended: float) -> Peaks:
        """The peaks from `began` to `ended` (monotonic time); empty when nothing was sampled."""
        seen = [s for s in self.samples if began <= s.at <= ended]
        if not seen:
            return Peaks()
        used = [s.model_cpu_s for s in seen if s.model_cpu_s is not None]
        return Peaks(
            process_mb=max(s.process_mb for s in seen),
            child_mb=max(s.child_mb for s in seen) or None,
            together_mb=max(s.process_mb + s.child_mb for s in seen),
            model_cpu_s=used[-1] - used[0] if used else None,
        )


def _most_mb(child: psutil.Process) -> float:
    """The peak of an embedded engine's child; 0 for any other, such as the model's server.

    Not `ru_maxrss`: on Linux a child inherits that from its parent, so it is never below the
    parent's own peak.
    """
    try:
        if MODULE not in child.cmdline():
            return 0.0
        now = child.memory_info().rss / MEGABYTE
    except psutil.Error:
        return 0.0
    return max(now, _high_water_mb(child.pid))


def _high_water_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    line = next((x for x in status.splitlines() if x.startswith("VmHWM:")), None)
    return int(line.split()[1]) / 1024 if line else 0.0


def _cpu_s(process: psutil.Process) -> float | None:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return None
    return times.user + times.system
