"""Whether words can be sung at all, answered before anything is composed."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from domain.score import LyricSection
from domain.singer import Singer
from media.lyrics.words import pronounce, words_in

LEAST_PRONOUNCEABLE = 0.6
_SHOWN = 5


def why_not_sung(
    lyrics: Sequence[LyricSection] | None, language: str, singer: Singer
) -> str | None:
    """Say in a sentence why `singer` cannot sing these words; None when nothing is in the way.

    `language` is an ISO 639-1 code. Without lyrics only the language is judged.
    """
    if not singer.sings(language):
        known = ", ".join(singer.languages)
        return (
            f"{singer.name} does not sing in {language!r} (only: {known}), "
            "so an instrument plays the melody."
        )
    if lyrics is None:
        return None
    lines = [line for section in lyrics for line in section.lines if line.strip()]
    if not lines:
        return "There are no words to sing, so an instrument plays the melody."
    pieces = [piece for line in lines for piece in line.split()]
    silent = [piece for piece in pieces if not _can_be_said(piece)]
    if 1.0 - len(silent) / len(pieces) >= LEAST_PRONOUNCEABLE:
        return None
    return f"{singer.name} cannot pronounce {_named(silent)}, so an instrument plays the melody."


def _named(pieces: Sequence[str]) -> str:
    different = list(dict.fromkeys(pieces))
    shown = ", ".join(repr(piece[:20]) for piece in different[:_SHOWN])
    more = len(different) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


@lru_cache(maxsize=16384)
def _can_be_said(piece: str) -> bool:
    letters = [c for c in piece if unicodedata.category(c).startswith("L")]
    if not letters:
        # A dash or an ellipsis asks nothing of a singer, an emoji or a number does.
        return all(unicodedata.category(c).startswith("P") for c in piece)
    foreign = sum(not c.isascii() for c in letters)
    if foreign * 2 > len(letters):
        return False
    return any(pronounce(word) for word in words_in(piece))
