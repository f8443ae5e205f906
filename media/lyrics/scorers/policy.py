"""What no lyric, title or scene may say, by category; the words stand in `policy.yaml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml

from media.lyrics.scorers.lexicon import avoided_in
from media.lyrics.words import words_in

Category = Literal["slurs", "explicit", "self_harm", "hate", "brands", "artists", "address"]
SAID: dict[Category, str] = {
    "slurs": "a slur",
    "explicit": "explicit words, which this artist does not use",
    "self_harm": "words that urge to self-harm",
    "hate": "words of hate",
    "brands": "a trade mark",
    "artists": "a real artist's name",
    "address": "a web address or account",
}
_FILE = Path(__file__).parent.parent / "data" / "policy.yaml"
_ADDRESS = re.compile(
    r"https?:|www\.|(?:^|\s)@\w|\b[\w-]+\.(?:com|org|net|io|ly|me|fm|co|tv|app)\b", re.I
)
_STYLE = r"(?:in the style of|sounds? like|sounding like|inspired by|à la|a la|like a song by)"
_LISTED: tuple[Category, ...] = ("slurs", "self_harm", "hate", "brands")


@dataclass(frozen=True, slots=True)
class PolicyRules:
    """What is allowed here beyond the rules for everyone."""

    explicit: bool = False


@dataclass(frozen=True, slots=True)
class Breach:
    """One rule a text breaks, and the words that break it."""

    category: Category
    words: str

    def __str__(self) -> str:
        return f"{SAID[self.category]} ({self.words})"


EVERYONE = PolicyRules()


@lru_cache(maxsize=1)
def _lists() -> dict[str, tuple[str, ...]]:
    read = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {name: tuple(str(word) for word in words) for name, words in read.items()}


def breaches(text: str, rules: PolicyRules = EVERYONE) -> tuple[Breach, ...]:
    """Every rule a text breaks; none for a text that may be sung."""
    found = [Breach(c, words) for c in _LISTED for words in _phrases_in(text, _lists()[c])]
    if not rules.explicit:
        found += [Breach("explicit", words) for words in avoided_in(text, _lists()["explicit"])]
    found += [Breach("artists", name) for name in _artists_in(text)]
    found += [Breach("address", match.group().strip()) for match in _ADDRESS.finditer(text)]
    return tuple(found)


def breach_in(text: str, rules: PolicyRules = EVERYONE) -> str | None:
    """The first rule a text breaks, in words, or None."""
    first = next(iter(breaches(text, rules)), None)
    return str(first) if first else None


def _artists_in(text: str) -> list[str]:
    lists = _lists()
    everyday = set(lists["artists_that_are_words"])
    named = [n for n in _phrases_in(text, lists["artists"]) if n not in everyday]
    claimed = [
        name
        for name in everyday
        if re.search(rf"{_STYLE}\s+(?:the\s+)?{re.escape(name)}\b", text, re.I)
    ]
    return [*named, *sorted(claimed)]


def _phrases_in(text: str, phrases: tuple[str, ...]) -> list[str]:
    """Phrases as they stand, without other endings: names have none."""
    padded = f" {' '.join(words_in(text.lower()))} "
    return [p for p in phrases if (said := " ".join(words_in(p))) and f" {said} " in padded]
