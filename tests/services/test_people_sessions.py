from __future__ import annotations

from datetime import timedelta

import pytest

from domain.actor import OPERATOR
from domain.audit import Outcome
from domain.errors import Forbidden, InvalidInput, LimitReached, NotFound, Unauthenticated
from domain.user import SESSION_IDLE, SESSION_MOST, actor_of
from services.people_base import Place
from services.people_sessions import TRIES_ADDRESS, TRIES_NAME
from tests.support.label import TestLabel
from tests.support.people import HERE, PASSWORD, joined

NEW = "another four words entirely"


async def test_name_and_password_begin_a_session(label: TestLabel) -> None:
    bo = await joined(label, "viewer", "bo")
    made = await label.people.sign_in.sign_in(" Bo ", PASSWORD, HERE)
    found = await label.people.sign_in.by_secret(made.secret)
    assert found is not None
    assert found[0].id == bo.user.id
    assert made.secret not in made.session.model_dump_json()
    assert len(await label.people.sign_in.sessions(actor_of(bo.user))) == 2


@pytest.mark.parametrize(
    ("name", "password"), [("bo", "wrong"), ("nobody", PASSWORD), ("", ""), ("bo", "")]
)
async def test_a_wrong_pair_tells_nobody_what_was_wrong(
    label: TestLabel, name: str, password: str
) -> None:
    await joined(label, "viewer", "bo")
    with pytest.raises(Unauthenticated) as raised:
        await label.people.sign_in.sign_in(name, password, HERE)
    assert raised.value.message == "this name and password do not belong together"
    entry = (await label.people.audit.page(OPERATOR))[0]
    assert (entry.what, entry.outcome) == ("Sign in", Outcome.REFUSED)


async def test_who_is_disabled_cannot_sign_in(label: TestLabel) -> None:
    await joined(label, "viewer", "bo")
    await label.people.people.disable(OPERATOR, "bo")
    with pytest.raises(Unauthenticated):
        await label.people.sign_in.sign_in("bo", PASSWORD, HERE)


async def test_tries_are_counted_by_name_and_by_address(label: TestLabel) -> None:
    await joined(label, "viewer", "bo")
    for number in range(TRIES_NAME):
        with pytest.raises(Unauthenticated):
            await label.people.sign_in.sign_in("bo", "wrong", Place(f"192.0.2.{number}"))
    with pytest.raises(LimitReached):
        await label.people.sign_in.sign_in("bo", PASSWORD, Place("192.0.2.200"))
    for number in range(TRIES_ADDRESS):
        with pytest.raises(Unauthenticated):
            await label.people.sign_in.sign_in(f"name{number}", "wrong", Place("192.0.2.201"))
    with pytest.raises(LimitReached):
        await label.people.sign_in.sign_in("name", "wrong", Place("192.0.2.201"))


async def test_a_session_ends_when_it_is_idle_or_old(label: TestLabel) -> None:
    bo = await joined(label, "viewer", "bo")
    label.clock.advance(SESSION_IDLE - timedelta(minutes=1))
    assert await label.people.sign_in.by_secret(bo.secret) is not None
    label.clock.advance(SESSION_IDLE - timedelta(minutes=1))
    assert await label.people.sign_in.by_secret(bo.secret) is not None
    label.clock.advance(SESSION_IDLE)
    assert await label.people.sign_in.by_secret(bo.secret) is None

    made = await label.people.sign_in.sign_in("bo", PASSWORD, HERE)
    step = SESSION_IDLE / 2
    lived = timedelta()
    while await label.people.sign_in.by_secret(made.secret) is not None:
        label.clock.advance(step)
        lived += step
    assert SESSION_MOST <= lived < SESSION_MOST + step


async def test_signing_out_here_and_everywhere(label: TestLabel) -> None:
    bo = await joined(label, "viewer", "bo")
    there = await label.people.sign_in.sign_in("bo", PASSWORD, HERE)
    mine = actor_of(bo.user)
    await label.people.sign_in.end(mine, bo.session.id)
    assert await label.people.sign_in.by_secret(bo.secret) is None
    again = await label.people.sign_in.sign_in("bo", PASSWORD, HERE)
    assert await label.people.sign_in.end_all(mine, but=again.session.id) == 1
    assert await label.people.sign_in.by_secret(there.secret) is None
    assert await label.people.sign_in.by_secret(again.secret) is not None


async def test_a_session_is_its_persons_business(label: TestLabel) -> None:
    bo, eve = await joined(label, "viewer", "bo"), await joined(label, "viewer", "eve")
    with pytest.raises(NotFound):
        await label.people.sign_in.end(actor_of(eve.user), bo.session.id)
    await label.people.sign_in.end(OPERATOR, bo.session.id)
    assert await label.people.sign_in.by_secret(bo.secret) is None


async def test_another_password_ends_the_other_sessions(label: TestLabel) -> None:
    bo = await joined(label, "viewer", "bo")
    there = await label.people.sign_in.sign_in("bo", PASSWORD, HERE)
    mine = actor_of(bo.user)

    async def change(current: str, new: str) -> None:
        await label.people.sign_in.change_password(mine, bo.session, current, new, HERE)

    with pytest.raises(Forbidden) as wrong:
        await change("wrong", NEW)
    assert wrong.value.field == "current"
    with pytest.raises(InvalidInput):
        await change(PASSWORD, "short")
    await change(PASSWORD, NEW)
    assert await label.people.sign_in.by_secret(bo.secret) is not None
    assert await label.people.sign_in.by_secret(there.secret) is None
    with pytest.raises(Unauthenticated):
        await label.people.sign_in.sign_in("bo", PASSWORD, HERE)
    with pytest.raises(Forbidden):
        await label.people.sign_in.change_password(mine, None, NEW, PASSWORD, HERE)
