"""Words of a song, laid out for reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from api.web.page import words
from domain.work import LyricSection


class LyricBlock(BaseModel):
    """One section with its heading."""

    model_config = ConfigDict(frozen=True)

    heading: str
    refrain: bool
    lines: tuple[str, ...]


def lyric_blocks(sections: Sequence[LyricSection]) -> tuple[LyricBlock, ...]:
    """Number sections that come more than once with other words: Verse 1, Verse 2, Chorus."""
    distinct: dict[str, list[tuple[str, ...]]] = {}
    for part in sections:
        known = distinct.setdefault(part.section, [])
        if part.lines not in known:
            known.append(part.lines)
    how_many = Counter({name: len(known) for name, known in distinct.items()})
    blocks = []
    for part in sections:
        heading = words(part.section)
        if how_many[part.section] > 1:
            heading += f" {distinct[part.section].index(part.lines) + 1}"
        blocks.append(
            LyricBlock(heading=heading, refrain=part.section == "chorus", lines=part.lines)
        )
    return tuple(blocks)
