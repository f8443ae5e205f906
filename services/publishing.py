"""Make approved things public, once. Every effect has its attempt row before the call."""

from __future__ import annotations

from collections.abc import Mapping

from domain.actor import Actor
from domain.attempt import Attempt, AttemptStatus
from domain.errors import Conflict, InvalidInput, NotFound, ProviderError, ProviderTimeout
from domain.ids import new_id
from domain.ports.clock import Clock
from domain.ports.network import Network, PublishResult
from domain.post import Post, PostStatus
from domain.release import Release, ReleaseStatus
from domain.work import WorkStatus
from services.base import Service
from store.database import Database


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
        post whose outcome is unknown says so and is never sent again blindly.
        """
        actor.must_be("artist", "system", "operator")
        post, attempt = await self._begin(actor, post_id)
        if post.status is PostStatus.PUBLISHED:
            return post
        network = self._network(post)
        try:
            result = await self._send(network, post, attempt)
        except ProviderTimeout as error:
            await self._end(
                actor,
                post,
                attempt,
                PostStatus.OUTCOME_UNKNOWN,
                AttemptStatus.UNKNOWN,
                failure=error.message,
            )
            raise
        except InvalidInput as error:
            await self._end(
                actor,
                post,
                attempt,
                PostStatus.FAILED_FINAL,
                AttemptStatus.FAILED,
                failure=error.message,
            )
            raise
        except ProviderError as error:
            await self._end(
                actor,
                post,
                attempt,
                PostStatus.FAILED_RETRYABLE,
                AttemptStatus.FAILED,
                failure=error.message,
            )
            raise
        return await self._end(
            actor, post, attempt, PostStatus.PUBLISHED, AttemptStatus.DONE, result=result
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

    async def _send(self, network: Network, post: Post, attempt: Attempt) -> PublishResult:
        network.validate(post.payload)
        if attempt.tries > 1 and network.capabilities.duplicate_guard == "none":
            found = await network.find(post.id)
            if found is None:
                raise ProviderTimeout(
                    f"it is not known whether {post.payload.channel} published post {post.id}",
                    remedy="Look at the account, then mark the post as published or failed.",
                )
            return found
        return await network.publish(post.payload, post.id, attempt.created_at)

    async def _begin(self, actor: Actor, post_id: str) -> tuple[Post, Attempt]:
        now = self.clock.now()
        async with self.database.unit() as unit:
            post = await unit.posts.get(post_id)
            key = f"publish:{post.id}"
            attempt = await unit.attempts.by_key(key)
            if post.status is PostStatus.PUBLISHED and attempt is not None:
                return post, attempt
            if attempt is None:
                attempt = Attempt(
                    id=new_id("attempt"),
                    created_at=now,
                    updated_at=now,
                    key=key,
                    run_id=post.run_id,
                    artist_id=post.artist_id,
                    effect="publish",
                    subject_id=post.id,
                    payload_digest=post.payload.digest(),
                )
                await unit.attempts.add(attempt)
            else:
                if attempt.payload_digest != post.payload.digest():
                    raise Conflict(
                        "the post changed after it was first sent",
                        field="payload",
                        remedy="Make a new post of the new words.",
                    )
                if attempt.status is AttemptStatus.FAILED:
                    attempt = attempt.amend(now, status=AttemptStatus.PLANNED)
                attempt = await unit.attempts.save(attempt.amend(now, tries=attempt.tries + 1))
            if post.status is not PostStatus.PUBLISHING:
                post = await unit.posts.save(post.move_to(PostStatus.PUBLISHING, now))
            unit.emit(self.post_event(actor, post))
            await unit.commit()
        return post, attempt

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
            await unit.attempts.save(attempt.amend(now, status=outcome, result=found))
            remote = result.remote_id if result else post.remote_id
            post = post.amend(now, remote_id=remote, failure=failure).move_to(status, now)
            post = await unit.posts.save(post)
            unit.emit(self.post_event(actor, post))
            await unit.commit()
        return post
