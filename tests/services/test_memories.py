from __future__ import annotations

from typing import Any

import pytest

from domain.actor import OPERATOR, Actor
from domain.errors import Forbidden, InvalidInput, NotFound, StaleVersion
from domain.memory import MemoryRecord
from domain.seen import Seen
from services.memories import MemoryService
from store.memory_records import SqlMemoryRecords
from tests.store import nouns
from tests.support.label import TestLabel, debut

ANY = Seen(anything=True)


@pytest.fixture
def service(label: TestLabel) -> MemoryService:
    records = SqlMemoryRecords(label.database)
    return MemoryService(label.database, label.clock, records, label.memory)


async def _remember(label: TestLabel, artist_id: str, text: str, **more: Any) -> MemoryRecord:
    number = len(text)
    return await label.memory.remember(
        nouns.memory(f"memory_{number:02}", text, artist_id=artist_id, **more)
    )


async def test_pages_follow_each_other(label: TestLabel, service: MemoryService) -> None:
    artist = await debut(label)
    for number in range(5):
        await _remember(label, artist.id, "It rained" + "!" * number)
    first = await service.page(OPERATOR, artist.handle, None, None, 2)
    rest = await service.page(OPERATOR, artist.handle, "episodic", first[-1].id, 50)
    seen = [m.text for m in (*first, *rest)]
    assert seen == [f"It rained{'!' * n}" for n in (4, 3, 2, 1, 0)]
    assert await service.page(OPERATOR, artist.handle, "audience") == []


async def test_a_correction_stands_in_the_place_of_what_was_wrong(
    label: TestLabel, service: MemoryService
) -> None:
    artist = await debut(label)
    wrong = await _remember(label, artist.id, "The show was in Bremen", untrusted=True)
    right = await service.correct(
        OPERATOR, artist.handle, wrong.id, " The show was in Hamburg ", seen=ANY
    )
    assert (right.text, right.untrusted) == ("The show was in Hamburg", False)
    found = await service.search(OPERATOR, artist.handle, "where was the show")
    assert [m.id for m in found] == [right.id]
    with pytest.raises(StaleVersion):
        await service.correct(OPERATOR, artist.handle, wrong.id, "In Kiel", seen=ANY)
    with pytest.raises(NotFound):
        await service.get(OPERATOR, artist.handle, wrong.id)
    async with label.database.unit() as unit:
        told = [e for e in await unit.events.after(0) if e.kind == "memory.changed"]
    assert [(e.subject_id, e.data["deed"]) for e in told] == [(right.id, "corrected")]


async def test_a_correction_needs_words_and_the_state_that_was_read(
    label: TestLabel, service: MemoryService
) -> None:
    artist = await debut(label)
    known = await _remember(label, artist.id, "The show was in Bremen")
    with pytest.raises(InvalidInput):
        await service.correct(OPERATOR, artist.handle, known.id, " \0 ", seen=ANY)
    seen = Seen(versions=frozenset({7}))
    with pytest.raises(StaleVersion):
        await service.correct(OPERATOR, artist.handle, known.id, "In Kiel", seen=seen)
    assert (await service.get(OPERATOR, artist.handle, known.id)).text == known.text


async def test_what_is_forgotten_is_gone(label: TestLabel, service: MemoryService) -> None:
    artist = await debut(label)
    known = await _remember(label, artist.id, "Somebody's telephone number")
    assert await service.forget(OPERATOR, artist.handle, known.id) == known
    assert await service.search(OPERATOR, artist.handle, "telephone number") == []
    with pytest.raises(NotFound):
        await service.forget(OPERATOR, artist.handle, known.id)


async def test_who_only_reads_changes_nothing(label: TestLabel, service: MemoryService) -> None:
    artist = await debut(label)
    known = await _remember(label, artist.id, "The show was in Bremen")
    reader = Actor(kind="operator", id="bo", rights=frozenset({"read"}))
    elsewhere = OPERATOR.model_copy(update={"artists": frozenset({"artist_other"})})
    assert await service.get(reader, artist.handle, known.id) == known
    with pytest.raises(Forbidden):
        await service.correct(reader, artist.handle, known.id, "In Kiel", seen=ANY)
    with pytest.raises(Forbidden):
        await service.forget(reader, artist.handle, known.id)
    with pytest.raises(Forbidden):
        await service.page(elsewhere, artist.handle)
