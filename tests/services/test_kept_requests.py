from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from domain.actor import OPERATOR, SYSTEM
from domain.errors import Forbidden, KeyReused, OutcomeUnknown, RequestInFlight
from domain.kept_request import Answer, Asked, KeptRequest
from services.kept_requests import KEPT, LONGEST, KeptRequestService
from tests.support.label import TestLabel

ASKED = Asked(key="a-key", actor="operator:ada", operation="POST /x?", content=b'{"a":1}')
ANSWER = Answer(status=201, headers={"location": "/x/1"}, body=b'{"secret":"shown once"}')


@pytest.fixture
def service(label: TestLabel) -> KeptRequestService:
    return KeptRequestService(label.database, label.clock)


async def _begin(service: KeptRequestService, asked: Asked = ASKED) -> KeptRequest:
    begun = await service.begin(asked)
    assert isinstance(begun, KeptRequest)
    return begun


async def test_the_same_request_gets_the_answer_of_the_first(service: KeptRequestService) -> None:
    await service.answered(ASKED, await _begin(service), ANSWER)
    assert await service.begin(ASKED) == ANSWER
    assert await service.begin(ASKED) == ANSWER


async def test_only_one_of_many_at_once_is_done(service: KeptRequestService) -> None:
    found = await asyncio.gather(*(service.begin(ASKED) for _ in range(5)), return_exceptions=True)
    assert [type(one) for one in found].count(KeptRequest) == 1
    assert [type(one) for one in found].count(RequestInFlight) == 4


@pytest.mark.parametrize(
    "change", [{"content": b'{"a":2}'}, {"operation": "POST /y?"}, {"operation": "POST /x?b=1"}]
)
async def test_a_key_names_one_request(
    service: KeptRequestService, change: dict[str, object]
) -> None:
    await service.answered(ASKED, await _begin(service), ANSWER)
    with pytest.raises(KeyReused):
        await service.begin(ASKED.model_copy(update=change))


async def test_people_do_not_share_keys(service: KeptRequestService) -> None:
    await service.answered(ASKED, await _begin(service), ANSWER)
    await _begin(service, ASKED.model_copy(update={"actor": "operator:ben"}))


async def test_what_was_cut_off_is_said_so_and_never_done_again(
    label: TestLabel, service: KeptRequestService
) -> None:
    await _begin(service)
    label.clock.advance(LONGEST)
    with pytest.raises(OutcomeUnknown, match="never ended"):
        await service.begin(ASKED)


async def test_what_broke_or_was_streamed_is_not_done_again(service: KeptRequestService) -> None:
    await service.broken(await _begin(service))
    with pytest.raises(OutcomeUnknown, match="unexpectedly"):
        await service.begin(ASKED)
    other = ASKED.model_copy(update={"key": "b"})
    await service.unkept(await _begin(service, other))
    with pytest.raises(OutcomeUnknown, match="stream"):
        await service.begin(other)


async def test_a_refused_request_may_come_again_under_its_key(service: KeptRequestService) -> None:
    await service.refused(await _begin(service))
    await _begin(service, ASKED.model_copy(update={"content": b"corrected"}))


async def test_keys_and_answers_cannot_be_read_from_the_database(
    label: TestLabel, service: KeptRequestService
) -> None:
    await service.answered(ASKED, await _begin(service), ANSWER)
    stored = (label.home / "label.db").read_bytes() + (label.home / "label.db-wal").read_bytes()
    assert b"shown once" not in stored
    assert b"a-key" not in stored


async def test_keys_are_forgotten_after_a_day(
    label: TestLabel, service: KeptRequestService
) -> None:
    await service.answered(ASKED, await _begin(service), ANSWER)
    label.clock.advance(KEPT)
    assert await service.prune(SYSTEM) == 0
    label.clock.advance(timedelta(seconds=1))
    assert await service.prune(SYSTEM) == 1
    await _begin(service)
    with pytest.raises(Forbidden):
        await service.prune(OPERATOR)
