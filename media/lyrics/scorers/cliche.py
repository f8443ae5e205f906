"""Worn-out words: the genre's phrases to avoid, and what English songs say all the time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import yaml

from media.lyrics.overlap import runs
from media.lyrics.words import words_in

_FILE = Path(__file__).parent.parent / "data" / "common_phrases.yaml"
_WORN = _FILE.with_name("worn_words.yaml")


@lru_cache(maxsize=1)
def common_phrases() -> frozenset[tuple[str, ...]]:
    """Phrases that countless English songs share, as tuples of words."""
    read = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    phrases = (phrase for group in read.values() for phrase in group)
    return frozenset(tuple(words_in(str(phrase).lower())) for phrase in phrases)


@lru_cache(maxsize=1)
def _lengths() -> tuple[int, ...]:
    return tuple(sorted({len(phrase) for phrase in common_phrases()}))


@lru_cache(maxsize=1)
def _worn_words() -> frozenset[str]:
    return frozenset(map(str, yaml.safe_load(_WORN.read_text(encoding="utf-8"))))


def worn_in(words: Sequence[str]) -> int:
    """How many of these lower-case words are abstractions that say nothing any more."""
    return sum(word in _worn_words() for word in words)


def cliches_in(text: str, avoid: Sequence[str]) -> list[str]:
    """The phrases to avoid that a text contains, compared word by word."""
    padded = f" {' '.join(words_in(text.lower()))} "
    return [phrase for phrase in avoid if f" {' '.join(words_in(phrase.lower()))} " in padded]


def common_in(line: str) -> list[str]:
    """The over-common phrases in a line."""
    said = {run for length in _lengths() for run in runs(line, length)}
    return sorted(" ".join(phrase) for phrase in said & common_phrases())


@lru_cache(maxsize=8192)
def common_share(line: str) -> float:
    """How much of a line, 0 to 1, belongs to over-common phrases."""
    words = words_in(line.lower())
    taken: set[int] = set()
    for length in _lengths():
        for at in range(len(words) - length + 1):
            if tuple(words[at : at + length]) in common_phrases():
                taken |= set(range(at, at + length))
    return len(taken) / len(words) if words else 0.0


def cliche_rate(lines: Sequence[str], avoid: Sequence[str] = ()) -> float:
    """Share of lines that contain a worn-out phrase."""
    if not lines:
        return 0.0
    return sum(bool(common_in(line) or cliches_in(line, avoid)) for line in lines) / len(lines)
