"""The steering page of an artist and its buttons."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from api.context import ApiContext, Context
from api.security import FromOurPage, LocalOperator
from api.web.once import Sent, once
from api.web.operator_views import Notice, typed_notice
from api.web.steering_view import (
    NewDirectiveForm,
    SteeringForm,
    steering_page,
    until_of,
)
from domain.actor import Actor
from domain.directive import Measure
from domain.errors import Conflict, Forbidden, GreenroomError, InvalidInput, NotFound
from domain.seen import Seen

router = APIRouter(prefix="/operator/artists/{handle}/steering", include_in_schema=False)
SEE_OTHER = 303
SHORT, LONG = 60, 4000
DONE = {
    "saved": "Saved. It counts from now on.",
    "given": "Given. The next plan sees it.",
    "changed": "Changed. The next plan sees the new words.",
    "revoked": "Revoked. It counts no more.",
    "fulfilled": "Marked as done.",
    "stopped": "Stopped. Nothing of it goes out any more.",
}
Typed = Annotated[str, Form(max_length=SHORT)]


async def typed_form(
    level: Typed = "supervised",
    veto_hours: Typed = "",
    quiet: Typed = "",
    tz: Typed = "UTC",
    posts_day: Typed = "",
    tokens_day: Typed = "",
    usd_day: Typed = "",
    tokens_run: Typed = "",
    usd_run: Typed = "",
    version: Annotated[int, Form(ge=0)] = 0,
) -> SteeringForm:
    """The form of level and limits as typed."""
    return SteeringForm(
        level=level,
        veto_hours=veto_hours,
        quiet=quiet,
        tz=tz,
        posts_day=posts_day,
        tokens_day=tokens_day,
        usd_day=usd_day,
        tokens_run=tokens_run,
        usd_run=usd_run,
        version=version,
    )


async def typed_directive(
    text: Annotated[str, Form(max_length=LONG)] = "",
    kind: Annotated[Literal["directive", "goal"], Form()] = "directive",
    count: Typed = "",
    measure: Annotated[Measure, Form()] = "songs",
    until: Typed = "",
    lasting: Annotated[Literal["", "once", "lasting"], Form()] = "",
) -> NewDirectiveForm:
    """The form of a directive as typed."""
    return NewDirectiveForm(
        kind=kind, text=text, count=count, measure=measure, until=until, lasting=lasting
    )


SteeringTyped = Annotated[SteeringForm, Depends(typed_form)]
DirectiveTyped = Annotated[NewDirectiveForm, Depends(typed_directive)]


@router.get("")
async def show(
    handle: str, context: Context, operator: LocalOperator, done: str | None = None
) -> HTMLResponse:
    """The page; `done` tells what was just done."""
    told = Notice(kind="good", text=DONE[done]) if done in DONE else None
    return (await steering_page(context, operator, handle, notice=told)).response()


@router.post("", dependencies=[FromOurPage])
async def save(
    handle: str, context: Context, operator: LocalOperator, form: SteeringTyped
) -> Response:
    """Set level and limits; a form that is not as the artist is now overwrites nothing."""
    try:
        seen = Seen(versions=frozenset({form.version}))
        await context.steering.put(operator, handle, form.change(), seen=seen)
    except (Conflict, InvalidInput, Forbidden) as error:
        wrong = form.model_copy(update={"field": error.field or "", "error": error.message})
        page = await steering_page(context, operator, handle, notice=_bad(error), form=wrong)
        return page.response(error.status)
    return _done(handle, "saved")


@router.post("/directives", dependencies=[FromOurPage])
async def give(
    handle: str, context: Context, operator: LocalOperator, sent: Sent, form: DirectiveTyped
) -> Response:
    """Give a directive or a goal."""

    async def add() -> Response:
        await context.directives.add(
            operator,
            handle,
            form.text,
            kind=form.kind,
            target=form.target,
            until=until_of(form.until, await _tz(context, operator, handle), context.clock.now()),
            lasting=_lasting(form),
        )
        return _done(handle, "given")

    try:
        return await once(context, operator, sent, add)
    except (Conflict, InvalidInput) as error:
        wrong = form.model_copy(update={"error": error.message})
        page = await steering_page(context, operator, handle, notice=_bad(error), new=wrong)
        return page.response(error.status)


@router.post("/directives/{directive_id}", dependencies=[FromOurPage])
async def change(
    handle: str,
    directive_id: str,
    context: Context,
    operator: LocalOperator,
    form: DirectiveTyped,
    version: Annotated[int, Form(ge=0)] = 0,
) -> Response:
    """Say a directive otherwise."""
    try:
        await context.directives.edit(
            operator,
            directive_id,
            form.text,
            seen=Seen(versions=frozenset({version})),
            target=form.target,
            until=until_of(form.until, await _tz(context, operator, handle), context.clock.now()),
            lasting=_lasting(form),
        )
    except (Conflict, InvalidInput, NotFound) as error:
        told = typed_notice(error, form.text)
        page = await steering_page(context, operator, handle, notice=told)
        return page.response(error.status)
    return _done(handle, "changed")


@router.post("/directives/{directive_id}/{act}", dependencies=[FromOurPage])
async def end(
    handle: str,
    directive_id: str,
    act: Literal["revoke", "fulfil"],
    context: Context,
    operator: LocalOperator,
) -> Response:
    """Take a directive back, or mark it as done."""
    try:
        if act == "revoke":
            await context.directives.revoke(operator, directive_id)
        else:
            await context.directives.fulfil(operator, directive_id)
    except (Conflict, NotFound) as error:
        page = await steering_page(context, operator, handle, notice=_bad(error))
        return page.response(error.status)
    return _done(handle, "revoked" if act == "revoke" else "fulfilled")


@router.post("/stop", dependencies=[FromOurPage])
async def stop(
    handle: str,
    context: Context,
    operator: LocalOperator,
    why: Annotated[str, Form(max_length=500)] = "",
    go_on: Annotated[bool, Form()] = False,
) -> Response:
    """End at once everything the artist is at."""
    await context.steering.stop(operator, handle, why, pause=not go_on)
    return _done(handle, "stopped")


async def _tz(context: ApiContext, actor: Actor, handle: str) -> str:
    return (await context.steering.of(actor, handle)).tz


def _lasting(form: NewDirectiveForm) -> bool | None:
    return None if not form.lasting else form.lasting == "lasting"


def _bad(error: GreenroomError) -> Notice:
    return Notice(kind="bad", text=error.message, remedy=error.remedy)


def _done(handle: str, what: str) -> Response:
    return RedirectResponse(f"/operator/artists/{handle}/steering?done={what}", SEE_OTHER)
