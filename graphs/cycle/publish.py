"""Publish: the approved posts go out, each once."""

from __future__ import annotations

from domain.errors import IllegalTransition, InvalidInput, NotFound, ProviderError
from graphs.context import RunContext
from graphs.cycle.state import CycleState, posts_of
from graphs.steps import Outcome
from tools.publish_post import PublishedPost, PublishPost


async def publish(state: CycleState, context: RunContext) -> Outcome:
    """Publish on every channel; a network that is down stops neither the others nor the run.

    Such a post is tried again by itself, apart from the run. Only on the label's own stage the
    run waits until the post stands.
    """
    others = [post_id for post_id in posts_of(state) if post_id != state["post_id"]]
    failed: dict[str, str] = {}
    posts = []
    for post_id in others:
        try:
            posts.append(await _publish(context, post_id))
        except (IllegalTransition, InvalidInput, NotFound, ProviderError) as error:
            failed[post_id] = error.message
    first = await _publish(context, state["post_id"])
    says = [f"The post is {first.status}."]
    says += [f"On another channel it is {post.status}." for post in posts]
    says += [f"On another channel it is not out yet: {why}." for why in failed.values()]
    facts = {"others": [post.model_dump() for post in posts], "failed": failed}
    return Outcome(update={}, says=" ".join(says), facts=first.model_dump() | facts)


async def _publish(context: RunContext, post_id: str) -> PublishedPost:
    return await context.toolbox.use("publish_post", PublishPost(post_id=post_id), PublishedPost)
