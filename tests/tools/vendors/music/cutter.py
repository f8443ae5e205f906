"""A TCP line that lets requests through and loses the answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def cutting(port: int) -> AsyncIterator[int]:
    """Listen on a free port; what arrives goes on to `port`, and the first answer cuts the line."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)

        async def forth() -> None:
            while data := await reader.read(65536):
                far_writer.write(data)
                await far_writer.drain()

        sending = asyncio.create_task(forth())
        await far_reader.read(1)
        sending.cancel()
        far_writer.close()
        writer.transport.abort()

    server = await asyncio.start_server(carry, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
