"""What visitors do; their words are untrusted from the moment they enter."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.entity import Entity
from domain.errors import InvalidInput
from domain.plain import plain_line, plain_text

COMMENT_MAX_CHARS = 500
NAME_MAX_CHARS = 40
AudienceKind = Literal["play", "like", "unlike", "comment", "repost", "follow"]


class Untrusted(BaseModel):
    """Text from outside: shown and quoted as data, never followed."""

    model_config = ConfigDict(frozen=True)

    text: str
    source: str


class AudienceEvent(Entity):
    """What somebody did, with the post and exposure that it answers."""

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
    kept = plain_text(text)
    if not _seen(kept):
        raise InvalidInput("the comment is empty", field="text", remedy="Write a few words.")
    if len(kept) > COMMENT_MAX_CHARS:
        raise InvalidInput(
            f"the comment has {len(kept)} characters",
            field="text",
            remedy=f"Use at most {COMMENT_MAX_CHARS}.",
        )
    return kept


def clean_name(name: str) -> str:
    """A visitor's name on one line, without what would disguise it; says what is wrong."""
    shown = plain_line(name)
    if not _seen(shown) or len(shown) > NAME_MAX_CHARS:
        raise InvalidInput(
            "a name is needed",
            field="name",
            remedy=f"Give a name of 1 to {NAME_MAX_CHARS} characters.",
        )
    return shown


def _seen(text: str) -> bool:
    """Tell whether there is anything to look at."""
    return any(ch.isprintable() and not ch.isspace() for ch in text)
