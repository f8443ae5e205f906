"""The rhythm page and its buttons; the hold on everything."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from api.context import Context
from api.listing import After
from api.security import FromOurPage, LocalOperator
from api.web.operator_views import Notice
from api.web.schedule_view import (
    DONE,
    PAGE,
    HoldBanner,
    RhythmForm,
    form_of,
    previewed,
    refused,
    schedule_live,
    schedule_page,
    words_of,
)
from domain.errors import Conflict, GreenroomError, InvalidInput, NotFound
from domain.schedule import DEFAULT_NAME

router = APIRouter(prefix="/operator", include_in_schema=False)
SEE_OTHER = 303
TEXT_MAX = 400


async def typed_form(
    artist: Annotated[str, Form(max_length=TEXT_MAX)] = "",
    rhythm: Annotated[str, Form(max_length=TEXT_MAX)] = "",
    example: Annotated[str, Form(max_length=TEXT_MAX)] = "",
    name: Annotated[str, Form(max_length=TEXT_MAX)] = "",
    tz: Annotated[str, Form(max_length=TEXT_MAX)] = "",
    quiet: Annotated[str, Form(max_length=TEXT_MAX)] = "",
    jitter: Annotated[str, Form(max_length=TEXT_MAX)] = "",
    approve: Annotated[Literal["ask", "auto", "level"], Form()] = "level",
    overlap: Annotated[Literal["skip", "queue"], Form()] = "skip",
    catch_up: Annotated[bool, Form()] = True,
) -> RhythmForm:
    """The form as typed; an example that was clicked stands for the words."""
    return RhythmForm(
        artist=artist,
        name=name.strip() or DEFAULT_NAME,
        rhythm=example or rhythm,
        tz=tz,
        quiet=quiet,
        jitter=jitter,
        approve=approve,
        overlap=overlap,
        catch_up=catch_up,
    )


Typed = Annotated[RhythmForm, Depends(typed_form)]


@router.get("/schedule")
async def schedules(
    context: Context,
    operator: LocalOperator,
    artist: str | None = None,
    name: str = DEFAULT_NAME,
    done: str | None = None,
    after: After = None,
) -> HTMLResponse:
    """The page; `artist` and `name` fill the form, `done` tells what was just done."""
    told = Notice(kind="good", text=DONE[done]) if done in DONE else None
    form = await form_of(context, operator, artist, name)
    return (await schedule_page(context, operator, form, told, after)).response()


@router.get("/schedule/live")
async def live(context: Context, operator: LocalOperator, after: After = None) -> HTMLResponse:
    """The part that follows the event log."""
    return (await schedule_live(context, operator, after)).response()


@router.post("/schedule/preview", dependencies=[FromOurPage])
async def preview(context: Context, operator: LocalOperator, form: Typed) -> HTMLResponse:
    """The page with the slots that saving the form would give; saves nothing."""
    try:
        shown = await previewed(context, operator, _checked(form))
    except (InvalidInput, NotFound) as error:
        page = await schedule_page(context, operator, refused(form, error))
        return page.response(InvalidInput.status)
    return (await schedule_page(context, operator, shown)).response()


@router.post("/schedule", dependencies=[FromOurPage])
async def save(context: Context, operator: LocalOperator, form: Typed) -> Response:
    """Give the artist its rhythm; what is wrong stands beside its field."""
    try:
        change = words_of(_checked(form)).change()
        await context.schedules.put(operator, form.artist, change, form.name)
    except (InvalidInput, NotFound, Conflict) as error:
        page = await schedule_page(context, operator, refused(form, error))
        return page.response(error.status)
    return _done("saved")


@router.post("/schedule/{handle}/{name}/{act}", dependencies=[FromOurPage])
async def steer(
    handle: str,
    name: str,
    act: Literal["runs", "pause", "resume", "remove"],
    context: Context,
    operator: LocalOperator,
) -> Response:
    """Run a schedule now, switch it off or on, or forget it."""
    moves = {
        "pause": ("paused", context.schedules.pause),
        "resume": ("resumed", context.schedules.resume),
        "remove": ("removed", context.schedules.remove),
    }
    try:
        if act == "runs":
            run = await context.schedules.run_now(operator, handle, name)
            return RedirectResponse(f"/operator/runs/{run.id}", SEE_OTHER)
        done, move = moves[act]
        await move(operator, handle, name)
    except (Conflict, NotFound) as error:
        return (await schedule_page(context, operator, notice=_bad(error))).response(error.status)
    return _done(done)


@router.get("/hold")
async def banner(context: Context, operator: LocalOperator) -> HTMLResponse:
    """The banner of every page; empty while nothing is held."""
    return HoldBanner(hold=await context.holds.state(operator)).response()


@router.post("/hold", dependencies=[FromOurPage])
async def hold(
    context: Context, operator: LocalOperator, why: Annotated[str, Form(max_length=2000)] = ""
) -> Response:
    """Hold everything."""
    await context.holds.hold(operator, why)
    return _done("held")


@router.post("/hold/lift", dependencies=[FromOurPage])
async def lift(request: Request, context: Context, operator: LocalOperator) -> Response:
    """Let everything go on, and go back to the page that asked."""
    await context.holds.lift(operator)
    asked = urlsplit(request.headers.get("referer", "")).path
    if not asked.startswith("/operator") or asked == PAGE:
        return _done("lifted")
    return RedirectResponse(asked, SEE_OTHER)


def _checked(form: RhythmForm) -> RhythmForm:
    """The form, if its artist is chosen and its numbers are numbers."""
    if not form.artist:
        raise InvalidInput("no artist is chosen", field="artist", remedy="Choose one.")
    if form.jitter.strip() and not form.jitter.strip().isdecimal():
        raise InvalidInput(
            "the jitter is not a whole number of minutes",
            field="jitter_minutes",
            remedy="Leave it empty, or write a number such as 20.",
        )
    return form


def _done(done: str) -> Response:
    return RedirectResponse(f"{PAGE}?done={done}", SEE_OTHER)


def _bad(error: GreenroomError) -> Notice:
    text = f"{error.message[:1].upper()}{error.message[1:]}."
    return Notice(kind="bad", text=text, remedy=error.remedy)
