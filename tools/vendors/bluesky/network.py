"""Bluesky as a network, in the name of one account.

A post's place in the repository and its time are fixed before the first call, so sending it again
writes the very same record to the very same place, which changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import SecretStr

from domain.channel import ChannelAccount
from domain.errors import (
    EnvironmentProblem,
    InvalidInput,
    NotFound,
    ProviderError,
    ProviderInputInvalid,
)
from domain.ports.media_store import MediaStore
from domain.ports.network import (
    AccountState,
    Inbox,
    InboxItem,
    NetworkCapabilities,
    PublishResult,
    Sessions,
)
from domain.post import Draft, LinkCard, Payload, PostNumbers
from tools.vendors.bluesky.capabilities import CAPABILITIES, NAME
from tools.vendors.bluesky.facets import facets_of, mentioned
from tools.vendors.bluesky.ids import record_key
from tools.vendors.bluesky.inbox import Place, read_page, read_time, times_of
from tools.vendors.bluesky.login import signed
from tools.vendors.bluesky.pictures import Picture, fitting
from tools.vendors.bluesky.record import POST, post_record
from tools.vendors.bluesky.xrpc import Json, Xrpc, reading, unheard
from tools.vendors.limits import check_limits, shortened

Result = TypeVar("Result")
POSTS_AT_ONCE = 25
PAGE = 100
PAGES_MAX = 5
WEB = "https://bsky.app/profile"


class BlueskyNetwork:
    """Implements `domain.ports.network.Network`."""

    def __init__(
        self, server: Xrpc, account: ChannelAccount, sessions: Sessions, media: MediaStore
    ) -> None:
        self._server = server
        self._did = account.remote_id
        self._limits = CAPABILITIES.limited(account.limits)
        self._sessions = sessions
        self._media = media

    @property
    def capabilities(self) -> NetworkCapabilities:
        """The shipped data with what the server reports."""
        return self._limits

    def validate(self, payload: Payload) -> None:
        """Raise `InvalidInput` naming `text`, `media`, `alt`, `account` or `facets`."""
        check_limits(payload, self._limits)
        if payload.account != self._did:
            raise InvalidInput(
                "the post was made for another account",
                field="account",
                remedy="Make a new post for the account that is connected now.",
            )
        size = len(payload.text.encode())
        if any(not f.start_byte < f.end_byte <= size for f in payload.facets):
            raise InvalidInput("a mark lies outside the text", field="facets")

    async def render(self, draft: Draft) -> Payload:
        """Cut to length, mark links, tags and people, and make a card of the link."""
        text = shortened(draft.text, self._limits)
        media = draft.media[: self._limits.media_max]
        card = None
        # A post carries pictures or a card: one picture becomes the card's own.
        if draft.link and len(media) <= 1:
            described = media[0].alt if media else ""
            title = draft.link_title or draft.link
            card = LinkCard(url=draft.link, title=title, description=described)
        return Payload(
            channel=NAME,
            text=text,
            media=media,
            link=draft.link,
            release_id=draft.release_id,
            account=self._did,
            langs=draft.langs,
            facets=facets_of(text, await self._people(text)),
            card=card,
        )

    async def prepare(self, payload: Payload) -> None:
        """Send the files; the server keeps them for a while without showing them."""
        for picture in await self._pictures(payload):

            async def upload(token: SecretStr, picture: Picture = picture) -> Json:
                return await self._server.upload(picture.content, picture.media_type, token)

            await self._as_account(upload)

    async def publish(
        self, payload: Payload, client_key: str, frozen_at: datetime
    ) -> PublishResult:
        """Put the record in its place; the same record in the same place is no second post."""
        record = post_record(payload, await self._pictures(payload), frozen_at)
        return await self._put(record, client_key, frozen_at)

    async def poll(self, remote_id: str) -> PublishResult:
        """What stands under the address; nothing is ever pending here."""
        found = await self._record(remote_id.rpartition("/")[2])
        if found is None:
            raise NotFound(f"nothing stands under {remote_id!r}", field="remote_id")
        return found

    async def find(self, client_key: str, frozen_at: datetime) -> PublishResult | None:
        """What stands in the post's place."""
        return await self._record(record_key(client_key, frozen_at))

    async def metrics(self, remote_ids: Sequence[str]) -> Mapping[str, PostNumbers]:
        """Numbers as the AppView counts them."""
        at = datetime.now(UTC)
        numbers: dict[str, PostNumbers] = {}
        for first in range(0, len(remote_ids), POSTS_AT_ONCE):
            wanted = list(remote_ids[first : first + POSTS_AT_ONCE])
            answer = await self._ask("app.bsky.feed.getPosts", {"uris": wanted})
            with reading():
                numbers |= {str(post["uri"]): _numbers(post, at) for post in answer["posts"]}
        return numbers

    async def inbox(self, cursor: str | None) -> Inbox:
        """Notifications back to the time in `cursor`, by whole pages: known ones come again.

        They are sorted by times that their authors wrote, so late ones may stand behind the cursor.
        After `PAGES_MAX` pages the rest is left to the next look, which goes on at that page.
        """
        items: list[InboxItem] = []
        place = Place.read(cursor)
        for _ in range(PAGES_MAX):
            query: Json = {"limit": PAGE, **({"cursor": place.page} if place.page else {})}
            try:
                answer = await self._ask("app.bsky.notification.listNotifications", query)
            except ProviderInputInvalid:
                if place.page is None:
                    raise
                # That page is not known any more.
                place = place.again()
                break
            with reading():
                told = list(answer["notifications"])
                after = answer.get("cursor")
            items += read_page(told, self._did)
            place = place.past(times_of(told), after)
            if place.page is None:
                break
        return Inbox(items=tuple(reversed(items)), cursor=place.written())

    async def reply(
        self, to_remote_id: str, payload: Payload, client_key: str, frozen_at: datetime
    ) -> PublishResult:
        """Answer a post in its thread."""
        answer = await self._ask("app.bsky.feed.getPosts", {"uris": [to_remote_id]})
        if not answer.get("posts"):
            raise NotFound("the post to be answered is gone", field="remote_id")
        with reading():
            post = answer["posts"][0]
            parent = {"uri": post["uri"], "cid": post["cid"]}
            root = (post["record"].get("reply") or {}).get("root") or parent
        thread = {"root": root, "parent": parent}
        record = post_record(payload, await self._pictures(payload), frozen_at, thread)
        return await self._put(record, client_key, frozen_at)

    async def delete(self, remote_id: str) -> None:
        """Take the record away; one that is gone already is no error."""
        key = remote_id.rpartition("/")[2]
        body = {"repo": self._did, "collection": POST, "rkey": key}
        await self._send("com.atproto.repo.deleteRecord", body)

    async def refresh(self) -> AccountState:
        """Ask the server who this is; the session is renewed on the way where it ran out."""
        answer = await self._ask("com.atproto.server.getSession", {})
        with reading():
            return AccountState(remote_id=str(answer["did"]), account=str(answer["handle"]))

    async def _put(self, record: Json, client_key: str, frozen_at: datetime) -> PublishResult:
        key = record_key(client_key, frozen_at)
        body = {"repo": self._did, "collection": POST, "rkey": key, "record": record}
        try:
            # Nothing may stand there yet but this very record.
            answer = await self._send("com.atproto.repo.putRecord", {**body, "swapRecord": None})
        except ProviderInputInvalid as error:
            # Something of ours stands there: an earlier version may have made other bytes of it.
            found = await self._record(key) if error.facts.get("error") == "InvalidSwap" else None
            if found is None:
                raise
            return found
        try:
            with reading():
                return _result(str(answer["uri"]), frozen_at)
        except ProviderError as error:
            raise unheard(error) from error

    async def _record(self, key: str) -> PublishResult | None:
        query = {"repo": self._did, "collection": POST, "rkey": key}
        try:
            answer = await self._ask("com.atproto.repo.getRecord", query)
        except ProviderInputInvalid as error:
            if error.facts.get("error") == "RecordNotFound":
                return None
            raise
        with reading():
            return _result(str(answer["uri"]), read_time(str(answer["value"]["createdAt"])))

    async def _people(self, text: str) -> dict[str, str]:
        """The ids behind the handles in a text; one that cannot be looked up stays plain text."""
        people = {}
        for handle in mentioned(text):
            try:
                answer = await self._server.ask(
                    "com.atproto.identity.resolveHandle", {"handle": handle}
                )
                with reading():
                    people[handle] = str(answer["did"])
            except ProviderError:
                continue
        return people

    async def _pictures(self, payload: Payload) -> list[Picture]:
        longest = self._limits.media_max_bytes or 0
        paths = [await self._media.path(part.sha256) for part in payload.media]
        try:
            return [await asyncio.to_thread(fitting, path, longest) for path in paths]
        except OSError as error:
            raise EnvironmentProblem(
                f"a picture of the post cannot be read: {error}",
                remedy="Look whether the label's media are all there.",
            ) from error

    async def _ask(self, name: str, query: Json) -> Json:
        return await self._as_account(lambda token: self._server.ask(name, query, token))

    async def _send(self, name: str, body: Json) -> Json:
        return await self._as_account(lambda token: self._server.send(name, body, token))

    async def _as_account(self, call: Callable[[SecretStr], Awaitable[Result]]) -> Result:
        return await signed(self._server, self._sessions, call)


def _numbers(post: Json, at: datetime) -> PostNumbers:
    return PostNumbers(
        at=at,
        likes=post.get("likeCount"),
        reposts=post.get("repostCount"),
        replies=post.get("replyCount"),
        quotes=post.get("quoteCount"),
    )


def _result(uri: str, at: datetime) -> PublishResult:
    did, _, key = uri.removeprefix("at://").partition(f"/{POST}/")
    return PublishResult(remote_id=uri, url=f"{WEB}/{did}/post/{key}", at=at)
