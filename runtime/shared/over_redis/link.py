"""One Redis and whether it answers: what fails is told at once, and its return is watched for."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands.core import AsyncScript
from redis.exceptions import (
    AuthenticationError,
    DataError,
    NoScriptError,
    RedisError,
    ResponseError,
)

from domain.errors import EnvironmentProblem

ANSWERS_WITHIN_S = 1.0
CONNECTIONS = 32
LOOK_AGAIN_S = (0.2, 2.0)
Reply = TypeVar("Reply")
Value = str | bytes | int | float
_log = structlog.get_logger(__name__)
LOOK_KEPT_S = 60
# How a Redis that cannot do its work begins its answer (MISCONF with a full disk, NOREPLICAS, BUSY
# and others), also within the report of a script; the client takes the word ERR away.
_ILL = re.compile(r"(?:^|: -)(?!ERR|WRONGTYPE|CROSSSLOT|EXECABORT)[A-Z]{3,} ")


class RedisAway(Exception):
    """Redis does not answer; never leaves `runtime.shared`, whose parts then do without."""


class RedisLink:
    """A client with names of its own, used from one event loop.

    The first failure marks Redis as away, so that only one call waits for an answer that does not
    come; a task looks until it is back, and calls go out again.
    """

    def __init__(self, url: str, prefix: str) -> None:
        try:
            pool = BlockingConnectionPool.from_url(
                url,
                max_connections=CONNECTIONS,
                timeout=ANSWERS_WITHIN_S,
                socket_timeout=ANSWERS_WITHIN_S,
                socket_connect_timeout=ANSWERS_WITHIN_S,
                # A pooled connection of before a restart fails once; the second try is a new one.
                retry=Retry(NoBackoff(), 1),
            )
        except (ValueError, RedisError) as error:
            raise _problem(f"is no address of a Redis: {error}") from error
        self.client: Redis = Redis.from_pool(pool)
        self._prefix = prefix
        self._here = asyncio.Event()
        self._here.set()
        self._looking: asyncio.Task[None] | None = None
        self._on_change: list[Callable[[], None]] = []
        self.losses = 0

    @property
    def away(self) -> bool:
        """Whether Redis failed and has not answered since."""
        return not self._here.is_set()

    def key(self, *parts: str) -> str:
        """A name in this label's part of the Redis."""
        return ":".join((self._prefix, *parts))

    def script(self, source: str) -> AsyncScript:
        """A Lua script, sent whole once and by its hash from then on."""
        return self.client.register_script(source)

    def on_change(self, call: Callable[[], None]) -> None:
        """Call this whenever Redis goes away and whenever it is back."""
        self._on_change.append(call)

    async def ask(self, operation: Callable[[], Awaitable[Reply]]) -> Reply:
        """Do something with Redis; raises `RedisAway` where it does not answer."""
        if self.away:
            raise RedisAway
        try:
            return await operation()
        except (RedisError, OSError) as error:
            if _is_ours(error):
                raise
            self.lost(error)
            raise RedisAway from error

    async def run(self, script: AsyncScript, keys: Sequence[str], *values: Value) -> Any:
        """Run a script of ours, which gives what it gives; raises `RedisAway`."""
        return await self.ask(lambda: script(keys, values))

    async def reach(self, within_s: float) -> None:
        """Wait until Redis answers for the first time; raises `EnvironmentProblem`."""
        deadline = asyncio.get_running_loop().time() + within_s
        while True:
            try:
                await self.client.ping()
                return
            except AuthenticationError as error:
                raise _problem(f"names a Redis that refuses us: {error}") from error
            except (RedisError, OSError) as error:
                if asyncio.get_running_loop().time() >= deadline:
                    raise _problem(f"names a Redis that does not answer: {error}") from error
            await asyncio.sleep(0.2)

    async def here(self) -> None:
        """Wait until Redis is not away."""
        await self._here.wait()

    async def aclose(self) -> None:
        """Stop looking and close every connection."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await self.client.aclose(close_connection_pool=True)

    def lost(self, error: Exception) -> None:
        """Take Redis for away until it answers a look."""
        if self.away:
            return
        self._here.clear()
        self.losses += 1
        _log.warning("redis is away; each process goes on by itself", why=str(error))
        self._looking = asyncio.create_task(self._look())
        self._tell()

    async def _look(self) -> None:
        wait_s, longest_s = LOOK_AGAIN_S
        while True:
            await asyncio.sleep(random.uniform(wait_s / 2, wait_s))
            wait_s = min(2 * wait_s, longest_s)
            try:
                # One that answers but takes nothing, for want of disk or replicas, is away still.
                await self.client.set(self.key("look"), 1, ex=LOOK_KEPT_S)
            except (RedisError, OSError):
                continue
            break
        self._here.set()
        _log.info("redis is back")
        self._tell()

    def _tell(self) -> None:
        for call in self._on_change:
            call()


def _is_ours(error: Exception) -> bool:
    """Whether what was asked is at fault, as opposed to Redis itself."""
    if type(error) is ResponseError:
        return _ILL.search(str(error)) is None
    return isinstance(error, DataError | NoScriptError)


def _problem(what: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"GREENROOM_REDIS_URL {what}",
        field="redis_url",
        remedy="Correct GREENROOM_REDIS_URL (redis://[user:password@]host:6379/0), start that "
        "Redis, or unset it where one process does everything.",
    )
