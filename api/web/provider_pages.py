"""The providers' page: how each stands, what became of songs, and what waits for a person."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import SecretStr
from starlette.responses import Response

from api.context import Context
from api.security import FromOurPage, LocalOperator
from api.web.operator_views import Notice
from api.web.providers_view import (
    SECRET_FIELDS,
    ConnectForm,
    done_words,
    providers_live,
    providers_page,
)
from domain.errors import GreenroomError, InvalidInput

router = APIRouter(prefix="/operator", include_in_schema=False)
SEE_OTHER = 303
PAGE = "/operator/providers"


@router.get("/providers")
async def providers(
    context: Context,
    operator: LocalOperator,
    done: str | None = None,
    which: str | None = None,
) -> HTMLResponse:
    """The page; `done` and `which` tell what was just done."""
    notice = await done_words(context, operator, done, which)
    return (await providers_page(context, operator, notice=notice)).response()


@router.get("/providers/live")
async def live(context: Context, operator: LocalOperator) -> HTMLResponse:
    """The part of the page that follows the event log."""
    return (await providers_live(context, operator)).response()


@router.post("/providers/{name}/connect", dependencies=[FromOurPage])
async def connect(
    name: str, request: Request, context: Context, operator: LocalOperator
) -> Response:
    """Try the typed credentials and keep them; what is wrong stands beside its field."""
    typed = await request.form()
    fields = {field: SecretStr(value) for field, value in typed.items() if isinstance(value, str)}
    try:
        await context.providers.connect(operator, name, fields)
    except GreenroomError as error:
        form = ConnectForm(
            provider=name,
            plain={f: v.get_secret_value() for f, v in fields.items() if f not in SECRET_FIELDS},
            field=error.field,
            error=_sentence(error),
            remedy=error.remedy,
        )
        return (await providers_page(context, operator, form)).response(error.status)
    return _done("connected", name)


@router.post("/providers/{name}/{act}", dependencies=[FromOurPage])
async def steer(
    name: str, act: Literal["check", "disconnect"], context: Context, operator: LocalOperator
) -> Response:
    """Check or disconnect a provider."""
    try:
        if act == "check":
            await context.providers.check(operator, name)
        else:
            await context.providers.disconnect(operator, name)
    except GreenroomError as error:
        page = await providers_page(context, operator, notice=_bad(error))
        return page.response(error.status)
    return _done(f"{act}ed", name)


@router.post("/jobs/{job_id}/look-up", dependencies=[FromOurPage])
async def look_up(job_id: str, context: Context, operator: LocalOperator) -> Response:
    """Ask the provider what became of a job."""
    try:
        await context.generation.look_up(operator, job_id)
    except GreenroomError as error:
        page = await providers_page(context, operator, notice=_bad(error))
        return page.response(error.status)
    return _done("looked-up", job_id)


@router.post("/jobs/{job_id}/settle", dependencies=[FromOurPage])
async def settle(
    job_id: str,
    context: Context,
    operator: LocalOperator,
    outcome: Annotated[Literal["done", "failed"], Form()],
    cost_usd: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Take the operator's word for what became of a job."""
    try:
        await context.generation.settle(operator, job_id, outcome, _amount(cost_usd))
    except GreenroomError as error:
        page = await providers_page(context, operator, notice=_bad(error))
        return page.response(error.status)
    return _done("settled", job_id)


def _done(done: str, which: str) -> Response:
    return RedirectResponse(f"{PAGE}?done={done}&which={which}", SEE_OTHER)


def _amount(text: str) -> float | None:
    plain = text.strip().removeprefix("$").replace(",", ".")
    if not plain:
        return None
    try:
        return float(plain)
    except ValueError:
        raise InvalidInput(
            "the cost is no amount of dollars",
            field="cost_usd",
            remedy="Write it like 0.35, or leave it empty.",
        ) from None


def _sentence(error: GreenroomError) -> str:
    return f"{error.message[:1].upper()}{error.message[1:]}."


def _bad(error: GreenroomError) -> Notice:
    return Notice(kind="bad", text=_sentence(error), remedy=error.remedy)
