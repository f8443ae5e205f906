from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from domain.ports.model import Completion, TokenUsage
from runtime.embedder import HashingEmbedder
from runtime.shared.answers import AnswerCache, CacheCounts, MemoryAnswerCache, SqliteAnswerCache
from runtime.shared.over_redis.answers import LONGEST_BYTES, RedisAnswerCache
from runtime.shared.over_redis.link import RedisLink
from runtime.shared.over_redis.vectors import RedisVectorCache
from runtime.shared.vectors import CachedEmbedder, LocalVectorCache, VectorCache


def completion(text: str) -> Completion:
    return Completion(text=text, finish_reason="stop", model="m", usage=TokenUsage())


@pytest.fixture(params=["in process", "sqlite", "over redis"])
def answers(request: pytest.FixtureRequest, tmp_path: Path) -> AnswerCache:
    """A cache for three answers."""
    if request.param == "in process":
        return MemoryAnswerCache(most=3)
    if request.param == "sqlite":
        return SqliteAnswerCache(tmp_path / "answers.db", most=3)
    return RedisAnswerCache(request.getfixturevalue("link"), most=3)


async def test_an_answer_is_found_again_and_look_ups_are_counted(answers: AnswerCache) -> None:
    assert await answers.get("a") is None
    await answers.put("a", "p@1", completion("blue"))
    await answers.put("a", "p@1", completion("red"))
    assert await answers.get("a") == completion("blue"), "the first one stays"
    assert await answers.get("b") is None
    counts = await answers.counts()
    assert (counts.hits, counts.misses) == (1, 2)
    assert counts.rate == pytest.approx(1 / 3)
    await answers.aclose()


async def test_no_more_than_so_many_are_kept(answers: AnswerCache) -> None:
    for number in range(10):
        await answers.put(f"{number}", "p@1", completion(f"{number}"))
    kept = [n for n in range(10) if await answers.get(f"{n}") is not None]
    assert len(kept) == 3
    await answers.aclose()


def test_a_cache_that_was_never_asked_has_no_rate() -> None:
    assert CacheCounts().rate is None


async def test_the_sqlite_cache_counts_over_restarts(tmp_path: Path) -> None:
    for _ in range(2):
        cache = SqliteAnswerCache(tmp_path / "answers.db")
        await cache.get("a")
        await cache.aclose()
    again = SqliteAnswerCache(tmp_path / "answers.db")
    assert (await again.counts()).misses == 2
    await again.aclose()


async def test_workers_find_each_others_answers(link: RedisLink) -> None:
    await RedisAnswerCache(link).put("a", "p@1", completion("blue"))
    assert await RedisAnswerCache(link).get("a") == completion("blue")


async def test_a_giant_answer_is_not_kept(link: RedisLink) -> None:
    cache = RedisAnswerCache(link)
    await cache.put("a", "p@1", completion("x" * LONGEST_BYTES))
    assert await cache.get("a") is None


async def test_answers_grow_old(link: RedisLink) -> None:
    cache = RedisAnswerCache(link, keep_s=1)
    await cache.put("a", "p@1", completion("blue"))
    key = [k async for k in link.client.scan_iter(link.key("answers", "kept", "*"))]
    assert len(key) == 1
    assert 0 < await link.client.pttl(key[0]) <= 1000


class Counting:
    """An embedder that remembers what it was asked to compute."""

    def __init__(self, name: str = "words@1") -> None:
        self.name = name
        self.dimensions = 64
        self.asked: list[str] = []
        self._behind = HashingEmbedder(64)

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.asked += texts
        return await self._behind.embed(texts)


@pytest.fixture(params=["in process", "over redis"])
def vectors(request: pytest.FixtureRequest) -> VectorCache:
    if request.param == "in process":
        return LocalVectorCache()
    return RedisVectorCache(request.getfixturevalue("link"))


async def test_a_text_is_embedded_once_and_the_vector_is_the_same(vectors: VectorCache) -> None:
    behind = Counting()
    cached = CachedEmbedder(behind, vectors)
    first = await cached.embed(["sea", "tax", "sea"])
    again = await cached.embed(["tax", "ship", "sea"])
    assert behind.asked == ["sea", "tax", "ship"]
    plain = await HashingEmbedder(64).embed(["sea", "tax", "sea"])
    assert first == plain
    assert again == [plain[1], (await HashingEmbedder(64).embed(["ship"]))[0], plain[0]]
    assert (await vectors.counts()).hits == 2
    assert await cached.embed([]) == []


async def test_another_version_of_the_model_has_vectors_of_its_own(vectors: VectorCache) -> None:
    newer = Counting("words@2")
    await CachedEmbedder(Counting("words@1"), vectors).embed(["sea"])
    await CachedEmbedder(newer, vectors).embed(["sea"])
    assert newer.asked == ["sea"]


async def test_workers_find_each_others_vectors(link: RedisLink) -> None:
    await CachedEmbedder(Counting(), RedisVectorCache(link)).embed(["sea"])
    other = Counting()
    cache = RedisVectorCache(link)
    cached = CachedEmbedder(other, cache)
    await cached.embed(["sea"])
    await cached.embed(["sea"])
    assert other.asked == []
    counts = await cache.counts()
    assert (counts.hits, counts.misses) == (2, 1), "of both workers, near and far"


async def test_the_least_used_vectors_go_first() -> None:
    vectors = LocalVectorCache(most=2)
    await vectors.put({"a": b"1", "b": b"2"})
    await vectors.get(["a"])
    await vectors.put({"c": b"3"})
    assert await vectors.get(["a", "b", "c"]) == [b"1", None, b"3"]
