"""Requests under a key, on both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from domain.kept_request import KeptRequest, RequestStatus
from store.database import Database
from tests.store import nouns

AT_ONCE = 8


def fresh(number: int, key: str = "k") -> KeptRequest:
    begun = RequestStatus.BEGUN
    return nouns.kept_request(f"request_1{number}", key_digest=key, status=begun, sealed=None)


async def test_a_key_is_begun_once_and_then_known(label: Database) -> None:
    async with label.unit() as unit:
        assert await unit.kept_requests.begin(fresh(1)) is None
        assert await unit.kept_requests.begin(fresh(2)) == fresh(1)
        assert await unit.kept_requests.begin(fresh(3, "other")) is None
        await unit.kept_requests.forget("request_11")
        assert await unit.kept_requests.begin(fresh(4)) is None


async def test_of_many_at_once_one_begins_and_the_others_see_it(label: Database) -> None:
    async def begin(number: int) -> KeptRequest | None:
        async with label.unit() as unit:
            known = await unit.kept_requests.begin(fresh(number))
            await unit.commit()
        return known

    known = await asyncio.gather(*(begin(number) for number in range(AT_ONCE)))
    assert known.count(None) == 1
    assert len({request.id for request in known if request is not None}) == 1


async def test_old_ones_are_forgotten(label: Database) -> None:
    later = nouns.NOW + timedelta(days=1)
    young = fresh(1).model_copy(update={"created_at": later})
    async with label.unit() as unit:
        assert await unit.kept_requests.begin(young) is None
        assert await unit.kept_requests.prune(later) == 1
        assert await unit.kept_requests.prune(later) == 0
        assert await unit.kept_requests.get(young.id) == young
