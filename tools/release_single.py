"""The tool that puts an approved release live."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from tools.context import ToolContext
from tools.tool import Tool


class ReleaseSingle(BaseModel):
    """Which release."""

    model_config = ConfigDict(frozen=True)

    release_id: str


class Released(BaseModel):
    """Where it stands now."""

    model_config = ConfigDict(frozen=True)

    release_id: str
    status: str


async def release_single(context: ToolContext, arguments: ReleaseSingle) -> Released:
    """Put a release that a person approved on the artist's public page."""
    context.must_own(
        (await context.catalogue.release(context.actor, arguments.release_id)).artist_id
    )
    release = await context.publishing.release(context.actor, arguments.release_id)
    return Released(release_id=release.id, status=release.status.value)


RELEASE_SINGLE = Tool("release_single", ReleaseSingle, release_single, "publish")
