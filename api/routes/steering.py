"""How an artist is steered: level of autonomy, quiet hours, budgets; and stopping it at once."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from api.context import Context
from api.etags import SeenVersion, tag
from api.security import Operator
from services.steering import SteeringView, Stop
from services.steering_change import SteeringChange

router = APIRouter(prefix="/artists/{handle}", tags=["steering"])


class StopReason(BaseModel):
    """Why the artist is stopped, and whether it is paused as well."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"why": "wrong words in the song"}]}
    )

    why: str = Field(default="", max_length=500)
    pause: bool = Field(default=True, description="Let nothing begin until it is resumed.")


@router.get("/steering")
async def show_steering(
    handle: str, response: Response, context: Context, operator: Operator
) -> SteeringView:
    """Show how an artist is steered, and how near its limits it is."""
    return await _tagged(context, operator, handle, response)


@router.put("/steering")
async def set_steering(
    handle: str,
    body: SteeringChange,
    seen: SeenVersion,
    response: Response,
    context: Context,
    operator: Operator,
) -> SteeringView:
    """Set what is given and leave the rest; needs the ETag as `If-Match`.

    To let more go out by itself takes the right to approve.
    """
    await context.steering.put(operator, handle, body, seen=seen)
    return await _tagged(context, operator, handle, response)


@router.post("/stop")
async def stop_artist(
    handle: str, context: Context, operator: Operator, body: StopReason | None = None
) -> Stop:
    """End at once everything the artist is at; nothing of it becomes public any more."""
    wanted = body or StopReason()
    return await context.steering.stop(operator, handle, wanted.why, pause=wanted.pause)


async def _tagged(
    context: Context, operator: Operator, handle: str, response: Response
) -> SteeringView:
    view = await context.steering.view(operator, handle)
    tag(response, view.steering.row_version)
    return view
