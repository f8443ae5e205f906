"""A form of the genre in which given words are sung, all of them and in their order."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from difflib import SequenceMatcher

from domain.errors import InvalidInput
from domain.genre import FormSection, GenrePack
from domain.score import LyricSection
from media.lyrics.sheet import LINES_A_SECTION, check_length

BARS_A_LINE = 2
SHORTEST_BARS = 4
_CALM, _FULL = 0.5, 0.8
_LOUD = frozenset({"chorus", "drop"})


def to_form(sections: Sequence[LyricSection], pack: GenrePack) -> tuple[FormSection, ...]:
    """The pack's form that suits the sections best, stretched so that each has its place.

    Sections that the form lacks are added, sung sections without words are left out, and every
    section is as long as its lines need. Without words it is the pack's most usual form.
    """
    if not sections:
        return max(pack.forms, key=lambda form: form.weight).sections
    check_length(sum(len(section.lines) for section in sections))
    for number, section in enumerate(sections, start=1):
        _check(section, number, pack)
    names = [section.section for section in sections]
    form = max(pack.forms, key=lambda form: (_likeness(form.sections, names), form.weight))
    return _woven(form.sections, sections, pack)


def _check(section: LyricSection, number: int, pack: GenrePack) -> None:
    if len(section.lines) > LINES_A_SECTION:
        raise InvalidInput(
            f"section {number} ({section.section}) has {len(section.lines)} lines; "
            f"line {LINES_A_SECTION + 1} of it has no room",
            field="lyrics",
            remedy=f"Part it into sections of at most {LINES_A_SECTION} lines.",
        )
    if not pack.progressions_for(section.section):
        raise InvalidInput(
            f"section {number}: {pack.name} has no music for a {section.section!r}",
            field="lyrics",
            remedy=f"Call it one of: {', '.join(sorted(pack.progressions))}.",
        )


def _likeness(form: Sequence[FormSection], names: list[str]) -> float:
    sung = [section.name for section in form if section.sung]
    return SequenceMatcher(None, sung, names, autojunk=False).ratio()


def _woven(
    form: Sequence[FormSection], sections: Sequence[LyricSection], pack: GenrePack
) -> tuple[FormSection, ...]:
    """The given sections in order, with the form's unsung ones around those it shares."""
    names = [section.section for section in sections]
    kept = [s for s in form if s.sung or s.name not in names]
    places = [place for place, s in enumerate(kept) if s.sung]
    matches = SequenceMatcher(None, [kept[p].name for p in places], names, autojunk=False)
    shared = {
        block.b + i: places[block.a + i]
        for block in matches.get_matching_blocks()
        for i in range(block.size)
    }
    woven: list[FormSection] = []
    done = 0
    for index, section in enumerate(sections):
        if (place := shared.get(index)) is not None:
            woven += [s for s in kept[done:place] if not s.sung]
            done = place + 1
        elif index == 0:
            opening = list(itertools.takewhile(lambda s: not s.sung, kept))
            woven += opening
            done = len(opening)
        woven.append(_fitted(section, kept[place] if place is not None else None, pack))
    last_sung = max(places, default=-1)
    return (*woven, *(s for s in kept[max(done, last_sung + 1) :] if not s.sung))


def _fitted(section: LyricSection, like: FormSection | None, pack: GenrePack) -> FormSection:
    """The section as long as its words need, with the energy of its like in the pack."""
    needed = BARS_A_LINE * len(section.lines)
    bars = max(SHORTEST_BARS, -(-needed // SHORTEST_BARS) * SHORTEST_BARS)
    own = like or _like(section.section, pack)
    if own is not None:
        return own.model_copy(update={"bars": bars, "sung": True})
    energy = _FULL if section.section in _LOUD else _CALM
    return FormSection(name=section.section, bars=bars, energy=energy, sung=True)


def _like(name: str, pack: GenrePack) -> FormSection | None:
    """A section of that name in any form of the pack, a sung one before others."""
    found = [s for form in pack.forms for s in form.sections if s.name == name]
    return max(found, key=lambda s: s.sung, default=None)
