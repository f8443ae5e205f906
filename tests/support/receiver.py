"""A receiver of webhooks on loopback that checks signatures, and misbehaves on demand."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

Manner = int | Literal["lose_reply", "drop"]


@dataclass(frozen=True)
class Call:
    """One call as it arrived."""

    headers: dict[str, str]
    body: str

    @property
    def id(self) -> str:
        """Its webhook-id."""
        return self.headers["webhook-id"]

    @property
    def payload(self) -> dict[str, Any]:
        """What it tells."""
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Receiver:
    """`manners` are for one call after another; then every call is taken with 204."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    manners: deque[Manner] = field(default_factory=deque)
    usual: Manner = 204
    headers: str = ""
    at_once: int = 0
    most_at_once: int = 0
    slow_s: float = 0.0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one call."""
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self._take(reader, writer)
        finally:
            self.at_once -= 1
            writer.close()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        manner = self.manners.popleft() if self.manners else self.usual
        if manner == "drop":
            return
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        fields = dict(line.split(": ", 1) for line in head.splitlines()[1:] if ": " in line)
        headers = {name.lower(): value for name, value in fields.items()}
        body = (await reader.readexactly(int(headers["content-length"]))).decode()
        self.calls.append(Call(headers, body))
        await asyncio.sleep(self.slow_s)
        if manner == "lose_reply":
            return
        writer.write(f"HTTP/1.1 {manner} X\r\n{self.headers}content-length: 0\r\n\r\n".encode())
        await writer.drain()


@asynccontextmanager
async def webhook_receiver() -> AsyncIterator[Receiver]:
    """Listen on a free port until the block ends."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.handle, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    try:
        yield receiver
    finally:
        server.close()
