"""Words that a person sent back: what the songwriter is told, and which lines it may leave."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents.songwriter.layout import heading, taken_apart
from domain.choice import CreativeChoice
from domain.genre import FormSection
from domain.score import LyricSection
from media.lyrics.words import words_in

Stanzas = dict[str, tuple[str, ...]]
Places = set[tuple[str, int]]
ASKED_CHARS = 600
_CLAUSE = re.compile(r"[.,;:!?\n]+|\bbut\b|\bwhile\b|\bthough\b")
_PRAISE = re.compile(r"\b(?:keep|leave|love|loved|stays?|great|fine|good|perfect|works)\b")
_NOT = re.compile(r"\b(?:not|no|nothing)\b|n['’]t\b|\bnever\b|\bless\b")
_ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1, "final": -1}


@dataclass(frozen=True, slots=True)
class Again:
    """The earlier words, what was said about them, and the rhyme scheme they keep."""

    earlier: tuple[LyricSection, ...]
    asked: str
    scheme: CreativeChoice | None = None

    def inputs(self, form: Sequence[FormSection]) -> dict[str, object]:
        """What prompts are told besides."""
        sheet: list[str] = []
        for key, lines in taken_apart(form, self.earlier).items():
            sheet += [heading(key.rstrip(" 0123456789")), *lines]
        return {"earlier": sheet, "asked": self.asked[:ASKED_CHARS]}

    def kept(self, form: Sequence[FormSection]) -> dict[tuple[str, int], str]:
        """The lines that nobody complained about, where what was said names sections or lines."""
        stanzas = taken_apart(form, self.earlier)
        meant = places_meant(stanzas, self.asked)
        return {
            (key, i): line
            for key, lines in stanzas.items()
            for i, line in enumerate(lines)
            if (key, i) not in meant
        }


def places_meant(stanzas: Stanzas, asked: str) -> Places:
    """The lines that a comment is about: all, unless it names some or says what is to stay."""
    everything = {(key, i) for key, lines in stanzas.items() for i in range(len(lines))}
    wrong: Places = set()
    right: Places = set()
    for clause in _CLAUSE.split(asked.casefold()):
        named = _named(stanzas, clause)
        praised = _PRAISE.search(clause) and not _NOT.search(clause)
        (right if praised else wrong).update(named)
    wrong |= _quoted(stanzas, asked)
    return (wrong or everything - right) or everything


def _named(stanzas: Stanzas, clause: str) -> Places:
    """The lines of the sections a clause names: all verses, the second verse, verse 2."""
    found: Places = set()
    for name in dict.fromkeys(key.rstrip(" 0123456789") for key in stanzas):
        keys = [key for key in stanzas if key.rstrip(" 0123456789") == name]
        pattern = rf"(?:\b(\w+)\s+)?\b{re.escape(name)}(?:s|es)?\b(?:\s+(\d)\b)?"
        for match in re.finditer(pattern, clause):
            found |= {(key, i) for key in _chosen(keys, match) for i in range(len(stanzas[key]))}
    return found


def _chosen(keys: list[str], match: re.Match[str]) -> list[str]:
    place = _ORDINALS.get(match[1] or "")
    if match[2] is not None:
        place = int(match[2]) - 1
    if place is None or place >= len(keys):
        return keys
    return [keys[place]]


def _quoted(stanzas: Stanzas, asked: str) -> Places:
    """The lines that stand in a comment word for word."""
    said = " ".join(words_in(asked.casefold()))
    return {
        (key, i)
        for key, lines in stanzas.items()
        for i, line in enumerate(lines)
        if " ".join(words_in(line.casefold())) in said
    }
