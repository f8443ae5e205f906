"""The house's errors in the shape that OpenAI's clients raise as their own types."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from math import ceil
from typing import Any

import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from api.openai.wire import ErrorAnswer, ErrorBody
from domain.errors import (
    BudgetExceeded,
    Conflict,
    Forbidden,
    GreenroomError,
    InvalidInput,
    LimitReached,
    NotFound,
    Unauthenticated,
)

INVALID = "invalid_request_error"
RETRY_S = "5"
log = structlog.get_logger(__name__)


# Codes of the protocol for what the family tells with a wider word, as a fact of the error.
CODE = "openai_code"
TOO_LONG = {CODE: "context_length_exceeded"}
UNKNOWN_MODEL = {CODE: "model_not_found"}


@dataclass(frozen=True)
class _Kind:
    """How one branch of the family is written; `code` None: the error's own."""

    error: type[GreenroomError]
    status: int
    type: str
    code: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


# First match wins. Clients try 409, 429 and 5xx again by themselves unless they are told not to.
_FOREVER = (("x-should-retry", "false"),)
KINDS = (
    _Kind(Unauthenticated, 401, INVALID, "invalid_api_key", (("WWW-Authenticate", "Bearer"),)),
    _Kind(Forbidden, 403, INVALID, "insufficient_permissions"),
    _Kind(InvalidInput, 400, INVALID),
    _Kind(NotFound, 404, INVALID),
    _Kind(BudgetExceeded, 429, "insufficient_quota", "insufficient_quota", _FOREVER),
    _Kind(LimitReached, 429, "requests", "rate_limit_exceeded", (("Retry-After", RETRY_S),)),
    _Kind(Conflict, 409, INVALID, headers=_FOREVER),
)


def error_body(error: GreenroomError) -> tuple[ErrorBody, _Kind]:
    """An error of the family in OpenAI's shape, and how its branch is sent."""
    kind = next((k for k in KINDS if isinstance(error, k.error)), None)
    if kind is None:
        kind = _Kind(GreenroomError, max(error.status, 500), "server_error")
    message = error.message if error.message.endswith(".") else f"{error.message}."
    told = f"{message} {error.remedy}" if error.remedy else message
    body = ErrorBody(
        message=told[:1].upper() + told[1:],
        type=kind.type,
        param=error.field,
        code=error.facts.get(CODE) or kind.code or error.code,
    )
    return body, kind


def error_response(error: GreenroomError) -> JSONResponse:
    """Send an error of the family."""
    body, kind = error_body(error)
    headers = dict(kind.headers)
    if "retry_after_s" in error.facts:
        headers["Retry-After"] = str(ceil(error.facts["retry_after_s"]))
    return JSONResponse(
        ErrorAnswer(error=body).model_dump(mode="json"), status_code=kind.status, headers=headers
    )


def too_long_response(error: InvalidInput) -> JSONResponse:
    """Send that a whole request is longer than any conversation that is read."""
    told = InvalidInput(error.message, field=error.field, remedy=error.remedy, **TOO_LONG)
    return error_response(told)


def unexpected() -> ErrorBody:
    """What a client is told of a defect of ours."""
    return ErrorBody(
        message="Something went wrong inside Greenroom; its log tells more.",
        type="server_error",
        code="internal_error",
    )


def _invalid(found: RequestValidationError) -> InvalidInput:
    first = found.errors()[0]
    if first["type"] == "json_invalid":
        return InvalidInput("the body is not JSON", remedy="Send one JSON object.")
    field = ""
    for part in first["loc"][1:]:
        if isinstance(part, int):
            field += f"[{part}]"
        # Pydantic names the branch of a union that it tried; the client sent no such thing.
        elif part != "str" and not part.startswith("list["):
            field += f".{part}" if field else part
    return InvalidInput(f"{field or 'body'}: {first['msg']}", field=field or None)


class OpenAIRoute(APIRoute):
    """A route whose errors, also those of its dependencies, have OpenAI's shape."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route's own handler."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await inner(request)
            except GreenroomError as error:
                if error_body(error)[1].status >= 500:
                    log.warning("chat failed", path=request.url.path, why=error.message)
                return error_response(error)
            except RequestValidationError as error:
                return error_response(_invalid(error))
            except HTTPException as error:
                body = ErrorBody(message=str(error.detail), type=INVALID)
                return JSONResponse(
                    ErrorAnswer(error=body).model_dump(mode="json"), error.status_code
                )

        return handle
