from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from tests.support.label import TOKEN, TestLabel, open_label

BASE = "http://127.0.0.1"
OURS = {"Origin": BASE}


@pytest.fixture
async def label(tmp_path: Path) -> AsyncIterator[TestLabel]:
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
