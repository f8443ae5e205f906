"""The jobs that this worker holds: taking them, running them, giving them back."""

from __future__ import annotations

import asyncio
import contextvars
import random
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import sqlalchemy as sa
import structlog

from domain.ports.engine import HandedOver, Job
from runtime.engine.handlers import Handlers
from runtime.engine.rows import JobRows, Taken

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")

# A handler that stops early although nobody asked it to drain is not begun again at once.
STOPPED_EARLY_S = 1.0
# Several workers meeting at the queue come again in turn.
_AGAIN_S = 0.02
_DATABASE_AWAY_S = 1.0


class InThread(Protocol):
    """Runs a blocking call in a thread of the engine's own."""

    def __call__(self, call: Callable[[], _T]) -> Awaitable[_T]:
        """Run it and give back what it returns."""
        ...


# Starts taken jobs and gives back the ids of those that could not be started.
Dispatch = Callable[[list[Taken]], list[str]]


@dataclass(eq=False)
class Held:
    """A job that this worker has taken, until DBOS has written its outcome or let go of it."""

    taken: Taken
    started: bool = False
    handler: asyncio.Task[str] | None = None
    lost: bool = False
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Holding:
    """What one worker holds. Everything happens on the loop; rows are read in a thread."""

    def __init__(
        self,
        rows: JobRows,
        handlers: Handlers,
        in_thread: InThread,
        *,
        parallel: int,
        polling_interval_s: float,
    ) -> None:
        self.closed = False
        self._rows = rows
        self._handlers = handlers
        self._in_thread = in_thread
        self._parallel = parallel
        self._polling_interval_s = polling_interval_s
        self._held: dict[str, Held] = {}
        # Taken in the thread, not yet seen by the loop; replaced whole, never changed.
        self._fresh: dict[str, str] = {}
        self._wake = asyncio.Event()

    def __len__(self) -> int:
        return len(self._held)

    def tokens(self) -> dict[str, str]:
        """Job ids and what proves that they are held; may be called from any thread."""
        fresh = self._fresh
        return fresh | {job_id: held.taken.token for job_id, held in self._held.copy().items()}

    def wake(self) -> None:
        """Look for jobs now instead of at the next poll."""
        self._wake.set()

    async def take_jobs(self, dispatch: Dispatch) -> None:
        """Take and start jobs while there is room, until cancelled."""
        while True:
            self._wake.clear()
            try:
                wait_s = await self._take_some(dispatch)
            except Exception:  # noqa: BLE001 - a worker that takes no more jobs would look alive
                _log.exception("jobs cannot be taken")
                wait_s = _DATABASE_AWAY_S
            try:
                async with asyncio.timeout(wait_s * random.uniform(0.9, 1.1)):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def run(self, job: Job) -> str:
        """Run a job that was started; raises `CancelledError` to leave it without an outcome."""
        held, task = self._held.get(job.id), asyncio.current_task()
        if held is None or task is None:
            raise asyncio.CancelledError
        held.started = True
        task.add_done_callback(lambda _: self._let_go(held))
        try:
            if self.closed or held.lost:
                raise HandedOver
            # An empty context: what a job does is no step of DBOS's workflow, which would demand
            # the same steps again at recovery; handlers do not promise that.
            running = self._handlers.run(job)
            held.handler = asyncio.create_task(running, context=contextvars.Context())
            return await held.handler
        except (HandedOver, asyncio.CancelledError):
            await self._put_back(held)
            raise asyncio.CancelledError from None

    def lose(self, job_ids: Iterable[str]) -> None:
        """Stop jobs that others have by now; nothing of theirs is recorded."""
        for job_id in job_ids:
            held = self._held.get(job_id)
            # A handler that is done has its outcome on the way, or has just been put back.
            if held and not held.lost and not (held.handler and held.handler.done()):
                held.lost = True
                _log.warning("job lost to another worker", job_id=job_id)
                _cancel(held)
                if not held.started:  # DBOS does not begin what it finds with another
                    self._let_go(held)

    async def empty(self, timeout_s: float) -> bool:
        """Wait until nothing is held; False when time runs out."""
        try:
            async with asyncio.timeout(timeout_s):
                while self._held:
                    await next(iter(self._held.values())).ended.wait()
        except TimeoutError:
            return False
        return True

    def cancel(self) -> None:
        """Cancel every handler; what they did not end is put back."""
        for held in list(self._held.values()):
            _cancel(held)

    async def _take_some(self, dispatch: Dispatch) -> float:
        """Fill the free slots; says how long to wait before the next look."""
        room = self._parallel - len(self._held)
        if self.closed or room <= 0:
            return self._polling_interval_s
        busy = {held.taken.partition for held in self._held.values()}
        try:
            taken = await self._in_thread(lambda: self._take(room, busy))
        except sa.exc.SQLAlchemyError as error:
            _log.warning("jobs cannot be looked for", error=str(error))
            return _DATABASE_AWAY_S
        if taken is None:
            return _AGAIN_S
        if taken:
            await self._start(taken, dispatch)
        return self._polling_interval_s

    def _take(self, room: int, busy: Collection[str]) -> list[Taken] | None:
        taken = self._rows.take(room, busy)
        self._fresh = {one.id: one.token for one in taken or ()}
        return taken

    async def _start(self, taken: list[Taken], dispatch: Dispatch) -> None:
        self._held |= {one.id: Held(one) for one in taken}
        self._fresh = {}
        for job_id in await self._in_thread(lambda: dispatch(taken)):
            held = self._held[job_id]
            await self._put_back(held)
            self._let_go(held)

    async def _put_back(self, held: Held) -> None:
        if held.lost:
            return
        wait_s = 0.0 if self.closed else STOPPED_EARLY_S
        taken = held.taken
        try:
            await self._in_thread(lambda: self._rows.put_back(taken.id, taken.token, wait_s))
        except sa.exc.SQLAlchemyError as error:
            # The pulse finds it again as a job of this worker that nobody runs.
            _log.warning("job cannot be put back yet", job_id=taken.id, error=str(error))

    def _let_go(self, held: Held) -> None:
        if self._held.get(held.taken.id) is held:
            del self._held[held.taken.id]
        held.ended.set()
        self._wake.set()


def _cancel(held: Held) -> None:
    if held.handler is not None:
        held.handler.cancel()
