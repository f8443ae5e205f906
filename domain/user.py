"""People of the label: who they are, how they come in, and the keys of their programs.

Secrets stand in no noun: sessions, keys and invitations know the digest of theirs, and a person
the hash of a password. Both are left out of whatever is written for others to read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, Field

from domain.actor import Actor
from domain.entity import Entity
from domain.errors import InvalidInput
from domain.rights import RIGHTS, Right, Role

NAME_MAX_CHARS = 100
PASSWORD_MIN_CHARS = 12
PASSWORD_MAX_CHARS = 200
INVITED_FOR = timedelta(days=7)
# A session ends after so long without a sign of its person, and in any case after so long.
SESSION_IDLE = timedelta(days=7)
SESSION_MOST = timedelta(days=30)
KEY_PREFIX = "gr_"
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._+-]*(@[a-z0-9-]+(\.[a-z0-9-]+)+)?")


class UserStatus(StrEnum):
    """Whether somebody may come in."""

    ACTIVE = "active"
    DISABLED = "disabled"


class User(Entity):
    """A person of the label. Without `artists` all of them are theirs to see and to steer."""

    name: str = Field(description="What they sign in with: a login name or an e-mail address.")
    display_name: str
    role: Role
    artists: tuple[str, ...] | None = None
    status: UserStatus = UserStatus.ACTIVE
    last_seen_at: AwareDatetime | None = None
    password_hash: str = Field(exclude=True, repr=False)

    @property
    def active(self) -> bool:
        """Whether they may come in."""
        return self.status is UserStatus.ACTIVE

    @property
    def is_admin(self) -> bool:
        """Whether they can look after people, now and for all artists."""
        return self.active and self.role == "admin" and self.artists is None


class Invitation(Entity):
    """A link that works once: into the label, or to a new password."""

    kind: Literal["first", "invite", "reset"] = "invite"
    role: Role
    artists: tuple[str, ...] | None = None
    note: str = Field(default="", description="Whom it is for, for those who look at the list.")
    user_id: str | None = Field(default=None, description="Whose password it renews, or who came.")
    made_by: str
    expires_at: AwareDatetime
    used_at: AwareDatetime | None = None
    withdrawn_at: AwareDatetime | None = None
    secret_hash: str = Field(exclude=True, repr=False)

    def open(self, now: datetime) -> bool:
        """Whether it still works."""
        return self.used_at is None and self.withdrawn_at is None and now < self.expires_at


class UserSession(Entity):
    """One browser that somebody has signed in with."""

    user_id: str
    address: str
    browser: str = ""
    seen_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    secret_hash: str = Field(exclude=True, repr=False)

    def live(self, now: datetime) -> bool:
        """Whether it still counts."""
        idle, old = now - self.seen_at, now - self.created_at
        return self.ended_at is None and idle < SESSION_IDLE and old < SESSION_MOST


class ApiKey(Entity):
    """A program's way in, with some of its owner's rights; it never has more than they have now."""

    name: str
    user_id: str
    scopes: tuple[Right, ...]
    artists: tuple[str, ...] | None = None
    prefix: str = Field(description="How the key begins, to tell it from others.")
    made_by: str
    expires_at: AwareDatetime | None = None
    revoked_at: AwareDatetime | None = None
    last_used_at: AwareDatetime | None = None
    secret_hash: str = Field(exclude=True, repr=False)

    def live(self, now: datetime) -> bool:
        """Whether it still works, as far as the key itself goes."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def actor_of(user: User) -> Actor:
    """A person as services know them; one who is disabled may do nothing."""
    rights: frozenset[Right] = RIGHTS[user.role] if user.active else frozenset()
    return Actor(kind="operator", id=user.id, rights=rights, artists=_limit(user.artists))


def actor_of_key(key: ApiKey, owner: User) -> Actor:
    """A program with a person's key: what both the key and the person may."""
    person = actor_of(owner)
    return person.model_copy(
        update={
            "rights": person.rights & frozenset(key.scopes),
            "artists": _both(person.artists, _limit(key.artists)),
            "key_id": key.id,
        }
    )


def within(artists: Iterable[str] | None, limit: frozenset[str] | None) -> bool:
    """Tell whether these artists (None: all) are among those of the limit (None: all)."""
    return limit is None or (artists is not None and frozenset(artists) <= limit)


def check_name(name: str) -> str:
    """A login name or an address, lower-case; raises `InvalidInput`."""
    plain = name.strip().lower()
    if not _LOGIN.fullmatch(plain) or len(plain) > NAME_MAX_CHARS:
        raise InvalidInput(
            "that is no name to sign in with",
            field="name",
            remedy="Use letters, digits, dots and hyphens, or an e-mail address.",
        )
    return plain


def check_password(password: str, name: str) -> str:
    """Long enough, and not the name itself; raises `InvalidInput`."""
    if not PASSWORD_MIN_CHARS <= len(password) <= PASSWORD_MAX_CHARS:
        raise InvalidInput(
            f"a password has {PASSWORD_MIN_CHARS} to {PASSWORD_MAX_CHARS} characters",
            field="password",
            remedy="Four words that nobody would guess make a good one.",
        )
    if password.strip().lower() == name or len(set(password)) < 5:
        raise InvalidInput(
            "this password is too easily guessed",
            field="password",
            remedy="Four words that nobody would guess make a good one.",
        )
    return password


def check_display_name(display_name: str, name: str) -> str:
    """What others see; the login name where nothing was given.

    Raises `InvalidInput` for a long one.
    """
    shown = " ".join(display_name.split()) or name
    if len(shown) > NAME_MAX_CHARS:
        raise InvalidInput(
            f"the name is longer than {NAME_MAX_CHARS} characters",
            field="display_name",
            remedy="Shorten it.",
        )
    return shown


def _limit(artists: tuple[str, ...] | None) -> frozenset[str] | None:
    return None if artists is None else frozenset(artists)


def _both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other
