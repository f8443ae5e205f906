"""My account: name, password, browsers that are signed in, keys of programs."""

from __future__ import annotations

from typing import Annotated, ClassVar, cast

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.callers import Caller
from api.context import ApiContext, Context
from api.origin import place_of
from api.security import FromOurPage, asking
from api.web.door_view import FormError, form_error
from api.web.once import Sent, once
from api.web.operator_views import Notice
from api.web.page import Page
from api.web.people_view import (
    ArtistChoice,
    KeyLine,
    SessionLine,
    artist_choices,
    key_line,
    session_line,
)
from domain.errors import Forbidden, InvalidInput, LimitReached, NotFound
from domain.rights import Right
from domain.user import PASSWORD_MIN_CHARS
from services.people_keys import KeyWish

router = APIRouter(prefix="/operator/account", include_in_schema=False)
SEE_OTHER = 303
PAGE = "/operator/account"
DONE = {
    "named": "That is what others see now.",
    "password": "The new password holds; every other browser is signed out.",
    "ended": "It is signed out.",
    "elsewhere": "You are signed in here only.",
    "revoked": "The key works no more.",
}
RIGHT_WORDS: dict[Right, str] = {
    "read": "see artists, works, runs, numbers",
    "chat": "talk with artists",
    "steer": "create and steer artists, runs, schedules",
    "approve": "decide what goes out",
    "connect": "channels, providers, webhooks",
    "operate": "hold everything, workers, replay",
    "evaluate": "suites, prompts, experiments",
    "administer": "people, keys, the audit log",
}
Text = Annotated[str, Form(max_length=5000)]
Chosen = Annotated[list[str], Form(max_length=500)]


class KeyForm(BaseModel):
    """The form for a key, kept as typed."""

    model_config = ConfigDict(frozen=True)

    name: str = ""
    days: str = "90"
    scopes: tuple[str, ...] = ("read",)
    error: FormError | None = None


class NewKeyShown(BaseModel):
    """A key that was just made, shown this once."""

    model_config = ConfigDict(frozen=True)

    name: str
    secret: str


class AccountPage(Page):
    """One's own account."""

    template: ClassVar[str] = "account.html"

    name: str | None = Field(description="What one signs in with; None for the start token.")
    display_name: str = Field(description="What others see.")
    role: str | None = Field(description="What one is at the label.")
    limit: tuple[str, ...] | None = Field(description="Names of the only artists one sees.")
    password_min: int = Field(description="How long a password is at least.")
    by_session: bool = Field(description="Whether one is signed in by name in this browser.")
    password_error: FormError | None = Field(description="Why the password was not changed.")
    sessions: tuple[SessionLine, ...] = Field(description="Browsers that are signed in.")
    keys: tuple[KeyLine, ...] = Field(description="Keys of one's programs, newest first.")
    scopes: tuple[tuple[str, str], ...] = Field(description="Rights that a key may have.")
    artists: tuple[ArtistChoice, ...] = Field(description="Artists a key may be limited to.")
    form: KeyForm = Field(description="State of the form for a key.")
    made: NewKeyShown | None = Field(description="A key that was just made.")
    notice: Notice | None = Field(description="What was just done or went wrong.")


async def page_caller(request: Request, context: Context) -> Caller:
    """Who asks, at a browser."""
    return await asking(request, context, None)


AtBrowser = Annotated[Caller, Depends(page_caller)]


async def account_page(
    context: ApiContext,
    caller: Caller,
    *,
    form: KeyForm | None = None,
    made: NewKeyShown | None = None,
    password_error: FormError | None = None,
    notice: Notice | None = None,
) -> AccountPage:
    """Read the page."""
    actor, user, now = caller.actor, caller.user, context.clock.now()
    house = context.people
    artists = await artist_choices(context, actor, ())
    here = caller.session.id if caller.session else None
    sessions = await house.sign_in.sessions(actor) if user else []
    return AccountPage(
        title="My account · Greenroom",
        name=user.name if user else None,
        display_name=user.display_name if user else "This machine",
        role=user.role if user else None,
        limit=None if actor.artists is None else tuple(choice.name for choice in artists),
        password_min=PASSWORD_MIN_CHARS,
        by_session=caller.session is not None,
        password_error=password_error,
        sessions=tuple(session_line(session, here) for session in sessions),
        keys=tuple(key_line(key, now) for key in await house.keys.of(actor, actor.id)),
        scopes=tuple((right, RIGHT_WORDS[right]) for right in RIGHT_WORDS if right in actor.rights),
        artists=artists,
        form=form or KeyForm(),
        made=made,
        notice=notice,
    )


@router.get("")
async def account(context: Context, caller: AtBrowser, done: str = "") -> HTMLResponse:
    """The page."""
    words = DONE.get(done)
    notice = Notice(kind="good", text=words) if words else None
    return (await account_page(context, caller, notice=notice)).response()


@router.post("/name", dependencies=[FromOurPage])
async def rename(context: Context, caller: AtBrowser, display_name: Text = "") -> Response:
    """Be called otherwise."""
    try:
        await context.people.people.rename(caller.actor, display_name)
    except (InvalidInput, NotFound) as error:
        notice = Notice(kind="bad", text=f"{error.message}.", remedy=error.remedy)
        return (await account_page(context, caller, notice=notice)).response(error.status)
    return RedirectResponse(f"{PAGE}?done=named", SEE_OTHER)


@router.post("/password", dependencies=[FromOurPage])
async def change_password(
    request: Request, context: Context, caller: AtBrowser, current: Text = "", password: Text = ""
) -> Response:
    """Set another password."""
    try:
        await context.people.sign_in.change_password(
            caller.actor, caller.session, current, password, place_of(request)
        )
    except (InvalidInput, Forbidden, LimitReached) as error:
        wrong = form_error(error, "password")
        return (await account_page(context, caller, password_error=wrong)).response(error.status)
    return RedirectResponse(f"{PAGE}?done=password", SEE_OTHER)


@router.post("/sessions/{session_id}/end", dependencies=[FromOurPage])
async def end_session(session_id: str, context: Context, caller: AtBrowser) -> Response:
    """Sign one browser out."""
    await context.people.sign_in.end(caller.actor, session_id)
    return RedirectResponse(f"{PAGE}?done=ended", SEE_OTHER)


@router.post("/sessions/elsewhere", dependencies=[FromOurPage])
async def end_elsewhere(context: Context, caller: AtBrowser) -> Response:
    """Sign out everywhere but here."""
    here = caller.session.id if caller.session else None
    await context.people.sign_in.end_all(caller.actor, but=here)
    return RedirectResponse(f"{PAGE}?done=elsewhere", SEE_OTHER)


@router.post("/keys", dependencies=[FromOurPage])
async def make_key(
    context: Context,
    caller: AtBrowser,
    sent: Sent,
    name: Text = "",
    days: Text = "",
    limit: Text = "",
    scopes: Chosen = [],  # noqa: B006
    artists: Chosen = [],  # noqa: B006
) -> Response:
    """Make a key and show it, this once."""

    async def make() -> Response:
        wish = KeyWish(
            name=name,
            scopes=[cast(Right, scope) for scope in scopes],
            artists=artists if limit == "some" else None,
            days=_days(days),
        )
        new = await context.people.keys.make(caller.actor, wish)
        made = NewKeyShown(name=new.key.name, secret=new.secret)
        return (await account_page(context, caller, made=made)).response()

    try:
        return await once(context, caller.actor, sent, make)
    except (InvalidInput, Forbidden) as error:
        form = KeyForm(name=name, days=days, scopes=tuple(scopes), error=form_error(error, "name"))
        return (await account_page(context, caller, form=form)).response(error.status)


@router.post("/keys/{key_id}/revoke", dependencies=[FromOurPage])
async def revoke_key(key_id: str, context: Context, caller: AtBrowser) -> Response:
    """Make a key worthless."""
    await context.people.keys.revoke(caller.actor, key_id)
    return RedirectResponse(f"{PAGE}?done=revoked", SEE_OTHER)


def _days(typed: str) -> int | None:
    if not typed.strip():
        return None
    if not typed.strip().isdecimal() or len(typed) > 6:
        raise InvalidInput(
            "the days are not a whole number",
            field="days",
            remedy="Such as 90, or nothing: until it is revoked.",
        )
    return int(typed)
