"""A post as its channel will show it: marks, pictures, card, and how long it is."""

from __future__ import annotations

from collections.abc import Mapping

import regex
from pydantic import BaseModel, ConfigDict

from domain.ports.network import NetworkCapabilities
from domain.post import Payload, Post


class PostCard(BaseModel):
    """A post on one channel; `pieces` are stretches of its text with the mark each bears."""

    model_config = ConfigDict(frozen=True)

    id: str
    channel: str
    title: str
    account: str | None
    status: str
    text: str
    pieces: tuple[tuple[str, str | None], ...]
    length: int
    most: int | None
    pictures: tuple[tuple[str, str], ...]
    card: tuple[str, str, str] | None
    url: str | None
    failure: str | None


def post_card(
    post: Post,
    limits: NetworkCapabilities | None,
    account: str | None,
    files: Mapping[str, str],
) -> PostCard:
    """The card of a post; `files` gives the addresses of files by their hashes."""
    payload = post.payload
    return PostCard(
        id=post.id,
        channel=payload.channel,
        title=(limits.title if limits else "") or payload.channel.capitalize(),
        account=account,
        status=post.status.value,
        text=payload.text,
        pieces=pieces_of(payload),
        length=len(regex.findall(r"\X", payload.text)),
        most=limits.text_max_graphemes if limits else None,
        pictures=tuple((files[m.sha256], m.alt) for m in payload.media if m.sha256 in files),
        card=(payload.card.title, payload.card.description, payload.card.url)
        if payload.card
        else None,
        url=post.url,
        failure=post.failure,
    )


def pieces_of(payload: Payload) -> tuple[tuple[str, str | None], ...]:
    """The text cut at its marks, which are counted in bytes."""
    data = payload.text.encode()
    found: list[tuple[str, str | None]] = []
    done = 0
    for facet in payload.facets:
        found.append((data[done : facet.start_byte].decode(errors="replace"), None))
        marked = data[facet.start_byte : facet.end_byte]
        found.append((marked.decode(errors="replace"), facet.kind))
        done = facet.end_byte
    found.append((data[done:].decode(errors="replace"), None))
    return tuple((text, kind) for text, kind in found if text)
