"""Ends a process on SIGINT and SIGTERM without raising them, so that the label closes cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator

ENDING = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def on_end(act: Callable[[int], None]) -> Iterator[None]:
    """Call `act` with the number of each signal that asks for the end, inside the running loop."""
    loop = asyncio.get_running_loop()
    for number in ENDING:
        loop.add_signal_handler(number, act, number)
    try:
        yield
    finally:
        for number in ENDING:
            loop.remove_signal_handler(number)


class End:
    """Waits for the first signal; a second one insists."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()
        self._insisted = asyncio.Event()

    def note(self, _number: int) -> None:
        """Take a signal."""
        (self._insisted if self._asked.is_set() else self._asked).set()

    async def asked(self) -> None:
        """Wait until the process is asked to end."""
        await self._asked.wait()

    async def insisted(self) -> None:
        """Wait until it is asked a second time."""
        await self._insisted.wait()
