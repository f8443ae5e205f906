from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import InvalidInput, NotFound
from domain.memory import MEMORY_KINDS, MemoryRecord
from domain.ports.memory import MemoryRecords
from store.database import Database
from store.memory_records import SqlMemoryRecords, words_of
from tests.store.nouns import NOW, memory

MINE, OTHER = "artist_01", "artist_02"
HOSTILE = [
    '"',
    "'; DROP TABLE memory_records; --",
    "night AND",
    "NEAR(",
    "text:night",
    "night*",
    "^night",
    "-night",
    "(((",
    "& | ! <->",
    "a:*",
    "night\0train",
    "{text} : night",
    "%s %(x)s :wanted",
    "\\",
]


@pytest.fixture
def records(label: Database) -> MemoryRecords:
    return SqlMemoryRecords(label)


async def _found(records: MemoryRecords, query: str, artist_id: str = MINE) -> list[str]:
    return [hit.record.id for hit in await records.lexical(artist_id, MEMORY_KINDS, query, 10)]


async def test_a_record_comes_back_as_it_was(records: MemoryRecords) -> None:
    record = memory(importance=0.125, source="chat", untrusted=True, source_run_id="run_01")
    assert await records.add(record) == record
    assert await records.get(MINE, [record.id, "memory_77"]) == [record]
    assert await records.get(MINE, []) == []


async def test_words_are_found_by_stem_and_the_better_match_comes_first(
    records: MemoryRecords,
) -> None:
    await records.add(memory("memory_01", "The train was late and the singing stopped"))
    await records.add(memory("memory_02", "Trains, trains, nothing but trains"))
    await records.add(memory("memory_03", "A quiet afternoon with coffee"))
    hits = await records.lexical(MINE, MEMORY_KINDS, "TRAINING with trains", 10)
    assert [h.record.id for h in hits[:2]] == ["memory_02", "memory_01"]
    assert hits[0].score > hits[1].score
    assert await _found(records, "sings") == ["memory_01"]
    assert await _found(records, "zebra") == []
    assert len(await records.lexical(MINE, MEMORY_KINDS, "trains", 1)) == 1


async def test_only_the_kinds_asked_for(records: MemoryRecords) -> None:
    await records.add(memory("memory_01", "night trains", "episodic"))
    await records.add(memory("memory_02", "night trains", "reflection"))
    hits = await records.lexical(MINE, ["reflection"], "trains", 9)
    assert [h.record.id for h in hits] == ["memory_02"]
    assert [r.id for r in await records.newest(MINE, ["reflection"], 9)] == ["memory_02"]
    assert await records.lexical(MINE, [], "trains", 9) == []


async def test_another_artist_finds_nothing(records: MemoryRecords) -> None:
    await records.add(memory())
    assert await _found(records, "trains", OTHER) == []
    assert await records.get(OTHER, ["memory_01"]) == []
    assert await records.newest(OTHER, MEMORY_KINDS, 9) == []
    assert await records.forget(OTHER, ["memory_01"]) == 0
    with pytest.raises(NotFound):
        await records.supersede(OTHER, "memory_01", memory("memory_02", "else", artist_id=OTHER))
    assert await _found(records, "trains") == ["memory_01"]


async def test_the_same_text_is_kept_once_for_each_artist_and_kind(
    records: MemoryRecords,
) -> None:
    first = await records.add(memory())
    assert await records.add(memory("memory_02")) == first
    assert (await records.add(memory("memory_03", kind="semantic"))).id == "memory_03"
    assert (await records.add(memory("memory_04", artist_id=OTHER))).id == "memory_04"
    assert await _found(records, "trains", OTHER) == ["memory_04"]


async def test_the_same_text_at_the_same_time_is_kept_once(records: MemoryRecords) -> None:
    added = await asyncio.gather(*(records.add(memory(f"memory_0{n}")) for n in range(6)))
    assert len({record.id for record in added}) == 1
    assert len(await records.newest(MINE, MEMORY_KINDS, 99)) == 1


async def test_an_id_that_is_taken_by_another_text_is_refused(records: MemoryRecords) -> None:
    await records.add(memory())
    with pytest.raises(InvalidInput) as raised:
        await records.add(memory(text="something else"))
    assert raised.value.field == "id"


async def test_newest_by_when_it_happened(records: MemoryRecords) -> None:
    for number, hours in ((1, 3), (2, 1), (3, 2)):
        at = NOW + timedelta(hours=hours)
        await records.add(memory(f"memory_0{number}", f"thing {number}", happened_at=at))
    newest = await records.newest(MINE, MEMORY_KINDS, 2)
    assert [r.id for r in newest] == ["memory_01", "memory_03"]


async def test_a_superseded_record_is_not_recalled(records: MemoryRecords) -> None:
    await records.add(memory("memory_01", "likes trains"))
    by = memory("memory_02", "is bored of trains")
    assert await records.supersede(MINE, "memory_01", by) == by
    assert await _found(records, "trains") == ["memory_02"]
    assert await records.get(MINE, ["memory_01", "memory_02"]) == [by]
    assert [r.id for r in await records.newest(MINE, MEMORY_KINDS, 9)] == ["memory_02"]


async def test_an_old_belief_may_come_back(records: MemoryRecords) -> None:
    await records.add(memory("memory_01", "likes trains"))
    await records.supersede(MINE, "memory_01", memory("memory_02", "is bored of trains"))
    again = await records.supersede(MINE, "memory_02", memory("memory_03", "likes trains"))
    assert (again.id, again.superseded_by) == ("memory_01", None)
    assert await records.get(MINE, ["memory_01", "memory_02"]) == [again]


async def test_a_record_does_not_supersede_itself(records: MemoryRecords) -> None:
    first = await records.add(memory())
    assert await records.supersede(MINE, first.id, memory("memory_02")) == first
    assert await records.get(MINE, [first.id]) == [first]


async def test_what_supersedes_belongs_to_the_same_artist(records: MemoryRecords) -> None:
    await records.add(memory())
    with pytest.raises(InvalidInput) as raised:
        await records.supersede(MINE, "memory_01", memory("memory_02", "x", artist_id=OTHER))
    assert raised.value.field == "artist_id"


async def test_superseding_nothing_stores_nothing(records: MemoryRecords) -> None:
    with pytest.raises(NotFound):
        await records.supersede(MINE, "memory_77", memory())
    assert await records.newest(MINE, MEMORY_KINDS, 9) == []


async def test_forgotten_is_forgotten(records: MemoryRecords) -> None:
    await records.add(memory("memory_01", "night trains"))
    await records.add(memory("memory_02", "day trains"))
    assert await records.forget(MINE, ["memory_01", "memory_77"]) == 1
    assert await records.forget(MINE, []) == 0
    assert await _found(records, "night trains") == ["memory_02"]
    assert (await records.add(memory("memory_03", "night trains"))).id == "memory_03"
    assert sorted(await _found(records, "night trains")) == ["memory_02", "memory_03"]


@pytest.mark.parametrize("query", HOSTILE)
async def test_a_query_is_words_and_nothing_else(records: MemoryRecords, query: str) -> None:
    await records.add(memory("memory_01", "night trains"))
    await records.add(memory("memory_02", "quiet coffee"))
    assert set(await _found(records, query)) <= {"memory_01"}
    assert await _found(records, query + " coffee") != []


@pytest.mark.parametrize("query", ["", "   ", "!?", '""', "what was it with the"])
async def test_a_query_without_words_finds_nothing(records: MemoryRecords, query: str) -> None:
    await records.add(memory())
    assert await _found(records, query) == []


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(query=st.text(max_size=200))
async def test_any_text_may_be_asked(records: MemoryRecords, query: str) -> None:
    await records.add(memory())
    await records.lexical(MINE, MEMORY_KINDS, query, 5)


@given(query=st.text())
def test_words_are_letters_and_digits_only(query: str) -> None:
    words = words_of(query)
    assert all(word.isalnum() for word in words)
    assert len(words) == len(set(words)) <= 32


async def test_a_long_question_still_finds(records: MemoryRecords) -> None:
    await records.add(memory())
    assert await _found(records, "trains " + " ".join(f"word{n}" for n in range(5000))) != []


async def test_text_with_nul_is_refused_alike_on_both(records: MemoryRecords) -> None:
    with pytest.raises(InvalidInput) as raised:
        await records.add(memory(text="a\0b"))
    assert raised.value.field == "text"


async def test_the_index_follows_in_the_same_transaction(label: Database) -> None:
    """A record is found at once, by a second connection, and never before it is stored."""
    records: MemoryRecords = SqlMemoryRecords(label)
    twin: MemoryRecords = SqlMemoryRecords(label)
    stored: MemoryRecord = await records.add(memory())
    assert [h.record for h in await twin.lexical(MINE, MEMORY_KINDS, "room", 1)] == [stored]
