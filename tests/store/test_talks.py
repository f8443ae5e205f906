from __future__ import annotations

from datetime import timedelta

import pytest

from domain.errors import Conflict
from domain.talk import TurnStatus
from store.database import Database
from tests.store import nouns


async def test_talks_are_listed_the_lately_used_first(label: Database) -> None:
    async with label.unit() as unit:
        for number in range(2, 6):
            at = nouns.NOW + timedelta(hours=number % 3)
            await unit.talks.add(nouns.talk(f"talk_0{number}", last_at=at))
        await unit.talks.add(nouns.talk("talk_09", "artist_02", person="user_2"))
        first = await unit.talks.page("artist_01", limit=2)
        rest = await unit.talks.page("artist_01", before=(first[-1].last_at, first[-1].id))
        theirs = await unit.talks.page(person="user_2")
        only = await unit.talks.page(only=["artist_02"], limit=1)
        none = await unit.talks.page(only=[])
    assert [t.id for t in (*first, *rest)] == [
        *("talk_05", "talk_02", "talk_04", "talk_03", "talk_01")
    ]
    assert [t.id for t in theirs] == [t.id for t in only] == ["talk_09"]
    assert none == []


async def test_turns_come_oldest_first_and_page_backwards(label: Database) -> None:
    async with label.unit() as unit:
        for number in range(2, 6):
            await unit.turns.add(nouns.turn(f"turn_0{number}", number))
        late = await unit.turns.of_talk("talk_01", limit=2)
        early = await unit.turns.of_talk("talk_01", before=4, limit=2)
        last = await unit.turns.last("talk_01")
        keyed = await unit.turns.by_key("talk_01", "key-3")
    assert [t.number for t in late] == [4, 5]
    assert [t.number for t in early] == [2, 3]
    assert last == nouns.turn("turn_05", 5)
    assert keyed == nouns.turn("turn_03", 3)


async def test_a_number_and_a_key_are_given_once_a_talk(label: Database) -> None:
    async with label.unit() as unit:
        with pytest.raises(Conflict):
            await unit.turns.add(nouns.turn("turn_02", 1, key=None))
        with pytest.raises(Conflict):
            await unit.turns.add(nouns.turn("turn_03", 3, key="key-1"))


async def test_what_is_not_done_yet_is_found(label: Database) -> None:
    begun = nouns.turn("turn_02", 2, status=TurnStatus.ANSWERING)
    agreed = nouns.turn("turn_03", 3, pending=True)
    async with label.unit() as unit:
        await unit.turns.add(begun)
        await unit.turns.add(agreed)
        assert await unit.turns.unfinished() == [begun, agreed]
