"""The book of posts' attempts: what was begun is written before the call, and how it ended after.

A dead process leaves an attempt begun, which puts the post in doubt: it may have been sent.
"""

from __future__ import annotations

from datetime import datetime

from domain.actor import Actor
from domain.attempt import Attempt, AttemptStatus
from domain.errors import Conflict, GreenroomError, ProviderTimeout
from domain.ids import new_id
from domain.ports.network import PublishResult
from domain.post import Post, PostStatus
from services.base import Service
from services.retrying import FINAL, overdue_s, retry_at, too_late

SETTLED = (PostStatus.PUBLISHED, PostStatus.FAILED_FINAL)


class PostAttempts(Service):
    """Begins and ends attempts to publish, each in a transaction of its own."""

    async def _begin(self, actor: Actor, post_id: str) -> tuple[Post, Attempt | None, bool]:
        """Write down that the post is being sent; tells whether it may have been sent before.

        Without an attempt there is nothing to send.
        """
        now = self.clock.now()
        async with self.database.unit() as unit:
            post = await unit.posts.get(post_id)
            if post.status in SETTLED:
                return post, None, False
            earlier = await unit.attempts.by_key(attempt_key(post))
            in_doubt = earlier is not None and earlier.in_doubt
            waited_s = overdue_s(post, now)
            begun = post.amend(now, retry_at=None)
            if post.status is not PostStatus.PUBLISHING:
                begun = begun.move_to(PostStatus.PUBLISHING, now)
            post = await unit.posts.save(begun)
            if earlier is None:
                attempt = await unit.attempts.add(_attempt(post, now))
            elif earlier.payload_digest != post.payload.digest():
                raise Conflict(
                    "the post changed after it was first sent",
                    field="payload",
                    remedy="Make a new post of the new words.",
                )
            else:
                attempt = await unit.attempts.save(earlier.again(now, waited_s))
            unit.emit(self.post_event(actor, post))
            await unit.commit()
        return post, attempt, in_doubt

    async def _published(
        self, actor: Actor, post: Post, attempt: Attempt, result: PublishResult
    ) -> Post:
        if result.pending:
            status, outcome = PostStatus.PENDING, AttemptStatus.UNKNOWN
        else:
            status, outcome = PostStatus.PUBLISHED, AttemptStatus.DONE
        return await self._end(actor, post, attempt, status, outcome, result=result)

    async def _failed(
        self, actor: Actor, post: Post, attempt: Attempt, in_doubt: bool, error: GreenroomError
    ) -> None:
        now = self.clock.now()
        if error.facts.get("unsent"):
            attempt = attempt.untried(now)
        status, outcome = _outcome(error, in_doubt)
        if status is PostStatus.FAILED_RETRYABLE and too_late(attempt, now):
            status = PostStatus.FAILED_FINAL
        again = retry_at(status, attempt, error, now)
        await self._end(
            actor, post, attempt, status, outcome, failure=error.message, retry_at=again
        )

    async def _end(
        self,
        actor: Actor,
        post: Post,
        attempt: Attempt,
        status: PostStatus,
        outcome: AttemptStatus,
        *,
        result: PublishResult | None = None,
        failure: str | None = None,
        retry_at: datetime | None = None,
    ) -> Post:
        """Write down how it ended; where another has written that meanwhile, theirs stands."""
        now = self.clock.now()
        async with self.database.unit() as unit:
            found = result.model_dump(mode="json") if result else {"failure": failure}
            standing = await unit.posts.get(post.id)
            if standing.status in SETTLED:
                return standing
            if status is PostStatus.PUBLISHED and standing.status is PostStatus.OUTCOME_UNKNOWN:
                post = standing  # Taken back while on the line, and it arrived all the same.
            await unit.attempts.save(attempt.move_to(outcome, now, result=found))
            remote = (result.remote_id, result.url) if result else (post.remote_id, post.url)
            post = post.amend(
                now, remote_id=remote[0], url=remote[1], failure=failure, retry_at=retry_at
            ).move_to(status, now)
            post = await unit.posts.save(post)
            unit.emit(self.post_event(actor, post))
            await unit.commit()
        return post


def attempt_key(post: Post) -> str:
    """Under which the attempts to publish a post are kept, however often it is tried."""
    return f"publish:{post.id}"


def _attempt(post: Post, now: datetime) -> Attempt:
    return Attempt(
        id=new_id("attempt"),
        created_at=now,
        updated_at=now,
        key=attempt_key(post),
        run_id=post.run_id,
        artist_id=post.artist_id,
        effect="publish",
        subject_id=post.id,
        payload_digest=post.payload.digest(),
    )


def _outcome(error: GreenroomError, in_doubt: bool) -> tuple[PostStatus, AttemptStatus]:
    """What an error says of the post. It cannot take back what an earlier try may have done."""
    if in_doubt or isinstance(error, ProviderTimeout):
        return PostStatus.OUTCOME_UNKNOWN, AttemptStatus.UNKNOWN
    if isinstance(error, FINAL):
        return PostStatus.FAILED_FINAL, AttemptStatus.FAILED
    return PostStatus.FAILED_RETRYABLE, AttemptStatus.FAILED
