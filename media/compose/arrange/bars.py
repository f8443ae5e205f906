"""The bars of a song as the arranger sees them, and the stage a role plays on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from statistics import mean, pstdev

from domain.genre import LEVELS, GenrePack, Level, Role, Voice
from domain.score import BEATS_PER_BAR, Chord, LyricLine, MoodPoint, Note, Section
from media.compose.chooser import Chooser
from media.compose.motif import Motif
from media.compose.plan import Plan
from media.compose.sections import trait

MAIN_FROM, FULL_FROM = 0.42, 0.78
PHRASE_BARS = 4
DENSITY_PULL = 0.8
CLIMAX_FROM = 0.85
STEP_BEATS = BEATS_PER_BAR / 16


@dataclass(frozen=True)
class Bar:
    """One bar with the energy of its phrase, so that texture changes at phrase ends only."""

    start: float
    index: int
    section: Section
    energy: float
    is_last_of_section: bool
    is_final: bool
    opens_section: bool

    @property
    def level(self) -> Level:
        """How busy the bar is."""
        return "light" if self.energy < MAIN_FROM else "main" if self.energy < FULL_FROM else "full"

    @property
    def end(self) -> float:
        """First beat after the bar."""
        return self.start + BEATS_PER_BAR


def bars_of(sections: Sequence[Section]) -> list[Bar]:
    """Cut sections into bars."""
    bars = []
    for section in sections:
        for i in range(section.bars):
            phrase = i // PHRASE_BARS * PHRASE_BARS
            share = (
                phrase / max(1, section.bars - PHRASE_BARS) if section.bars > PHRASE_BARS else 0.0
            )
            energy = section.energy + (section.energy_end - section.energy) * min(1.0, share)
            last = i == section.bars - 1
            bars.append(
                Bar(
                    start=section.start + i * BEATS_PER_BAR, index=i, section=section,
                    energy=energy,
                    is_last_of_section=last, is_final=last and section is sections[-1],
                    opens_section=i == 0,
                )
            )  # fmt: skip
    return bars


@dataclass(frozen=True)
class Stage:
    """Everything a part may look at while it plays one role."""

    plan: Plan
    pack: GenrePack
    chords: Sequence[Chord]
    bars: Sequence[Bar]
    vocal: Sequence[Note]
    lines: Sequence[LyricLine]
    idea: Motif
    mood: MoodPoint
    sung: bool
    chooser: Chooser
    role_id: str
    role: Role
    voice: Voice

    def scale_at(self, beat: float) -> tuple[int, ...]:
        """Pitch classes of the key that a beat is in."""
        return self.plan.scale_at(beat)

    def chord_at(self, beat: float) -> Chord:
        """The chord sounding at a beat."""
        return next((c for c in self.chords if beat < c.start + c.duration - 1e-9), self.chords[-1])

    def is_climax(self, bar: Bar) -> bool:
        """Whether a bar belongs to the last chorus, which may sound wider than those before."""
        choruses = [p.section for p in self.plan.sections if trait(p.section.name).kind == "chorus"]
        return bool(choruses) and bar.section is choruses[-1] and bar.energy >= CLIMAX_FROM

    def rng(self, purpose: str) -> Random:
        """A stream of the role's own."""
        return self.chooser.rng(f"{purpose}:{self.role_id}")

    def playing(self) -> list[Bar]:
        """The bars in which the role plays."""
        return [bar for bar in self.bars if self._plays(bar)]

    def plays_in(self, name: str) -> bool:
        """Whether the pack lets the role play in sections of this name."""
        if name in self.role.rests_in:
            return False
        return not self.role.plays_in or name in self.role.plays_in

    def _plays(self, bar: Bar) -> bool:
        return self.plays_in(bar.section.name) and bar.energy >= self.role.enters_at - 1e-9

    def pattern(self, bar: Bar) -> str | None:
        """The steps of this bar: one pattern per section name and level, or the next lighter."""
        for level in reversed(LEVELS[: LEVELS.index(bar.level) + 1]):
            options = self.role.patterns.get(level)
            if options:
                pattern = self.chooser.pick(
                    f"pattern:{self.role_id}:{bar.section.name}:{level}",
                    options, density_weights([_struck(o) for o in options], self.mood), str,
                    f"arousal {self.mood.arousal:+.2f} weighs patterns by their density",
                )  # fmt: skip
                half = (bar.index % (len(pattern) // 16)) * 16
                return pattern[half : half + 16]
        return None

    def velocity(self, bar: Bar, accent: float = 1.0) -> int:
        """Loudness of a hit: the role's own, raised by the bar's energy."""
        return max(1, min(127, round(self.role.velocity * (0.74 + 0.3 * bar.energy) * accent)))


def density_weights(counts: Sequence[int], mood: MoodPoint) -> list[float]:
    """Weights of options by how much happens in them: aroused moods like it busy."""
    middle = mean(counts)
    spread = max(1.0, pstdev(counts))
    return [math.exp(DENSITY_PULL * mood.arousal * (count - middle) / spread) for count in counts]


def _struck(pattern: str) -> int:
    return sum(symbol not in ".-" for symbol in pattern) * 32 // len(pattern)


def steps(pattern: str, bar: Bar) -> list[tuple[float, str, float]]:
    """Sounding steps as (beat, symbol, duration); "-" prolongs the step before it."""
    found: list[tuple[float, str, float]] = []
    for i, symbol in enumerate(pattern):
        if symbol == "." or (symbol == "-" and not found):
            continue
        if symbol == "-":
            start, before, duration = found[-1]
            found[-1] = (start, before, duration + STEP_BEATS)
        else:
            found.append((bar.start + i * STEP_BEATS, symbol, STEP_BEATS))
    return found


def note(start: float, duration: float, pitch: int, velocity: float) -> Note:
    """A note with its numbers brought into range."""
    return Note(
        start=max(0.0, start), duration=max(0.05, duration), pitch=min(127, max(0, pitch)),
        velocity=max(1, min(127, round(velocity))),
    )  # fmt: skip
