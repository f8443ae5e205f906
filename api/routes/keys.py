"""Keys of programs, and sessions of browsers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.context import Context
from api.schemas import Page
from api.security import Asking, Operator
from domain.rights import Right
from domain.user import ApiKey, UserSession
from services.people_keys import KeyWish

router = APIRouter(tags=["keys"])
Limit = Annotated[int, Query(ge=1, le=200)]


class NewKeyWish(BaseModel):
    """What a key shall be for, and what it may."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "nightly numbers", "scopes": ["read"], "days": 90}]
        },
    )

    name: str = Field(description="What it is for.")
    scopes: list[Right] = Field(description="Some of its owner's rights.")
    artists: list[str] | None = Field(
        default=None, max_length=500, description="Handles or ids; none: all that its owner sees."
    )
    days: int | None = Field(default=None, description="None: until it is revoked.")
    owner: str | None = Field(
        default=None, description="Another person's name, where an admin makes it for them."
    )


class KeyWithSecret(BaseModel):
    """A key whole, which nobody can read later."""

    key: ApiKey
    secret: str = Field(description="Send it as `Authorization: Bearer …`.")


class SignedOut(BaseModel):
    """How many browsers were signed out."""

    ended: int


@router.get("/keys")
async def list_keys(
    context: Context,
    operator: Operator,
    everybody: Annotated[bool, Query(description="For admins: all people's keys.")] = False,
    after: str | None = None,
    limit: Limit = 50,
) -> Page[ApiKey]:
    """List keys, newest first; your own unless you ask for everybody's."""
    found = await context.people.keys.page(operator, after, limit, everybody=everybody)
    return Page(items=found, next=found[-1].id if len(found) == limit else None)


@router.post("/keys", status_code=201)
async def make_key(body: NewKeyWish, context: Context, operator: Operator) -> KeyWithSecret:
    """Make a key for a program; the answer holds it whole, this once."""
    made = await context.people.keys.make(operator, KeyWish(**body.model_dump()))
    return KeyWithSecret(key=made.key, secret=made.secret)


@router.delete("/keys/{key_id}")
async def revoke_key(key_id: str, context: Context, operator: Operator) -> ApiKey:
    """Make a key worthless, at once and for good."""
    return await context.people.keys.revoke(operator, key_id)


@router.get("/sessions")
async def list_sessions(
    context: Context,
    operator: Operator,
    person: Annotated[str | None, Query(description="For admins: somebody's id.")] = None,
) -> list[UserSession]:
    """List the browsers that are signed in, newest first."""
    return await context.people.sign_in.sessions(operator, person)


@router.delete("/sessions/{session_id}")
async def end_session(session_id: str, context: Context, operator: Operator) -> UserSession:
    """Sign one browser out."""
    return await context.people.sign_in.end(operator, session_id)


@router.delete("/sessions")
async def end_sessions(
    context: Context,
    caller: Asking,
    person: Annotated[str | None, Query(description="For admins: somebody's id.")] = None,
) -> SignedOut:
    """Sign out everywhere but here."""
    here = caller.session.id if caller.session else None
    ended = await context.people.sign_in.end_all(caller.actor, person, but=here)
    return SignedOut(ended=ended)
