from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from api.app import create_app
from store.migrate import upgrade
from tests.support.label import TOKEN, TestLabel, open_label

BASE = "http://127.0.0.1"
OURS = {"Origin": BASE}


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database at head; a copy of it is ready sooner than a migration."""
    folder = tmp_path_factory.mktemp("migrated")
    asyncio.run(upgrade(f"sqlite+aiosqlite:///{folder / 'label.db'}"))
    return folder / "label.db"


@pytest.fixture
async def label(migrated: Path, tmp_path: Path) -> AsyncIterator[TestLabel]:
    shutil.copy(migrated, tmp_path / "label.db")
    async with open_label(tmp_path) as opened:
        yield opened


def client_of(
    label: TestLabel, *, address: str = "127.0.0.1", base: str = BASE, **headers: str
) -> httpx.AsyncClient:
    """A client at an address; errors become responses as in a server."""
    transport = httpx.ASGITransport(
        create_app(label.context()), raise_app_exceptions=False, client=(address, 1234)
    )
    return httpx.AsyncClient(transport=transport, base_url=base, headers=headers)


@asynccontextmanager
async def served(label: TestLabel, **changes: Any) -> AsyncIterator[str]:
    """A real server on loopback, with changes of its context; gives its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = create_app(replace(label.context(lambda: base), **changes))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield base
    server.should_exit = True
    await task


@pytest.fixture
async def api(label: TestLabel) -> AsyncIterator[httpx.AsyncClient]:
    """A program with the token."""
    async with client_of(label, Authorization=f"Bearer {TOKEN}") as client:
        yield client


@pytest.fixture
async def visitor(label: TestLabel) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on the stage, somewhere else."""
    async with client_of(label, address="203.0.113.9", **OURS) as client:
        yield client


@pytest.fixture
async def operator(label: TestLabel) -> AsyncIterator[httpx.AsyncClient]:
    """The operator's browser, signed in."""
    async with client_of(label, **OURS) as client:
        await client.get("/operator", params={"token": TOKEN})
        yield client
