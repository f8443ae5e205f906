"""A Chroma server that crashes, hangs, forgets, and is used by several processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from domain.errors import EnvironmentProblem, InvalidInput
from memory import chroma_server
from memory.chroma import ChromaVectors
from memory.chroma_server import ChromaServerVectors
from memory.index import build_vectors
from memory.memory import ArtistMemory
from memory.records_twin import InMemoryRecords
from memory.vectors import Indexed
from tests.memory.build import ADA, NOW, CountingEmbedder, memory
from tests.support.chroma import ChromaServer
from tests.support.chroma import chroma_server as started

EAST = Indexed(record_id="east", kind="episodic", vector=[1.0, 0.0])
PATIENT = (0.2,) * 50


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaServer]:
    """A server of its own, which tests may kill."""
    with started(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(autouse=True)
def emptied(server: ChromaServer) -> None:
    server.empty()


@pytest.fixture
async def vectors(server: ChromaServer) -> AsyncIterator[ChromaServerVectors]:
    made = ChromaServerVectors(server.url)
    yield made
    await made.aclose()


async def test_a_server_that_is_away_is_told_as_passing(
    server: ChromaServer, vectors: ChromaServerVectors
) -> None:
    await vectors.reset(ADA, "compass@1")
    server.kill()
    try:
        with pytest.raises(EnvironmentProblem) as raised:
            await vectors.put(ADA, [EAST])
        assert raised.value.passing
        assert raised.value.field == "GREENROOM_CHROMA_URL"
    finally:
        server.start()
    await vectors.put(ADA, [EAST])
    assert await vectors.ids(ADA) == {"east"}


async def test_calls_outlive_a_restart(server: ChromaServer) -> None:
    vectors = ChromaServerVectors(server.url, PATIENT)
    await vectors.reset(ADA, "compass@1")
    await vectors.put(ADA, [EAST])
    server.kill()
    asked = asyncio.create_task(vectors.nearest(ADA, ["episodic"], EAST.vector, 5))
    await asyncio.sleep(0.1)
    await asyncio.to_thread(server.start)
    assert [hit.record_id for hit in await asked] == ["east"]
    await vectors.aclose()


async def test_a_server_that_hangs_is_not_waited_for_for_ever(
    server: ChromaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chroma_server, "TIMEOUT_S", 0.3)
    vectors = ChromaServerVectors(server.url, waits_s=())
    await vectors.reset(ADA, "compass@1")
    server.freeze()
    try:
        with pytest.raises(EnvironmentProblem, match="Timeout"):
            await vectors.ids(ADA)
    finally:
        server.thaw()
    await vectors.aclose()


async def test_something_else_at_the_address_is_told() -> None:
    async def page(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text="<html>a router</html>")

    vectors = ChromaServerVectors("http://127.0.0.1:1", waits_s=())
    # The transport is the edge of the house.
    vectors._client = httpx.AsyncClient(transport=httpx.MockTransport(page))
    with pytest.raises(EnvironmentProblem, match="something else"):
        await vectors.check()
    await vectors.aclose()


async def test_everything_lost_is_made_again_from_the_records(server: ChromaServer) -> None:
    vectors = ChromaServerVectors(server.url, PATIENT)
    memories = ArtistMemory(InMemoryRecords(), vectors, CountingEmbedder())
    for n in range(5):
        await memories.remember(memory(f"A train crossed bridge number {n} at night."))
    await asyncio.to_thread(server.lose_everything)
    found = await memories.recall(ADA, ["episodic"], "a train on bridge number 3", now=NOW)
    assert len(found) == 5
    assert len(await vectors.ids(ADA)) == 5
    await asyncio.to_thread(server.lose_everything)
    await memories.remember(memory("The ferry was late."))
    assert len(await vectors.ids(ADA)) == 6
    await vectors.aclose()


async def test_vectors_lost_while_it_was_away_are_made_again(
    server: ChromaServer, vectors: ChromaServerVectors
) -> None:
    memories = ArtistMemory(InMemoryRecords(), vectors, CountingEmbedder())
    kept = [await memories.remember(memory(f"Song {n} about the sea.")) for n in range(4)]
    server.kill()
    with pytest.raises(EnvironmentProblem):
        await memories.recall(ADA, ["episodic"], "the sea", now=NOW)
    server.start()
    # A backup that was taken earlier: one vector short.
    await vectors.remove(ADA, [kept[0].id])
    await memories.recall(ADA, ["episodic"], "the sea", now=NOW)
    assert await vectors.ids(ADA) == {record.id for record in kept}


async def test_processes_that_begin_at_the_same_time_lose_nothing(server: ChromaServer) -> None:
    records, embedder = InMemoryRecords(), CountingEmbedder()
    indexes = [ChromaServerVectors(server.url) for _ in range(4)]
    owners = [ArtistMemory(records, index, embedder) for index in indexes]
    texts = [f"Verse {n} of the long winter." for n in range(16)]
    await asyncio.gather(*(owners[n % 4].remember(memory(text)) for n, text in enumerate(texts)))
    await asyncio.gather(*(o.recall(ADA, ["episodic"], "winter", now=NOW) for o in owners))
    assert len(await indexes[0].ids(ADA)) == 16
    for index in indexes:
        await index.aclose()


@pytest.mark.parametrize("url", ["chroma:8000", "ftp://host", "http://", "http://h:8000?x=1"])
def test_an_address_that_is_none_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as raised:
        build_vectors(url, tmp_path)
    assert raised.value.field == "GREENROOM_CHROMA_URL"
    assert "http://host:8000" in (raised.value.remedy or "")


async def test_no_address_is_chroma_in_the_process(tmp_path: Path) -> None:
    assert isinstance(build_vectors(None, tmp_path), ChromaVectors)
