"""Answers that are not what the network's description says, and inboxes of many pages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from domain.channel import ChannelAccount
from domain.errors import EnvironmentProblem, ProviderError, ProviderTimeout, ProviderUnavailable
from domain.ids import new_id
from domain.ports.network import Credentials, Session
from domain.post import Draft, MediaPart
from store.media import FolderMediaStore
from tools.vendors.bluesky import xrpc
from tools.vendors.bluesky.kind import BlueskyKind
from tools.vendors.bluesky.network import PAGE, PAGES_MAX, BlueskyNetwork
from tools.vendors.bluesky.xrpc import Xrpc

DID = "did:plc:ferry"
NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
Handler = Callable[[httpx.Request], httpx.Response]


class OneSession:
    """A session that lasts."""

    session = Session(access=SecretStr("a"), refresh=SecretStr("r"))

    async def current(self) -> Session | None:
        return self.session

    async def renew(
        self, stale: Session | None, make: Callable[[Credentials], Awaitable[Session]]
    ) -> Session:
        return self.session


def network(tmp_path: Path, handler: Handler) -> BlueskyNetwork:
    account = ChannelAccount(
        id=new_id("channel"),
        created_at=NOW,
        updated_at=NOW,
        artist_id="artist_1",
        network="bluesky",
        account="ferry.example",
        server="https://pds.example",
        remote_id=DID,
    )
    server = Xrpc("https://pds.example", transport=httpx.MockTransport(handler))
    return BlueskyNetwork(server, account, OneSession(), FolderMediaStore(tmp_path))


def answering(tmp_path: Path, body: Any) -> BlueskyNetwork:
    return network(tmp_path, lambda request: httpx.Response(200, json=body))


@pytest.mark.parametrize(
    "body", [{}, {"posts": 7}, {"posts": ["x"]}, {"posts": [{"uri": "at://a", "likeCount": "?"}]}]
)
async def test_counts_that_cannot_be_read_are_told_as_such(tmp_path: Path, body: Any) -> None:
    with pytest.raises(ProviderError) as told:
        await answering(tmp_path, body).metrics(["at://a"])
    assert told.value.facts["unreadable"]


@pytest.mark.parametrize("body", [{}, {"uri": "at://a", "value": {"createdAt": "yesterday"}}])
async def test_a_record_that_cannot_be_read_is_told_as_such(tmp_path: Path, body: Any) -> None:
    at = answering(tmp_path, body)
    for ask in (at.find("post_1", NOW), at.poll("at://a/b/c"), at.refresh()):
        with pytest.raises(ProviderError) as told:
            await ask
        assert told.value.facts["unreadable"]


async def test_a_post_whose_answer_cannot_be_read_is_in_doubt(tmp_path: Path) -> None:
    at = answering(tmp_path, {"cid": "bafy"})
    with pytest.raises(ProviderTimeout):
        await at.publish(await at.render(Draft(text="Out.")), "post_1", NOW)


async def test_a_session_that_cannot_be_read_is_told_as_such(tmp_path: Path) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json={"did": DID}))
    kind = BlueskyKind(FolderMediaStore(tmp_path), transport=transport)
    with pytest.raises(ProviderError) as told:
        await kind.sign_in(
            "https://pds.example", Credentials(identifier="f", password=SecretStr("p"))
        )
    assert told.value.facts["unreadable"]


async def test_a_server_that_drips_is_left_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def drip(request: httpx.Request) -> httpx.Response:
        await drips.wait()
        return httpx.Response(200, json={})

    drips = asyncio.Event()
    monkeypatch.setattr(xrpc, "ASK_WITHIN_S", 0.02)
    monkeypatch.setattr(xrpc, "SEND_WITHIN_S", 0.02)
    server = Xrpc("https://pds.example", transport=httpx.MockTransport(drip))
    with pytest.raises(ProviderUnavailable):
        await server.ask("a.b.c")
    with pytest.raises(ProviderTimeout):
        await server.send("a.b.c", {}, SecretStr("t"))


def notification(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "uri": f"at://did:plc:fan/app.bsky.graph.follow/{number}",
        "reason": "follow",
        "indexedAt": f"2026-05-04T{number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d}Z",
        "author": {"did": "did:plc:fan", "handle": "fan.example"},
        "record": {},
    } | changes


async def test_one_notification_that_cannot_be_read_hides_no_other(tmp_path: Path) -> None:
    told: list[Any] = [
        notification(3),
        notification(2, record={"reply": "here"}),
        notification(2, author="me"),
        {"reason": "follow"},
        "follow",
        notification(1),
    ]
    inbox = await answering(tmp_path, {"notifications": told}).inbox(None)
    assert [i.remote_id[-1] for i in inbox.items] == ["1", "3"]
    assert inbox.cursor == notification(3)["indexedAt"]


async def test_a_file_that_is_no_picture_is_told_as_such(tmp_path: Path) -> None:
    at = answering(tmp_path, {})
    sha256 = await FolderMediaStore(tmp_path).put_bytes(b"no picture")
    part = MediaPart(sha256=sha256, media_type="image/png", alt="A boat.")
    with pytest.raises(EnvironmentProblem):
        await at.prepare(await at.render(Draft(text="Out.", media=(part,))))


class Many:
    """A server that keeps notifications; its pages begin at a number."""

    def __init__(self, count: int) -> None:
        self.told = [notification(number) for number in range(count)]
        self.asked = 0
        self.forgets = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        page = request.url.params.get("cursor")
        if page is not None and self.forgets:
            return httpx.Response(400, json={"error": "InvalidRequest"})
        end = len(self.told) if page is None else int(page.removeprefix("p|"))
        first = max(0, end - PAGE)
        body = {"notifications": self.told[first:end][::-1]}
        return httpx.Response(200, json=body | ({"cursor": f"p|{first}"} if first else {}))


async def test_more_than_a_look_takes_in_is_taken_in_by_the_next(tmp_path: Path) -> None:
    many = Many(1 + 2 * PAGE * PAGES_MAX)
    at = network(tmp_path, many)
    cursor: str | None = many.told[0]["indexedAt"]
    seen: set[str] = set()
    for late in range(3):
        inbox = await at.inbox(cursor)
        seen |= {i.remote_id for i in inbox.items}
        cursor = inbox.cursor
        # What comes between two looks is not lost either.
        many.told.append(notification(5000 + late))
    many.asked = 0
    inbox = await at.inbox(cursor)
    seen |= {i.remote_id for i in inbox.items}
    assert seen == {one["uri"] for one in many.told}
    assert many.asked == 1
    assert inbox.cursor == notification(5002)["indexedAt"]


async def test_a_page_that_is_not_known_any_more_is_begun_again(tmp_path: Path) -> None:
    many = Many(2 * PAGE * PAGES_MAX)
    at = network(tmp_path, many)
    since = many.told[0]["indexedAt"]
    half = await at.inbox(since)
    many.forgets = True
    assert (await at.inbox(half.cursor)).cursor == since
