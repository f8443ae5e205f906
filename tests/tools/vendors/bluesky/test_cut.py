"""Lost requests and lost replies before a real server: exactly one post, wherever it is cut."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from pydantic import SecretStr

from domain.actor import OPERATOR, SYSTEM, artist_actor
from domain.artist import Artist
from domain.errors import ProviderError, ProviderTimeout, ProviderUnavailable
from domain.ids import new_id
from domain.post import Draft, Post, PostStatus
from services.publishing import PublishingService
from tests.services.build import artist
from tests.support import label as play
from tests.support.bluesky.server import BlueskyAccount, BlueskyServer
from tests.support.cutter import CUTS, Cut, Cutter, cutter
from tests.support.label import TestLabel
from tests.tools.vendors.networks.stands import far_channels

LATER = timedelta(hours=2)
TRIES = 12


@pytest.fixture
def wire(bluesky: BlueskyServer) -> Iterator[Cutter]:
    with cutter(bluesky.pds, only=b"putRecord") as cutting:
        yield cutting


class Desk:
    """An artist whose channel leads through the cutter, and the service that publishes."""

    def __init__(self, label: TestLabel, who: Artist, account: BlueskyAccount) -> None:
        self.label = label
        self.who = who
        self.account = account
        self.channels = far_channels(label)
        self.service = PublishingService(
            label.database, label.clock, self.channels.house, self.channels
        )

    async def approved(self, text: str = "It is out.") -> Post:
        """An approved post for the account."""
        run = await play.cycle(self.label, self.who)
        payloads = await self.channels.render(self.who.id, Draft(text=text))
        payload = next(p for p in payloads if p.channel == "bluesky")
        actor, key = artist_actor(self.who.id), new_id("post")
        await self.label.catalogue.draft_post(actor, key, self.who.id, run.id, payload)
        approval = await self.label.approvals.open(
            actor, new_id("approval"), self.who.id, run.id, (), (key,)
        )
        await self.label.approvals.decide(OPERATOR, approval.id, "approve")
        await self.label.runs.finish(SYSTEM, run.id)
        return await self.label.catalogue.post(OPERATOR, key)

    async def publish(self, post: Post) -> Post:
        """Publish it as the artist."""
        return await self.service.post(artist_actor(self.who.id), post.id)

    async def stored(self, post: Post) -> Post:
        """How the post stands."""
        return await self.label.catalogue.post(OPERATOR, post.id)


async def desk(label: TestLabel, bluesky: BlueskyServer, address: str) -> Desk:
    account = bluesky.new_account()
    made = Desk(label, await artist(label), account)
    await made.channels.connect(
        OPERATOR,
        made.who.id,
        "bluesky",
        identifier=account.handle,
        password=SecretStr(account.password),
        server=address,
    )
    return made


@pytest.mark.parametrize("cut", CUTS)
async def test_a_cut_connection_makes_one_post_in_the_end(
    label: TestLabel, bluesky: BlueskyServer, wire: Cutter, cut: Cut
) -> None:
    at = await desk(label, bluesky, wire.url)
    wire.next(cut)
    post = await at.approved()
    with pytest.raises(ProviderTimeout):
        await at.publish(post)
    assert (await at.stored(post)).status is PostStatus.OUTCOME_UNKNOWN
    assert len(at.account.posts()) == (0 if cut is Cut.BEFORE_SEND else 1)
    label.clock.advance(LATER)
    (settled,) = await at.service.settle_unknown(SYSTEM)
    assert settled.status is PostStatus.PUBLISHED
    (shown,) = at.account.posts()
    assert (shown["uri"], shown["value"]["text"]) == (settled.remote_id, "It is out.")
    assert wire.cuts[cut] == 1


@pytest.mark.parametrize("cut", CUTS)
async def test_while_files_are_sent_a_cut_is_no_doubt(
    label: TestLabel, bluesky: BlueskyServer, cut: Cut
) -> None:
    with cutter(bluesky.pds, only=b"getSession") as wire:
        at = await desk(label, bluesky, wire.url)
        wire.next(cut)
        network = await at.channels.network(at.who.id, "bluesky")
        with pytest.raises(ProviderUnavailable):
            await network.refresh()
        await network.refresh()


async def test_random_cuts_by_a_seeded_plan_leave_one_post_each(
    label: TestLabel, bluesky: BlueskyServer, wire: Cutter
) -> None:
    at = await desk(label, bluesky, wire.url)
    wire.at_random(seed=20, share=0.6)
    posts = [await at.approved(f"Number {number}.") for number in range(8)]
    for post in posts:
        with suppress(ProviderError):
            await at.publish(post)
    for _ in range(TRIES):
        label.clock.advance(LATER)
        await at.service.settle_unknown(SYSTEM)
        await at.service.retry_due(SYSTEM)
    stored = [await at.stored(post) for post in posts]
    assert {post.status for post in stored} == {PostStatus.PUBLISHED}
    shown = at.account.posts()
    assert sorted(p["value"]["text"] for p in shown) == [f"Number {n}." for n in range(8)]
    assert {p["uri"] for p in shown} == {post.remote_id for post in stored}
    assert sum(wire.cuts[cut] for cut in CUTS) >= 3


async def test_without_the_fixed_place_the_same_cut_makes_two_posts(
    label: TestLabel, bluesky: BlueskyServer
) -> None:
    """The negative control: this server does not guard those who give their posts no place."""
    account = bluesky.new_account()
    for _ in range(2):
        account.put("app.bsky.feed.post", text="Twice.")
    assert len(account.posts()) == 2
