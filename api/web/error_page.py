"""The page that tells a person what went wrong and what to do."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from api.errors import Problem
from api.web.page import Page

HEADINGS = {
    401: "This door is for the operator",
    403: "Not from here",
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


def error_page(request: Request, problem: Problem) -> Response:
    """Draw a problem for a person."""
    heading = HEADINGS.get(problem.status, "Something went wrong")
    operator = request.url.path.startswith("/operator") and problem.status not in (401, 403)
    page = ErrorPage(
        title=f"{heading} · Greenroom",
        heading=heading,
        detail=problem.detail[:1].upper() + problem.detail[1:].rstrip("."),
        remedy=problem.remedy,
        status=problem.status,
        home_url="/operator" if operator else "/",
    )
    return page.response(problem.status)
