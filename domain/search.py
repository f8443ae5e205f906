"""What is found by its words: one entry for each thing a person may look for."""

from __future__ import annotations

import re
from typing import Literal, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict

SearchKind = Literal["artist", "profile", "work", "lyrics", "post", "directive", "memory", "run"]
SEARCH_KINDS: tuple[SearchKind, ...] = get_args(SearchKind)
WORDS_MAX = 12
_WORD = re.compile(r"\w+")


class Entry(BaseModel):
    """The words of one thing. `title` is what it is called, `text` what it says."""

    model_config = ConfigDict(frozen=True)

    kind: SearchKind
    subject_id: str
    artist_id: str
    run_id: str | None = None
    title: str
    text: str
    at: AwareDatetime


def asked_words(query: str) -> tuple[str, ...]:
    """The words to look for, each once; nothing of a search language survives."""
    # Not folded further: the databases do not take “ß” for “ss” either.
    found = _WORD.findall(query.lower().replace("_", " "))
    return tuple(dict.fromkeys(found))[:WORDS_MAX]


def marked(text: str, words: tuple[str, ...]) -> list[tuple[str, bool]]:
    """The text in pieces, with those that begin with one of the words told apart."""
    if not words:
        return [(text, False)]
    wanted = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    pieces = re.split(rf"(?<!\w)((?:{wanted})\w*)", text, flags=re.IGNORECASE)
    return [(piece, number % 2 == 1) for number, piece in enumerate(pieces) if piece]


def excerpt(text: str, words: tuple[str, ...], length: int = 180) -> str:
    """A stretch of the text around the first of the words, cut between words."""
    flat = " ".join(text.split())
    if len(flat) <= length:
        return flat
    first = next((len(piece) for piece, hit in _until_hit(flat, words) if hit), 0)
    begin = max(0, first - length // 3)
    if begin:
        begin = flat.find(" ", begin) + 1
    cut = flat[begin : begin + length]
    if begin + length < len(flat):
        cut = cut.rsplit(" ", 1)[0] + " …"
    return f"… {cut}" if begin else cut


def _until_hit(text: str, words: tuple[str, ...]) -> list[tuple[str, bool]]:
    """What stands before the first of the words, marked when there is one."""
    before = ""
    for piece, hit in marked(text, words):
        if hit:
            return [(before, True)]
        before += piece
    return []
