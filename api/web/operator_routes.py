"""The overview, the event log for the pages' scripts, and files for people of the label."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from sse_starlette import EventSourceResponse
from starlette.responses import Response

from api.context import ApiContext, Context
from api.follow import LAST_ID, first_id, stream
from api.media import send_file
from api.security import (
    LocalAsking,
    LocalOperator,
    must_be_local,
    operator_by_cookie,
    operator_cookie_name,
    operator_cookie_value,
    same,
)
from api.web.operator_home import operator_home, operator_live

router = APIRouter(prefix="/operator", include_in_schema=False)
SEE_OTHER = 303
SIGNED_IN_DAYS = 30


@router.get("")
async def home(request: Request, context: Context, token: str | None = None) -> Response:
    """The first page; `?token=` signs this browser in and vanishes from the address."""
    if token is not None:
        must_be_local(request, context)
        if same(token, context.token):
            return _signed_in(context)
    operator = await operator_by_cookie(request, context)
    return (await operator_home(context, operator)).response()


def _signed_in(context: ApiContext) -> Response:
    response = RedirectResponse("/operator", SEE_OTHER)
    response.set_cookie(
        operator_cookie_name(context.token),
        operator_cookie_value(context.token),
        max_age=SIGNED_IN_DAYS * 24 * 3600,
        path="/operator",
        httponly=True,
        samesite="strict",
    )
    return response


@router.get("/live")
async def live(context: Context, operator: LocalOperator) -> HTMLResponse:
    """The part of the first page that follows the event log."""
    return (await operator_live(context, operator)).response()


@router.get("/events")
async def events(
    request: Request,
    context: Context,
    caller: LocalAsking,
    after: Annotated[int, Query(ge=0, le=LAST_ID)] = 0,
    run_id: str | None = None,
) -> EventSourceResponse:
    """The event log for the pages' scripts."""
    return stream(context, caller, first_id(request, after), run_id)


@router.get("/media/{sha256}/{filename}")
async def media(
    sha256: str, filename: str, context: Context, operator: LocalOperator
) -> FileResponse:
    """A made file, released or not."""
    await context.works.check_file(operator, sha256)
    return await send_file(context.media, sha256, filename=filename)
