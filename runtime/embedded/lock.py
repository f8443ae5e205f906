"""A lock on a file that ends with its process, however the process ends."""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

_POLL_S = 0.05


def try_lock(path: Path) -> int | None:
    """Take the lock if it is free; the descriptor must be closed to give it back."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return descriptor
    os.close(descriptor)
    return None


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock for the block, waiting as long as it takes."""
    while (descriptor := try_lock(path)) is None:
        time.sleep(_POLL_S)
    try:
        yield
    finally:
        os.close(descriptor)


@asynccontextmanager
async def locked_async(path: Path) -> AsyncIterator[None]:
    """The same for coroutines."""
    while (descriptor := try_lock(path)) is None:
        await asyncio.sleep(_POLL_S)
    try:
        yield
    finally:
        os.close(descriptor)
