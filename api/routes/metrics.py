"""Figures for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.context import Context
from api.security import Bearer, bearer_is_valid, from_this_machine
from domain.errors import Unauthenticated
from runtime.telemetry.metrics import MEDIA_TYPE

# Beside the API that people program against: Prometheus looks for exactly this.
router = APIRouter(include_in_schema=False)


@router.get("/metrics")
async def metrics(request: Request, context: Context, bearer: Bearer) -> Response:
    """Show the process' metrics to this machine, or to who sends the label's token."""
    if not (from_this_machine(request) or bearer_is_valid(context, bearer)):
        raise Unauthenticated(
            "metrics are for the label's operator",
            remedy="Let Prometheus send the label's token as a bearer.",
        )
    return Response(await context.metrics.render(), media_type=MEDIA_TYPE)
