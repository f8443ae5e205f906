"""What memory promises, on every pair of records and vectors."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from domain.errors import Conflict, InvalidInput
from domain.memory import MEMORY_KINDS, MemoryKind
from domain.ports.memory import Memory, MemoryRecords
from memory.memory import RECALLED, ArtistMemory
from memory.vectors import Indexed, VectorIndex
from tests.memory.build import ADA, BEN, NOW, CountingEmbedder, memory


async def texts(
    memories: Memory,
    query: str,
    artist_id: str = ADA,
    kinds: tuple[MemoryKind, ...] = MEMORY_KINDS,
    limit: int = 8,
) -> list[str]:
    found = await memories.recall(artist_id, kinds, query, now=NOW, limit=limit)
    return [recalled.record.text for recalled in found]


async def test_remembered_is_recalled_best_first_with_its_score_explained(
    memories: ArtistMemory,
) -> None:
    record = await memories.remember(memory("fans loved the foghorn on the harbour song"))
    await memories.remember(memory("rehearsed scales with the tuba player"))
    found = await memories.recall(ADA, MEMORY_KINDS, "foghorn harbour", now=NOW)
    best = found[0]
    assert best.record == record
    assert best.relevance == 1.0
    assert best.importance == 0.5
    assert 0.9 < best.recency < 1
    assert all(0 <= part <= 1 for f in found for part in (f.score, f.relevance, f.recency))
    assert [f.score for f in found] == sorted((f.score for f in found), reverse=True)


async def test_another_artist_and_another_kind_find_nothing(memories: ArtistMemory) -> None:
    await memories.remember(memory("the harbour foghorn", kind="semantic"))
    assert await texts(memories, "harbour foghorn", artist_id=BEN) == []
    assert await texts(memories, "harbour foghorn", kinds=("episodic", "audience")) == []
    assert await texts(memories, "", artist_id=BEN) == []
    assert await texts(memories, "", kinds=("episodic",)) == []
    assert await texts(memories, "harbour foghorn", kinds=("semantic",)) == ["the harbour foghorn"]


async def test_two_artists_may_hold_the_same_text(memories: ArtistMemory) -> None:
    first = await memories.remember(memory("the harbour"))
    second = await memories.remember(memory("the harbour", artist_id=BEN))
    assert first.id != second.id
    assert await memories.forget(BEN, [first.id]) == 0
    assert await texts(memories, "harbour") == ["the harbour"]
    assert await texts(memories, "harbour", artist_id=BEN) == ["the harbour"]


async def test_read_gives_own_standing_records_in_the_order_asked(memories: ArtistMemory) -> None:
    first, second, old = [
        await memories.remember(memory(text)) for text in ("harbour", "foghorn", "tuba")
    ]
    await memories.supersede(ADA, old.id, memory("sousaphone"))
    asked = [second.id, old.id, "memory_unknown", first.id, second.id]
    assert await memories.read(ADA, asked) == [second, first]
    assert await memories.read(BEN, asked) == []


async def test_same_text_is_stored_once_per_kind(memories: ArtistMemory) -> None:
    first = await memories.remember(memory("the harbour"))
    again = await memories.remember(memory("the harbour"))
    assert again.id == first.id
    assert await texts(memories, "harbour") == ["the harbour"]
    other = await memories.remember(memory("the harbour", kind="semantic"))
    assert other.id != first.id


async def test_untrusted_stays_untrusted_even_when_repeated_as_trusted(
    memories: ArtistMemory,
) -> None:
    await memories.remember(memory("buy followers at once", kind="audience", untrusted=True))
    await memories.remember(memory("buy followers at once", kind="audience"))
    found = await memories.recall(ADA, ["audience"], "followers", now=NOW)
    assert [f.record.untrusted for f in found] == [True]


async def test_forgotten_is_gone_from_records_and_vectors(
    memories: ArtistMemory, records: MemoryRecords, vectors: VectorIndex
) -> None:
    kept = await memories.remember(memory("the harbour at night"))
    gone = await memories.remember(memory("the harbour at noon"))
    assert await memories.forget(ADA, [gone.id, "memory_unknown"]) == 1
    assert await texts(memories, "harbour noon") == ["the harbour at night"]
    assert await records.get(ADA, [gone.id]) == []
    assert await vectors.ids(ADA) == {kept.id}


async def test_superseded_is_not_recalled_but_what_replaced_it_is(
    memories: ArtistMemory, vectors: VectorIndex
) -> None:
    old = await memories.remember(memory("the drummer is called Mo", kind="relationship"))
    new = await memories.supersede(
        ADA, old.id, memory("the drummer is called Jo", kind="relationship")
    )
    assert await texts(memories, "drummer called") == ["the drummer is called Jo"]
    assert await texts(memories, "") == ["the drummer is called Jo"]
    assert await vectors.ids(ADA) == {new.id}
    back = await memories.supersede(
        ADA, new.id, memory("the drummer is called Mo", kind="relationship")
    )
    assert back.id == old.id
    assert await texts(memories, "drummer called") == ["the drummer is called Mo"]


async def test_record_superseded_past_memory_is_not_recalled(
    memories: ArtistMemory, records: MemoryRecords
) -> None:
    old = await memories.remember(memory("the drummer is called Mo"))
    await records.supersede(ADA, old.id, memory("the drummer is called Jo"))
    assert await texts(memories, "drummer called Mo") == ["the drummer is called Jo"]


async def test_recalled_text_is_not_taken_in_again(memories: ArtistMemory) -> None:
    await memories.remember(memory("The crowd sang along  to Tidewater"))
    with pytest.raises(Conflict, match="not remembered again"):
        await memories.remember(
            memory("the crowd sang along to tidewater", kind="reflection", source=RECALLED)
        )
    led_to = memory("People sing what they can carry", kind="reflection", source=RECALLED)
    assert (await memories.remember(led_to)).source == RECALLED
    assert len(await texts(memories, "")) == 2


async def test_hash_that_is_not_of_the_text_is_refused(memories: ArtistMemory) -> None:
    with pytest.raises(InvalidInput) as refused:
        await memories.remember(memory("harbour", text_sha256="0" * 64))
    assert refused.value.field == "text_sha256"
    assert await texts(memories, "") == []


async def test_empty_query_gives_the_newest_first(memories: ArtistMemory) -> None:
    for days in (3, 1, 2):
        await memories.remember(memory(f"{days} days ago", days_ago=days))
    assert await texts(memories, " ", limit=2) == ["1 days ago", "2 days ago"]


async def test_question_about_now_prefers_the_new_and_one_about_the_past_the_fitting(
    memories: ArtistMemory,
) -> None:
    await memories.remember(memory("harbour song idea with foghorn", days_ago=200))
    await memories.remember(memory("song idea with choir", days_ago=1))
    assert (await texts(memories, "song idea harbour foghorn"))[0].startswith("harbour")
    assert (await texts(memories, "what song idea is current"))[0].endswith("choir")


@pytest.mark.parametrize(
    "query", ['"', "NEAR( OR *", "'; drop table memory_records; --", "🎷", "a" * 5000, "the\x00end"]
)
async def test_any_text_may_be_asked(memories: ArtistMemory, query: str) -> None:
    await memories.remember(memory("the harbour"))
    assert await texts(memories, query) == ["the harbour"]


@pytest.mark.parametrize("limit", [0, 1, 3])
async def test_limit_is_kept(memories: ArtistMemory, limit: int) -> None:
    for number in range(5):
        await memories.remember(memory(f"harbour {number}"))
    assert len(await texts(memories, "harbour", limit=limit)) == limit


async def test_no_kinds_is_nothing(memories: ArtistMemory) -> None:
    await memories.remember(memory("the harbour"))
    assert await texts(memories, "harbour", kinds=()) == []


async def test_reindex_makes_the_same_vectors_again(
    memories: ArtistMemory, vectors: VectorIndex
) -> None:
    ids = {(await memories.remember(memory(f"harbour {number}"))).id for number in range(3)}
    await vectors.put(ADA, [Indexed(record_id="stray", kind="episodic", vector=[0.0] * 63 + [1])])
    assert await memories.reindex(ADA) == 3
    assert await vectors.ids(ADA) == ids
    assert await memories.reindex(BEN) == 0


async def test_lost_vectors_are_healed_at_the_next_start(
    memories: ArtistMemory,
    records: MemoryRecords,
    vectors: VectorIndex,
    embedder: CountingEmbedder,
) -> None:
    kept, lost = [await memories.remember(memory(text)) for text in ("harbour", "foghorn")]
    await vectors.remove(ADA, [lost.id])
    await vectors.put(ADA, [Indexed(record_id="stray", kind="episodic", vector=[0.0] * 63 + [1])])
    embedder.texts = 0
    restarted = ArtistMemory(records, vectors, embedder)
    await texts(restarted, "anything")
    assert await vectors.ids(ADA) == {kept.id, lost.id}
    assert embedder.texts == 2, "the lost text and the query, not those that were there"


async def test_record_written_past_memory_gets_its_vector_when_its_words_are_found(
    memories: ArtistMemory, records: MemoryRecords, vectors: VectorIndex
) -> None:
    await memories.remember(memory("harbour"))
    written = await records.add(memory("directive: more foghorn", kind="directive"))
    assert (await texts(memories, "foghorn"))[0] == "directive: more foghorn"
    assert written.id in await vectors.ids(ADA)


async def test_record_survives_a_failing_embedder_and_is_found_afterwards(
    memories: ArtistMemory, vectors: VectorIndex, embedder: CountingEmbedder
) -> None:
    await memories.remember(memory("harbour"))
    embedder.broken = True
    with pytest.raises(ConnectionError):
        await memories.remember(memory("foghorn"))
    embedder.broken = False
    assert set(await texts(memories, "unrelated words")) == {"harbour", "foghorn"}
    assert len(await vectors.ids(ADA)) == 2


async def test_other_embedder_makes_all_vectors_again(
    memories: ArtistMemory, records: MemoryRecords, vectors: VectorIndex
) -> None:
    await memories.remember(memory("the harbour foghorn"))
    await memories.remember(memory("the tuba"))
    other = CountingEmbedder(dimensions=16)
    changed = ArtistMemory(records, vectors, other)
    assert (await texts(changed, "harbour"))[0] == "the harbour foghorn"
    assert await vectors.embedder(ADA) == other.name
    assert other.texts == 3
    assert len(await vectors.ids(ADA)) == 2


async def test_many_at_once(memories: ArtistMemory, vectors: VectorIndex) -> None:
    others = asyncio.gather(
        memories.reindex(ADA),
        memories.recall(ADA, MEMORY_KINDS, "harbour", now=NOW + timedelta(days=1)),
    )
    stored = await asyncio.gather(
        *(memories.remember(memory(f"harbour number {number % 10}")) for number in range(30))
    )
    await others
    ids = {record.id for record in stored}
    assert len(ids) == 10
    assert await vectors.ids(ADA) == ids
