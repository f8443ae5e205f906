"""The sung melody: idea, words and chords brought together, section by section."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from domain.genre import GenrePack
from domain.score import Chord, LyricLine, Note, SungSyllable
from media.compose.chooser import Chooser
from media.compose.delivery import Delivery, delivery_of
from media.compose.form import SectionPlan
from media.compose.motif import Motif
from media.compose.phrases import SectionIdea, section_idea, song_idea
from media.compose.pitches import SEMITONES_PER_STEP, Line, find_pitches
from media.compose.plan import Plan
from media.compose.rhythm import LAST_ONSET, LINE_BEATS, fit_rhythm
from media.compose.sections import trait
from media.lyrics.prosody import LineSyllable, scan
from media.lyrics.words import STRESSED
from media.theory import scale_pitch_classes, shifted

ROOMY = 9
HELD_BEATS = 2.5
LONGEST_INSIDE_BEATS = 2.0
BREATH_BEATS = 1.0
LEGATO = 0.96
EASY_BELOW_TOP = 3.0


@dataclass(frozen=True)
class Sung:
    """A note of the melody with the syllable it carries, if the section has words."""

    note: Note
    syllable: LineSyllable | None


@dataclass
class Melody:
    """The vocal line of a whole song, and the idea it grew from."""

    idea: Motif
    notes: list[Note] = field(default_factory=list)
    lines: list[LyricLine] = field(default_factory=list)

    def add(self, sung: Sequence[Sung], section: int, text: str, start: float) -> None:
        """Append one line; lines without words leave notes only."""
        first = len(self.notes)
        self.notes += [s.note for s in sung]
        syllables = tuple(
            SungSyllable(
                text=s.syllable.text, stress=s.syllable.stress, word=s.syllable.word, note=first + i
            )
            for i, s in enumerate(sung)
            if s.syllable is not None
        )
        if syllables:
            end = sung[-1].note.start + sung[-1].note.duration
            self.lines.append(
                LyricLine(section=section, text=text, start=start, end=end, syllables=syllables)
            )


@dataclass(frozen=True)
class _Place:
    """One line of a section: its words, its downbeat, and whether it ends the section."""

    section: str
    text: str
    start: float
    index: int
    closing: bool


class MelodyWriter:
    """Writes the melody section by section; equal words over equal chords sing equal notes."""

    def __init__(
        self, plan: Plan, chords: Sequence[Chord], pack: GenrePack, chooser: Chooser
    ) -> None:
        self._plan = plan
        self._chords = [_at_home(chord, plan) for chord in chords]
        self._scale = scale_pitch_classes(plan.key, plan.mode)
        self._chooser = chooser
        self._delivery: Delivery = delivery_of(pack, plan.tempo_bpm)
        self._idea = song_idea(plan.signature, self._delivery, chooser)

    def write(self) -> Melody:
        """Write every sung section."""
        melody = Melody(self._idea)
        for index, placed in enumerate(self._plan.sections):
            if placed.sung:
                self._section(melody, index, placed)
        return melody

    def _section(self, melody: Melody, index: int, placed: SectionPlan) -> None:
        section = placed.section
        idea = section_idea(
            section.name, self._idea, self._plan.signature, self._delivery, self._chooser
        )
        lines = placed.lines or ("",) * (section.bars // 2)
        for k, text in enumerate(lines):
            start = section.start + k * LINE_BEATS
            place = _Place(section.name, text, start, k, k == len(lines) - 1)
            sung = self._words(place, idea) if text else self._hummed(place, idea)
            melody.add(_in_key(sung, section.transpose), index, text, start)

    def _words(self, place: _Place, idea: SectionIdea) -> list[Sung]:
        syllables = scan(place.text)
        phrase = idea.phrase(place.index)
        onsets = fit_rhythm(
            syllables, phrase, self._delivery,
            self._chooser.rng(f"rhythm:{place.section}:{idea.letter(place.index)}"),
            pickup=place.start > 0, breadth=idea.trait.breadth + self._delivery.shift,
            line=place.text,
        )  # fmt: skip
        notes = self._notes(place, idea, phrase, onsets, [s.stress for s in syllables])
        return [Sung(note, syllable) for note, syllable in zip(notes, syllables, strict=True)]

    def _hummed(self, place: _Place, idea: SectionIdea) -> list[Sung]:
        """A line without words plays the phrase in its own rhythm."""
        phrase = idea.phrase(place.index)
        onsets = [onset for onset in phrase.onsets if onset <= LAST_ONSET]
        stresses = [STRESSED if onset % 1 == 0 else 0 for onset in onsets]
        return [Sung(note, None) for note in self._notes(place, idea, phrase, onsets, stresses)]

    def _notes(
        self, place: _Place, idea: SectionIdea, phrase: Motif,
        onsets: Sequence[float], stresses: Sequence[int],
    ) -> list[Note]:  # fmt: skip
        low, high, centre = self._tessitura(place.section)
        line = Line(
            onsets=[place.start + onset for onset in onsets],
            durations=_durations(onsets),
            heights=[phrase.degree_at(max(0.0, onset)) for onset in onsets],
            centre=centre - _mean_height(phrase, idea) * SEMITONES_PER_STEP,
            low=low,
            high=high,
            easy=high if idea.peaks(place.index) else high - EASY_BELOW_TOP,
            closing=place.closing,
            chords=self._chords,
            scale=self._scale,
        )
        letter = idea.letter(place.index)
        pitches = find_pitches(line, self._chooser.rng(f"pitch:{place.section}:{letter}"))
        base = 90 if idea.trait.kind == "chorus" else 84
        return [
            Note(
                start=onset, duration=duration, pitch=pitch,
                velocity=base + (8 if stress == STRESSED else 0),
            )
            for onset, duration, pitch, stress in zip(
                line.onsets, line.durations, pitches, stresses, strict=True
            )
        ]  # fmt: skip

    def _tessitura(self, section: str) -> tuple[int, int, float]:
        """Low, high and centre of a section; a dominant mood sings higher."""
        register, kind = self._plan.register, trait(section)
        low, high = round(register.at(kind.low)), round(register.at(kind.high))
        if high - low < ROOMY:
            low, high = register.low, register.high
        centre = register.at(kind.centre) + self._plan.lift
        return low, high, min(max(centre, low + 2.0), high - 2.0)


def _mean_height(phrase: Motif, idea: SectionIdea) -> float:
    """Height that the idea has by itself; only the arc of the lines may move the centre."""
    degrees = idea.phrases["A"].degrees
    return sum(degrees) / len(degrees)


def _at_home(chord: Chord, plan: Plan) -> Chord:
    """The chord as it would sound in the home key, where all melody is thought of."""
    back = -plan.section_at(chord.start).transpose
    return chord.model_copy(update={"pitch_classes": shifted(chord.pitch_classes, back)})


def _in_key(sung: Sequence[Sung], semitones: int) -> list[Sung]:
    """The same line in another key."""
    return [
        replace(s, note=s.note.model_copy(update={"pitch": s.note.pitch + semitones})) for s in sung
    ]


def _durations(onsets: Sequence[float]) -> list[float]:
    """Sing legato, breathe at the line's end, and hold the last note without spilling over."""
    lengths = [min(b - a, LONGEST_INSIDE_BEATS) for a, b in itertools.pairwise(onsets)]
    room = LINE_BEATS - BREATH_BEATS - onsets[-1]
    return [length * LEGATO for length in lengths] + [max(0.5, min(HELD_BEATS, room))]
