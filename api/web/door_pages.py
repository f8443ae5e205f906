"""The door: signing in and out, and coming in by a link."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from api.callers import caller_by_cookie, forget_cookies, keep_session
from api.context import ApiContext, Context
from api.origin import from_this_machine, place_of
from api.security import FromOurPage
from api.web.door_view import (
    HOME,
    FormError,
    JoinPage,
    ResendPage,
    SignInPage,
    Typed,
    form_error,
    safe_next,
    typed_form,
)
from domain.errors import Conflict, Forbidden, InvalidInput, LimitReached, Unauthenticated
from domain.user import PASSWORD_MIN_CHARS, Invitation

router = APIRouter(include_in_schema=False)
SEE_OTHER = 303
# Before the names of fields that are kept over signing in, and of where they go.
KEPT = "kept:"
KEPT_ACTION = "kept_action"
Text = Annotated[str, Form(max_length=5000)]


@router.get("/sign-in")
async def sign_in_form(
    request: Request, context: Context, wanted: Annotated[str, Query(alias="next")] = HOME
) -> Response:
    """The form; who is signed in already goes on."""
    wanted = safe_next(wanted)
    try:
        known = await caller_by_cookie(request, context)
    except Forbidden:
        known = None
    if known is not None:
        return RedirectResponse(wanted, SEE_OTHER)
    return sign_in_page(request, context, wanted).response()


@router.post("/sign-in", dependencies=[FromOurPage])
async def sign_in(
    request: Request,
    context: Context,
    name: Text = "",
    password: Text = "",
    wanted: Annotated[str, Form(alias="next", max_length=5000)] = HOME,
) -> Response:
    """Begin a session, and go on where the person wanted; a form that was kept is shown again."""
    wanted, typed = safe_next(wanted), await _kept(request)
    try:
        made = await context.people.sign_in.sign_in(name, password, place_of(request))
    except (Unauthenticated, LimitReached) as error:
        page = sign_in_page(
            request, context, wanted, name=name, error=form_error(error, "password"), typed=typed
        )
        return page.response(error.status)
    response: Response = RedirectResponse(wanted, SEE_OTHER)
    if typed is not None:
        response = _resend(made.user.display_name, typed, wanted)
    keep_session(request, context, response, made.secret)
    return response


@router.post("/operator/sign-out", dependencies=[FromOurPage])
async def sign_out(request: Request, context: Context) -> Response:
    """End this browser's session."""
    try:
        caller = await caller_by_cookie(request, context)
    except Forbidden:
        caller = None
    if caller is not None and caller.session is not None:
        await context.people.sign_in.end(caller.actor, caller.session.id)
    response = RedirectResponse("/sign-in", SEE_OTHER)
    forget_cookies(request, context, response)
    return response


@router.get("/join")
async def join_form(context: Context, link: str = "") -> HTMLResponse:
    """What a link is for, and the form to use it."""
    return join_page(await context.people.joining.look(link), link).response()


@router.post("/join", dependencies=[FromOurPage])
async def join(
    request: Request,
    context: Context,
    link: Text = "",
    name: Text = "",
    display_name: Text = "",
    password: Text = "",
) -> Response:
    """Use the link up; the browser is signed in then."""
    known = await context.people.joining.look(link)
    try:
        made = await context.people.joining.accept(
            link, name, password, place_of(request), display_name
        )
    except (InvalidInput, Conflict) as error:
        page = join_page(known, link, name, display_name, form_error(error, "name"))
        return page.response(error.status)
    response = RedirectResponse(HOME, SEE_OTHER)
    keep_session(request, context, response, made.secret)
    return response


def sign_in_page(
    request: Request,
    context: ApiContext,
    next_url: str,
    *,
    name: str = "",
    error: FormError | None = None,
    typed: Typed | None = None,
) -> SignInPage:
    """The page to sign in with."""
    return SignInPage(
        title="Sign in · Greenroom",
        next_url=next_url,
        name=name,
        error=error,
        typed=typed,
        local=from_this_machine(request, context.operator_networks),
    )


def join_page(
    known: Invitation,
    link: str,
    name: str = "",
    display_name: str = "",
    error: FormError | None = None,
) -> JoinPage:
    """The page of a link."""
    titles = {"first": "Welcome", "invite": "You are invited", "reset": "A new password"}
    return JoinPage(
        title=f"{titles[known.kind]} · Greenroom",
        kind=known.kind,
        role=known.role,
        artists=None if known.artists is None else len(known.artists),
        link=link,
        name=known.note if known.kind == "reset" else name,
        display_name=display_name,
        password_min=PASSWORD_MIN_CHARS,
        error=error,
    )


async def _kept(request: Request) -> Typed | None:
    """The form that came along with signing in, as it was typed before."""
    sent = await request.form()
    action = sent.get(KEPT_ACTION)
    if not isinstance(action, str):
        return None
    items = [
        (name.removeprefix(KEPT), value)
        for name, value in sent.multi_items()
        if name.startswith(KEPT) and isinstance(value, str)
    ]
    return typed_form(action, items)


def _resend(person: str, typed: Typed, back_url: str) -> Response:
    page = ResendPage(
        title="Send it now? · Greenroom", person=person, typed=typed, back_url=back_url
    )
    return page.response()
