from __future__ import annotations

from collections import deque
from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from domain.actor import OPERATOR, SYSTEM, Actor, artist_actor, visitor_actor
from domain.attempt import Attempt, AttemptStatus
from domain.errors import (
    Conflict,
    Forbidden,
    GreenroomError,
    IllegalTransition,
    InvalidInput,
    NotFound,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUnavailable,
)
from domain.ids import new_id
from domain.ports.network import DuplicateGuard, NetworkCapabilities, PublishResult
from domain.post import Payload, Post, PostStatus
from domain.release import ReleaseStatus
from domain.work import WorkStatus
from services.publishing import PublishingService
from tests.services.build import artist, asked, ids
from tests.support import label as play
from tests.support.label import TestLabel
from tools.vendors.scripted_network import KEY_VALID_S, Killed, ScriptedNetwork, Trouble

GUARDS: list[DuplicateGuard] = ["client_key", "timed_key", "container", "none"]
LATE = timedelta(seconds=KEY_VALID_S + 1)


class Desk:
    """An approved post, a network in trouble, and the service between them."""

    def __init__(
        self, label: TestLabel, network: ScriptedNetwork, post: Post, actor: Actor
    ) -> None:
        self.label = label
        self.network = network
        self.post = post
        self.actor = actor
        self.service = PublishingService(label.database, label.clock, {"scripted": network})

    async def publish(self) -> Post:
        return await self.service.post(self.actor, self.post.id)

    async def stored(self) -> Post:
        return await self.label.catalogue.post(OPERATOR, self.post.id)

    async def attempt(self) -> Attempt:
        async with self.label.database.unit() as unit:
            found = await unit.attempts.by_key(f"publish:{self.post.id}")
        assert found is not None
        return found


async def desk(
    label: TestLabel, guard: DuplicateGuard, *troubles: Trouble, text: str = "It is out."
) -> Desk:
    who = await artist(label)
    actor = artist_actor(who.id)
    run = await play.cycle(label, who)
    post_id = new_id("post")
    payload = Payload(channel="scripted", text=text)
    await label.catalogue.draft_post(actor, post_id, who.id, run.id, payload)
    approval = await label.approvals.open(actor, new_id("approval"), who.id, run.id, (), (post_id,))
    await label.approvals.decide(OPERATOR, approval.id, "approve")
    network = ScriptedNetwork(label.clock, guard, deque(troubles))
    return Desk(label, network, await label.catalogue.post(OPERATOR, post_id), actor)


@pytest.mark.parametrize("guard", GUARDS)
async def test_a_post_goes_out_once_however_often_it_is_asked(
    label: TestLabel, guard: DuplicateGuard
) -> None:
    at = await desk(label, guard)
    began = label.clock.now()
    first = await at.publish()
    label.clock.advance(timedelta(days=1))
    again = await at.publish()
    assert first.status is again.status is PostStatus.PUBLISHED
    assert first.remote_id == again.remote_id == "0"
    assert (at.network.sent, len(at.network.public)) == (1, 1)
    assert at.network.public[0].frozen_at == began
    assert (await at.attempt()).status is AttemptStatus.DONE


@pytest.mark.parametrize("guard", GUARDS)
@pytest.mark.parametrize("wait", [timedelta(minutes=1), LATE, timedelta(hours=-3)])
@pytest.mark.parametrize("trouble", ["lost_reply", "killed"])
async def test_a_lost_reply_never_makes_a_second_post(
    label: TestLabel, guard: DuplicateGuard, wait: timedelta, trouble: Trouble
) -> None:
    at = await desk(label, guard, trouble)
    with pytest.raises((ProviderTimeout, Killed)):
        await at.publish()
    unheard = PostStatus.PUBLISHING if trouble == "killed" else PostStatus.OUTCOME_UNKNOWN
    assert (await at.stored()).status is unheard
    label.clock.advance(wait)
    assert (await at.publish()).status is PostStatus.PUBLISHED
    assert len(at.network.public) == 1
    resent = guard == "client_key" or (guard == "timed_key" and timedelta(0) < wait < LATE)
    assert (at.network.sent, at.network.looked_up) == ((2, 0) if resent else (1, 1))


@pytest.mark.parametrize("guard", GUARDS)
async def test_a_lost_request_is_sent_again_only_where_the_network_guards(
    label: TestLabel, guard: DuplicateGuard
) -> None:
    at = await desk(label, guard, "lost_request")
    with pytest.raises(ProviderTimeout):
        await at.publish()
    label.clock.advance(timedelta(minutes=1))
    if guard in ("client_key", "timed_key"):
        assert (await at.publish()).status is PostStatus.PUBLISHED
        assert len(at.network.public) == 1
        return
    for _ in range(3):
        with pytest.raises(ProviderTimeout, match="not known") as told:
            await at.publish()
        assert told.value.remedy
        assert (await at.stored()).status is PostStatus.OUTCOME_UNKNOWN
    assert (at.network.sent, len(at.network.public)) == (1, 0)


@pytest.mark.parametrize("guard", ["timed_key", "container", "none"])
async def test_trouble_while_looking_up_leaves_the_outcome_unknown(
    label: TestLabel, guard: DuplicateGuard
) -> None:
    at = await desk(label, guard, "lost_reply", "down", "down")
    with pytest.raises(ProviderTimeout):
        await at.publish()
    label.clock.advance(LATE)
    for _ in range(2):
        with pytest.raises(ProviderUnavailable):
            await at.publish()
        assert (await at.stored()).status is PostStatus.OUTCOME_UNKNOWN
        assert (await at.attempt()).status is AttemptStatus.UNKNOWN
    assert (await at.publish()).status is PostStatus.PUBLISHED
    assert (at.network.sent, len(at.network.public)) == (1, 1)


async def test_a_refusal_does_not_take_back_what_an_earlier_try_may_have_done(
    label: TestLabel,
) -> None:
    at = await desk(label, "timed_key", "lost_reply", "refused")
    with pytest.raises(ProviderTimeout):
        await at.publish()
    with pytest.raises(ProviderRateLimited):
        await at.publish()
    assert (await at.stored()).status is PostStatus.OUTCOME_UNKNOWN
    label.clock.advance(LATE)
    await at.publish()
    assert len(at.network.public) == 1


@pytest.mark.parametrize("guard", GUARDS)
async def test_what_was_surely_refused_is_sent_again(
    label: TestLabel, guard: DuplicateGuard
) -> None:
    at = await desk(label, guard, "refused", "down")
    for error in (ProviderRateLimited, ProviderUnavailable):
        with pytest.raises(error):
            await at.publish()
        assert (await at.stored()).status is PostStatus.FAILED_RETRYABLE
        assert (await at.attempt()).status is AttemptStatus.FAILED
    label.clock.advance(LATE)
    assert (await at.publish()).status is PostStatus.PUBLISHED
    assert len(at.network.public) == 1
    assert (await at.attempt()).tries == 3


async def test_what_does_not_fit_fails_for_good_and_is_not_sent(label: TestLabel) -> None:
    at = await desk(label, "client_key", text="x" * 301)
    with pytest.raises(InvalidInput):
        await at.publish()
    failed = await at.stored()
    assert failed.status is PostStatus.FAILED_FINAL
    assert failed.failure == "the post has 301 characters"
    assert await at.publish() == failed
    assert at.network.sent == 0


@pytest.mark.parametrize("trouble", ["refused", "lost_reply"])
async def test_what_a_stopped_artists_ended_run_left_is_never_sent_again(
    label: TestLabel, trouble: Trouble
) -> None:
    at = await desk(label, "client_key", trouble)
    with pytest.raises(GreenroomError):
        await at.publish()
    await label.runs.finish(SYSTEM, at.post.run_id)
    await label.steering.stop(OPERATOR, at.post.artist_id)
    sent = at.network.sent
    label.clock.advance(timedelta(days=1))
    assert await at.service.retry_due(SYSTEM) == []
    assert await at.service.settle_unknown(SYSTEM) == []
    assert at.network.sent == sent
    left = PostStatus.CANCELLED if trouble == "refused" else PostStatus.OUTCOME_UNKNOWN
    assert (await at.stored()).status is left


async def test_what_arrived_while_its_artist_was_stopped_is_known_to_stand(
    label: TestLabel, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = await desk(label, "client_key")
    publish = at.network.publish

    async def stopped_on_the_line(payload: Payload, key: str, first_at: datetime) -> PublishResult:
        await label.steering.stop(OPERATOR, at.post.artist_id)
        assert (await at.stored()).status is PostStatus.OUTCOME_UNKNOWN
        return await publish(payload, key, first_at)

    monkeypatch.setattr(at.network, "publish", stopped_on_the_line)
    assert (await at.publish()).status is PostStatus.PUBLISHED
    left = await at.stored()
    assert (left.status, left.remote_id is not None) == (PostStatus.PUBLISHED, True)


async def test_words_changed_after_the_first_try_are_refused(label: TestLabel) -> None:
    at = await desk(label, "client_key", "refused")
    with pytest.raises(ProviderRateLimited):
        await at.publish()
    async with label.database.unit() as unit:
        post = await unit.posts.get(at.post.id)
        changed = post.payload.model_copy(update={"text": "Something else."})
        await unit.posts.save(post.amend(label.clock.now(), payload=changed))
        await unit.commit()
    with pytest.raises(Conflict, match="changed after"):
        await at.publish()
    assert at.network.sent == 1


async def test_an_unknown_network_is_told_before_anything_is_written(label: TestLabel) -> None:
    at = await desk(label, "none")
    at.service.networks = {}
    with pytest.raises(NotFound) as told:
        await at.publish()
    assert told.value.field == "channel"
    at.service.networks = {"scripted": at.network}
    assert (await at.publish()).status is PostStatus.PUBLISHED


async def test_an_unapproved_post_cannot_be_published(label: TestLabel) -> None:
    who = await artist(label)
    approval = await asked(label, who)
    with pytest.raises(IllegalTransition):
        await label.publishing.post(artist_actor(who.id), ids(approval)["post"])
    with pytest.raises(Conflict, match="ready"):
        await label.publishing.release(artist_actor(who.id), ids(approval)["release"])
    assert (await label.stage.page(who.handle)).entries == ()


@pytest.mark.parametrize("published", [True, False])
async def test_a_person_settles_an_unknown_outcome(label: TestLabel, published: bool) -> None:
    at = await desk(label, "none", "lost_request")
    with pytest.raises(Conflict):
        await at.service.settle(OPERATOR, at.post.id, published=published)
    with pytest.raises(ProviderTimeout):
        await at.publish()
    with pytest.raises(Forbidden):
        await at.service.settle(at.actor, at.post.id, published=published)
    settled = await at.service.settle(OPERATOR, at.post.id, published=published)
    assert settled.status is (PostStatus.PUBLISHED if published else PostStatus.FAILED_FINAL)
    assert await at.publish() == settled
    assert at.network.sent == 1
    with pytest.raises(Conflict):
        await at.service.settle(OPERATOR, at.post.id, published=published)


async def test_visitors_publish_nothing(label: TestLabel) -> None:
    at = await desk(label, "client_key")
    with pytest.raises(Forbidden):
        await at.service.post(visitor_actor("v"), at.post.id)
    with pytest.raises(Forbidden):
        await at.service.release(visitor_actor("v"), "release_x")


async def test_an_approved_release_goes_live_once(label: TestLabel) -> None:
    who = await artist(label)
    release = await play.live_release(label, who)
    assert release.status is ReleaseStatus.LIVE
    label.clock.advance(timedelta(hours=1))
    again = await label.publishing.release(artist_actor(who.id), release.id)
    assert again.live_at == release.live_at
    (work,) = await label.works.of_artist(OPERATOR, who.id)
    assert work.status is WorkStatus.RELEASED


@pytest.mark.parametrize(
    ("guard", "limit"), [("timed_key", None), ("client_key", 60.0), ("timed_key", 0.0)]
)
def test_a_time_limit_belongs_to_timed_keys(guard: DuplicateGuard, limit: float | None) -> None:
    with pytest.raises(ValueError, match="key_valid_s"):
        NetworkCapabilities(
            name="x",
            text_max_graphemes=1,
            media_max=1,
            duplicate_guard=guard,
            key_valid_s=limit,
            metrics=frozenset(),
        )


async def test_no_sequence_of_troubles_makes_two_posts(label: TestLabel) -> None:
    """Every pair of troubles, on every guard, early and late."""
    kinds: list[Trouble] = ["lost_reply", "lost_request", "refused", "down", "killed"]
    at = await desk(label, "client_key")
    for guard in GUARDS:
        for first in kinds:
            for second in kinds:
                at = await fresh(label, at, guard, first, second)
                for _ in range(4):
                    with suppress(GreenroomError, Killed):
                        await at.publish()
                    label.clock.advance(LATE / 2)
                assert len(at.network.public) <= 1, (guard, first, second)


async def fresh(label: TestLabel, at: Desk, guard: DuplicateGuard, *troubles: Trouble) -> Desk:
    """Another approved post of the same artist."""
    post = at.post.amend(label.clock.now(), id=new_id("post"), row_version=1)
    async with label.database.unit() as unit:
        await unit.posts.add(post)
        await unit.commit()
    return Desk(label, ScriptedNetwork(label.clock, guard, deque(troubles)), post, at.actor)
