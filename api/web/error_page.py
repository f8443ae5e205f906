"""The page that tells a person what went wrong and what to do."""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar
from urllib.parse import quote, urlsplit

from pydantic import Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.errors import Problem
from api.web.door_pages import sign_in_page
from api.web.door_view import safe_next, typed_form
from api.web.page import Page

HEADINGS = {
    401: "This door is for people of the label",
    403: "You may not do this",
    404: "Nothing stands here",
    409: "That no longer fits",
    422: "Something is not right yet",
    429: "A little slower, please",
}


class ErrorPage(Page):
    """An error for people."""

    template: ClassVar[str] = "error.html"

    heading: str = Field(description="What kind of trouble, in a few words.")
    detail: str = Field(description="What happened.")
    remedy: str | None = Field(description="What to do.")
    status: int = Field(description="The HTTP status, small print for reports.")
    home_url: str = Field(description="Where to go from here.")
    home_label: str = Field(description="What stands there.")


def error_page(request: Request, problem: Problem) -> Response:
    """Draw a problem for a person; who is not signed in is asked to, and comes back."""
    if problem.status == HTTPStatus.UNAUTHORIZED and request.url.path.startswith("/operator"):
        door = _door(request)
        if door is not None:
            return door
    heading = HEADINGS.get(problem.status, "Something went wrong")
    operator = (
        request.url.path.startswith("/operator") and problem.status != HTTPStatus.UNAUTHORIZED
    )
    page = ErrorPage(
        title=f"{heading} · Greenroom",
        heading=heading,
        detail=problem.detail[:1].upper() + problem.detail[1:].rstrip("."),
        remedy=problem.remedy,
        status=problem.status,
        home_url="/operator" if operator else "/",
        home_label="To the overview" if operator else "To the stage",
    )
    return page.response(problem.status)


def _door(request: Request) -> Response | None:
    """The way to sign in: by the address for a page, with what was typed for a form."""
    if "hx-request" in request.headers:
        return None
    if request.method == "GET":
        if not _navigates(request):
            return None
        wanted = quote(_inside(str(request.url)), safe="")
        return RedirectResponse(f"/sign-in?next={wanted}", HTTPStatus.SEE_OTHER)
    items = getattr(request.state, "typed", None)
    if items is None:
        return None
    page = sign_in_page(
        request,
        request.app.state.context,
        safe_next(_inside(request.headers.get("referer", ""))),
        typed=typed_form(request.url.path, items),
    )
    return page.response(HTTPStatus.UNAUTHORIZED)


def _navigates(request: Request) -> bool:
    """Whether a person opens a page, rather than a script reads a part of one."""
    mode = request.headers.get("sec-fetch-mode")
    return mode == "navigate" or (mode is None and "text/html" in request.headers.get("accept", ""))


def _inside(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
