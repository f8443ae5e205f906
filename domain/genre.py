"""Genre packs: versioned data that says how a genre sounds, speaks, looks and posts.

A pack is one YAML file; `packs.load_pack` turns it into the frozen `GenrePack` below. Every
rule a composer relies on is validated here, so that a broken pack fails when it is loaded and
names the field, rather than in the middle of a song.
"""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Level = Literal["light", "main", "full"]
Mode = Literal["ionian", "dorian", "phrygian", "lydian", "mixolydian", "aeolian"]
Engine = Literal["soundfont", "synth"]
Part = Literal[
    "drums",
    "bass",
    "chords",
    "strum",
    "pick",
    "arp",
    "vocal",
    "hook",
    "answer",
    "harmony",
    "riser",
]

KEYS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
LEVELS: tuple[Level, ...] = ("light", "main", "full")

# One character is a sixteenth note; a pattern lasts one or two bars of 4/4.
PATTERN_SYMBOLS: dict[Part, str] = {
    # "r" and "t" are rolls of two and three hits inside the step.
    "drums": "Xxogrt.",
    "bass": "R5o3a-.",
    "chords": "Xxo-.",
    "strum": "DUdu-.",
    "pick": "bf0123456-.",
    "arp": "01234567-.",
}
PATTERN_LENGTHS = (16, 32)
DRUMS: dict[str, int] = {
    "snap": 26,
    "low_kick": 35,
    "kick": 36,
    "rim": 37,
    "snare": 38,
    "clap": 39,
    "hat": 42,
    "open": 46,
    "low_tom": 45,
    "high_tom": 48,
    "crash": 49,
    "ride": 51,
    "tambourine": 54,
    "cowbell": 56,
    "shaker": 70,
}


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Range(_Data):
    """A closed range; either end may be open."""

    low: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def _is_ordered(self) -> Self:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low {self.low:g} is above high {self.high:g}")
        return self


class TempoRange(_Data):
    """Beats per minute a genre lives in."""

    low: float = Field(ge=40, le=220)
    high: float = Field(ge=40, le=220)

    @model_validator(mode="after")
    def _is_ordered(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low {self.low:g} is above high {self.high:g}")
        return self


class Swing(_Data):
    """Delay of the off-beats as a share of the subdivision; 0 is straight, 0.33 a triplet."""

    low: float = Field(default=0.0, ge=0.0, le=0.4)
    high: float = Field(default=0.0, ge=0.0, le=0.4)
    subdivision: Literal[8, 16] = 8


class FormSection(_Data):
    """One section of a form: its length and its energy at start and end (0 silent, 1 full)."""

    name: str
    bars: int = Field(ge=1, le=32)
    energy: float = Field(ge=0.0, le=1.0)
    energy_end: float | None = Field(default=None, ge=0.0, le=1.0)
    sung: bool = False
    transpose: int = Field(default=0, ge=-6, le=6, description="semitones away from the home key")


class Form(_Data):
    """A song form as named sections in order."""

    id: str
    weight: float = Field(default=1.0, gt=0)
    sections: tuple[FormSection, ...] = Field(min_length=1)

    @property
    def bars(self) -> int:
        """Length of the whole form in bars."""
        return sum(section.bars for section in self.sections)


class Progression(_Data):
    """Roman numerals, one string a bar (two chords share a bar: "IV V"), for some modes."""

    bars: tuple[str, ...] = Field(min_length=1)
    modes: tuple[Mode, ...] = Field(min_length=1)
    weight: float = Field(default=1.0, gt=0)
    brightness: float = Field(default=0.0, ge=-1.0, le=1.0)


class Groove(_Data):
    """Drum patterns by level and drum, and the fills that may end a section."""

    id: str
    weight: float = Field(default=1.0, gt=0)
    light: dict[str, str]
    main: dict[str, str]
    full: dict[str, str]
    fills: tuple[dict[str, str], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_playable(self) -> Self:
        for place in (self.light, self.main, self.full, *self.fills):
            for drum, pattern in place.items():
                if drum not in DRUMS:
                    raise ValueError(f"unknown drum {drum!r}; known: {', '.join(DRUMS)}")
                check_pattern("drums", pattern)
        return self


class Voice(_Data):
    """One instrument that may play a role, with the range it can really play (MIDI numbers)."""

    id: str
    engine: Engine
    program: int = Field(ge=0, le=127, description="General MIDI program, also used for export")
    patch: str = ""
    low: int = Field(ge=0, le=127)
    high: int = Field(ge=0, le=127)
    weight: float = Field(default=1.0, gt=0)

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"voice {self.id!r}: low {self.low} is above high {self.high}")
        if self.engine == "synth" and not self.patch:
            raise ValueError(f"voice {self.id!r}: a synth voice needs a patch")
        return self


class EffectSpec(_Data):
    """One effect of a channel strip: its name in `media.effects.chain` and its numbers."""

    effect: str
    settings: dict[str, float] = Field(default_factory=dict)


class Role(_Data):
    """What a role plays, when it enters, and how it sits in the mix."""

    part: Part
    voices: tuple[Voice, ...] = Field(min_length=1)
    patterns: dict[Level, tuple[str, ...]] = Field(default_factory=dict)
    enters_at: float = Field(default=0.0, ge=0.0, le=1.0)
    rests_in: tuple[str, ...] = ()
    plays_in: tuple[str, ...] = ()
    level_lufs: float = Field(ge=-50, le=-8)
    pan: float = Field(default=0.0, ge=-1.0, le=1.0)
    reverb_send: float = Field(default=0.0, ge=0.0, le=1.0)
    duck_db: float = Field(default=0.0, ge=0.0, le=24.0)
    velocity: int = Field(default=84, ge=1, le=127)
    loose_ms: float = Field(default=6.0, ge=0.0, le=30.0)
    late_ms: float = Field(default=0.0, ge=-20.0, le=40.0)
    effects: tuple[EffectSpec, ...] = ()

    @model_validator(mode="after")
    def _has_patterns(self) -> Self:
        needs = self.part in PATTERN_SYMBOLS and self.part != "drums"
        if needs and not self.patterns:
            raise ValueError(f"a {self.part} part needs patterns")
        for patterns in self.patterns.values():
            for pattern in patterns:
                check_pattern(self.part, pattern)
        return self


class MixTargets(_Data):
    """How the whole song is balanced and mastered."""

    dynamic_range_db: float = Field(ge=0.0, le=24.0, description="automation from energy 0 to 1")
    reverb_s: float = Field(ge=0.1, le=6.0)
    reverb_damping_hz: float = Field(ge=500, le=20000)
    reverb_level: float = Field(default=0.8, ge=0.0, le=2.0)
    low_shelf_db: float = Field(default=0.0, ge=-6, le=6)
    high_shelf_db: float = Field(default=0.0, ge=-6, le=6)
    glue_ratio: float = Field(default=1.6, ge=1.0, le=6.0)
    bus_effects: tuple[EffectSpec, ...] = ()


class Lexicon(_Data):
    """Words that belong to the genre and phrases worn out in it."""

    nouns: tuple[str, ...] = Field(min_length=10)
    verbs: tuple[str, ...] = Field(min_length=10)
    adjectives: tuple[str, ...] = Field(min_length=10)
    avoid: tuple[str, ...] = Field(min_length=3)
    syllables_per_line: tuple[int, int] = (6, 10)
    rhyme_schemes: dict[Literal["ABCB", "AABB", "ABAB", "AAAA", "XXXX"], float] = Field(
        default={"ABCB": 0.5, "AABB": 0.3, "ABAB": 0.2}, min_length=1
    )


class VocalStyle(_Data):
    """How the genre treats a sung voice; an unsung genre gives the melody to an instrument."""

    sung: bool = True
    doubles_in: tuple[str, ...] = ("chorus",)
    harmonies_in: tuple[str, ...] = ("chorus",)
    vocoder: float = Field(default=0.0, ge=0.0, le=1.0, description="share of the vocoded voice")
    duck_db: float = Field(default=2.5, ge=0.0, le=9.0, description="how far the band steps back")


class VisualHints(_Data):
    """What the genre looks like."""

    styles: tuple[str, ...] = Field(min_length=1)
    palettes: tuple[tuple[str, ...], ...] = Field(min_length=1)
    motifs: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _are_colours(self) -> Self:
        for colour in (c for palette in self.palettes for c in palette):
            if not re.fullmatch(r"#[0-9a-f]{6}", colour):
                raise ValueError(f"{colour!r} is no colour of the form #rrggbb")
        return self


class PostingHabits(_Data):
    """How artists of the genre speak to their audience."""

    voice: str
    posts_per_week: float = Field(gt=0, le=21)
    hours: tuple[int, ...] = Field(min_length=1)
    themes: tuple[str, ...] = Field(min_length=1)


class GateRules(_Data):
    """Ranges of quality gates that differ in this genre, and gates that make no sense in it."""

    ranges: dict[str, Range] = Field(default_factory=dict)
    not_applicable: dict[str, str] = Field(default_factory=dict)


class GenrePack(_Data):
    """Everything a label needs to know about one genre."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    version: int = Field(ge=1)
    name: str
    description: str
    tempo_bpm: TempoRange
    keys: tuple[str, ...] = Field(min_length=1)
    modes: dict[Mode, float] = Field(min_length=1, description="mode to weight")
    swing: Swing = Swing()
    forms: tuple[Form, ...] = Field(min_length=1)
    progressions: dict[str, tuple[Progression, ...]]
    cadence: dict[Mode, tuple[str, ...]]
    grooves: tuple[Groove, ...] = Field(min_length=1)
    roles: dict[str, Role]
    vocal_range: tuple[int, int]
    vocal: VocalStyle = VocalStyle()
    mix: MixTargets
    lexicon: Lexicon
    visual: VisualHints
    posting: PostingHabits
    gates: GateRules = GateRules()

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        unknown = [key for key in self.keys if key not in KEYS]
        if unknown:
            raise ValueError(f"unknown keys {unknown}; known: {', '.join(KEYS)}")
        for form in self.forms:
            for section in form.sections:
                self._covers(section.name)
        missing = [mode for mode in self.modes if not self.cadence.get(mode)]
        if missing:
            raise ValueError(f"no cadence for {missing}")
        if not any(role.part == "vocal" for role in self.roles.values()):
            raise ValueError("no role plays the vocal part")
        return self

    def progressions_for(self, section: str) -> tuple[Progression, ...]:
        """The progressions of a section, or the default ones."""
        return self.progressions.get(section) or self.progressions.get("default", ())

    def _covers(self, section: str) -> None:
        modes = {mode for p in self.progressions_for(section) for mode in p.modes}
        lacking = [mode for mode in self.modes if mode not in modes]
        if lacking:
            raise ValueError(f"section {section!r} has no progression for {lacking}")


def check_pattern(part: Part, pattern: str) -> None:
    """Raise ValueError unless `pattern` can be played by `part`."""
    allowed = PATTERN_SYMBOLS.get(part, "")
    wrong = sorted(set(pattern) - set(allowed))
    if wrong:
        raise ValueError(f"pattern {pattern!r} of {part} uses {wrong}; allowed: {allowed}")
    if len(pattern) not in PATTERN_LENGTHS:
        raise ValueError(f"pattern {pattern!r} has {len(pattern)} steps; wanted 16 or 32")
