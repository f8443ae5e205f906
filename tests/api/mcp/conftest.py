from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from domain.artist import Artist
from tests.api.conftest import served
from tests.support.label import TOKEN, TestLabel, debut

Era = Literal["auto", "legacy"]


@pytest.fixture
async def artist(label: TestLabel) -> Artist:
    """An artist with a profile."""
    return await debut(label)


@pytest.fixture
async def url(label: TestLabel, artist: Artist) -> AsyncIterator[str]:
    """The address of `/mcp` at a real server."""
    async with served(label) as base:
        yield f"{base}/mcp"


@asynccontextmanager
async def connected(
    url: str, key: str = TOKEN, *, era: Era = "auto", **headers: str
) -> AsyncIterator[Client]:
    """A client of the protocol's own package, at one of its two ways to begin."""
    sent = {"Authorization": f"Bearer {key}", **headers}
    async with httpx2.AsyncClient(headers=sent, timeout=30, trust_env=False) as http:
        transport = streamable_http_client(url, http_client=http)
        async with Client(transport, mode=era, cache=None) as opened:
            yield opened


@pytest.fixture
async def client(url: str) -> AsyncIterator[Client]:
    """A client with the label's token, held by one task: it must end in the task it began in."""
    opened: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
    over = asyncio.Event()

    async def hold() -> None:
        async with connected(url) as found:
            opened.set_result(found)
            await over.wait()

    holding = asyncio.create_task(hold())
    either: set[asyncio.Future[Any]] = {holding, opened}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if holding.done():
        await holding
    yield opened.result()
    over.set()
    await holding
