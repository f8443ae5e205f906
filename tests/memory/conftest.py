"""Memory on pairs of records and vectors, such that each is met by a twin and by a real one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.ports.memory import MemoryRecords
from memory.chroma import ChromaVectors
from memory.in_memory import InMemoryVectors
from memory.memory import ArtistMemory
from memory.records_twin import InMemoryRecords
from memory.vectors import VectorIndex
from store.database import Database
from store.memory_records import SqlMemoryRecords
from store.migrate import upgrade
from tests.memory.build import ADA, BEN, CountingEmbedder
from tests.store import nouns

PAIRS = [("twin", "twin"), ("twin", "chroma"), ("sqlite", "chroma"), ("postgresql", "twin")]


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


@pytest.fixture
async def vectors(pair: tuple[str, str], tmp_path: Path) -> AsyncIterator[VectorIndex]:
    made = make_vectors(pair[1], tmp_path)
    yield made
    await made.aclose()


def make_vectors(name: str, folder: Path) -> VectorIndex:
    return InMemoryVectors() if name == "twin" else ChromaVectors(folder / "chroma")


@pytest.fixture
def embedder() -> CountingEmbedder:
    return CountingEmbedder()


@pytest.fixture
def memories(
    records: MemoryRecords, vectors: VectorIndex, embedder: CountingEmbedder
) -> ArtistMemory:
    return ArtistMemory(records, vectors, embedder)
