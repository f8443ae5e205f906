"""The regular duties of a process at the queue, in a thread of its own.

A thread, so that neither a busy loop nor a full pool of threads makes a living worker look dead.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
import structlog

from runtime.engine.heartbeat import Beat, Heartbeats, Silence
from runtime.engine.inbox import Inbox
from runtime.engine.rows import JobRows, RunningJob

_log = structlog.get_logger(__name__)

LOOKS_PER_DEATH = 5
_TIDY_EVERY_S = 600.0
_TIDY_AT_ONCE = 500
# A worker that fell silent is shown so long, for people to see that it did.
_FORGET_AFTER_S = 60.0
# A worker whose loop has not turned for so long cannot be called alive.
_STALLED_S = 60.0


@dataclass(frozen=True)
class Worker:
    """The worker this process is, as its pulse sees it. Calls come from the pulse's thread."""

    id: str
    concurrency: int
    tokens: Callable[[], Mapping[str, str]]
    draining: Callable[[], bool]
    asked_to_drain: Callable[[], None]
    lost: Callable[[list[str]], None]
    # Seconds since the loop last turned.
    stalled_s: Callable[[], float]


class Pulse:
    """Beats for a worker, if this process is one, and takes care of what dead ones left.

    A worker `alone` at its database need not show anybody that it lives. Jobs that ended more
    than `keep_s` ago are removed.
    """

    def __init__(
        self,
        heartbeats: Heartbeats,
        rows: JobRows,
        inbox: Inbox,
        dead_after_s: float,
        worker: Worker | None,
        *,
        keep_s: float,
        alone: bool,
    ) -> None:
        self._heartbeats = heartbeats
        self._rows = rows
        self._inbox = inbox
        self._dead_after_s = dead_after_s
        self._worker = worker
        self._keep_s = keep_s
        self._alone = alone
        self._every_s = dead_after_s / LOOKS_PER_DEATH
        self._silence = Silence(self._every_s)
        self._stray: set[tuple[str, str | None]] = set()
        self._tidied_at: float | None = None
        self._stop = threading.Event()
        self._now = threading.Event()
        self._thread = threading.Thread(target=self._go, name="engine-pulse", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; blocks until it has ended."""
        self._stop.set()
        self._now.set()
        if self._thread.is_alive():
            self._thread.join()

    def beat_now(self) -> None:
        """Do not wait for the next beat."""
        self._now.set()

    def silent_s(self, worker_id: str) -> float:
        """How long a worker was seen to be silent."""
        return self._silence.of(worker_id)

    def _go(self) -> None:
        while not self._stop.is_set():
            try:
                self._turn()
            except sa.exc.SQLAlchemyError as error:
                # The database is away: what was seen before says nothing about anybody now.
                _log.warning("the engine's pulse missed a beat", error=str(error))
            except Exception:  # noqa: BLE001 - without a pulse others would take this worker's jobs
                _log.exception("the engine's pulse stumbled")
            self._now.wait(self._every_s)
            self._now.clear()

    def _turn(self) -> None:
        held = self._worker.tokens() if self._worker else {}
        if self._worker is not None and not self._alone:
            self._beat(self._worker, len(held))
        running = self._rows.running()
        if self._worker is not None:
            self._compare(self._worker, held, running)
        if not self._alone:
            self._bury(self._heartbeats.all(), running)
        now = time.monotonic()
        if self._tidied_at is None or now - self._tidied_at >= _TIDY_EVERY_S:
            self._tidied_at = now
            self._tidy()

    def _beat(self, worker: Worker, running: int) -> None:
        if worker.stalled_s() > _STALLED_S:
            _log.error("the worker's loop stands still; it no longer counts as alive")
            return
        drain = self._heartbeats.beat(worker.id, running, worker.draining())
        if drain is None:
            self._heartbeats.appear(worker.id, worker.concurrency, self._dead_after_s)
        elif drain and not worker.draining():
            worker.asked_to_drain()

    def _compare(
        self, worker: Worker, held: Mapping[str, str], running: Sequence[RunningJob]
    ) -> None:
        """Stop what others have by now; give back what is ours by the rows and nobody runs."""
        mine = {job.id: job.token for job in running if job.worker_id == worker.id}
        lost = [job_id for job_id, token in held.items() if mine.get(job_id) != token]
        if lost:
            worker.lost(lost)
        stray = {(job_id, token) for job_id, token in mine.items() if held.get(job_id) != token}
        # Twice in a row, because what is held was read a moment before the rows.
        for job_id, token in stray & self._stray:
            if token is not None and job_id not in worker.tokens():
                _log.warning("a job that nobody ran is put back", job_id=job_id)
                self._rows.put_back(job_id, token)
        self._stray = stray

    def _bury(self, beats: Sequence[Beat], running: Sequence[RunningJob]) -> None:
        """Put back the jobs of dead workers; forget those that are long dead."""
        counters = {job.worker_id: -1 for job in running}  # a holder without a row never beats
        counters |= {beat.worker_id: beat.beats for beat in beats}
        self._silence.look(counters)
        me = self._worker.id if self._worker else None
        holders = {job.worker_id for job in running} - {me}
        patience = {beat.worker_id: beat.dead_after_s for beat in beats}
        dead = sorted(
            w for w in holders if self._silence.of(w) >= patience.get(w, self._dead_after_s)
        )
        if dead:
            count = self._rows.put_back_of(dead)
            _log.warning("jobs of silent workers are put back", workers=dead, jobs=count)
        long_dead = {w for w in counters if self._silence.of(w) >= _FORGET_AFTER_S}
        self._heartbeats.forget(long_dead - holders - {me})

    def _tidy(self) -> None:
        while ended := self._rows.ended_long_ago(self._keep_s, _TIDY_AT_ONCE):
            self._inbox.delete(ended)
            if self._stop.is_set():
                return
        self._rows.forget_turns()
