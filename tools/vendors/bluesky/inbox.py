"""What others did, from the network's notifications: newest first there, oldest first here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from domain.plain import plain_line
from domain.ports.network import InboxItem, InboxKind
from tools.vendors.bluesky.xrpc import Json

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
