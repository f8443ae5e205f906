"""Which chords a section has: the pack's progressions, varied, and led to a cadence."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from domain.genre import GenrePack, Mode, Progression
from domain.score import SongBrief
from media.compose.chooser import Chooser
from media.compose.form import SectionPlan
from media.compose.plan import Plan
from media.compose.sections import trait
from media.theory import SCALES

# Scale degrees (0 to 6) whose chords lead on to a chorus, the strongest first.
_LEADING: dict[Mode, tuple[int, ...]] = {
    "ionian": (4, 1, 3),
    "lydian": (1, 4),
    "mixolydian": (6, 4, 3),
    "dorian": (3, 6, 4),
    "aeolian": (6, 4, 3),
    "phrygian": (1, 6),
}
_NUMERALS = ("i", "ii", "iii", "iv", "v", "vi", "vii")
_PARTS = re.compile(r"^([b#]?)([ivIV]+)(.*)$")
AS_WRITTEN = "as written"
HALF_CADENCE_BARS = 4


class Harmonist:
    """Decides the chords of every section as numerals; equal names get equal chords."""

    def __init__(self, plan: Plan, pack: GenrePack, brief: SongBrief, chooser: Chooser) -> None:
        self._plan = plan
        self._pack = pack
        self._valence = brief.mood.valence
        self._chooser = chooser
        self._vocabulary = tuple(_vocabulary(pack, plan.mode))

    def bars(self, index: int) -> list[str]:
        """One string a bar for the section with this index."""
        placed = self._plan.sections[index]
        name, count = placed.section.name, placed.section.bars
        loop = self._loop(self._source(name))
        slow = self._slow(name, loop, count)
        cycle = [bar for bar in loop for _ in range(2)] if slow else list(loop)
        turn = self._turnaround(name, loop)
        bars = [
            (turn if i // len(cycle) % 2 else cycle)[i % len(cycle)]
            if len(turn) == len(cycle)
            else cycle[i % len(cycle)]
            for i in range(count)
        ]
        self._lead_on(index, placed, bars)
        if index == len(self._plan.sections) - 1:
            ending = list(self._pack.cadence[self._plan.mode][-count:])
            bars[count - len(ending) :] = ending
        return bars

    def _source(self, name: str) -> str:
        """Sections without chords of their own may borrow the chorus's, as hooks do."""
        sung = {p.section.name for p in self._plan.sections}
        if trait(name).kind == "verse" or name in self._pack.progressions or "chorus" not in sung:
            return name
        return self._chooser.pick(
            f"chords of:{name}", (name, "chorus"), (1.0, 1.0), str,
            "a section without chords of its own may quote the chorus's",
        )  # fmt: skip

    def _loop(self, name: str) -> tuple[str, ...]:
        options = self._options(name)
        labels = [" ".join(p.bars) for p in options]
        favours = self._plan.signature.favours(f"progression:{name}", labels)
        reason = f"valence {self._valence:+.2f} weighs progressions by their brightness"
        chosen = self._chooser.pick(
            f"progression:{name}",
            options,
            [
                p.weight * math.exp(1.5 * self._valence * p.brightness) * favour
                for p, favour in zip(options, favours, strict=True)
            ],
            lambda p: " ".join(p.bars),
            reason + self._plan.signature.note(),
        )
        return self._substituted(name, chosen.bars)

    def _options(self, name: str) -> list[Progression]:
        every = [p for group in self._pack.progressions.values() for p in group]
        named = self._pack.progressions_for(name) or every
        fitting = [p for p in named if self._plan.mode in p.modes]
        return fitting or [p for p in every if self._plan.mode in p.modes]

    def _substituted(self, name: str, loop: tuple[str, ...]) -> tuple[str, ...]:
        """Perhaps one chord is replaced by its relative, a third away."""
        options: list[tuple[str, ...]] = [loop]
        labels = [AS_WRITTEN]
        for place in range(1, len(loop)):
            for other in relatives(loop[place], self._plan.mode):
                changed = (*loop[:place], other, *loop[place + 1 :])
                if other not in (loop[place - 1], loop[(place + 1) % len(loop)]):
                    options.append(changed)
                    labels.append(f"bar {place + 1}: {loop[place]} becomes {other}")
        weights = [1.0] + [1.2 / max(1, len(options) - 1)] * (len(options) - 1)
        picked = self._chooser.pick(
            f"substitution:{name}", range(len(options)), weights, lambda i: labels[i],
            "a diatonic relative keeps the function and spares a repeat",
        )  # fmt: skip
        return options[picked]

    def _turnaround(self, name: str, loop: tuple[str, ...]) -> list[str]:
        """The second time around may end on another chord of the pack's language."""
        ends = [c for c in self._leading() if c not in (loop[-1], loop[0])]
        if len(loop) < 3 or not ends:
            return list(loop)
        options = [loop[-1], ends[0]]
        last = self._chooser.pick(
            f"turnaround:{name}", options, (1.2, 1.0), str, "how the second cycle leads back"
        )
        return [*loop[:-1], last]

    def _slow(self, name: str, loop: tuple[str, ...], count: int) -> bool:
        """Quiet sections may change chords half as often."""
        roomy = count >= 2 * len(loop) or count >= HALF_CADENCE_BARS
        if trait(name).kind not in ("edge", "thin") or not roomy or len(loop) < 2:
            return False
        options = ("a chord a bar", "two bars a chord")
        picked = self._chooser.pick(
            f"harmonic rhythm:{name}", options, (1.0, 1.0), str, "quiet sections may move slower"
        )
        return picked == options[1]

    def _lead_on(self, index: int, placed: SectionPlan, bars: list[str]) -> None:
        """A half cadence before a chorus; a lift gets there with two chords in its last bar."""
        sections = self._plan.sections
        follows = sections[index + 1] if index + 1 < len(sections) else None
        if follows is None or trait(follows.section.name).kind != "chorus":
            return
        kind = trait(placed.section.name).kind
        if kind == "chorus" or len(bars) < HALF_CADENCE_BARS:
            return
        open_ends = self._leading()
        if not open_ends or degree_of(bars[-1]) in _LEADING[self._plan.mode][:2]:
            return
        before = bars[-1].split()[0]
        hurried = kind == "lift" and before != open_ends[0]
        bars[-1] = f"{before} {open_ends[0]}" if hurried else open_ends[0]

    def _leading(self) -> list[str]:
        """Chords of the pack that lead on, the strongest first."""
        return [
            chord
            for degree in _LEADING[self._plan.mode]
            for chord in self._vocabulary
            if degree_of(chord) == degree
        ]


def _vocabulary(pack: GenrePack, mode: Mode) -> Iterator[str]:
    """Every chord the pack uses in a mode, in the order of the file."""
    seen: set[str] = set()
    groups: Sequence[tuple[Progression, ...]] = tuple(pack.progressions.values())
    for progression in (p for group in groups for p in group if mode in p.modes):
        for chord in (c for bar in progression.bars for c in bar.split()):
            if chord not in seen:
                seen.add(chord)
                yield chord


def degree_of(bar: str) -> int | None:
    """Scale degree (0 to 6) of the last chord of a bar; None for an altered root."""
    match = _PARTS.match(bar.split()[-1])
    if match is None or match[1] or match[2].lower() not in _NUMERALS:
        return None
    return _NUMERALS.index(match[2].lower())


def relatives(bar: str, mode: Mode) -> list[str]:
    """The diatonic chords a third above and below that may stand in for the chord of a bar.

    Bars of two chords, altered roots and diminished results have none.
    """
    degree = degree_of(bar)
    if " " in bar or degree is None:
        return []
    match = _PARTS.match(bar)
    suffix = "7" if match and any(figure in match[3] for figure in "79") else ""
    found = []
    for step in (5, 2):
        root = (degree + step) % 7
        third, fifth = _interval(mode, root, 2), _interval(mode, root, 4)
        if fifth == 7:
            numeral = _NUMERALS[root]
            found.append((numeral.upper() if third == 4 else numeral) + suffix)
    return found


def _interval(mode: Mode, degree: int, steps: int) -> int:
    scale = SCALES[mode]
    return (scale[(degree + steps) % 7] - scale[degree]) % 12
