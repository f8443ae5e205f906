"""People and kept requests on a real PostgreSQL, where two processes truly write at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from domain.actor import OPERATOR
from domain.errors import Conflict, NotFound, RequestInFlight
from domain.kept_request import Asked, KeptRequest
from domain.user import actor_of
from runtime.clock import ManualClock
from runtime.passwords import Passwords
from runtime.shared.windows import LocalWindows
from services.kept_requests import KeptRequestService
from services.people_house import PeopleHouse, build_people
from services.people_keys import KeyWish
from store.database import Database
from store.migrate import upgrade
from tests.store import nouns
from tests.support.database import PostgresServer
from tests.support.people import HERE, PASSWORD

TIMES = 4


@pytest.fixture
async def two(postgres: PostgresServer) -> AsyncIterator[tuple[Database, Database]]:
    """What two processes hold of one database."""
    url = postgres.new_database()
    await upgrade(url)
    async with AsyncExitStack() as stack:
        stack.callback(postgres.drop_database, url)
        databases = Database(url), Database(url)
        for database in databases:
            stack.push_async_callback(database.close)
        yield databases


def people_of(database: Database) -> PeopleHouse:
    clock = ManualClock(nouns.NOW)
    return build_people(database, clock, LocalWindows(), Passwords(1, 8))


async def outcomes(*calls: Any) -> list[Any]:
    return list(await asyncio.gather(*calls, return_exceptions=True))


def kinds(found: list[Any]) -> list[str]:
    return sorted(type(each).__name__ for each in found if isinstance(each, Exception))


async def test_people_of_two_processes_at_once(two: tuple[Database, Database]) -> None:
    here, there = (people_of(database) for database in two)
    for turn in range(TIMES):
        link = await here.people.invite(OPERATOR, "admin")
        accept = [
            house.joining.accept(link.secret, f"{name}{turn}", PASSWORD, HERE)
            for house, name in ((here, "ann"), (there, "bob"))
        ]
        assert kinds(await outcomes(*accept)) == [NotFound.__name__], "a link brings one"
    links = [await house.people.invite(OPERATOR, "viewer") for house in (here, there)]
    same = [
        house.joining.accept(link.secret, "cy", PASSWORD, HERE)
        for house, link in zip((here, there), links, strict=True)
    ]
    assert kinds(await outcomes(*same)) == [Conflict.__name__], "a name is one person's"
    people = await here.people.page(OPERATOR)
    assert len(people) == TIMES + 1
    admins = [person for person in people if person.role == "admin"]
    for person in admins[2:]:
        await here.people.disable(OPERATOR, person.id)
    each_other = [
        here.people.disable(actor_of(admins[0]), admins[1].id),
        there.people.disable(actor_of(admins[1]), admins[0].id),
    ]
    assert kinds(await outcomes(*each_other)) == [Conflict.__name__], "one admin stays"


async def test_what_one_process_ends_the_other_lets_in_no_more(
    two: tuple[Database, Database],
) -> None:
    here, there = (people_of(database) for database in two)
    link = await here.people.invite(OPERATOR, "operator")
    bo = await here.joining.accept(link.secret, "bo", PASSWORD, HERE)
    made = await here.keys.make(actor_of(bo.user), KeyWish("tests", ["read"]))
    assert await there.sign_in.by_secret(bo.secret) is not None
    assert await there.keys.by_secret(made.secret) is not None
    await here.people.disable(OPERATOR, "bo")
    assert await there.sign_in.by_secret(bo.secret) is None
    assert await there.keys.by_secret(made.secret) is None
    await here.people.enable(OPERATOR, "bo")
    await here.keys.revoke(OPERATOR, made.key.id)
    assert await there.keys.by_secret(made.secret) is None
    found = await there.audit.page(OPERATOR)
    assert [entry.what for entry in found] == ["Joined the label"]


async def test_a_request_sent_to_two_processes_begins_in_one(
    two: tuple[Database, Database],
) -> None:
    services = [KeptRequestService(database, ManualClock(nouns.NOW)) for database in two]
    for turn in range(TIMES):
        asked = Asked(key=f"k{turn}", actor="operator:a", operation="POST /x", content=b"{}")
        found = await outcomes(*(service.begin(asked) for service in services * 3))
        begun = [each for each in found if isinstance(each, KeptRequest)]
        assert len(begun) == 1
        assert set(kinds(found)) == {RequestInFlight.__name__}
