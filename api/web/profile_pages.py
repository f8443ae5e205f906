"""Saying anew who an artist is, by a form that overwrites nobody else's edit."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response

from api.context import ApiContext, Context
from api.security import FromOurPage, LocalOperator
from api.web.profile_edit import REASON, State, edit_page, others_since, untouched
from api.web.profile_form import (
    REASON_MAX_CHARS,
    built,
    faults,
    meet,
    typed_values,
    values_of,
)
from domain.actor import Actor
from domain.artist import Artist
from domain.errors import InvalidInput, StaleVersion
from domain.profile import ProfileVersion
from domain.seen import Seen

router = APIRouter(prefix="/operator/artists/{handle}/profile/edit", include_in_schema=False)
SEE_OTHER = 303
USUAL_REASON = "edited by a person"
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


@router.get("")
async def show(handle: str, context: Context, operator: LocalOperator) -> HTMLResponse:
    """The form, filled with the profile in force."""
    artist, version = await _in_force(context, operator, handle)
    state = untouched(values_of(version.profile))
    return edit_page(context, artist, version.number, state).response()


@router.post("", dependencies=[FromOurPage])
async def save(
    handle: str, request: Request, context: Context, operator: LocalOperator
) -> Response:
    """Put what was typed in force; a stale edit is shown beside what the other one changed."""
    artist, _ = await _in_force(context, operator, handle)
    sent = await request.form()
    base = await context.artists.profile_number(operator, artist.id, _seen(sent))
    typed = typed_values(sent, values_of(base.profile))
    state = State(values=typed, reason=str(sent.get(REASON, "")).strip())
    try:
        version = await _adopt(context, operator, base, state)
    except StaleVersion:
        current = await context.artists.profile(operator, artist.id)
        return await _stale(context, operator, artist, base, current, state)
    except (ValidationError, InvalidInput) as error:
        wrong = state.model_copy(update={"errors": faults(error)})
        return edit_page(context, artist, base.number, wrong).response(InvalidInput.status)
    done = "edited" if version.number > base.number else "same"
    return RedirectResponse(f"/operator/artists/{artist.handle}/profile?done={done}", SEE_OTHER)


async def _in_force(
    context: ApiContext, operator: Actor, handle: str
) -> tuple[Artist, ProfileVersion]:
    artist = await context.artists.find(operator, handle)
    operator.must("steer", artist_id=artist.id)
    return artist, await context.artists.profile(operator, artist.id)


def _seen(sent: FormData) -> int:
    text = str(sent.get("seen", ""))
    if not _NUMBER.fullmatch(text):
        raise InvalidInput(
            "the form does not say which version it changes",
            field="seen",
            remedy="Open the form again.",
        )
    return int(text)


async def _adopt(
    context: ApiContext, operator: Actor, base: ProfileVersion, state: State
) -> ProfileVersion:
    if len(state.reason) > REASON_MAX_CHARS:
        raise InvalidInput(
            f"it has more than {REASON_MAX_CHARS} characters", field=REASON, remedy="Shorten it."
        )
    return await context.artists.adopt_profile(
        operator,
        base.artist_id,
        built(base.profile, state.values),
        reason=state.reason or USUAL_REASON,
        seen=Seen(versions=frozenset({base.number})),
    )


async def _stale(
    context: ApiContext,
    operator: Actor,
    artist: Artist,
    base: ProfileVersion,
    current: ProfileVersion,
    state: State,
) -> Response:
    met = meet(values_of(base.profile), state.values, values_of(current.profile))
    both = State(values=met.values, reason=state.reason, taken=met.taken, clashes=met.clashes)
    others = await others_since(context, operator, base, met.clashes)
    return edit_page(context, artist, current.number, both, others).response(StaleVersion.status)
