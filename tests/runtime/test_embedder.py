from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ports.model import Embedder
from runtime.embedder import HashingEmbedder, MiniLmEmbedder

SEA = "The ferry crosses the grey ocean at dawn."
SHIP = "A ferry sails over the ocean in the morning."
TAX = "Quarterly tax forms must be filed by accountants."
EMBEDDERS: list[Embedder] = [MiniLmEmbedder(), HashingEmbedder()]


def cosine(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


@pytest.fixture(params=EMBEDDERS, ids=lambda e: e.name)
def embedder(request: pytest.FixtureRequest) -> Embedder:
    found: Embedder = request.param
    return found


async def test_vectors_are_of_unit_length_even_for_odd_texts(embedder: Embedder) -> None:
    vectors = await embedder.embed(["", "🎵", SEA, "word " * 2000])
    assert [len(v) for v in vectors] == [embedder.dimensions] * 4
    assert all(math.isclose(cosine(v, v), 1, abs_tol=1e-5) for v in vectors)


async def test_related_texts_are_nearer_than_unrelated_ones(embedder: Embedder) -> None:
    sea, ship, tax = await embedder.embed([SEA, SHIP, TAX])
    assert cosine(sea, ship) > cosine(sea, tax) + 0.2


async def test_order_is_kept_across_batches(embedder: Embedder) -> None:
    texts = [f"{'long ' * (i % 7)} text number {i}" for i in range(70)]
    many = await embedder.embed(texts)
    alone = [(await embedder.embed([texts[i]]))[0] for i in (0, 33, 69)]
    assert all(cosine(many[i], one) > 0.999 for i, one in zip((0, 33, 69), alone, strict=True))


async def test_nothing_in_nothing_out(embedder: Embedder) -> None:
    assert await embedder.embed([]) == []


async def test_the_same_text_gives_the_same_vector_in_a_new_embedder() -> None:
    assert await HashingEmbedder().embed([SEA]) == await HashingEmbedder().embed([SEA])
    assert await MiniLmEmbedder().embed([SEA]) == await MiniLmEmbedder().embed([SEA])


async def test_meaning_counts_where_no_word_is_shared() -> None:
    fan, letter, rest = await EMBEDDERS[0].embed(
        ["A listener asks what the song means.", "Fan mail with a question", "Deep sleep at night"]
    )
    assert cosine(fan, letter) > cosine(fan, rest)


@given(st.lists(st.sampled_from("abcdefghij"), min_size=8, max_size=8, unique=True))
def test_the_double_grows_nearer_with_every_shared_word(words: list[str]) -> None:
    vector = HashingEmbedder(512)._vector
    whole = vector(" ".join(words))
    near = [cosine(whole, vector(" ".join(words[:n]))) for n in (2, 5, 8)]
    assert all(a < b for a, b in pairwise(near))
