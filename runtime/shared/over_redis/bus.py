"""The event bus between processes: ids of the log's newest lines go over a Redis channel."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

import structlog
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from runtime.bus import EventBus
from runtime.shared.over_redis.link import RedisAway, RedisLink

# While Redis is away nobody is woken: readers look at the log this often.
LOOK_ALONE_S = 1.0
PING_AFTER_S = 5.0
SILENT_FOR_S = 12.0
JOIN_AGAIN_S = 0.3
_log = structlog.get_logger(__name__)


class RedisEventBus(EventBus):
    """Announces to every process of the label, and never lets a commit wait for it."""

    def __init__(self, link: RedisLink) -> None:
        super().__init__()
        self._link = link
        self._channel = link.key("events")
        self._unsent = 0
        self._something = asyncio.Event()
        # Readers wait less while Redis is away, and look once more when it is back.
        link.on_change(self.wake)

    def announce(self, event_id: int) -> None:
        """Tell this process at once and the others as soon as may be."""
        super().announce(event_id)
        # Only the newest counts, so that nothing piles up while Redis is slow.
        self._unsent = max(self._unsent, event_id)
        self._something.set()

    async def wait(self, after: int, timeout_s: float) -> bool:
        """As in process; False early while Redis is away, so that readers look by themselves."""
        alone = min(timeout_s, LOOK_ALONE_S) if self._link.away else timeout_s
        return await super().wait(after, alone)

    @asynccontextmanager
    async def carrying(self) -> AsyncIterator[None]:
        """Send and hear for the block."""
        tasks = [asyncio.create_task(self._send()), asyncio.create_task(self._hear())]
        try:
            yield
        finally:
            await _ended(tasks)

    async def _send(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            try:
                await self._link.ask(self._publish)
            except RedisAway:
                # Readers elsewhere look by themselves meanwhile; the next line tells them all.
                continue
            except RedisError:
                # The next line is sent all the same.
                _log.exception("news could not be announced")

    async def _publish(self) -> None:
        await self._link.client.publish(self._channel, self._unsent)

    async def _hear(self) -> None:
        while True:
            try:
                async with self._link.client.pubsub() as listening:
                    await listening.subscribe(self._channel)
                    # What was announced before we listened is found by looking.
                    self.wake()
                    await self._hear_from(listening)
            except (RedisError, OSError) as error:
                self._link.lost(error)
            await self._link.here()
            await asyncio.sleep(random.uniform(0, JOIN_AGAIN_S))

    async def _hear_from(self, listening: PubSub) -> None:
        """Until the connection breaks or falls silent."""
        now = asyncio.get_running_loop().time
        heard_at = now()
        while now() - heard_at < SILENT_FOR_S:
            message = await listening.get_message(timeout=PING_AFTER_S)
            if message is None:
                await listening.ping()
                continue
            heard_at = now()
            if message["type"] == "message":
                super().announce(int(message["data"]))


async def _ended(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel and wait; again and again, for redis-py may lose a cancellation while it reads."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=0.1)
    await asyncio.gather(*tasks, return_exceptions=True)
