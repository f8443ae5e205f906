"""Which lines a form needs: sections that recur share their words, lines that rhyme know it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.genre import FormSection
from domain.score import LyricSection
from media.lyrics.scorers.rhyming import partner_of

BARS_A_LINE = 2
RECURRING = frozenset({"chorus", "refrain", "hook", "prechorus", "pre-chorus"})


@dataclass(frozen=True, slots=True)
class Stanza:
    """Words to write once, wherever they are sung."""

    key: str
    section: str
    lines: int


@dataclass(frozen=True, slots=True)
class Place:
    """One line to write, and the line of the same stanza it rhymes with."""

    stanza: Stanza
    index: int
    rhymes_with: int | None


def heading(section: str) -> str:
    """How a section is announced in the sheet a model sees."""
    return f"[{section.capitalize()}]"


def lines_in(section: FormSection) -> int:
    """How many lines a sung section holds: one every two bars."""
    return max(1, section.bars // BARS_A_LINE)


def stanzas_of(form: Sequence[FormSection]) -> tuple[Stanza, ...]:
    """The stanzas to write, in the order they are first sung."""
    longest: dict[str, Stanza] = {}
    for key, section in _sung(form):
        lines = max(lines_in(section), longest[key].lines if key in longest else 0)
        longest[key] = Stanza(key, section.name, lines)
    return tuple(longest.values())


def places_of(stanza: Stanza, scheme: str) -> tuple[Place, ...]:
    """The lines of a stanza with their rhymes."""
    return tuple(Place(stanza, i, partner_of(i, scheme)) for i in range(stanza.lines))


def laid_out(
    form: Sequence[FormSection], words: dict[str, tuple[str, ...]]
) -> tuple[LyricSection, ...]:
    """Every sung section of the form with its words; a shorter recurrence sings the beginning."""
    return tuple(
        LyricSection(section=section.name, lines=words[key][: lines_in(section)])
        for key, section in _sung(form)
    )


def taken_apart(
    form: Sequence[FormSection], lyrics: Sequence[LyricSection]
) -> dict[str, tuple[str, ...]]:
    """The stanzas of finished lyrics, the longest recurrence of each."""
    words: dict[str, tuple[str, ...]] = {}
    for (key, _), section in zip(_sung(form), lyrics, strict=True):
        if len(section.lines) > len(words.get(key, ())):
            words[key] = section.lines
    return words


def _sung(form: Sequence[FormSection]) -> list[tuple[str, FormSection]]:
    keyed: list[tuple[str, FormSection]] = []
    counts: dict[str, int] = {}
    for section in form:
        if not section.sung:
            continue
        counts[section.name] = counts.get(section.name, 0) + 1
        recurs = section.name in RECURRING
        keyed.append(
            (section.name if recurs else f"{section.name} {counts[section.name]}", section)
        )
    return keyed
