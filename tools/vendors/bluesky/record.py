"""A payload as the network's record of a post."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from domain.post import Facet, Payload
from tools.vendors.bluesky.ids import file_cid, frozen_text
from tools.vendors.bluesky.pictures import Picture

POST = "app.bsky.feed.post"
Json = dict[str, Any]  # a record as the network's lexicons describe it
_FEATURES = {
    "link": ("app.bsky.richtext.facet#link", "uri"),
    "mention": ("app.bsky.richtext.facet#mention", "did"),
    "tag": ("app.bsky.richtext.facet#tag", "tag"),
}


def post_record(
    payload: Payload,
    pictures: Sequence[Picture],
    frozen_at: datetime,
    reply: Json | None = None,
) -> Json:
    """The whole record; the same arguments give the same record, byte for byte."""
    record: Json = {"$type": POST, "text": payload.text, "createdAt": frozen_text(frozen_at)}
    if payload.langs:
        record["langs"] = list(payload.langs)
    if payload.facets:
        record["facets"] = [_facet(facet) for facet in payload.facets]
    if reply is not None:
        record["reply"] = reply
    embed = _embed(payload, pictures)
    if embed is not None:
        record["embed"] = embed
    return record


def _embed(payload: Payload, pictures: Sequence[Picture]) -> Json | None:
    if payload.card is not None:
        card: Json = {
            "uri": payload.card.url,
            "title": payload.card.title,
            "description": payload.card.description,
        }
        if pictures:
            card["thumb"] = file_ref(pictures[0])
        return {"$type": "app.bsky.embed.external", "external": card}
    if not pictures:
        return None
    images = [
        {
            "alt": part.alt,
            "image": file_ref(picture),
            "aspectRatio": {"width": picture.width, "height": picture.height},
        }
        for part, picture in zip(payload.media, pictures, strict=True)
    ]
    return {"$type": "app.bsky.embed.images", "images": images}


def file_ref(picture: Picture) -> Json:
    """How a record names a file that was sent before."""
    return {
        "$type": "blob",
        "ref": {"$link": file_cid(picture.content)},
        "mimeType": picture.media_type,
        "size": len(picture.content),
    }


def _facet(facet: Facet) -> Json:
    kind, field = _FEATURES[facet.kind]
    return {
        "index": {"byteStart": facet.start_byte, "byteEnd": facet.end_byte},
        "features": [{"$type": kind, field: facet.target}],
    }
