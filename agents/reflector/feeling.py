"""How counted events move the mood: rules that code can be held to, comments by a word list."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

from domain.mood import MoodCause
from media.lyrics.words import words_in

_FILE = Path(__file__).parent / "sentiment.yaml"
_MOST_PUSH = 0.35


class AudienceTotals(BaseModel):
    """What visitors did since the artist last looked."""

    model_config = ConfigDict(frozen=True)

    plays: int = Field(default=0, ge=0)
    likes: int = Field(default=0, ge=0)
    comments: int = Field(default=0, ge=0)


def sentiment(text: str) -> float:
    """From -1 cold to 1 warm by a word list; a negation before a word turns it round."""
    lists = _word_lists()
    words = words_in(text.lower())
    score = 0
    for place, word in enumerate(words):
        sign = (word in lists["warm"]) - (word in lists["cold"])
        score += -sign if lists["negations"] & set(words[max(0, place - 2) : place]) else sign
    return max(-1.0, min(1.0, score / 2))


@lru_cache(maxsize=1)
def _word_lists() -> dict[str, frozenset[str]]:
    read = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {name: frozenset(words) for name, words in read.items()}


def causes_of(
    totals: AudienceTotals, comments: Sequence[str], outcomes: Sequence[str], now: datetime
) -> tuple[MoodCause, ...]:
    """Why the mood moves. Only counts and word lists: a comment cannot order a feeling."""
    found = []
    if totals.plays:
        push = _push(totals.plays, 0.06)
        found.append(_cause(f"{totals.plays} new plays", push, push, push / 2, now))
    if totals.likes:
        push = _push(totals.likes, 0.1)
        found.append(_cause(f"{totals.likes} new likes", push, push / 2, push / 2, now))
    if comments:
        tone = sum(sentiment(c) for c in comments) / len(comments)
        word = "warm" if tone > 0.1 else "cold" if tone < -0.1 else "mixed"
        what = f"{len(comments)} comments, {word} in tone"
        found.append(_cause(what, 0.25 * tone, 0.1, 0.15 * tone, now))
    if not (totals.plays or totals.likes or comments):
        found.append(_cause("nobody was heard from", -0.04, -0.08, 0.0, now))
    found += [_outcome(outcome, now) for outcome in outcomes[:3]]
    return tuple(found)


def _outcome(outcome: str, now: datetime) -> MoodCause:
    refused = any(word in outcome.lower() for word in ("reject", "fail", "expired"))
    push = -0.12 if refused else 0.1
    return _cause(outcome, push, 0.05, push, now)


def _push(count: int, unit: float) -> float:
    return min(_MOST_PUSH, unit * math.log2(1 + count))


def _cause(what: str, valence: float, arousal: float, dominance: float, at: datetime) -> MoodCause:
    return MoodCause(
        what=what,
        valence=round(valence, 3),
        arousal=round(arousal, 3),
        dominance=round(dominance, 3),
        at=at,
    )
