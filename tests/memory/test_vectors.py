"""What every vector index promises beyond what memory's own suite shows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from domain.errors import NotFound
from memory.chroma import ChromaVectors
from memory.memory import ArtistMemory
from memory.records_twin import InMemoryRecords
from memory.vectors import Indexed, VectorIndex
from tests.memory.build import ADA, BEN, NOW, CountingEmbedder, memory
from tests.memory.conftest import make_vectors


@pytest.fixture(params=["twin", "chroma", "server"])
async def vectors(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[VectorIndex]:
    made = make_vectors(request.param, request, tmp_path)
    yield made
    await made.aclose()


EAST, NORTH = [1.0, 0.0], [0.0, 1.0]


async def fill(vectors: VectorIndex) -> None:
    await vectors.reset(ADA, "compass@1")
    await vectors.put(
        ADA,
        [
            Indexed(record_id="east", kind="episodic", vector=EAST),
            Indexed(record_id="north", kind="semantic", vector=NORTH),
        ],
    )


async def test_nearest_is_ordered_with_cosines(vectors: VectorIndex) -> None:
    await fill(vectors)
    hits = await vectors.nearest(ADA, ["episodic", "semantic"], [0.6, 0.8], 5)
    assert [hit.record_id for hit in hits] == ["north", "east"]
    assert [hit.similarity for hit in hits] == pytest.approx([0.8, 0.6], abs=1e-5)
    assert await vectors.similarities(ADA, ["east", "west"], [0.6, 0.8]) == pytest.approx(
        {"east": 0.6}, abs=1e-5
    )


async def test_kind_and_artist_are_closed(vectors: VectorIndex) -> None:
    await fill(vectors)
    assert [h.record_id for h in await vectors.nearest(ADA, ["semantic"], EAST, 5)] == ["north"]
    assert await vectors.ids(BEN) == set()
    assert await vectors.embedder(BEN) is None
    await vectors.remove(BEN, ["east"])
    assert await vectors.ids(ADA) == {"east", "north"}


async def test_a_room_that_was_never_begun_is_told(vectors: VectorIndex) -> None:
    await fill(vectors)
    with pytest.raises(NotFound):
        await vectors.nearest(BEN, ["semantic", "episodic"], EAST, 5)
    with pytest.raises(NotFound):
        await vectors.similarities(BEN, ["east"], EAST)
    with pytest.raises(NotFound):
        await vectors.put(BEN, [Indexed(record_id="east", kind="episodic", vector=EAST)])


async def test_put_replaces_and_reset_empties(vectors: VectorIndex) -> None:
    await fill(vectors)
    await vectors.put(ADA, [Indexed(record_id="east", kind="episodic", vector=NORTH)])
    assert (await vectors.similarities(ADA, ["east"], NORTH))["east"] == pytest.approx(1)
    await vectors.reset(ADA, "sphere@2")
    assert await vectors.ids(ADA) == set()
    assert await vectors.embedder(ADA) == "sphere@2"
    await vectors.put(ADA, [Indexed(record_id="up", kind="episodic", vector=[0.0, 0.0, 1.0])])
    assert await vectors.ids(ADA) == {"up"}


async def test_chroma_keeps_vectors_for_the_next_process(tmp_path: Path) -> None:
    first = ChromaVectors(tmp_path)
    await fill(first)
    await first.aclose()
    second = ChromaVectors(tmp_path)
    assert await second.ids(ADA) == {"east", "north"}
    assert await second.embedder(ADA) == "compass@1"
    await second.aclose()


async def test_chroma_opens_no_connection(tmp_path: Path) -> None:
    before = set(psutil.Process().net_connections(kind="inet"))
    vectors = ChromaVectors(tmp_path)
    await fill(vectors)
    assert set(psutil.Process().net_connections(kind="inet")) <= before
    await vectors.aclose()


async def test_rooms_that_were_closed_for_others_open_again(tmp_path: Path) -> None:
    vectors = ChromaVectors(tmp_path / "chroma", rooms=4)
    names = [f"artist_{number:02}" for number in range(30)]
    for name in names:
        await vectors.reset(name, "compass@1")
        await vectors.put(name, [Indexed(record_id=name, kind="episodic", vector=EAST)])
    held = psutil.Process().num_fds()
    for name in (*names, *names):
        (hit,) = await vectors.nearest(name, ["episodic"], EAST, 5)
        assert hit.record_id == name
    assert psutil.Process().num_fds() - held < 4 * 4
    await vectors.aclose()


async def test_a_room_of_an_older_release_that_was_lost_is_made_again(
    tmp_path: Path, embedder: CountingEmbedder
) -> None:
    vectors = ChromaVectors(tmp_path / "chroma", rooms=2)
    memories = ArtistMemory(InMemoryRecords(), vectors, embedder)
    with pytest.MonkeyPatch.context() as before:
        before.setattr("memory.chroma.HNSW", {"space": "cosine"})
        for number in range(30):
            await memories.remember(memory("The ferry was late.", f"artist_{number:02}"))
    for number in (*range(30), *range(30), *range(30)):
        (hit,) = await memories.recall(f"artist_{number:02}", ["episodic"], "ferries", now=NOW)
        assert hit.record.text == "The ferry was late."
    await vectors.aclose()
