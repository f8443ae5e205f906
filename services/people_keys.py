"""Keys of programs: made with some of a person's rights, shown once, revoked at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from domain.actor import Actor
from domain.audit import LOCAL
from domain.errors import Forbidden, InvalidInput, NotFound
from domain.ids import new_id
from domain.rights import EVERY_RIGHT, RIGHTS, Right
from domain.user import KEY_PREFIX, ApiKey, User, within
from runtime.passwords import digest, new_secret
from services.people_base import PeopleBase, must_look_after
from store.unit import UnitOfWork

SHOWN_CHARS = len(KEY_PREFIX) + 6
NAME_MAX_CHARS = 100
DAYS_MAX = 3650
NOTED_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class NewKey:
    """A key and its secret, which is shown this once."""

    key: ApiKey
    secret: str


@dataclass(frozen=True)
class KeyWish:
    """What a key shall be. `artists` None: all that its owner may; `days` None: until revoked."""

    name: str
    scopes: Sequence[Right]
    artists: Sequence[str] | None = None
    days: int | None = None
    owner: str | None = None


class KeyService(PeopleBase):
    """Use cases of keys."""

    async def make(self, actor: Actor, wish: KeyWish) -> NewKey:
        """Make a key, for oneself or, as an admin, for somebody else.

        Raises `Forbidden` where it would see artists that its owner or its maker does not, and
        `InvalidInput` naming `owner`, `name`, `days` or `scopes`.
        """
        _must_manage(actor)
        name = _checked(wish)
        async with self.database.unit() as unit:
            owner = await self._owner(unit, actor, wish.owner)
            artists = await self.artist_ids(unit, wish.artists)
            scopes = _within_rights(actor, owner, wish.scopes)
            limits = (actor.artists, None if owner.artists is None else frozenset(owner.artists))
            if artists is None and limits[0] is not None:
                # What an owner may see grows with the owner; what the maker may see does not.
                artists = tuple(sorted(limits[0]))
            if artists is not None and not all(within(artists, limit) for limit in limits):
                raise Forbidden(
                    "a key sees no artist that its owner does not",
                    field="artists",
                    remedy="Name artists of theirs, or none for all of these.",
                )
            made = self._made(actor, owner, name, scopes, artists, wish.days)
            await unit.keys.add(made.key)
            await unit.commit()
        return made

    async def page(
        self,
        actor: Actor,
        after: str | None = None,
        limit: int = 50,
        *,
        everybody: bool = False,
    ) -> list[ApiKey]:
        """Keys, newest first: one's own, or everybody's for an admin."""
        actor.must("administer") if everybody else actor.must_be("operator")
        async with self.database.unit() as unit:
            return await unit.keys.page(None if everybody else actor.id, after, limit)

    async def of(self, actor: Actor, user_id: str, limit: int = 50) -> list[ApiKey]:
        """Keys of one person, newest first; others' for admins."""
        if user_id == actor.id:
            actor.must_be("operator")
        else:
            actor.must("administer")
        async with self.database.unit() as unit:
            return await unit.keys.page(user_id, limit=limit)

    async def revoke(self, actor: Actor, key_id: str) -> ApiKey:
        """Make a key worthless, for good.

        Raises `NotFound`, also for a key of somebody else's.
        """
        _must_manage(actor)
        async with self.database.unit() as unit:
            key = await unit.keys.get(key_id)
            if key.user_id != actor.id and "administer" not in actor.rights:
                raise NotFound(f"there is no key {key_id!r} of yours", field="key_id")
            if key.made_by != actor.id:
                must_look_after(actor, await unit.users.get(key.user_id))
            now = self.clock.now()
            if key.revoked_at is None:
                key = await unit.keys.save(key.amend(now, revoked_at=now))
            await unit.commit()
        return key

    async def by_secret(self, secret: str) -> tuple[User, ApiKey] | None:
        """Whose key this is; None when it does not work, or its owner may not come in."""
        now = self.clock.now()
        async with self.database.unit() as unit:
            found = await self._standing(unit, await unit.keys.by_secret(digest(secret)))
            used = None if found is None else found[1].last_used_at
            if found is not None and (used is None or now - used >= NOTED_EVERY):
                await unit.keys.used(found[1].id, now)
                await unit.commit()
        return found

    async def standing(self, key_id: str) -> tuple[User, ApiKey] | None:
        """The same by the key's id, which is no use of it."""
        async with self.database.unit() as unit:
            known = await unit.keys.many([key_id])
            return await self._standing(unit, known.get(key_id))

    async def _standing(self, unit: UnitOfWork, key: ApiKey | None) -> tuple[User, ApiKey] | None:
        if key is None or not key.live(self.clock.now()):
            return None
        owner = await unit.users.get(key.user_id)
        return (owner, key) if owner.active else None

    async def _owner(self, unit: UnitOfWork, actor: Actor, named: str | None) -> User:
        if named is None and actor.id == LOCAL:
            raise InvalidInput(
                "a key belongs to a person, and the start token is nobody's",
                field="owner",
                remedy="Name the person it is for; “greenroom user invite” brings the first.",
            )
        owner = await self.person(unit, named or actor.id)
        must_look_after(actor, owner)
        if not owner.active:
            raise InvalidInput(
                f"{owner.name} may not come in",
                field="owner",
                remedy="Enable them first, or name somebody else.",
            )
        return owner

    def _made(
        self,
        actor: Actor,
        owner: User,
        name: str,
        scopes: tuple[Right, ...],
        artists: tuple[str, ...] | None,
        days: int | None,
    ) -> NewKey:
        now, secret = self.clock.now(), new_secret(KEY_PREFIX)
        key = ApiKey(
            id=new_id("key"),
            created_at=now,
            updated_at=now,
            name=name,
            user_id=owner.id,
            scopes=scopes,
            artists=artists,
            prefix=secret[:SHOWN_CHARS],
            made_by=actor.id,
            expires_at=None if days is None else now + timedelta(days=days),
            secret_hash=digest(secret),
        )
        return NewKey(key, secret)


def _must_manage(actor: Actor) -> None:
    """A program does not make more programs' keys, unless an admin let it look after people."""
    actor.must_be("operator")
    if actor.key_id is not None and "administer" not in actor.rights:
        raise Forbidden(
            "keys are made and revoked by people, not by keys",
            remedy="Sign in with a browser, or use a key with the right to administer.",
        )


def _checked(wish: KeyWish) -> str:
    name = " ".join(wish.name.split())
    if not name or len(name) > NAME_MAX_CHARS:
        raise InvalidInput(
            f"a key has a name of 1 to {NAME_MAX_CHARS} characters",
            field="name",
            remedy="Say what it is for.",
        )
    if wish.days is not None and not 1 <= wish.days <= DAYS_MAX:
        raise InvalidInput(
            f"a key works for 1 to {DAYS_MAX} days, or until it is revoked",
            field="days",
            remedy="Choose of these, or leave it out.",
        )
    return name


def _within_rights(actor: Actor, owner: User, scopes: Sequence[str]) -> tuple[Right, ...]:
    may = RIGHTS[owner.role] & actor.rights
    wrong = sorted(set(scopes) - may)
    if wrong or not scopes:
        unknown = sorted(set(scopes) - EVERY_RIGHT)
        says = f"{', '.join(wrong)} cannot be given here" if wrong else "a key needs a right"
        if unknown:
            says = f"there is no right {unknown[0]!r}"
        raise InvalidInput(says, field="scopes", remedy=f"Choose of {', '.join(sorted(may))}.")
    return tuple(right for right in sorted(may) if right in scopes)
