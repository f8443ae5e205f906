"""The one place where an error becomes a response: problem+json for programs, a page for people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus
from math import ceil
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_jsonable_python
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from domain.errors import GreenroomError, InvalidInput, StaleVersion

PROBLEM_TYPE = "urn:greenroom:problem:"
MEDIA_TYPE = "application/problem+json"
log = structlog.get_logger(__name__)


class Problem(BaseModel):
    """An error as RFC 9457 writes it; facts of the error stand beside these members."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="Names the kind of problem; stable.")
    title: str = Field(description="The problem's code, such as `not_found`.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What happened, in a sentence.")
    field: str | None = Field(default=None, description="The field at fault.")
    remedy: str | None = Field(default=None, description="What to do about it.")


def problem_of(error: GreenroomError) -> Problem:
    """Write an error of the family as a problem; its facts never hide a standard member."""
    facts = to_jsonable_python(error.facts, fallback=str)
    own = {
        "type": PROBLEM_TYPE + error.code,
        "title": error.code,
        "status": error.status,
        "detail": error.message,
        "field": error.field,
        "remedy": error.remedy,
    }
    return Problem.model_validate(facts | own)


def problem_response(problem: Problem) -> JSONResponse:
    """Send a problem to a program."""
    headers = {}
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    wait_s = (problem.model_extra or {}).get("retry_after_s")
    if isinstance(wait_s, int | float):
        headers["Retry-After"] = str(max(1, ceil(wait_s)))
    return JSONResponse(
        problem.model_dump(mode="json", exclude_none=True),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )


def invalid_request(errors: Sequence[Any]) -> InvalidInput:
    """Say which field of a request is wrong, in the family's words."""
    found = [
        {"field": ".".join(str(p) for p in e["loc"][1:]) or "body", "message": e["msg"]}
        for e in errors
    ]
    first = found[0]
    return InvalidInput(
        f"{first['field']}: {first['message']}",
        field=first["field"],
        remedy="Correct the field and send the request again; /api/docs shows an example.",
        errors=found,
    )


def _http_problem(error: HTTPException) -> Problem:
    phrase = HTTPStatus(error.status_code).phrase
    code = phrase.lower().replace(" ", "_").replace("-", "_")
    return Problem(
        type=PROBLEM_TYPE + code,
        title=code,
        status=error.status_code,
        detail="There is nothing at this address." if error.status_code == 404 else error.detail,
        remedy="Check the address; /api/docs lists those of the API."
        if error.status_code in (404, 405)
        else None,
    )


def _unexpected() -> Problem:
    return Problem(
        type=PROBLEM_TYPE + "internal_error",
        title="internal_error",
        status=500,
        detail="Something went wrong inside Greenroom.",
        remedy="The server's log tells more; please report it if it happens again.",
    )


def wants_page(request: Request) -> bool:
    """Tell whether a person's browser asks for a page, rather than a program for data."""
    if request.url.path.startswith("/api/"):
        return False
    return "application/json" not in request.headers.get("accept", "")


def _said_what_it_saw(request: Request) -> bool:
    return any(name in request.headers for name in ("if-match", "if-none-match"))


def install(app: FastAPI, page: Callable[[Request, Problem], Response] | None = None) -> None:
    """Make every error of `app` pass through this file; `page` draws one for people."""

    def render(request: Request, problem: Problem) -> Response:
        if page is not None and wants_page(request):
            return page(request, problem)
        return problem_response(problem)

    async def on_family(request: Request, error: Exception) -> Response:
        assert isinstance(error, GreenroomError)
        problem = problem_of(error)
        if isinstance(error, StaleVersion) and _said_what_it_saw(request):
            # Who said which version they saw is told that this is what failed.
            problem.status = HTTPStatus.PRECONDITION_FAILED
        if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            # What lies outside, such as a server that is away, is no defect to be traced.
            if error.passing:
                log.warning("request failed", path=request.url.path, why=error.message)
            else:
                log.error("request failed", path=request.url.path, code=error.code, exc_info=error)
        return render(request, problem)

    async def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return render(request, problem_of(invalid_request(error.errors())))

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        response = render(request, _http_problem(error))
        response.headers.update(error.headers or {})
        return response

    async def on_unexpected(request: Request, error: Exception) -> Response:
        log.error("unexpected error", path=request.url.path, exc_info=error)
        return render(request, _unexpected())

    app.add_exception_handler(GreenroomError, on_family)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_unexpected)
