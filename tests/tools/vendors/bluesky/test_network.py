"""Bluesky against its real server: records, pictures, cards, numbers, the inbox, sessions."""

from __future__ import annotations

import asyncio
import io
import time
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from atproto import models
from PIL import Image
from pydantic import SecretStr

from domain.actor import OPERATOR
from domain.channel import ChannelStatus
from domain.errors import InvalidInput, ProviderAuth, ProviderInputInvalid
from domain.ids import new_id
from domain.ports.network import Credentials, Network, Session
from domain.post import Draft, MediaPart, Payload
from tests.services.build import artist
from tests.support.bluesky.server import BlueskyAccount, BlueskyServer
from tests.support.label import TestLabel
from tests.tools.vendors.networks.stands import connected, far_channels
from tools.vendors.bluesky.capabilities import PICTURE_MAX_BYTES
from tools.vendors.bluesky.login import renewed
from tools.vendors.bluesky.xrpc import Xrpc

SEEN_WITHIN_S = 15.0


class At:
    """A new account and its network."""

    def __init__(self, label: TestLabel, account: BlueskyAccount, network: Network) -> None:
        self.label = label
        self.account = account
        self.network = network

    async def publish(self, draft: Draft) -> tuple[str, dict[str, Any]]:
        """Publish a draft; its address and its record as the server keeps it."""
        payload = await self.network.render(draft)
        self.network.validate(payload)
        await self.network.prepare(payload)
        made = await self.network.publish(payload, new_id("post"), self.label.clock.now())
        record = self.account.posts()[0]["value"]
        # The network's own typed model takes what we wrote.
        models.get_or_create(record, models.AppBskyFeedPost.Record, strict=True)
        return made.remote_id, record


@pytest.fixture
async def at(label: TestLabel, bluesky: BlueskyServer) -> At:
    account = bluesky.new_account()
    return At(label, account, await connected(label, account, bluesky.pds))


async def test_text_marks_and_language_arrive_as_rendered(at: At, bluesky: BlueskyServer) -> None:
    fan = bluesky.new_account("fan")
    text = f"Für @{fan.handle} 🌊: https://example.org/a_(b). #fähre #1 @nobody.invalid"
    _, record = await at.publish(Draft(text=text, langs=("de",)))
    assert record["text"] == text
    assert record["langs"] == ["de"]
    data = text.encode()
    marked = {
        data[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode(): f["features"][0]
        for f in record["facets"]
    }
    assert set(marked) == {f"@{fan.handle}", "https://example.org/a_(b)", "#fähre"}
    assert marked[f"@{fan.handle}"]["did"] == fan.did
    assert marked["https://example.org/a_(b)"]["uri"] == "https://example.org/a_(b)"
    assert marked["#fähre"]["tag"] == "fähre"


async def test_a_cover_too_large_is_shrunk_and_described(at: At) -> None:
    cover = await noise(at.label, 1500)
    kept = (await at.label.media.path(cover.sha256)).stat().st_size
    assert kept > PICTURE_MAX_BYTES
    _, record = await at.publish(Draft(text="With a cover.", media=(cover,)))
    (image,) = record["embed"]["images"]
    assert image["alt"] == "Noise."
    assert image["image"]["mimeType"] == "image/jpeg"
    assert image["image"]["size"] <= PICTURE_MAX_BYTES
    assert image["aspectRatio"]["width"] == image["aspectRatio"]["height"]


async def test_the_server_refuses_a_picture_that_was_not_shrunk(at: At) -> None:
    """The negative control of the shrinking: it is the post that fails, not the upload."""
    content = (await at.label.media.path((await noise(at.label, 700)).sha256)).read_bytes()
    assert len(content) > PICTURE_MAX_BYTES
    sent = await Xrpc(at.account.server, loopback=True).upload(
        content, "image/png", SecretStr(at.account.token)
    )
    with pytest.raises(RuntimeError, match="400"):
        at.account.put(
            "app.bsky.feed.post",
            text="Too large.",
            embed={
                "$type": "app.bsky.embed.images",
                "images": [{"alt": "", "image": sent["blob"]}],
            },
        )


async def test_a_link_becomes_a_card_with_the_cover_on_it(at: At) -> None:
    cover = await noise(at.label, 200)
    draft = Draft(
        text="Out now.", media=(cover,), link="https://label.example/@ferry", link_title="Ferry"
    )
    _, record = await at.publish(draft)
    card = record["embed"]["external"]
    assert record["embed"]["$type"] == "app.bsky.embed.external"
    assert (card["uri"], card["title"]) == ("https://label.example/@ferry", "Ferry")
    assert card["description"] == "Noise."
    assert card["thumb"]["size"] > 0


async def test_the_record_stands_where_the_frozen_time_says(at: At) -> None:
    payload = await at.network.render(Draft(text="Frozen."))
    key, frozen = new_id("post"), at.label.clock.now()
    first = await at.network.publish(payload, key, frozen)
    at.label.clock.advance(timedelta(days=3))
    assert await at.network.publish(payload, key, frozen) == first
    (shown,) = at.account.posts()
    assert shown["value"]["createdAt"] == "2026-05-04T09:30:00.000Z"
    # Other words in the same place are refused by the server; what stands there is the post.
    other = payload.model_copy(update={"text": "Other words."})
    assert (await at.network.publish(other, key, frozen)).remote_id == first.remote_id
    assert at.account.posts() == [shown]


async def test_likes_reposts_and_replies_are_counted_and_heard(
    at: At, bluesky: BlueskyServer
) -> None:
    uri, _ = await at.publish(Draft(text="Who is awake?"))
    shown = at.account.posts()[0]
    ref = {"uri": shown["uri"], "cid": shown["cid"]}
    fan = bluesky.new_account("fan")
    fan.put("app.bsky.feed.like", subject=ref)
    fan.put("app.bsky.feed.repost", subject=ref)
    fan.put("app.bsky.feed.post", text="I am.", reply={"root": ref, "parent": ref})
    numbers = await eventually(at.network, uri)
    assert (numbers.likes, numbers.reposts, numbers.replies, numbers.quotes) == (1, 1, 1, 0)
    inbox = await at.network.inbox(None)
    assert {i.kind for i in inbox.items} == {"like", "repost", "reply"}
    assert {i.author_id for i in inbox.items} == {fan.did}
    assert {i.post_remote_id for i in inbox.items} == {uri}
    (reply,) = [i for i in inbox.items if i.kind == "reply"]
    assert reply.text == "I am."
    assert [i.at for i in inbox.items] == sorted(i.at for i in inbox.items)
    answer = await at.network.render(Draft(text="Good."))
    said = await at.network.reply(reply.remote_id, answer, new_id("post"), at.label.clock.now())
    thread = next(p for p in at.account.posts() if p["uri"] == said.remote_id)
    assert thread["value"]["reply"]["root"]["uri"] == uri
    assert thread["value"]["reply"]["parent"]["uri"] == reply.remote_id
    again = await at.network.inbox(inbox.cursor)
    assert {i.remote_id for i in again.items} == {i.remote_id for i in inbox.items}


async def test_connecting_labels_the_account_as_a_bot_and_keeps_its_profile(
    label: TestLabel, bluesky: BlueskyServer
) -> None:
    account = bluesky.new_account()
    account.call(
        "com.atproto.repo.putRecord",
        repo=account.did,
        collection="app.bsky.actor.profile",
        rkey="self",
        record={
            "$type": "app.bsky.actor.profile",
            "displayName": "Harbour",
            "createdAt": "2026-01-01T00:00:00Z",
        },
    )
    await connected(label, account, bluesky.pds)
    found = account.ask(
        "com.atproto.repo.getRecord",
        repo=account.did,
        collection="app.bsky.actor.profile",
        rkey="self",
    )["value"]
    assert found["displayName"] == "Harbour"
    assert found["labels"]["values"] == [{"val": "bot"}]
    models.get_or_create(found, models.AppBskyActorProfile.Record, strict=True)


async def test_a_wrong_password_is_named_and_nothing_is_kept(
    label: TestLabel, bluesky: BlueskyServer
) -> None:
    channels, who, account = far_channels(label), await artist(label), bluesky.new_account()
    with pytest.raises(InvalidInput) as refused:
        await channels.connect(
            OPERATOR,
            who.id,
            "bluesky",
            identifier=account.handle,
            password=SecretStr("not it"),
            server=bluesky.pds,
        )
    assert refused.value.field == "password"
    assert "not it" not in str(refused.value)
    assert await channels.of_artist(OPERATOR, who.id) == []


async def test_a_used_up_session_is_renewed_once_for_all(
    label: TestLabel, bluesky: BlueskyServer
) -> None:
    channels, who, account = far_channels(label), await artist(label), bluesky.new_account()
    channel = await channels.connect(
        OPERATOR,
        who.id,
        "bluesky",
        identifier=account.handle,
        password=SecretStr(account.password),
        server=bluesky.pds,
    )
    kept = await channels.sessions.kept(channel.id)
    assert kept.session is not None
    spoilt = Session(access=SecretStr("spoilt"), refresh=kept.session.refresh)
    await channels.sessions.keep(channel.id, kept.model_copy(update={"session": spoilt}))
    network = channels.opened(channel)
    states = await asyncio.gather(*(network.refresh() for _ in range(5)))
    assert {s.remote_id for s in states} == {account.did}
    fresh = (await channels.sessions.kept(channel.id)).session
    assert fresh is not None
    assert fresh != spoilt


async def test_where_the_refresh_token_is_spent_the_password_still_stands(
    bluesky: BlueskyServer,
) -> None:
    account = bluesky.new_account()
    dead = Session(access=SecretStr("x"), refresh=SecretStr("y"))
    credentials = Credentials(
        identifier=account.handle, password=SecretStr(account.password), session=dead
    )
    server = Xrpc(bluesky.pds, loopback=True)
    assert (await renewed(server, credentials)).access != dead.access
    wrong = credentials.model_copy(update={"password": SecretStr("changed")})
    with pytest.raises(ProviderAuth):
        await renewed(server, wrong)


async def test_a_changed_password_breaks_the_channel_until_it_is_connected_again(
    label: TestLabel, bluesky: BlueskyServer
) -> None:
    channels, who, account = far_channels(label), await artist(label), bluesky.new_account()
    given = {"identifier": account.handle, "server": bluesky.pds}
    channel = await channels.connect(
        OPERATOR, who.id, "bluesky", password=SecretStr(account.password), **given
    )
    lost = Credentials(identifier=account.handle, password=SecretStr("changed"))
    await channels.sessions.keep(channel.id, lost)
    broken = await channels.test(OPERATOR, who.id, "bluesky")
    assert broken.status is ChannelStatus.BROKEN
    assert broken.reason
    with pytest.raises(ProviderAuth):
        await channels.ready(who.id, "bluesky")
    again = await channels.connect(
        OPERATOR, who.id, "bluesky", password=SecretStr(account.password), **given
    )
    assert (again.id, again.status) == (channel.id, ChannelStatus.CONNECTED)


async def test_a_record_of_another_account_cannot_be_written(at: At) -> None:
    payload = await at.network.render(Draft(text="Mine."))
    foreign: Payload = payload.model_copy(update={"account": "did:plc:somebodyelse"})
    with pytest.raises(InvalidInput) as refused:
        at.network.validate(foreign)
    assert refused.value.field == "account"


async def test_an_invalid_record_is_refused_for_good(at: At) -> None:
    payload = await at.network.render(Draft(text="Fine."))
    with pytest.raises(ProviderInputInvalid):
        await at.network.publish(
            payload.model_copy(update={"text": "x" * 301}), new_id("post"), at.label.clock.now()
        )
    assert at.account.posts() == []


async def noise(label: TestLabel, side: int) -> MediaPart:
    """A picture that does not compress, as a file of the store."""
    pixels = np.random.default_rng(5).integers(0, 256, (side, side, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    sha256 = await label.media.put_bytes(out.getvalue())
    return MediaPart(sha256=sha256, media_type="image/png", alt="Noise.")


async def eventually(network: Network, uri: str) -> Any:
    """The post's numbers once the AppView has seen the reply, which was written last."""
    deadline = time.monotonic() + SEEN_WITHIN_S
    while time.monotonic() < deadline:
        found = (await network.metrics([uri])).get(uri)
        if found is not None and found.replies:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError("the AppView did not count the reply")
