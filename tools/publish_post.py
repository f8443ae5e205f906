"""The tool that publishes an approved post."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from tools.context import ToolContext
from tools.tool import Tool


class PublishPost(BaseModel):
    """Which post."""

    model_config = ConfigDict(frozen=True)

    post_id: str


class PublishedPost(BaseModel):
    """Where it stands now."""

    model_config = ConfigDict(frozen=True)

    post_id: str
    status: str
    remote_id: str | None


async def publish_post(context: ToolContext, arguments: PublishPost) -> PublishedPost:
    """Publish an approved post on its channel, once."""
    context.must_own((await context.catalogue.post(context.actor, arguments.post_id)).artist_id)
    post = await context.publishing.post(context.actor, arguments.post_id)
    return PublishedPost(post_id=post.id, status=post.status.value, remote_id=post.remote_id)


PUBLISH_POST = Tool("publish_post", PublishPost, publish_post, "publish")
