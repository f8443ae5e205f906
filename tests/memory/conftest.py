"""Memory on pairs of records and vectors, such that each is met by a twin and by a real one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from domain.ports.memory import MemoryRecords
from memory.chroma import ChromaVectors
from memory.chroma_server import ChromaServerVectors
from memory.in_memory import InMemoryVectors
from memory.memory import ArtistMemory
from memory.records_twin import InMemoryRecords
from memory.vectors import VectorIndex
from store.database import Database
from store.memory_records import SqlMemoryRecords
from store.migrate import upgrade
from tests.memory.build import ADA, BEN, CountingEmbedder
from tests.store import nouns
from tests.support.chroma import ChromaServer, chroma_server

PAIRS = [
    ("twin", "twin"),
    ("twin", "chroma"),
    ("sqlite", "chroma"),
    ("postgresql", "twin"),
    ("twin", "server"),
]


@pytest.fixture(params=PAIRS, ids="-".join)
def pair(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Names of records and vectors."""
    chosen: tuple[str, str] = request.param
    return chosen


@pytest.fixture
async def records(
    pair: tuple[str, str], request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[MemoryRecords]:
    if pair[0] == "twin":
        yield InMemoryRecords()
        return
    url = f"sqlite+aiosqlite:///{tmp_path / 'label.db'}"
    if pair[0] == "postgresql":
        url = request.getfixturevalue("postgres").new_database()
    await upgrade(url)
    database = Database(url)
    async with database.unit() as unit:
        await unit.artists.add(nouns.artist(ADA))
        await unit.artists.add(nouns.artist(BEN))
        await unit.commit()
    yield SqlMemoryRecords(database)
    await database.close()


@pytest.fixture(scope="session")
def running_chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaServer]:
    """One server for the session: it takes a second to start."""
    with chroma_server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def chroma(running_chroma: ChromaServer) -> ChromaServer:
    """A running server with nothing in it."""
    running_chroma.empty()
    return running_chroma


@pytest.fixture
async def vectors(
    pair: tuple[str, str], request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[VectorIndex]:
    made = make_vectors(pair[1], request, tmp_path)
    yield made
    await made.aclose()


def make_vectors(name: str, request: pytest.FixtureRequest, folder: Path) -> VectorIndex:
    if name == "twin":
        return InMemoryVectors()
    if name == "chroma":
        return ChromaVectors(folder / "chroma")
    server: ChromaServer = request.getfixturevalue("chroma")
    return ChromaServerVectors(server.url)


@pytest.fixture
def embedder() -> CountingEmbedder:
    return CountingEmbedder()


@pytest.fixture
def memories(
    records: MemoryRecords, vectors: VectorIndex, embedder: CountingEmbedder
) -> ArtistMemory:
    return ArtistMemory(records, vectors, embedder)
