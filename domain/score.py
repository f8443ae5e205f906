"""What is asked of the composer (`SongBrief`) and what comes back (`Score`).

Time is in quarter-note beats from the first downbeat; pitch is a MIDI number; bars are 4/4.
"""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.choice import CreativeChoice
from domain.genre import Engine, FormSection, Mode, Part
from domain.singer import Singer

BEATS_PER_BAR = 4


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MoodPoint(_Data):
    """Where a song stands in the space of feeling; 0 is neutral, each axis runs -1 to 1."""

    valence: float = Field(default=0.0, ge=-1.0, le=1.0)
    arousal: float = Field(default=0.0, ge=-1.0, le=1.0)
    dominance: float = Field(default=0.0, ge=-1.0, le=1.0)


class LyricSection(_Data):
    """The words of one sung section; the nth "verse" belongs to the nth verse of the form."""

    section: str
    lines: tuple[str, ...] = Field(min_length=1)


class BriefOverrides(_Data):
    """What the artist fixes; everything left out is chosen from the pack."""

    tempo_bpm: float | None = Field(default=None, ge=40, le=220)
    key: str | None = None
    mode: Mode | None = None
    energy: float | None = Field(default=None, ge=-1.0, le=1.0)
    form: tuple[FormSection, ...] | None = Field(default=None, min_length=1)


class SongBrief(_Data):
    """All that composing a song depends on, besides the pack."""

    title: str = Field(min_length=1, max_length=200)
    pack_id: str
    seed: int
    lyrics: tuple[LyricSection, ...] = ()
    mood: MoodPoint = MoodPoint()
    overrides: BriefOverrides = BriefOverrides()
    singer: Singer | None = Field(default=None, description="None: an instrument sings.")
    signature: int | None = Field(default=None, description="seed of what an artist's songs share")


class Note(_Data):
    """One note: start and duration in beats, MIDI pitch and velocity."""

    start: float = Field(ge=0)
    duration: float = Field(gt=0)
    pitch: int = Field(ge=0, le=127)
    velocity: int = Field(ge=1, le=127)


class Section(_Data):
    """A section as composed."""

    name: str
    occurrence: int
    start: float
    bars: int
    energy: float
    energy_end: float
    transpose: int = 0

    @property
    def end(self) -> float:
        """First beat after the section."""
        return self.start + self.bars * BEATS_PER_BAR


class Chord(_Data):
    """A chord in time: numeral, sounding pitch classes, and the voicing (low to high)."""

    start: float
    duration: float
    roman: str
    degree: int
    pitch_classes: tuple[int, ...]
    voicing: tuple[int, ...]


class Track(_Data):
    """What one instrument plays."""

    role: str
    part: Part
    voice: str
    engine: Engine
    program: int
    patch: str = ""
    notes: tuple[Note, ...]


class SungSyllable(_Data):
    """One syllable and the index of the vocal note that carries it; stress 0, 1 or 2."""

    text: str
    stress: int
    word: int
    note: int


class LyricLine(_Data):
    """One sung line with its place in the song."""

    section: int
    text: str
    start: float
    end: float
    syllables: tuple[SungSyllable, ...]


class HarmonyNote(_Data):
    """A second sung pitch for the vocal note with this index."""

    note: int
    pitch: int = Field(ge=0, le=127)


class Score(_Data):
    """A composed song, complete enough to render, to judge and to sing."""

    title: str
    pack_id: str
    pack_version: int
    seed: int
    tempo_bpm: float
    key: str
    mode: Mode
    swing: float
    mood: MoodPoint
    sections: tuple[Section, ...] = Field(min_length=1)
    chords: tuple[Chord, ...]
    tracks: tuple[Track, ...]
    lyrics: tuple[LyricLine, ...]
    vocal_harmony: tuple[HarmonyNote, ...] = ()
    choices: tuple[CreativeChoice, ...]

    @model_validator(mode="after")
    def _is_aligned(self) -> Self:
        notes = len(self.vocal.notes) if self.vocal else 0
        for line in self.lyrics:
            if any(not 0 <= s.note < notes for s in line.syllables):
                raise ValueError(f"line {line.text!r} points at a note that does not exist")
        return self

    @property
    def vocal(self) -> Track | None:
        """The track a singer would sing, if the song has one."""
        return next((t for t in self.tracks if t.part == "vocal"), None)

    @property
    def beats(self) -> float:
        """Length in beats, up to the last bar line."""
        return self.sections[-1].end

    @property
    def duration_s(self) -> float:
        """Length in seconds, up to the last bar line; the rendered tail comes on top."""
        return self.seconds(self.beats)

    def seconds(self, beat: float) -> float:
        """Time of a beat."""
        return beat * 60.0 / self.tempo_bpm

    def chord_at(self, beat: float) -> Chord:
        """The chord sounding at a beat; beats outside the song get the nearest one."""
        for chord in self.chords:
            if beat < chord.start + chord.duration - 1e-9:
                return chord
        return self.chords[-1]

    def section_at(self, beat: float) -> Section:
        """The section a beat falls into; beats after the end belong to the last one."""
        return next((s for s in self.sections if beat < s.end - 1e-9), self.sections[-1])
