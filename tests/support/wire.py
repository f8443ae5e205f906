"""A line between a browser and a server on loopback that a test cuts and mends at will."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

CHUNK = 65_536


@dataclass
class _Line:
    """One connection; `deaf` once its next answer shall be lost."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    deaf: bool = False

    def tear(self) -> None:
        """End it as a broken line does."""
        self.near.transport.abort()
        self.far.transport.abort()


class Wire:
    """Carries bytes both ways; while it is cut nothing passes, and what was open is broken.

    `lost` is set once an answer was lost.
    """

    def __init__(self, server: str) -> None:
        address = urlsplit(server)
        self._target = (address.hostname, address.port)
        self._lines: set[asyncio.Task[None]] = set()
        self._open: list[_Line] = []
        self._is_cut = False
        self._deaf_to = b""
        self.lost = asyncio.Event()
        self.url = ""

    def cut(self) -> None:
        """Break every connection, and every new one."""
        self._is_cut = True
        for line in self._open:
            line.tear()

    def mend(self) -> None:
        """Let everything pass again."""
        self._is_cut, self._deaf_to = False, b""

    def lose_answers_to(self, part: bytes) -> None:
        """Carry requests with `part` in their first line, and break where the answer comes."""
        self._deaf_to = part

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection."""
        if self._is_cut:
            writer.transport.abort()
            return
        far_reader, far = await asyncio.open_connection(*self._target)
        line = _Line(writer, far)
        self._open.append(line)
        there = asyncio.create_task(self._ask(line, reader))
        back = asyncio.create_task(self._answer(line, far_reader))
        self._lines |= {there, back}
        await asyncio.wait({there, back})
        self._lines -= {there, back}
        self._open.remove(line)

    async def aclose(self) -> None:
        """Break whatever is open, and wait for it."""
        self.cut()
        if self._lines:
            await asyncio.wait(self._lines)

    async def _ask(self, line: _Line, reader: asyncio.StreamReader) -> None:
        with suppress(OSError):
            while chunk := await reader.read(CHUNK):
                if self._deaf_to and self._deaf_to in chunk.split(b"\r\n", 1)[0]:
                    line.deaf = True
                line.far.write(chunk)
                await line.far.drain()
        line.far.close()

    async def _answer(self, line: _Line, reader: asyncio.StreamReader) -> None:
        with suppress(OSError):
            while chunk := await reader.read(CHUNK):
                if line.deaf:
                    self.lost.set()
                    line.tear()
                    return
                line.near.write(chunk)
                await line.near.drain()
        line.near.close()


@asynccontextmanager
async def wired(server: str) -> AsyncIterator[Wire]:
    """A wire to `server`, an http address; its `url` is what a browser opens."""
    wire = Wire(server)
    listening = await asyncio.start_server(wire.accept, "127.0.0.1", 0)
    wire.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield wire
    finally:
        listening.close()
        await wire.aclose()
