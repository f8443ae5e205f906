from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from domain.actor import OPERATOR, SYSTEM, Actor
from domain.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleVersion
from domain.rights import RIGHTS
from domain.seen import Seen
from domain.user import actor_of, actor_of_key
from services.people import PersonChange
from services.people_keys import KeyWish
from tests.services import build
from tests.support.label import TestLabel
from tests.support.people import HERE, PASSWORD, actor, joined, key

DAY = timedelta(days=1)


async def test_the_first_link_makes_an_admin_once(label: TestLabel) -> None:
    first = await label.people.joining.first_link(SYSTEM)
    again = await label.people.joining.first_link(SYSTEM)
    assert first is not None
    assert again is not None
    made = await label.people.joining.accept(first.secret, "Ada@Example.com", PASSWORD, HERE)
    assert made.user.name == "ada@example.com"
    assert actor_of(made.user).rights == RIGHTS["admin"]
    for spent in (first, again):
        with pytest.raises(NotFound):
            await label.people.joining.accept(spent.secret, "eve", PASSWORD, HERE)
    assert await label.people.joining.first_link(SYSTEM) is None


async def test_only_the_system_makes_the_first_link(label: TestLabel) -> None:
    with pytest.raises(Forbidden):
        await label.people.joining.first_link(OPERATOR)


async def test_an_invitation_works_once_and_not_for_ever(label: TestLabel) -> None:
    link = await label.people.people.invite(OPERATOR, "viewer", days=2)
    label.clock.advance(2 * DAY)
    with pytest.raises(NotFound):
        await label.people.joining.accept(link.secret, "bo", PASSWORD, HERE)
    fresh = await label.people.people.invite(OPERATOR, "viewer", note="Bo")
    both = await asyncio.gather(
        *(label.people.joining.accept(fresh.secret, n, PASSWORD, HERE) for n in ("bo", "eve")),
        return_exceptions=True,
    )
    assert sorted(isinstance(each, NotFound) for each in both) == [False, True]
    (_, kept) = reversed(await label.people.people.invitations(OPERATOR))
    assert kept.used_at is not None
    assert fresh.secret not in kept.model_dump_json()


async def test_a_withdrawn_invitation_is_worthless(label: TestLabel) -> None:
    link = await label.people.people.invite(OPERATOR, "viewer")
    await label.people.people.withdraw(OPERATOR, link.invitation.id)
    with pytest.raises(NotFound):
        await label.people.joining.look(link.secret)
    with pytest.raises(Conflict):
        await label.people.people.withdraw(OPERATOR, link.invitation.id)


async def test_a_name_is_one_persons(label: TestLabel) -> None:
    await joined(label, "viewer", "bo")
    with pytest.raises(Conflict) as raised:
        await joined(label, "viewer", " BO ")
    assert raised.value.field == "name"


@pytest.mark.parametrize("name", ["", "two words", "<b>", "a@b", "-x", "x" * 101])
async def test_a_name_is_plain(label: TestLabel, name: str) -> None:
    link = await label.people.people.invite(OPERATOR, "viewer")
    with pytest.raises(InvalidInput) as raised:
        await label.people.joining.accept(link.secret, name, PASSWORD, HERE)
    assert raised.value.field == "name"


@pytest.mark.parametrize("password", ["short", "x" * 201, "aaaaaaaaaaaaaaaa", "ada@example.com"])
async def test_a_password_is_hard_to_guess(label: TestLabel, password: str) -> None:
    link = await label.people.people.invite(OPERATOR, "viewer")
    with pytest.raises(InvalidInput) as raised:
        await label.people.joining.accept(link.secret, "ada@example.com", password, HERE)
    assert raised.value.field == "password"


async def test_people_are_limited_to_artists(label: TestLabel) -> None:
    artist = await build.artist(label)
    other = await build.artist(label, "Other")
    limited = await actor(label, "operator", [artist.handle])
    assert limited.sees(artist.id)
    assert not limited.sees(other.id)
    with pytest.raises(InvalidInput) as raised:
        await label.people.people.invite(OPERATOR, "viewer", ["nobody"])
    assert raised.value.field == "artists"


async def test_another_role_holds_at_once(label: TestLabel) -> None:
    bo = await joined(label, "viewer", "bo")
    secret = await key(label, bo, "read")
    changed = await label.people.people.change(OPERATOR, "bo", PersonChange(role="operator"))
    assert "approve" in actor_of(changed).rights
    found = await label.people.keys.by_secret(secret)
    assert found is not None
    assert actor_of_key(found[1], found[0]).rights == {"read"}
    with pytest.raises(StaleVersion):
        await label.people.people.change(
            OPERATOR, "bo", PersonChange(role="viewer"), Seen(versions=frozenset({1}))
        )


async def test_a_key_loses_what_its_owner_loses(label: TestLabel) -> None:
    bo = await joined(label, "operator", "bo")
    secret = await key(label, bo, "read", "approve")
    await label.people.people.change(OPERATOR, "bo", PersonChange(role="viewer"))
    found = await label.people.keys.by_secret(secret)
    assert found is not None
    assert actor_of_key(found[1], found[0]).rights == {"read"}


async def test_who_is_disabled_is_out_at_once(label: TestLabel) -> None:
    bo = await joined(label, "operator", "bo")
    secret = await key(label, bo, "read")
    await label.people.people.disable(OPERATOR, bo.user.id)
    assert await label.people.sign_in.by_secret(bo.secret) is None
    assert await label.people.keys.by_secret(secret) is None
    await label.people.people.enable(OPERATOR, "bo")
    assert await label.people.sign_in.by_secret(bo.secret) is None
    assert await label.people.keys.by_secret(secret) is not None


@pytest.mark.parametrize(
    "change", [PersonChange(role="operator"), PersonChange(artists=[]), None], ids=str
)
async def test_the_last_admin_stays(label: TestLabel, change: PersonChange | None) -> None:
    ada = await joined(label, "admin", "ada")

    async def remove() -> None:
        if change is None:
            await label.people.people.disable(actor_of(ada.user), "ada")
        else:
            await label.people.people.change(actor_of(ada.user), "ada", change)

    with pytest.raises(Conflict):
        await remove()
    await joined(label, "admin", "eve")
    await remove()


async def test_nobody_gives_more_than_they_have(label: TestLabel) -> None:
    artist = await build.artist(label)
    await joined(label, "admin", "ada")
    limited = await actor(label, "admin", [artist.id])
    assert await label.people.people.invite(limited, "viewer", [artist.id])
    with pytest.raises(Forbidden):
        await label.people.people.invite(limited, "viewer")
    with pytest.raises(Forbidden):
        await label.people.people.reset(limited, "ada")
    program = limited.model_copy(update={"rights": frozenset({"administer"}), "artists": None})
    with pytest.raises(Forbidden):
        await label.people.people.invite(program, "viewer")


async def test_an_admin_of_some_artists_reaches_nobody_beyond_them(label: TestLabel) -> None:
    one, people = await build.artist(label), label.people
    ada = await joined(label, "admin", "ada")
    adas = await people.keys.make(actor_of(ada.user), KeyWish("x", ["read"]))
    link = await people.people.invite(OPERATOR, "viewer")
    limited = await actor(label, "admin", [one.id])
    bo = await joined(label, "viewer", "bo", [one.id])
    for act in (
        people.keys.make(limited, KeyWish("x", ["read"], owner="ada")),
        people.keys.revoke(limited, adas.key.id),
        people.sign_in.end(limited, ada.session.id),
        people.sign_in.end_all(limited, ada.user.id),
        people.people.withdraw(limited, link.invitation.id),
    ):
        with pytest.raises(Forbidden):
            await act
    made = await people.keys.make(limited, KeyWish("x", ["read"], owner="bo"))
    await people.keys.revoke(limited, made.key.id)
    assert await people.sign_in.end_all(limited, bo.user.id) == 1


async def test_a_link_to_a_new_password_opens_no_door_that_was_widened_since(
    label: TestLabel,
) -> None:
    one = await build.artist(label)
    limited = await actor(label, "admin", [one.id])
    await joined(label, "viewer", "bo", [one.id])
    link = await label.people.people.reset(limited, "bo")
    await label.people.people.change(OPERATOR, "bo", PersonChange(role="admin", all_artists=True))
    with pytest.raises(NotFound):
        await label.people.joining.accept(link.secret, "bo", PASSWORD, HERE)


@pytest.mark.parametrize("change", [None, PersonChange(role="operator"), PersonChange(artists=[])])
async def test_links_of_somebody_who_may_not_give_them_any_more_are_withdrawn(
    label: TestLabel, change: PersonChange | None
) -> None:
    people = label.people.people
    await joined(label, "admin", "ada")
    eve = actor_of((await joined(label, "admin", "eve")).user)
    await joined(label, "viewer", "bo")
    made = [await people.invite(eve, "viewer"), await people.reset(eve, "bo")]
    others = await people.invite(OPERATOR, "viewer")
    await people.change(OPERATOR, "eve", PersonChange(display_name="Eve"))
    assert (await label.people.joining.look(made[0].secret)).made_by == eve.id
    if change is None:
        await people.disable(OPERATOR, "eve")
        await people.enable(OPERATOR, "eve")
    else:
        await people.change(OPERATOR, "eve", change)
    for link in made:
        with pytest.raises(NotFound):
            await label.people.joining.look(link.secret)
    assert await label.people.joining.look(others.secret)


@pytest.mark.parametrize("role", ["viewer", "evaluator", "developer", "operator"])
async def test_only_admins_look_after_people(label: TestLabel, role: str) -> None:
    who: Actor = await actor(label, role)  # type: ignore[arg-type]
    people = label.people.people
    for act in (
        people.page(who),
        people.get(who, OPERATOR.id),
        people.invite(who, "viewer"),
        people.invitations(who),
        people.withdraw(who, "x"),
        people.disable(who, who.id),
        people.enable(who, who.id),
        people.reset(who, who.id),
        people.change(who, who.id, PersonChange(role="admin")),
        label.people.audit.page(who),
        label.people.audit.get(who, "x"),
        label.people.keys.page(who, everybody=True),
        label.people.sign_in.sessions(who, "somebody"),
        label.people.sign_in.end_all(who, "somebody"),
    ):
        with pytest.raises(Forbidden):
            await act
    assert (await people.get(who, who.id)).role == role


async def test_a_reset_link_sets_a_password_and_ends_sessions(label: TestLabel) -> None:
    bo = await joined(label, "viewer", "bo")
    link = await label.people.people.reset(OPERATOR, "bo")
    assert await label.people.sign_in.by_secret(bo.secret) is not None
    new = "another four words entirely"
    made = await label.people.joining.accept(link.secret, "ignored", new, HERE)
    assert made.user.id == bo.user.id
    assert await label.people.sign_in.by_secret(bo.secret) is None
    assert (await label.people.sign_in.sign_in("bo", new, HERE)).user.name == "bo"


async def test_a_key_has_some_of_its_owners_rights(label: TestLabel) -> None:
    artist = await build.artist(label)
    bo = await joined(label, "operator", "bo", [artist.id])
    mine = actor_of(bo.user)
    with pytest.raises(InvalidInput) as raised:
        await label.people.keys.make(mine, KeyWish("x", ["administer"]))
    assert raised.value.field == "scopes"
    with pytest.raises(InvalidInput):
        await label.people.keys.make(mine, KeyWish("x", []))
    other = await build.artist(label, "Other")
    with pytest.raises(Forbidden):
        await label.people.keys.make(mine, KeyWish("x", ["read"], [other.id]))
    made = await label.people.keys.make(mine, KeyWish("x", ["read"], days=1))
    assert made.secret.startswith(made.key.prefix)
    assert made.secret not in made.key.model_dump_json()
    label.clock.advance(DAY)
    assert await label.people.keys.by_secret(made.secret) is None


async def test_keys_do_not_beget_keys(label: TestLabel) -> None:
    bo = await joined(label, "operator", "bo")
    found = await label.people.keys.by_secret(await key(label, bo, "read", "steer"))
    assert found is not None
    program = actor_of_key(found[1], found[0])
    with pytest.raises(Forbidden):
        await label.people.keys.make(program, KeyWish("x", ["read"]))
    with pytest.raises(Forbidden):
        await label.people.keys.revoke(program, found[1].id)


async def test_a_revoked_key_is_dead_and_only_its_owners_business(label: TestLabel) -> None:
    bo, eve = await joined(label, "operator", "bo"), await joined(label, "operator", "eve")
    secret = await key(label, bo, "read")
    (kept,) = await label.people.keys.page(actor_of(bo.user))
    with pytest.raises(NotFound):
        await label.people.keys.revoke(actor_of(eve.user), kept.id)
    assert await label.people.keys.page(actor_of(eve.user)) == []
    await label.people.keys.revoke(actor_of(bo.user), kept.id)
    assert await label.people.keys.by_secret(secret) is None
    assert len(await label.people.keys.page(OPERATOR, everybody=True)) == 1


async def test_the_start_token_makes_keys_for_people_only(label: TestLabel) -> None:
    await joined(label, "viewer", "bo")
    with pytest.raises(InvalidInput) as raised:
        await label.people.keys.make(OPERATOR, KeyWish("x", ["read"]))
    assert raised.value.field == "owner"
    made = await label.people.keys.make(OPERATOR, KeyWish("x", ["read"], owner="bo"))
    assert made.key.made_by == "local"
    with pytest.raises(InvalidInput):
        await label.people.keys.make(OPERATOR, KeyWish("x", ["steer"], owner="bo"))
