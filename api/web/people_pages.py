"""The pages of people, and the buttons on them."""

from __future__ import annotations

from typing import Annotated, Literal, cast

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from api.context import ApiContext, Context
from api.routes.people import JOIN
from api.security import FromOurPage, LocalOperator
from api.web.door_view import form_error
from api.web.once import Sent, once
from api.web.operator_views import Notice
from api.web.people_view import InviteForm, NewLinkShown, people_page, person_page
from domain.errors import Conflict, Forbidden, GreenroomError, InvalidInput, NotFound
from domain.rights import Role
from domain.seen import Seen
from services.people import NewLink, PersonChange

router = APIRouter(prefix="/operator/people", include_in_schema=False)
SEE_OTHER = 303
PAGE = "/operator/people"
DONE = {
    "withdrawn": "The link works no more.",
    "changed": "It holds from now on.",
    "disable": "They may not come in any more; every browser of theirs is signed out.",
    "enable": "They may come in again.",
    "ended": "They are signed out everywhere.",
    "revoked": "The key works no more.",
}
Text = Annotated[str, Form(max_length=5000)]
Chosen = Annotated[list[str], Form(max_length=500)]


@router.get("")
async def people(
    context: Context, operator: LocalOperator, after: str | None = None, done: str = ""
) -> HTMLResponse:
    """Who works at the label."""
    return (await people_page(context, operator, after, notice=_good(done))).response()


@router.post("/invitations", dependencies=[FromOurPage])
async def invite(
    context: Context,
    operator: LocalOperator,
    sent: Sent,
    role: Text = "",
    note: Text = "",
    days: Text = "",
    limit: Text = "",
    artists: Chosen = [],  # noqa: B006
) -> Response:
    """Make a link and show it, this once."""

    async def make() -> Response:
        if not days.strip().isdecimal():
            raise InvalidInput("the days are not a whole number", field="days", remedy="Such as 7.")
        made = await context.people.people.invite(
            operator, cast(Role, role), artists if limit == "some" else None, note, int(days)
        )
        shown = _shown(context, made, f"The link for {made.invitation.note or 'them'}")
        return (await people_page(context, operator, made=shown)).response()

    try:
        return await once(context, operator, sent, make)
    except (InvalidInput, Forbidden) as error:
        form = InviteForm(role=role, note=note, days=days, error=form_error(error, "role"))
        return (await people_page(context, operator, form=form)).response(error.status)


@router.post("/invitations/{invitation_id}/withdraw", dependencies=[FromOurPage])
async def withdraw(invitation_id: str, context: Context, operator: LocalOperator) -> Response:
    """Make a link worthless."""
    try:
        await context.people.people.withdraw(operator, invitation_id)
    except (Conflict, NotFound) as error:
        return (await people_page(context, operator, notice=_bad(error))).response(error.status)
    return RedirectResponse(f"{PAGE}?done=withdrawn", SEE_OTHER)


@router.get("/{name}")
async def person(
    name: str, context: Context, operator: LocalOperator, done: str = ""
) -> HTMLResponse:
    """One person."""
    return (await person_page(context, operator, name, notice=_good(done))).response()


@router.post("/{name}", dependencies=[FromOurPage])
async def change(
    name: str,
    context: Context,
    operator: LocalOperator,
    role: Text = "",
    display_name: Text = "",
    limit: Text = "",
    version: Annotated[int, Form()] = 0,
    artists: Chosen = [],  # noqa: B006
) -> Response:
    """Give another role, other artists, another name."""
    wanted = PersonChange(
        role=cast(Role, role) or None,
        artists=artists if limit == "some" else None,
        all_artists=limit != "some",
        display_name=display_name,
    )
    seen = Seen(versions=frozenset({version}))
    try:
        await context.people.people.change(operator, name, wanted, seen)
    except (Conflict, Forbidden, InvalidInput) as error:
        return await _refused(context, operator, name, error)
    return RedirectResponse(f"{PAGE}/{name}?done=changed", SEE_OTHER)


@router.post("/{name}/reset", dependencies=[FromOurPage])
async def reset(name: str, context: Context, operator: LocalOperator) -> Response:
    """Make a link for a new password and show it, this once."""
    try:
        made = await context.people.people.reset(operator, name)
    except Forbidden as error:
        return await _refused(context, operator, name, error)
    shown = _shown(context, made, f"The link for {name} to set a new password")
    return (await person_page(context, operator, name, made=shown)).response()


@router.post("/{name}/sign-out", dependencies=[FromOurPage])
async def sign_out(name: str, context: Context, operator: LocalOperator) -> Response:
    """Sign somebody out everywhere."""
    operator.must("administer")
    user = await context.people.people.get(operator, name)
    await context.people.sign_in.end_all(operator, user.id)
    return RedirectResponse(f"{PAGE}/{name}?done=ended", SEE_OTHER)


@router.post("/{name}/keys/{key_id}/revoke", dependencies=[FromOurPage])
async def revoke(name: str, key_id: str, context: Context, operator: LocalOperator) -> Response:
    """Make somebody's key worthless."""
    operator.must("administer")
    await context.people.keys.revoke(operator, key_id)
    return RedirectResponse(f"{PAGE}/{name}?done=revoked", SEE_OTHER)


@router.post("/{name}/{act}", dependencies=[FromOurPage])
async def let_in_or_out(
    name: str, act: Literal["disable", "enable"], context: Context, operator: LocalOperator
) -> Response:
    """Let somebody in no more, or again."""
    house = context.people.people
    try:
        await (house.disable if act == "disable" else house.enable)(operator, name)
    except (Conflict, Forbidden) as error:
        return await _refused(context, operator, name, error)
    return RedirectResponse(f"{PAGE}/{name}?done={act}", SEE_OTHER)


async def _refused(
    context: ApiContext, operator: LocalOperator, name: str, error: GreenroomError
) -> Response:
    page = await person_page(context, operator, name, notice=_bad(error))
    return page.response(error.status)


def _shown(context: ApiContext, made: NewLink, words: str) -> NewLinkShown:
    link = f"{context.public_url()}{JOIN}{made.secret}"
    return NewLinkShown(link=link, words=words, expires_at=made.invitation.expires_at)


def _good(done: str) -> Notice | None:
    words = DONE.get(done)
    return Notice(kind="good", text=words) if words else None


def _bad(error: GreenroomError) -> Notice:
    text = f"{error.message[:1].upper()}{error.message[1:]}."
    return Notice(kind="bad", text=text, remedy=error.remedy)
