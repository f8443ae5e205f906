"""Make approved things public, once. Every effect has its attempt row before the call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from domain.actor import Actor
from domain.attempt import Attempt, AttemptStatus
from domain.errors import (
    Conflict,
    GreenroomError,
    InvalidInput,
    NotFound,
    ProviderError,
    ProviderTimeout,
)
from domain.ids import new_id
from domain.ports.clock import Clock
from domain.ports.network import Network, NetworkCapabilities, PublishResult
from domain.post import Post, PostStatus
from domain.release import Release, ReleaseStatus
from domain.work import WorkStatus
from services.base import Service
from store.database import Database

SETTLED = (PostStatus.PUBLISHED, PostStatus.FAILED_FINAL)


class PublishingService(Service):
    """Use cases of going public."""

    def __init__(self, database: Database, clock: Clock, networks: Mapping[str, Network]) -> None:
        super().__init__(database, clock)
        self.networks = networks

    async def release(self, actor: Actor, release_id: str) -> Release:
        """Put an approved release live on the artist's page; twice changes nothing."""
        actor.must_be("artist", "system", "operator")
        now = self.clock.now()
        async with self.database.unit() as unit:
            release = await unit.releases.get(release_id)
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
        actor.must_be("artist", "system", "operator")
        post, attempt, in_doubt = await self._begin(actor, post_id)
        if attempt is None:
            return post
        try:
            result = await self._send(post, attempt, in_doubt)
        except (InvalidInput, ProviderError) as error:
            ended = _failed(error, in_doubt)
            await self._end(actor, post, attempt, *ended, failure=error.message)
            raise
        return await self._end(
            actor, post, attempt, PostStatus.PUBLISHED, AttemptStatus.DONE, result=result
        )

    async def settle(
        self, actor: Actor, post_id: str, *, published: bool, remote_id: str | None = None
    ) -> Post:
        """Take a person's word for what became of a post whose outcome is unknown."""
        actor.must_be("operator")
        async with self.database.unit() as unit:
            post = await unit.posts.get(post_id)
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

    def _network(self, post: Post) -> Network:
        network = self.networks.get(post.payload.channel)
        if network is None:
            raise NotFound(
                f"no network named {post.payload.channel} is connected",
                field="channel",
                remedy=f"Use one of: {', '.join(sorted(self.networks))}.",
            )
        return network

    async def _send(self, post: Post, attempt: Attempt, in_doubt: bool) -> PublishResult:
        """Send, or only look up what an earlier try may have sent."""
        network = self._network(post)
        if in_doubt and not self._may_resend(network.capabilities, attempt):
            found = await network.find(post.id)
            if found is None:
                raise ProviderTimeout(
                    f"it is not known whether {post.payload.channel} published post {post.id}",
                    remedy="Look at the account, then mark the post as published or failed.",
                )
            return found
        network.validate(post.payload)
        return await network.publish(post.payload, post.id, attempt.created_at)

    def _may_resend(self, network: NetworkCapabilities, attempt: Attempt) -> bool:
        """Whether the network itself will refuse the same key a second time.

        A timed key is remembered from its first arrival on, which is not before the attempt was
        written down: counting from there errs on the safe side.
        """
        if network.duplicate_guard == "client_key":
            return True
        age_s = (self.clock.now() - attempt.created_at).total_seconds()
        return network.key_valid_s is not None and age_s < network.key_valid_s

    async def _begin(self, actor: Actor, post_id: str) -> tuple[Post, Attempt | None, bool]:
        """Write down that the post is being sent; tells whether it may have been sent before.

        Without an attempt there is nothing to send.
        """
        now = self.clock.now()
        async with self.database.unit() as unit:
            post = await unit.posts.get(post_id)
            if post.status in SETTLED:
                return post, None, False
            self._network(post)
            earlier = await unit.attempts.by_key(_key(post))
            in_doubt = earlier is not None and earlier.in_doubt
            if post.status is not PostStatus.PUBLISHING:
                post = await unit.posts.save(post.move_to(PostStatus.PUBLISHING, now))
            if earlier is None:
                attempt = await unit.attempts.add(_attempt(post, now))
            elif earlier.payload_digest != post.payload.digest():
                raise Conflict(
                    "the post changed after it was first sent",
                    field="payload",
                    remedy="Make a new post of the new words.",
                )
            else:
                attempt = await unit.attempts.save(earlier.again(now))
            unit.emit(self.post_event(actor, post))
            await unit.commit()
        return post, attempt, in_doubt

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
    ) -> Post:
        now = self.clock.now()
        async with self.database.unit() as unit:
            found = result.model_dump(mode="json") if result else {"failure": failure}
            await unit.attempts.save(attempt.move_to(outcome, now, result=found))
            remote = result.remote_id if result else post.remote_id
            post = post.amend(now, remote_id=remote, failure=failure).move_to(status, now)
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


def _failed(error: GreenroomError, in_doubt: bool) -> tuple[PostStatus, AttemptStatus]:
    """What an error says of the post. It cannot take back what an earlier try may have done."""
    if in_doubt or isinstance(error, ProviderTimeout):
        return PostStatus.OUTCOME_UNKNOWN, AttemptStatus.UNKNOWN
    if isinstance(error, InvalidInput):
        return PostStatus.FAILED_FINAL, AttemptStatus.FAILED
    return PostStatus.FAILED_RETRYABLE, AttemptStatus.FAILED
