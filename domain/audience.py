"""What visitors do; their words are untrusted from the moment they enter."""

from __future__ import annotations

import unicodedata
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.entity import Entity
from domain.errors import InvalidInput

COMMENT_MAX_CHARS = 500
NAME_MAX_CHARS = 40
AudienceKind = Literal["play", "like", "unlike", "comment"]


class Untrusted(BaseModel):
    """Text from outside: shown and quoted as data, never followed."""

    model_config = ConfigDict(frozen=True)

    text: str
    source: str


class AudienceEvent(Entity):
    """A play, like or comment, with the post and exposure that it answers."""

    artist_id: str
    kind: AudienceKind
    channel: str
    release_id: str | None = None
    work_id: str | None = None
    post_id: str | None = None
    exposure_id: str | None = None
    visitor_id: str
    visitor_name: str | None = None
    text: Untrusted | None = None
    seconds: float | None = None
    perceived_in_run: str | None = None
    hidden: bool = False


def clean_comment(text: str) -> str:
    """Normalise a comment and drop control characters; say what is wrong with a bad one."""
    kept = "".join(
        ch for ch in unicodedata.normalize("NFC", text) if ch == "\n" or ch.isprintable()
    ).strip()
    if not kept:
        raise InvalidInput("the comment is empty", field="text", remedy="Write a few words.")
    if len(kept) > COMMENT_MAX_CHARS:
        raise InvalidInput(
            f"the comment has {len(kept)} characters",
            field="text",
            remedy=f"Use at most {COMMENT_MAX_CHARS}.",
        )
    return kept
