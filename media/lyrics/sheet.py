"""Reads a lyric sheet as people write it, and finds a form in which all of it is sung."""

from __future__ import annotations

from dataclasses import dataclass, field

import regex

from domain.errors import InvalidInput
from domain.score import LyricSection
from media.lyrics.clean import (
    LONGEST_LINE_CHARACTERS,
    LONGEST_LINE_SYLLABLES,
    broken_up,
    clean_line,
    normal,
)

MOST_LINES = 120  # About ten minutes at two bars a line.
LINES_A_SECTION = 16  # What the longest section of a form (32 bars) can hold.
MOST_REPEATS = 8
INSTRUMENTAL = "instrumental: there are no words to sing"
_RETURNING = frozenset({"chorus", "prechorus", "drop"})
_NAMELESS = ""  # The name of a section whose heading says nothing we know.
_NAMES = {
    "verse": "verse", "strophe": "verse", "stanza": "verse", "rap": "verse",
    "chorus": "chorus", "refrain": "chorus", "hook": "chorus",
    "prechorus": "prechorus", "pre-chorus": "prechorus", "pre chorus": "prechorus",
    "lift": "prechorus", "bridge": "bridge", "middle eight": "bridge", "middle 8": "bridge",
    "intro": "intro", "outro": "outro", "coda": "outro", "ending": "outro",
    "drop": "drop", "breakdown": "breakdown", "break": "break", "interlude": "interlude",
    "instrumental": "instrumental", "solo": "solo", "post-chorus": "chorus",
}  # fmt: skip
_NAME = "|".join(sorted(map(regex.escape, _NAMES), key=len, reverse=True))
_TIMES = r"(?:\(?\s*(?:[x×]\s*(?P<a>\d{1,3})|(?P<b>\d{1,3})\s*[x×])\s*\)?)?"
_BRACKETED = regex.compile(
    rf"^\s*[\[({{<#*]+\s*(?P<name>{_NAME})\b(?P<more>[^\])}}>]*?){_TIMES}\s*[\])}}>*:]*\s*"
    rf"{_TIMES.replace('<a>', '<c>').replace('<b>', '<d>')}\s*$",
    regex.I,
)
_PLAIN = regex.compile(
    rf"^\s*(?P<name>{_NAME})\s*(?:\d{{1,2}}|[ivIV]{{1,3}})?\s*{_TIMES}\s*(?P<colon>:?)(?P<rest>.*)$",
    regex.I,
)
_TIMED = regex.compile(r"^\s*\[\d")
_OTHER_LABEL = regex.compile(r"^\s*\[[^\]]{1,40}\]\s*$")
_LINE_TIMES = regex.compile(
    r"[\s,]*\(?(?:\b[x×]\s*(?P<a>\d{1,3})|\b(?P<b>\d{1,3})\s*[x×])\)?\s*$", regex.I
)


@dataclass(slots=True)
class _Stanza:
    """Lines under one heading, or between blank lines where there is none."""

    name: str | None
    times: int = 1
    lines: list[str] = field(default_factory=list)


def read_sheet(text: str) -> tuple[tuple[LyricSection, ...], tuple[str, ...]]:
    """The sections of a lyric sheet in order, and notes on what was changed or dropped.

    Headings (`[Verse 1]`, `Chorus:`, `Bridge x2`) name sections; blank lines part stanzas where
    there are none; a stanza that returns is the chorus; `[Chorus]` without words sings the first
    chorus again. No words at all give no sections and a note. Raises `InvalidInput` with
    the line's number where a line or the whole is too long to be a song.
    """
    notes: list[str] = []
    stanzas = _named(_stanzas(text, notes), notes)
    sections = tuple(
        LyricSection(section=name, lines=lines[at : at + LINES_A_SECTION])
        for name, lines in stanzas
        for at in range(0, len(lines), LINES_A_SECTION)
    )
    if not sections:
        return (), (*notes, INSTRUMENTAL)
    check_length(sum(len(section.lines) for section in sections))
    if len(sections) > len(stanzas):
        notes.append(f"sections longer than {LINES_A_SECTION} lines were parted")
    return sections, tuple(notes)


def check_length(lines: int) -> None:
    """Raise `InvalidInput` when there are more lines than one song can sing."""
    if lines > MOST_LINES:
        raise InvalidInput(
            f"{lines} lines are to be sung; a song holds at most {MOST_LINES}, about ten minutes: "
            f"line {MOST_LINES + 1} is the first without room",
            field="lyrics",
            remedy=f"Split them into {-(-lines // MOST_LINES)} songs or leave verses out.",
        )


def _stanzas(text: str, notes: list[str]) -> list[_Stanza]:
    found: list[_Stanza] = [_Stanza(None)]
    for number, raw in enumerate(normal(text).split("\n"), start=1):
        if len(raw) > LONGEST_LINE_CHARACTERS:
            raise InvalidInput(
                f"line {number} has {len(raw)} characters, more than any line that is sung",
                field="lyrics",
                remedy=f"Break line {number} into lines of about ten words.",
            )
        if not raw.strip():
            if found[-1].lines:
                found.append(_Stanza(None))
        elif (heading := _heading(raw)) is not None:
            name, times, rest = heading
            found.append(_Stanza(name, _bounded(times, number, notes)))
            _add(found[-1], rest, number, notes)
        elif _OTHER_LABEL.match(raw) and not _TIMED.match(raw):
            notes.append(f"line {number}: a heading that names no section: {raw.strip()[:60]!r}")
            found.append(_Stanza(_NAMELESS))
        else:
            _add(found[-1], raw, number, notes)
    return _joined(found)


def _heading(raw: str) -> tuple[str, int, str] | None:
    """Name, repeats and the words after a heading, or None when the line is none."""
    if match := _BRACKETED.match(raw):
        times = next((match[g] for g in "abcd" if match[g]), "1")
        return _NAMES[match["name"].lower()], int(times), ""
    match = _PLAIN.match(raw)
    if match is None or (match["rest"].strip() and not match["colon"]):
        return None
    rest, times = match["rest"], match["a"] or match["b"]
    if alone := _LINE_TIMES.fullmatch(rest):
        rest, times = "", alone["a"] or alone["b"]
    return _NAMES[match["name"].lower()], int(times or 1), rest


def _add(stanza: _Stanza, raw: str, number: int, notes: list[str]) -> None:
    """Put a line's singable words into the stanza, in pieces and repeated where asked."""
    if not raw.strip():
        return
    repeat = _LINE_TIMES.search(raw)
    times = int(repeat["a"] or repeat["b"]) if repeat else 1
    line, gone = clean_line(raw[: repeat.start()] if repeat else raw)
    if gone or not line:
        what = "signs that cannot be sung were dropped" if line else "nothing in it can be sung"
        notes.append(f"line {number}: {what}: {(gone or raw).strip()[:60]!r}")
    if not line:
        return
    if regex.search(r"\d", line):
        notes.append(f"line {number}: figures are not sung; write them as words: {line[:60]!r}")
    pieces = broken_up(line)
    if len(pieces) > 1:
        notes.append(
            f"line {number}: longer than {LONGEST_LINE_SYLLABLES} syllables, "
            f"sung as {len(pieces)} lines"
        )
    for _ in range(_bounded(times, number, notes)):
        stanza.lines.extend(pieces)


def _bounded(times: int, number: int, notes: list[str]) -> int:
    bounded = max(1, min(MOST_REPEATS, times))
    if bounded != times:
        notes.append(f"line {number}: sung {bounded} times instead of {times}")
    return bounded


def _joined(stanzas: list[_Stanza]) -> list[_Stanza]:
    """Blank lines right after a heading belong to it: its words come with the next stanza."""
    kept: list[_Stanza] = []
    for stanza in stanzas:
        before = kept[-1] if kept else None
        if stanza.name is None and before and before.name is not None and not before.lines:
            before.lines = stanza.lines
        elif stanza.name or stanza.lines:
            kept.append(stanza)
    return kept


def _named(stanzas: list[_Stanza], notes: list[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Every stanza with its name and words, repeats written out."""
    seen = [_key(stanza.lines) for stanza in stanzas if stanza.lines]
    returning = {key for key in seen if seen.count(key) > 1 and any(key)}
    words: dict[str, tuple[str, ...]] = {}
    found: list[tuple[str, tuple[str, ...]]] = []
    for stanza in stanzas:
        name = stanza.name or ("chorus" if _key(stanza.lines) in returning else "verse")
        lines = tuple(stanza.lines) or (words.get(name, ()) if name in _RETURNING else ())
        if not lines:
            notes.append(f"the section {name!r} has no words and is left to the band")
            continue
        words.setdefault(name, lines)
        found += [(name, lines)] * stanza.times
    return found


def _key(lines: list[str]) -> tuple[str, ...]:
    return tuple(line.casefold() for line in lines)
