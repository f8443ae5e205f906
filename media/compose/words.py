"""Which lines of a lyric can be sung, and a clear answer where one cannot."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from domain.errors import InvalidInput
from domain.score import LyricSection
from media.compose.chooser import Chooser
from media.lyrics.prosody import syllable_count

QUOTED = 60


def singable(lyrics: Sequence[LyricSection], chooser: Chooser) -> tuple[LyricSection, ...]:
    """The lyric without lines that have no words (signs, emoji), which are logged.

    Words in another script than the Latin one have no sounds here and are refused.
    """
    silent: list[str] = []
    kept = []
    for section in lyrics:
        lines = tuple(line for line in section.lines if _has_sound(line, silent))
        if lines:
            kept.append(section.model_copy(update={"lines": lines}))
    if silent:
        chooser.fixed(
            "lines left out", " | ".join(quoted(line) for line in silent[:5]),
            f"{len(silent)} lines have no words that could be sung",
        )  # fmt: skip
    return tuple(kept)


def _has_sound(line: str, silent: list[str]) -> bool:
    foreign = next((c for c in line if c.isalpha() and not _is_latin(c)), None)
    if foreign is not None:
        raise InvalidInput(
            f"{quoted(line)} has letters that cannot be sung, such as {foreign!r}",
            field="lyrics",
            remedy="write the words in Latin letters, or leave them out for an instrumental",
        )
    if syllable_count(line):
        return True
    silent.append(line)
    return False


def _is_latin(letter: str) -> bool:
    return "LATIN" in unicodedata.name(letter, "") or unicodedata.category(letter) == "Lm"


def quoted(line: str) -> str:
    """A line short enough for a message."""
    return repr(line if len(line) <= QUOTED else line[: QUOTED - 1] + "…")
