"""A running label to be measured from outside: `serve`, or processes apart on real servers."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Apart:
    """How many processes of each role; no API process means one for everything, on SQLite."""

    apis: int = 0
    workers: int = 1
    schedulers: int = 1


@dataclass
class Running:
    """A label whose database is there, and whose processes are once `start` was called."""

    database_url: str
    _holder: subprocess.Popen[str]
    apis: list[str] = field(default_factory=list)
    token: str = ""
    processes: dict[str, psutil.Process] = field(default_factory=dict)

    def start(self) -> None:
        """Start the label's processes and wait until they answer."""
        assert self._holder.stdin is not None
        self._holder.stdin.write("start\n")
        self._holder.stdin.flush()
        told = _line(self._holder.stdout)
        self.apis, self.token = told["apis"], told["token"]
        self.processes = {name: psutil.Process(pid) for name, pid in told["pids"].items()}

    def descendants(self) -> list[psutil.Process]:
        """Every process that was started for the label: its servers too."""
        return psutil.Process(self._holder.pid).children(recursive=True)

    def cpu_s(self) -> float:
        """CPU seconds of all processes so far, and of their children."""
        return sum(_cpu_s(process) for process in self.processes.values())

    def rss_mb(self) -> float:
        """Memory of all processes, without their children."""
        return sum(p.memory_info().rss for p in self.processes.values()) / MEGABYTE

    def whole_mb(self) -> float:
        """Memory of all processes and children, what they share counted once (PSS, Linux)."""
        return sum(_pss_mb(process) for process in self.processes.values())


@contextmanager
def running(folder: Path, apart: Apart, settings: Mapping[str, str]) -> Iterator[Running]:
    """A label in a folder, ended with the block."""
    command = [sys.executable, "-m", "tests.support.running", str(folder)]
    command += ["--apis", str(apart.apis), "--workers", str(apart.workers)]
    command += ["--schedulers", str(apart.schedulers), "--settings", json.dumps(dict(settings))]
    holder = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield Running(str(_line(holder.stdout)["database_url"]), holder)
    finally:
        assert holder.stdin is not None
        holder.stdin.close()
        holder.wait(120)


def _line(pipe: IO[str] | None) -> dict[str, Any]:
    assert pipe is not None
    line = pipe.readline()
    if not line:
        raise RuntimeError("the label did not start; its error is above")
    return dict(json.loads(line))


def _cpu_s(process: psutil.Process) -> float:
    """CPU seconds of a process and of all that came of it, the ended ones too."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return sum(_spent(each) for each in (process, *process.children(recursive=True)))
    return 0.0


def _pss_mb(process: psutil.Process) -> float:
    """Proportional memory of a process and of all that came of it and still lives."""
    found = 0.0
    for each in (process, *process.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            found += each.memory_full_info().pss / MEGABYTE
    return found


def _spent(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    # What an ended child has used is counted with its parent, once.
    return float(times.user + times.system + times.children_user + times.children_system)
