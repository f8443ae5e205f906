"""An artist of the label and its status."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from enum import StrEnum

from pydantic import field_validator

from domain.entity import Entity
from domain.errors import InvalidInput
from domain.mood import Mood
from domain.plain import plain_text
from domain.states import StateMachine

BRIEF_MAX_CHARS = 4000
HANDLE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


class ArtistStatus(StrEnum):
    """Where an artist stands in its life."""

    CANDIDATE = "candidate"
    ACTIVE = "active"
    EVOLVING = "evolving"
    PAUSED = "paused"
    RETIRED = "retired"


ARTIST_STATES = StateMachine(
    "artist",
    {
        ArtistStatus.CANDIDATE: {ArtistStatus.ACTIVE, ArtistStatus.RETIRED},
        ArtistStatus.ACTIVE: {ArtistStatus.EVOLVING, ArtistStatus.PAUSED, ArtistStatus.RETIRED},
        ArtistStatus.EVOLVING: {ArtistStatus.ACTIVE, ArtistStatus.PAUSED, ArtistStatus.RETIRED},
        ArtistStatus.PAUSED: {ArtistStatus.ACTIVE, ArtistStatus.EVOLVING, ArtistStatus.RETIRED},
        ArtistStatus.RETIRED: set(),
    },
)


class Artist(Entity):
    """An artist; who it is stands in its profile versions."""

    handle: str
    stage_name: str
    brief: str
    genre_pack: str
    seed: int
    status: ArtistStatus = ArtistStatus.CANDIDATE
    profile_number: int = 0
    mood: Mood
    portrait_sha256: str | None = None
    banner_sha256: str | None = None

    @field_validator("handle")
    @classmethod
    def _handle_form(cls, value: str) -> str:
        if not HANDLE.fullmatch(value):
            raise ValueError("use 1 to 40 lower-case letters, digits and inner hyphens")
        return value

    def move_to(self, status: ArtistStatus, at: datetime) -> Artist:
        """Take a legal step of the artist's life."""
        return self.amend(at, status=ARTIST_STATES.check(self.status, status))


def handle_from(stage_name: str) -> str:
    """Make a handle of a stage name; `artist` where no letter survives."""
    plain = unicodedata.normalize("NFKD", stage_name).encode("ascii", "ignore").decode()
    handle = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:36].strip("-")
    return handle or "artist"


def check_brief(brief: str) -> str:
    """Return the brief as plain text, or say what is wrong with it.

    Raises `InvalidInput` naming `brief`.
    """
    text = plain_text(brief)
    if not text:
        raise InvalidInput(
            "the brief is empty",
            field="brief",
            remedy="Say in a sentence or two who the artist is and what their music is about.",
        )
    if len(text) > BRIEF_MAX_CHARS:
        raise InvalidInput(
            f"the brief has {len(text)} characters; at most {BRIEF_MAX_CHARS} are read",
            field="brief",
            remedy="Keep what matters most; details can be told in later directives.",
        )
    if not any(ch.isalpha() for ch in text):
        raise InvalidInput(
            "the brief has no words", field="brief", remedy="Write it in plain words."
        )
    return text
