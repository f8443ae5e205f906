"""What others did, from the network's notifications: newest first there, oldest first here.

Notifications carry what strangers wrote, so one that is not formed as it should be is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import structlog

from domain.errors import ProviderError
from domain.plain import plain_line
from domain.ports.network import InboxItem, InboxKind
from tools.vendors.bluesky.xrpc import Json, reading

KINDS: Final[dict[str, InboxKind]] = {
    "like": "like",
    "repost": "repost",
    "reply": "reply",
    "mention": "mention",
    "quote": "quote",
    "follow": "follow",
}
SPEAKING = frozenset({"reply", "mention", "quote"})
NAME_MAX_CHARS = 40
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Place:
    """Where reading goes on: back to `since`, from `page` on where that was left half-way.

    `newest` is the latest time seen on the way; behind it the next reading ends.
    """

    since: str | None = None
    newest: str = ""
    page: str | None = None

    @classmethod
    def read(cls, cursor: str | None) -> Place:
        """A place as it was written; one without a page is the time alone."""
        since, newest, page = (*(cursor or "").split("|", 2), "", "")[:3]
        return cls(since or None, newest or since, page or None)

    def written(self) -> str | None:
        """As a cursor."""
        return self.since if self.page is None else f"{self.since}|{self.newest}|{self.page}"

    def past(self, times: list[str], page: str | None) -> Place:
        """After a page with these times; `page` is the next one."""
        newest = max([self.newest, *times])
        back = not times or self.since is None or min(times) < self.since
        if page is None or back:
            return Place(newest or None, newest)
        return replace(self, newest=newest, page=page)

    def again(self) -> Place:
        """From the newest on."""
        return Place(self.since, self.since or "")


def times_of(told: list[Json]) -> list[str]:
    """When the network noted them."""
    return [str(one["indexedAt"]) for one in told if isinstance(one, dict) and "indexedAt" in one]


def read_page(told: list[Json], did: str) -> list[InboxItem]:
    """The notifications of a page that can be read and mean something to us."""
    items = []
    for one in told:
        try:
            with reading():
                item = read_item(one, did)
        except ProviderError as error:
            _log.info("notification left out", why=repr(error.__cause__))
            continue
        if item is not None:
            items.append(item)
    return items


def read_item(told: Json, did: str) -> InboxItem | None:
    """One notification, or None for a kind we know nothing of."""
    kind = KINDS.get(str(told.get("reason")))
    author = told.get("author") or {}
    if kind is None or author.get("did") == did:
        return None
    record = told.get("record") or {}
    name = plain_line(str(author.get("displayName") or "")) or str(author.get("handle"))
    return InboxItem(
        remote_id=str(told["uri"]),
        kind=kind,
        at=read_time(str(told["indexedAt"])),
        author_id=str(author["did"]),
        author_name=name[:NAME_MAX_CHARS],
        post_remote_id=_ours(told, record, did),
        text=str(record.get("text") or "") if kind in SPEAKING else None,
    )


def read_time(text: str) -> datetime:
    """A time as the network writes it."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _ours(told: Json, record: Json, did: str) -> str | None:
    """The post of this account that it answers: the thread's first where that is ours."""
    reply = record.get("reply") or {}
    root = (reply.get("root") or {}).get("uri")
    return next(
        (uri for uri in (root, told.get("reasonSubject")) if uri and f"//{did}/" in uri), None
    )
