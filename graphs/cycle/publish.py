"""Publish: the approved post goes out, once."""

from __future__ import annotations

from graphs.context import RunContext
from graphs.cycle.state import CycleState
from graphs.steps import Outcome
from tools.publish_post import PublishedPost, PublishPost


async def publish(state: CycleState, context: RunContext) -> Outcome:
    """Publish the post on its channel."""
    post = await context.toolbox.use(
        "publish_post", PublishPost(post_id=state["post_id"]), PublishedPost
    )
    return Outcome(update={}, says=f"The post is {post.status}.", facts=post.model_dump())
