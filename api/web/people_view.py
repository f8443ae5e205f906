"""What the pages of people show: who there is, who is invited, what somebody may and did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from api.context import ApiContext
from api.web.audit_view import AuditLine, audit_lines
from api.web.door_view import FormError
from api.web.operator_views import Notice
from api.web.page import Page
from domain.actor import Actor
from domain.rights import RIGHTS, ROLES, Role
from domain.user import INVITED_FOR, ApiKey, Invitation, User, UserSession
from services.audit import AuditFilter

PEOPLE_SHOWN = 50
LINKS_SHOWN = 50
ARTISTS_SHOWN = 200
ACTS_SHOWN = 12
ROLE_WORDS: dict[Role, str] = {
    "viewer": "Sees artists, works, runs and numbers. Changes nothing.",
    "evaluator": "Sees everything a viewer does, and tries prompts and suites.",
    "developer": "Connects channels and providers, and looks after the engine room.",
    "operator": "Runs the label: steers and talks with artists, approves what goes out.",
    "admin": "Does everything, and looks after people, their keys and the audit log.",
}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class PersonLine(_Part):
    """Somebody in the list."""

    name: str
    display_name: str
    role: str
    artists: int | None
    active: bool
    seen_at: datetime | None


class LinkLine(_Part):
    """An invitation or a link for a password."""

    id: str
    words: str
    expires_at: datetime
    works: bool
    used_at: datetime | None


class NewLinkShown(_Part):
    """A link that was just made, shown this once."""

    link: str
    words: str
    expires_at: datetime


class ArtistChoice(_Part):
    """An artist to choose."""

    id: str
    name: str
    handle: str
    chosen: bool


class InviteForm(_Part):
    """The form to invite, kept as typed."""

    role: str = "operator"
    note: str = ""
    days: str = str(INVITED_FOR.days)
    error: FormError | None = None


class SessionLine(_Part):
    """A browser that is signed in."""

    id: str
    browser: str
    address: str
    since: datetime
    seen_at: datetime
    here: bool


class KeyLine(_Part):
    """A key of a program."""

    id: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    artists: int | None
    expires_at: datetime | None
    last_used_at: datetime | None
    works: bool


class PeoplePage(Page):
    """Who works at the label."""

    template: ClassVar[str] = "people.html"

    people: tuple[PersonLine, ...] = Field(description="People in the order they came.")
    next_url: str | None = Field(description="The next page of people.")
    links: tuple[LinkLine, ...] = Field(description="Links that still work, newest first.")
    roles: tuple[tuple[str, str], ...] = Field(description="Roles and what each may.")
    artists: tuple[ArtistChoice, ...] = Field(description="Artists somebody may be limited to.")
    form: InviteForm = Field(description="State of the form to invite.")
    made: NewLinkShown | None = Field(description="A link that was just made.")
    notice: Notice | None = Field(description="What was just done or went wrong.")


class PersonPage(Page):
    """One person."""

    template: ClassVar[str] = "person.html"

    person: PersonLine = Field(description="Who it is.")
    version: int = Field(description="Which state of the person the form changes.")
    roles: tuple[tuple[str, str], ...] = Field(description="Roles and what each may.")
    artists: tuple[ArtistChoice, ...] = Field(description="Artists they may be limited to.")
    sessions: tuple[SessionLine, ...] = Field(description="Where they are signed in.")
    keys: tuple[KeyLine, ...] = Field(description="Their programs' keys.")
    acts: tuple[AuditLine, ...] = Field(description="What they did lately.")
    audit_url: str = Field(description="Everything they did.")
    made: NewLinkShown | None = Field(description="A link that was just made.")
    notice: Notice | None = Field(description="What was just done or went wrong.")


async def people_page(
    context: ApiContext,
    actor: Actor,
    after: str | None = None,
    *,
    form: InviteForm | None = None,
    made: NewLinkShown | None = None,
    notice: Notice | None = None,
) -> PeoplePage:
    """Read the list."""
    house, now = context.people.people, context.clock.now()
    people = await house.page(actor, after, PEOPLE_SHOWN)
    links = await house.invitations(actor, limit=LINKS_SHOWN)
    more = len(people) == PEOPLE_SHOWN
    return PeoplePage(
        title="People · Greenroom",
        people=tuple(person_line(user) for user in people),
        next_url=f"/operator/people?after={people[-1].id}" if more else None,
        links=tuple(link_line(link, now) for link in links if link.open(now)),
        roles=roles_for(actor),
        artists=await artist_choices(context, actor, ()),
        form=form or InviteForm(),
        made=made,
        notice=notice,
    )


async def person_page(
    context: ApiContext,
    actor: Actor,
    name: str,
    *,
    made: NewLinkShown | None = None,
    notice: Notice | None = None,
) -> PersonPage:
    """Read one person."""
    house = context.people
    # Somebody's name alone would do for oneself; this page is for those who look after people.
    actor.must("administer")
    user = await house.people.get(actor, name)
    sessions = await house.sign_in.sessions(actor, user.id)
    keys = await house.keys.of(actor, user.id)
    acts = await house.audit.page(actor, limit=ACTS_SHOWN, wanted=AuditFilter(user_id=user.id))
    now = context.clock.now()
    return PersonPage(
        title=f"{user.display_name} · Greenroom",
        person=person_line(user),
        version=user.row_version,
        roles=roles_for(actor),
        artists=await artist_choices(context, actor, user.artists or ()),
        sessions=tuple(session_line(session) for session in sessions),
        keys=tuple(key_line(key, now) for key in keys),
        acts=audit_lines(acts),
        audit_url=f"/operator/audit?person={user.name}",
        made=made,
        notice=notice,
    )


async def artist_choices(
    context: ApiContext, actor: Actor, chosen: Sequence[str]
) -> tuple[ArtistChoice, ...]:
    """The artists that this person sees, those chosen first."""
    found = await context.artists.page(actor, limit=ARTISTS_SHOWN)
    choices = [
        ArtistChoice(id=a.id, name=a.stage_name, handle=a.handle, chosen=a.id in chosen)
        for a in found
    ]
    return tuple(sorted(choices, key=lambda choice: (not choice.chosen, choice.name.lower())))


def roles_for(actor: Actor) -> tuple[tuple[str, str], ...]:
    """The roles that this person may give, with words."""
    return tuple((role, ROLE_WORDS[role]) for role in ROLES if RIGHTS[role] <= actor.rights)


def person_line(user: User) -> PersonLine:
    """Somebody in a list."""
    return PersonLine(
        name=user.name,
        display_name=user.display_name,
        role=user.role,
        artists=None if user.artists is None else len(user.artists),
        active=user.active,
        seen_at=user.last_seen_at,
    )


def link_line(link: Invitation, now: datetime) -> LinkLine:
    """A link in a list."""
    if link.kind == "reset":
        words = f"A new password for {link.note}"
    else:
        words = f"{link.note or 'Somebody'}, as {link.role}"
    return LinkLine(
        id=link.id,
        words=words,
        expires_at=link.expires_at,
        works=link.open(now),
        used_at=link.used_at,
    )


def session_line(session: UserSession, here: str | None = None) -> SessionLine:
    """A browser in a list."""
    return SessionLine(
        id=session.id,
        browser=session.browser or "A browser",
        address=session.address,
        since=session.created_at,
        seen_at=session.seen_at,
        here=session.id == here,
    )


def key_line(key: ApiKey, now: datetime) -> KeyLine:
    """A key in a list."""
    return KeyLine(
        id=key.id,
        name=key.name,
        prefix=key.prefix,
        scopes=tuple(key.scopes),
        artists=None if key.artists is None else len(key.artists),
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
        works=key.live(now),
    )
