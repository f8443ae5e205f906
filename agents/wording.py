"""Text as models leave it, made fit to keep, and what is wrong with the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from media.lyrics.junk import junk_in
from media.lyrics.overlap import runs

COPIED_RUN_WORDS = 5
_LABEL = re.compile(r"^\s*(?:[-*•]+|\d+[.)])\s+")
_QUOTES = "\"'“”‘’«» "
_SENTENCE = re.compile(r".+?[.!?…][\"”’)]*(?=\s|$)", re.S)


def one_line(text: str) -> str:
    """The first line with words, without list marks or quotation marks around it."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    bare = _LABEL.sub("", first).strip()
    if len(bare) > 1 and bare[0] in _QUOTES and bare[-1] in f"{_QUOTES}.,;":
        bare = bare.strip(f"{_QUOTES},;")
    return re.sub(r"\s+", " ", bare).strip()


def listed(text: str) -> tuple[str, ...]:
    """The entries of a list with one entry a line, without marks, quotes or final stops."""
    entries = (one_line(line).strip(" .,;") for line in text.splitlines())
    return tuple(dict.fromkeys(entry for entry in entries if entry))


def sentences(text: str, most: int) -> str:
    """The first `most` whole sentences on one line; empty when there is no whole sentence."""
    flat = re.sub(r"\s+", " ", text).strip()
    found = _SENTENCE.findall(flat)
    return " ".join(s.strip() for s in found[:most])


# How instruct models decline or step out of the part; no artist talks like this.
REFUSAL = re.compile(
    r"\bI(?:['’]m| am) sorry,? but\b|\b(?:can(?:['’]t|not)|unable to|won['’]t) "
    r"(?:assist|help|fulfil|comply|provide|generate|continue|do that)"
    r"|\bas an? (?:AI|language model)\b|\blanguage model\b|\byour request\b|\bthat request\b",
    re.IGNORECASE,
)


def prose_problem(text: str) -> str | None:
    """What makes prose unusable: a refusal, litter, profanity, another language. Digits pass."""
    if not text.strip():
        return "no whole sentence"
    if REFUSAL.search(text):
        return "the model speaks of itself or refuses"
    without_digits = re.sub(r"\d+", "", text)
    return next((what for part in without_digits.split(". ") if (what := _junk(part))), None)


def _junk(part: str) -> str | None:
    return junk_in(part) if re.search(r"[A-Za-z]", part) else None


def copies(text: str, sources: Iterable[str], words: int = COPIED_RUN_WORDS) -> bool:
    """Whether `words` words in a row stand in one of the sources too."""
    mine = runs(text, words)
    return any(mine & runs(source, words) for source in sources)


def without_known(entries: Sequence[str], known: Iterable[str]) -> tuple[str, ...]:
    """The entries that are not among the known ones, whatever their case."""
    have = {k.casefold() for k in known}
    return tuple(e for e in entries if e.casefold() not in have)
