"""Make approved things public, once. Every effect has its attempt row before the call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import partial

import structlog

from domain.actor import Actor
from domain.attempt import Attempt, AttemptStatus
from domain.channel import ChannelStatus
from domain.errors import (
    Conflict,
    GreenroomError,
    NotFound,
    ProviderRateLimited,
    ProviderTimeout,
    StaleVersion,
)
from domain.ids import new_id
from domain.ports.clock import Clock
from domain.ports.network import Network, NetworkCapabilities, PublishResult
from domain.post import Payload, Post, PostStatus
from domain.release import Release, ReleaseStatus
from domain.work import WorkStatus
from services.after_release import note_release
from services.base import Service
from services.channels import ChannelService
from services.holds import standing_hold
from services.retrying import (
    ABANDONED_AFTER,
    FINAL,
    LONGEST_WAIT,
    overdue_s,
    retry_at,
    too_late,
)
from services.servers import by_server
from store.database import Database
from store.unit import UnitOfWork

A_DAY = timedelta(days=1)
# When a post is looked at again that could not even be tried.
PUT_OFF = timedelta(minutes=10)
PAGE = 500
SETTLED = (PostStatus.PUBLISHED, PostStatus.FAILED_FINAL)
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


class PublishingService(Service):
    """Use cases of going public."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        networks: Mapping[str, Network],
        channels: ChannelService | None = None,
    ) -> None:
        super().__init__(database, clock)
        self.networks = networks
        self.channels = channels

    async def release(self, actor: Actor, release_id: str) -> Release:
        """Put an approved release live on the artist's page; twice changes nothing."""
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
            unit.emit(
                self.event(
                    "release.changed",
                    actor,
                    artist_id=live.artist_id,
                    run_id=live.run_id,
                    subject_id=live.id,
                    status=live.status.value,
                    title=live.title,
                )
            )
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
        """Take a person's word for what became of a post whose outcome is unknown."""
        actor.must("approve")
        async with self.database.unit() as unit:
            post = await unit.posts.get(post_id)
            actor.must_see(post.artist_id)
            attempt = await unit.attempts.by_key(_key(post))
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

        So do those of an artist in its quiet hours.
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
            attempt = await unit.attempts.by_key(_key(post))
        if attempt is None:
            raise Conflict(f"post {post.id} has no attempt")
        return await self._end(
            actor, post, attempt, PostStatus.PUBLISHED, AttemptStatus.DONE, result=result
        )

    async def _network(self, post: Post) -> Network:
        """Where the post goes, however that stands; raises `NotFound`."""
        network = self.networks.get(post.payload.channel)
        if network is not None:
            return network
        if self.channels is None:
            raise NotFound(
                f"no network named {post.payload.channel} is connected",
                field="channel",
                remedy=f"Use one of: {', '.join(sorted(self.networks))}.",
            )
        return await self.channels.network(post.artist_id, post.payload.channel)

    @asynccontextmanager
    async def _reached(self, post: Post) -> AsyncIterator[Network]:
        """The same around calls; raises the `ProviderError` that stands in the way."""
        if self.channels is None or post.payload.channel in self.networks:
            yield await self._network(post)
            return
        async with self.channels.reached(post.artist_id, post.payload.channel) as network:
            yield network

    async def _send(self, post: Post, attempt: Attempt, in_doubt: bool) -> PublishResult:
        """Send, or only look up what an earlier try may have sent."""
        async with self._reached(post) as network:
            if not in_doubt or self._may_resend(network.capabilities, attempt):
                network.validate(post.payload)
                await self._within_quota(post, network.capabilities)
                await network.prepare(post.payload)
                return await network.publish(post.payload, post.id, attempt.created_at)
            found = await network.find(post.id, attempt.created_at)
        if found is None:
            raise ProviderTimeout(
                f"it is not known whether {post.payload.channel} published post {post.id}",
                remedy="Look at the account, then mark the post as published or failed.",
            )
        return found

    async def _within_quota(self, post: Post, limits: NetworkCapabilities) -> None:
        """Raise `ProviderRateLimited` when the account has posted as much as it may in a day."""
        if limits.posts_day is None:
            return
        since = self.clock.now() - A_DAY
        async with self.database.unit() as unit:
            sent, first = await unit.posts.sent_since(
                post.artist_id, post.payload.channel, post.payload.account, since
            )
        if first is not None and sent >= limits.posts_day:
            raise ProviderRateLimited(
                f"{limits.posts_day} posts were sent within a day",
                retry_after_s=(first - since).total_seconds(),
            )

    async def _note(self, actor: Actor, post: Post, error: GreenroomError) -> None:
        """Let the channel know what its network said."""
        name = post.payload.channel
        if self.channels is None or name in self.networks:
            return
        try:
            account = await self.channels.account(post.artist_id, name)
        except NotFound:
            return  # It was disconnected meanwhile; the post's own row still says what happened.
        await self.channels.note(actor, account, error)

    def _may_resend(self, network: NetworkCapabilities, attempt: Attempt) -> bool:
        """Whether the network itself will refuse the same key a second time.

        A timed key is remembered from its first arrival on, which is not before the attempt was
        written down: counting from there errs on the safe side. How old an attempt is that lies
        ahead of the clock, nobody knows.
        """
        if network.duplicate_guard == "client_key":
            return True
        age_s = (self.clock.now() - attempt.created_at).total_seconds()
        return network.key_valid_s is not None and 0 <= age_s < network.key_valid_s

    async def _begin(self, actor: Actor, post_id: str) -> tuple[Post, Attempt | None, bool]:
        """Write down that the post is being sent; tells whether it may have been sent before.

        Without an attempt there is nothing to send.
        """
        now = self.clock.now()
        async with self.database.unit() as unit:
            post = await unit.posts.get(post_id)
            if post.status in SETTLED:
                return post, None, False
            earlier = await unit.attempts.by_key(_key(post))
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
            await unit.attempts.save(attempt.move_to(outcome, now, result=found))
            remote = (result.remote_id, result.url) if result else (post.remote_id, post.url)
            post = post.amend(
                now, remote_id=remote[0], url=remote[1], failure=failure, retry_at=retry_at
            ).move_to(status, now)
            post = await unit.posts.save(post)
            unit.emit(self.post_event(actor, post))
            await unit.commit()
        return post


def _key(post: Post) -> str:
    return f"publish:{post.id}"


def _attempt(post: Post, now: datetime) -> Attempt:
    return Attempt(
        id=new_id("attempt"),
        created_at=now,
        updated_at=now,
        key=_key(post),
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


def _due(post: Post, now: datetime) -> bool:
    """Whether its time has come; one whose sender died has no time of its own."""
    if post.status is PostStatus.PUBLISHING:
        # Also one that was sent while the clock was ahead.
        return abs(now - post.updated_at) >= ABANDONED_AFTER
    if post.retry_at is None:
        return post.status is PostStatus.PENDING
    # No wait is longer than the longest one: then the clock was set back, and it is over.
    return not timedelta(0) < post.retry_at - now <= LONGEST_WAIT
