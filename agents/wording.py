"""Text as models leave it, made fit to keep, and what is wrong with the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from media.lyrics.junk import junk_in
from media.lyrics.overlap import runs
from media.lyrics.words import word_set, words_in

COPIED_RUN_WORDS = 5
_LABEL = re.compile(r"^\s*(?:[-*•]+|\d+[.)])\s+")
_QUOTES = "\"'“”‘’«» "
_NAME = re.compile(r"[^\W\d_][\w'’]*")
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
# How they offer their services.
OFFER = re.compile(
    r"\blet me know\b|\bfeel free\b|\bhow (?:can|may|could) I (?:help|assist|be of)\b"
    r"|\b(?:can|may|could) I (?:help|assist) you\b|\b(?:help|assist|support) you (?:with|in|to)\b"
    r"|\b(?:here|happy|glad|ready|available) to (?:help|assist|answer|support)\b"
    r"|\bI(?:['’]m| am) (?:always )?here (?:for|if|when|whenever) you\b|\bhere for you\b"
    r"|\banything (?:else )?(?:I can|you need|you(?:['’]d| would) like)\b"
    r"|\bif (?:you(?:['’]d| would) like|you (?:need|have (?:any|more|other)|want me))\b"
    r"|\b(?:don['’]t|do not) hesitate\b|\breach out\b|\bhope (?:this|that) helps\b",
    re.IGNORECASE,
)
_SECOND_PERSON = re.compile(
    r"\b(?:you(?:['’](?:re|ve|ll|d))?|your|yours|yourself)\b", re.IGNORECASE
)
# Words that may be written large anywhere.
_LARGE = word_set(
    "I I'm I've I'd I'll English Monday Tuesday Wednesday Thursday Friday Saturday Sunday January "
    "February March April May June July August September October November December TV DJ"
)


def prose_problem(text: str) -> str | None:
    """What makes prose unusable: a refusal, litter, profanity, another language. Digits pass."""
    if not text.strip():
        return "no whole sentence"
    if REFUSAL.search(text):
        return "the model speaks of itself or refuses"
    if OFFER.search(text):
        return "the model offers its help"
    without_digits = re.sub(r"\d+", "", text)
    return next((what for part in without_digits.split(". ") if (what := _junk(part))), None)


def speaks_to_somebody(text: str) -> bool:
    """Whether a text says `you`: a diary and a plan speak to nobody."""
    return bool(_SECOND_PERSON.search(text))


def names_in(text: str) -> tuple[str, ...]:
    """Words written large inside a sentence, as places and people are; without a genitive's s."""
    found: list[str] = []
    for sentence in _SENTENCE.findall(f"{text}."):
        words = _NAME.findall(sentence)[1:]
        found += [w.removesuffix("'s").removesuffix("’s") for w in words if w[0].isupper()]
    return tuple(dict.fromkeys(w for w in found if w.replace("’", "'") not in _LARGE))


def new_names(text: str, known: Iterable[str]) -> tuple[str, ...]:
    """The names in a text that stand in none of the known texts, whatever their case there."""
    have = {
        w.casefold().removesuffix("'s").removesuffix("’s")
        for source in known
        for w in _NAME.findall(source)
    }
    return tuple(n for n in names_in(text) if n.casefold() not in have)


def _junk(part: str) -> str | None:
    return junk_in(part) if re.search(r"[A-Za-z]", part) else None


def copies(text: str, sources: Iterable[str], words: int = COPIED_RUN_WORDS) -> bool:
    """Whether `words` words in a row stand in one of the sources too."""
    mine = runs(text, words)
    return any(mine & runs(source, words) for source in sources)


def copied_share(text: str, source: str, words: int) -> float:
    """How much of a text, 0 to 1, consists of runs of `words` words that its source has too."""
    mine, theirs = words_in(text.lower()), runs(source, words)
    taken: set[int] = set()
    for place in range(len(mine) - words + 1):
        if tuple(mine[place : place + words]) in theirs:
            taken |= set(range(place, place + words))
    return len(taken) / len(mine) if mine else 0.0


def without_known(entries: Sequence[str], known: Iterable[str]) -> tuple[str, ...]:
    """The entries that are not among the known ones, whatever their case."""
    have = {k.casefold() for k in known}
    return tuple(e for e in entries if e.casefold() not in have)
