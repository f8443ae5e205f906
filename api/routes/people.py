"""People of the label: oneself, others, and invitations."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.context import ApiContext, Context
from api.etags import SeenVersion, tag
from api.schemas import Page
from api.security import Asking, Operator
from domain.rights import Right, Role
from domain.user import INVITED_FOR, Invitation, User
from services.people import NewLink, PersonChange

router = APIRouter(tags=["people"])
Limit = Annotated[int, Query(ge=1, le=200)]
JOIN = "/join?link="


class Me(BaseModel):
    """Who asks, and what they may."""

    id: str = Field(description="`local` for whoever holds the start token.")
    name: str
    display_name: str
    role: Role | None = Field(description="None for the start token, which has every right.")
    rights: list[Right]
    artists: list[str] | None = Field(description="Ids of the artists it is limited to.")
    key: str | None = Field(default=None, description="The name of the key that was sent.")


class PersonEdit(BaseModel):
    """What shall be different; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"role": "operator", "artists": ["harbour-signal"]}]},
    )

    role: Role | None = None
    artists: list[str] | None = Field(
        default=None, max_length=500, description="Handles or ids of the only artists they see."
    )
    all_artists: bool = Field(default=False, description="Lift the limit to some artists.")
    display_name: str | None = None


class NewInvitation(BaseModel):
    """Whom to let in as what."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"role": "viewer", "note": "Bo from the label's press"}]},
    )

    role: Role
    artists: list[str] | None = Field(
        default=None, max_length=500, description="Handles or ids of the only artists they see."
    )
    note: str = Field(default="", description="Whom it is for, for the list.")
    days: int = Field(default=INVITED_FOR.days, description="For how long it works.")


class InvitationWithLink(BaseModel):
    """An invitation with its link, which nobody can read later."""

    invitation: Invitation
    link: str = Field(description="Works once. Give it to the person, and to nobody else.")


@router.get("/me")
async def show_me(caller: Asking) -> Me:
    """Tell who asks, and what they may."""
    user, actor = caller.user, caller.actor
    return Me(
        id=actor.id,
        name=caller.name,
        display_name=user.display_name if user else "This machine",
        role=user.role if user else None,
        rights=sorted(actor.rights),
        artists=None if actor.artists is None else sorted(actor.artists),
        key=caller.key.name if caller.key else None,
    )


@router.get("/people")
async def list_people(
    context: Context, operator: Operator, after: str | None = None, limit: Limit = 50
) -> Page[User]:
    """List people in the order they came."""
    found = await context.people.people.page(operator, after, limit)
    return Page(items=found, next=found[-1].id if len(found) == limit else None)


@router.get("/people/{person}")
async def show_person(
    person: str, response: Response, context: Context, operator: Operator
) -> User:
    """Show one person, by name or id."""
    user = await context.people.people.get(operator, person)
    tag(response, user.row_version)
    return user


@router.patch("/people/{person}")
async def edit_person(
    person: str,
    body: PersonEdit,
    response: Response,
    context: Context,
    operator: Operator,
    seen: SeenVersion,
) -> User:
    """Give somebody another role, other artists or another name; it holds at once."""
    change = PersonChange(**body.model_dump())
    user = await context.people.people.change(operator, person, change, seen)
    tag(response, user.row_version)
    return user


@router.post("/people/{person}/disable")
async def disable_person(person: str, context: Context, operator: Operator) -> User:
    """Let somebody in no more: their sessions and keys end at once."""
    return await context.people.people.disable(operator, person)


@router.post("/people/{person}/enable")
async def enable_person(person: str, context: Context, operator: Operator) -> User:
    """Let somebody in again."""
    return await context.people.people.enable(operator, person)


@router.post("/people/{person}/reset", status_code=201)
async def reset_password(person: str, context: Context, operator: Operator) -> InvitationWithLink:
    """Make a link with which somebody sets a new password; it works for a day."""
    return with_link(context, await context.people.people.reset(operator, person))


@router.get("/invitations")
async def list_invitations(
    context: Context, operator: Operator, after: str | None = None, limit: Limit = 50
) -> Page[Invitation]:
    """List invitations and links for passwords, newest first."""
    found = await context.people.people.invitations(operator, after, limit)
    return Page(items=found, next=found[-1].id if len(found) == limit else None)


@router.post("/invitations", status_code=201)
async def invite(body: NewInvitation, context: Context, operator: Operator) -> InvitationWithLink:
    """Make a link into the label; the answer holds it, this once."""
    made = await context.people.people.invite(
        operator, body.role, body.artists, body.note, body.days
    )
    return with_link(context, made)


@router.delete("/invitations/{invitation_id}")
async def withdraw_invitation(
    invitation_id: str, context: Context, operator: Operator
) -> Invitation:
    """Make a link that nobody has used worthless."""
    return await context.people.people.withdraw(operator, invitation_id)


def with_link(context: ApiContext, made: NewLink) -> InvitationWithLink:
    """An invitation and its whole address."""
    return InvitationWithLink(
        invitation=made.invitation, link=f"{context.public_url()}{JOIN}{made.secret}"
    )
