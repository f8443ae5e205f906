"""Make approved things public, once. Every effect has its attempt row before the call."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import structlog

from domain.actor import Actor
from domain.attempt import AttemptStatus
from domain.channel import ChannelStatus
from domain.errors import Conflict, GreenroomError, NotFound, StaleVersion
from domain.ports.network import PublishResult
from domain.post import Payload, Post, PostStatus
from domain.release import Release, ReleaseStatus
from domain.work import WorkStatus
from services.after_release import note_release
from services.holds import standing_hold
from services.post_attempts import SETTLED, attempt_key
from services.retrying import ABANDONED_AFTER, LONGEST_WAIT
from services.sending_posts import SendsPosts
from services.servers import by_server
from services.steering_read import sent_again_today
from store.unit import UnitOfWork

# When a post is looked at again that could not even be tried.
PUT_OFF = timedelta(minutes=10)
PAGE = 500
ON_THEIR_WAY = (
    PostStatus.APPROVED,
    PostStatus.SCHEDULED,
    PostStatus.PUBLISHING,
    PostStatus.PENDING,
    PostStatus.FAILED_RETRYABLE,
    PostStatus.OUTCOME_UNKNOWN,
)
# How a post stands that nothing leads to any more.
UNDECIDED = {
    PostStatus.PUBLISHING: PostStatus.OUTCOME_UNKNOWN,
    PostStatus.PENDING: PostStatus.OUTCOME_UNKNOWN,
    PostStatus.FAILED_RETRYABLE: PostStatus.FAILED_FINAL,
}
_log = structlog.get_logger(__name__)


class PublishingService(SendsPosts):
    """Use cases of going public."""

    async def release(self, actor: Actor, release_id: str) -> Release:
        """Put an approved release live on the artist's page; twice changes nothing.

        Raises `NotFound`, or `Conflict` for a release that is not approved.
        """
        actor.must("approve", "artist", "system")
        now = self.clock.now()
        async with self.database.unit() as unit:
            release = await unit.releases.get(release_id)
            actor.must_see(release.artist_id)
            if release.status is ReleaseStatus.LIVE:
                return release
            if release.status is not ReleaseStatus.APPROVED:
                raise Conflict(
                    f"release {release.id} is {release.status}",
                    field="status",
                    remedy="Only an approved release goes live.",
                )
            live = release.move_to(ReleaseStatus.DELIVERED, now).move_to(ReleaseStatus.LIVE, now)
            live = await unit.releases.save(live)
            await note_release(unit, live, now)
            for work_id in release.work_ids:
                work = await unit.works.get(work_id)
                await unit.works.save(work.move_to(WorkStatus.RELEASED, now))
            unit.emit(self.release_event(actor, live))
            await unit.commit()
        return live

    async def post(self, actor: Actor, post_id: str) -> Post:
        """Publish an approved post; after a crash the network's duplicate guard decides how.

        The attempt row is committed before the call. Raises the `ProviderError` family; a
        post whose outcome is unknown says so and is never sent again blindly. One that is
        published or has failed for good is given back as it is.
        """
        actor.must("approve", "artist", "system")
        async with self.database.unit() as unit:
            post = await unit.posts.get(post_id)
        actor.must_see(post.artist_id)
        if post.status in SETTLED:
            return post
        await self._network(post)
        post, attempt, in_doubt = await self._begin(actor, post_id)
        if attempt is None:
            return post
        try:
            result = await self._send(post, attempt, in_doubt)
        except GreenroomError as error:
            await self._note(actor, post, error)
            await self._failed(actor, post, attempt, in_doubt, error)
            raise
        return await self._published(actor, post, attempt, result)

    async def reworded(self, post: Post, text: str) -> Payload:
        """The payload of the same post in other words; raises `InvalidInput` naming the field."""
        network = await self._network(post)
        payload = await network.render(post.payload.draft(text))
        # What is shortened without being asked to is not what the person wrote.
        network.validate(payload.model_copy(update={"text": text}))
        return payload

    async def waiting(self, actor: Actor, artist_id: str) -> list[Post]:
        """The artist's posts that are on their way or whose outcome nobody knows, newest first."""
        actor.must_read(artist_id)
        async with self.database.unit() as unit:
            return await unit.posts.of_artist(artist_id, ON_THEIR_WAY, limit=200)

    async def retry_due(self, actor: Actor) -> list[Post]:
        """Send again what failed in passing and whose time has come; one failing stops no other.

        Does nothing while the operator holds everything.
        """
        actor.must("operate", "system")
        actor.must_see_all()
        return await self._again(actor, [PostStatus.FAILED_RETRYABLE])

    async def settle_unknown(self, actor: Actor) -> list[Post]:
        """Look up, or send again under the same key, what nobody knows the outcome of.

        Takes up posts whose sender died as well. What cannot be found out is left to a person.
        """
        actor.must("operate", "system")
        actor.must_see_all()
        unknown = [PostStatus.OUTCOME_UNKNOWN, PostStatus.PUBLISHING, PostStatus.PENDING]
        return await self._again(actor, unknown)

    async def settle(
        self, actor: Actor, post_id: str, *, published: bool, remote_id: str | None = None
    ) -> Post:
        """Take a person's word for what became of a post whose outcome is unknown.

        Raises `NotFound`, or `Conflict` for any other post.
        """
        actor.must("approve")
        async with self.database.unit() as unit:
            post = await unit.posts.get(post_id)
            actor.must_see(post.artist_id)
            attempt = await unit.attempts.by_key(attempt_key(post))
        if post.status is not PostStatus.OUTCOME_UNKNOWN or attempt is None:
            raise Conflict(
                f"post {post.id} is {post.status}",
                field="status",
                remedy="Only a post whose outcome is unknown is settled by hand.",
            )
        if published:
            found = PublishResult(remote_id=remote_id or "", at=self.clock.now())
            return await self._end(
                actor, post, attempt, PostStatus.PUBLISHED, AttemptStatus.DONE, result=found
            )
        return await self._end(
            actor,
            post,
            attempt,
            PostStatus.FAILED_FINAL,
            AttemptStatus.FAILED,
            failure="the operator found that it was not published",
        )

    async def _again(self, actor: Actor, statuses: list[PostStatus]) -> list[Post]:
        """Take up due posts, each server's one after another; gives back those published now."""
        async with self.database.unit() as unit:
            if await standing_hold(unit) is not None:
                return []
            servers = await self._by_server(unit, statuses)
        ended = await by_server(servers, partial(self._take_up, actor))
        return [p for p in ended if p is not None and p.status is PostStatus.PUBLISHED]

    async def _by_server(
        self, unit: UnitOfWork, statuses: list[PostStatus]
    ) -> dict[str, list[Post]]:
        """What is due; the posts of a channel that is paused or broken stay as they are.

        So do those of an artist in its quiet hours, and what failed of one whose day is full.
        """
        now, due, after = self.clock.now(), list[Post](), ""
        while page := await unit.posts.in_status(statuses, PAGE, after):
            due += [post for post in page if _due(post, now)]
            after = page[-1].id
            if len(page) < PAGE:
                break
        steered = await unit.steerings.of_artists({p.artist_id for p in due})
        hushed = {each.artist_id for each in steered.values() if each.hushed_until(now)}
        due = [post for post in due if post.artist_id not in hushed]
        # What may be out already is looked up all the same.
        failed = [post for post in due if post.status is PostStatus.FAILED_RETRYABLE]
        again = await sent_again_today(unit, steered, failed, now)
        due = [post for post in due if post.status is not PostStatus.FAILED_RETRYABLE] + again
        found = await unit.channels.of_artists({p.artist_id for p in due}) if due else []
        accounts = {(each.artist_id, each.network): each for each in found}
        servers: defaultdict[str, list[Post]] = defaultdict(list)
        for post in due:
            account = accounts.get((post.artist_id, post.payload.channel))
            if account is None:
                servers[post.payload.channel].append(post)
            elif account.status is ChannelStatus.CONNECTED:
                servers[account.server].append(post)
        return servers

    async def _take_up(self, actor: Actor, post: Post) -> Post | None:
        """Try one; what goes wrong there is told, and its next time is another."""
        try:
            return await self._poll(actor, post) or await self.post(actor, post.id)
        except StaleVersion as error:
            _log.info("another is at the post", post_id=post.id, why=error.message)
            return None
        except Exception as error:  # noqa: BLE001 - one post's defect must not stop the others
            defect = not isinstance(error, GreenroomError)
            _log.info("post not published", post_id=post.id, why=str(error), exc_info=defect)
            with suppress(StaleVersion):
                await self._put_off(actor, post.id, error)
        return None

    async def _put_off(self, actor: Actor, post_id: str, error: Exception) -> None:
        """Give a post that could not even be tried its next time; none where nothing leads there.

        Then a person says what became of it, if it may have been sent.
        """
        now = self.clock.now()
        async with self.database.unit() as unit:
            post = await unit.posts.get(post_id)
            if post.status not in ON_THEIR_WAY or not _due(post, now):
                return  # How it ended is written down already.
            gone = isinstance(error, NotFound)
            put = post.amend(now, failure=str(error), retry_at=None if gone else now + PUT_OFF)
            if gone and post.status in UNDECIDED:
                put = put.move_to(UNDECIDED[post.status], now)
            unit.emit(self.post_event(actor, await unit.posts.save(put)))
            await unit.commit()

    async def _poll(self, actor: Actor, post: Post) -> Post | None:
        """Ask again about a post that its network is still working on; None for any other."""
        if post.status is not PostStatus.PENDING:
            return None
        async with self._reached(post) as network:
            result = await network.poll(post.remote_id or "")
        if result.pending:
            return post
        async with self.database.unit() as unit:
            attempt = await unit.attempts.by_key(attempt_key(post))
        if attempt is None:
            raise Conflict(f"post {post.id} has no attempt")
        return await self._end(
            actor, post, attempt, PostStatus.PUBLISHED, AttemptStatus.DONE, result=result
        )


def _due(post: Post, now: datetime) -> bool:
    """Whether its time has come; one whose sender died has no time of its own."""
    if post.status is PostStatus.PUBLISHING:
        # Also one that was sent while the clock was ahead.
        return abs(now - post.updated_at) >= ABANDONED_AFTER
    if post.retry_at is None:
        return post.status is PostStatus.PENDING
    # No wait is longer than the longest one: then the clock was set back, and it is over.
    return not timedelta(0) < post.retry_at - now <= LONGEST_WAIT
