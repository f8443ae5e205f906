"""A worker of its own process that notes what it does, line by line, in a file many may share.

Usage: python -m tests.runtime.engine.hand URL NOTES WORKER_ID PARALLEL DEAD_AFTER_S
Jobs are `work(job, partition, seconds)`, which reaches a safe point every 50 ms, and
`stubborn(job, partition, seconds)`, which has none. SIGTERM hands over with one second of
patience.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from domain.ports.engine import HandedOver
from runtime.engine.dbos_engine import DbosEngine

SAFE_POINT_S = 0.05
PATIENCE_S = 1.0


@dataclass(frozen=True)
class Note:
    """One line: who entered, left, handed over or was cancelled in which job."""

    what: str
    job: str
    partition: str
    worker: str
    at: float


class Notes:
    """The shared file. A short line appended in one write never mixes with another."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()

    def write(self, what: str, job: str, partition: str, worker: str) -> None:
        line = f"{what} {job} {partition} {worker} {time.monotonic():.4f}\n"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)

    def read(self) -> list[Note]:
        words = (line.split() for line in self.path.read_text().splitlines())
        return [Note(w[0], w[1], w[2], w[3], float(w[4])) for w in words]

    def of(self, what: str, job: str | None = None) -> list[Note]:
        return [n for n in self.read() if n.what == what and job in (None, n.job)]

    def overlaps(self) -> list[Note]:
        """Entries into a partition in which another job had not ended."""
        inside: defaultdict[str, int] = defaultdict(int)
        found = []
        for note in self.read():
            if note.what == "enter":
                if inside[note.partition]:
                    found.append(note)
                inside[note.partition] += 1
            elif note.what in ("leave", "handed", "cancelled"):
                inside[note.partition] -= 1
        return found

    def times_left(self) -> Counter[str]:
        return Counter(note.job for note in self.of("leave"))


async def main(url: str, notes_path: str, worker_id: str, parallel: str, dead_s: str) -> None:
    notes = Notes(Path(notes_path))
    engine = DbosEngine(
        url,
        worker_id,
        parallel=int(parallel),
        polling_interval_s=0.05,
        dead_after_s=float(dead_s),
        drain_s=PATIENCE_S,
        shared=True,
    )

    async def work(job: str, partition: str, seconds: str) -> None:
        notes.write("enter", job, partition, worker_id)
        until = time.monotonic() + float(seconds)
        try:
            while (left := until - time.monotonic()) > 0:
                if engine.draining:
                    notes.write("handed", job, partition, worker_id)
                    raise HandedOver
                await asyncio.sleep(min(left, SAFE_POINT_S))
        except asyncio.CancelledError:
            notes.write("cancelled", job, partition, worker_id)
            raise
        notes.write("leave", job, partition, worker_id)

    async def stubborn(job: str, partition: str, seconds: str) -> None:
        notes.write("enter", job, partition, worker_id)
        try:
            await asyncio.sleep(float(seconds))
        except asyncio.CancelledError:
            notes.write("cancelled", job, partition, worker_id)
            raise
        notes.write("leave", job, partition, worker_id)

    engine.register("work", work)
    engine.register("stubborn", stubborn)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await engine.start()
    notes.write("ready", "-", "-", worker_id)
    await ended.wait()
    await engine.hand_over(PATIENCE_S)
    await engine.stop()
    notes.write("gone", "-", "-", worker_id)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:6]))
