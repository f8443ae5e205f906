"""Whether a reason speaks against what it is a reason for: "I'm not ready to write a song"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from domain.plan import Action
from media.lyrics.words import word_set, words_in

NEAR_WORDS = 7
_STEMS: dict[Action, tuple[str, ...]] = {
    "write_and_release_song": (
        *("writ", "releas", "record", "mak", "sing", "compos", "creat", "start", "begin"),
        *("finish", "publish", "ready", "share", "sharing", "put"),
    ),
    "post_update": (
        *("post", "shar", "tell", "say", "writ", "announc", "updat", "speak", "talk"),
        *("ready", "anything", "news"),
    ),
    "rest": ("rest", "paus", "sleep", "stop", "wait", "break", "time off", "ready"),
}
# The action is done now: a reason that says tomorrow speaks against it.
_PUT_OFF = re.compile(
    r"\btomorrow\b|\b(?:some|an)other (?:day|time)\b"
    r"|\bnot (?:sure|today|right now)\b|\bmaybe later\b",
    re.IGNORECASE,
)
_NEGATIONS = word_set("not never cannot nothing unable hardly")
_UNWILLING = word_set("refuse avoid postpone skip delay")
# "I have not released a song in weeks" speaks for one.
_PERFECT = word_set("have has had i've we've it's he's she's haven't hasn't hadn't didn't")


def denies(reason: str, action: Action) -> bool:
    """Whether a negation stands close before the verb, or today's action is put off."""
    words = words_in(reason.lower())
    if action != "rest" and _PUT_OFF.search(reason):
        return True
    return any(
        _negates(words, place)
        and any(w.startswith(_STEMS[action]) for w in words[place + 1 : place + 1 + NEAR_WORDS])
        for place in range(len(words))
    )


def _negates(words: Sequence[str], place: int) -> bool:
    word = words[place]
    if word in _UNWILLING:
        return True
    if word in _PERFECT or (place and words[place - 1] in _PERFECT):
        return False
    return word in _NEGATIONS or word.endswith("n't")
