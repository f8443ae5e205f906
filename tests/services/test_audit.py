from __future__ import annotations

from datetime import timedelta

import pytest

from domain.actor import OPERATOR, SYSTEM
from domain.audit import Outcome
from domain.errors import Forbidden, NotFound
from services.audit import Act, AuditFilter
from services.base import FORGOTTEN_AT_ONCE
from tests.services import build
from tests.store import nouns
from tests.support import people
from tests.support.label import TestLabel

DAY = timedelta(days=1)


def act(operation: str = "POST /api/v1/hold", **facts: str) -> Act:
    told = {"user_id": "local", "who": "local", "what": "Hold", "address": "192.0.2.1"}
    return Act(**(told | {"operation": operation} | facts))


async def test_an_act_is_there_before_its_outcome(label: TestLabel) -> None:
    audit = label.people.audit
    entry_id = await audit.begin(act())
    assert (await audit.get(OPERATOR, entry_id)).outcome is Outcome.BEGUN
    for status, outcome in ((200, "done"), (404, "refused"), (503, "failed")):
        await audit.end(entry_id, status)
        after = await audit.get(OPERATOR, entry_id)
        assert (after.outcome, after.status) == (outcome, status)


async def test_entries_are_found_by_who_what_and_when(label: TestLabel) -> None:
    audit = label.people.audit
    first = await audit.begin(act("DELETE /api/v1/100%", user_id="user_1"))
    label.clock.advance(DAY)
    second = await audit.begin(act("POST /api/v1/1000"))
    await audit.end(second, 200)

    async def found(**wanted: object) -> list[str]:
        page = await audit.page(OPERATOR, wanted=AuditFilter(**wanted))  # type: ignore[arg-type]
        return [entry.id for entry in page]

    assert await found() == [second, first]
    assert await found(user_id="user_1") == [first]
    assert await found(operation="100%") == [first], "no sign of it is a wildcard"
    assert await found(operation="POST") == [second]
    assert await found(outcome=Outcome.DONE) == [second]
    now = label.clock.now()
    assert (await found(since=now), await found(until=now)) == ([second], [first])


async def test_an_admin_of_one_artist_sees_what_concerned_it(label: TestLabel) -> None:
    mine, other = await build.artist(label), await build.artist(label, "Other")
    limited = await people.actor(label, "admin", [mine.id])
    by_name = await label.people.audit.begin(act(artist=mine.handle))
    by_id = await label.people.audit.begin(act(artist=mine.id))
    hidden = [await label.people.audit.begin(act(artist=other.id)), await _of_all(label)]
    seen = [entry.id for entry in await label.people.audit.page(limited)]
    assert seen == [by_id, by_name]
    for entry_id in hidden:
        with pytest.raises(NotFound):
            await label.people.audit.get(limited, entry_id)


async def _of_all(label: TestLabel) -> str:
    return await label.people.audit.begin(act())


async def test_old_entries_are_forgotten_and_none_without_a_limit(label: TestLabel) -> None:
    audit = label.people.audit
    await audit.begin(act("old"))
    label.clock.advance(3 * DAY)
    await audit.begin(act("young"))
    label.clock.advance(2 * DAY)
    assert await audit.prune(SYSTEM, 0) == 0
    assert await audit.prune(SYSTEM, 3) == 1
    assert [e.operation for e in await audit.page(OPERATOR)] == ["young"]
    assert await audit.prune(SYSTEM, 3) == 0
    with pytest.raises(Forbidden):
        await audit.prune(OPERATOR, 3)


async def test_many_old_entries_are_forgotten_in_turns(label: TestLabel) -> None:
    many = FORGOTTEN_AT_ONCE + 1
    async with label.database.unit() as unit:
        for number in range(many):
            await unit.audit.add(nouns.audit_entry(f"audit_{number:05}"))
        await unit.commit()
    young = await label.people.audit.begin(act("young"))
    assert await label.people.audit.prune(SYSTEM, 30) == many
    assert [e.id for e in await label.people.audit.page(OPERATOR)] == [young]
