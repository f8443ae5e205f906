"""The end of a process that works: steps under way end, the rest goes to others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import structlog

from app.label import Label

_log = structlog.get_logger(__name__)


async def hand_over(label: Label, insisted: Awaitable[None]) -> None:
    """Wait at most `drain_s` for the steps under way; a second signal cuts them short.

    Nothing cut short is lost: whoever takes the run up begins that step again.
    """
    _log.info("the worker takes nothing new", worker=label.engine.worker_id)
    handing = asyncio.ensure_future(label.engine.hand_over(label.settings.drain_s))
    insisting = asyncio.ensure_future(insisted)
    await asyncio.wait((handing, insisting), return_when=asyncio.FIRST_COMPLETED)
    insisting.cancel()
    if not handing.done():
        handing.cancel()
    await asyncio.gather(handing, insisting, return_exceptions=True)
