"""The sung lines of a score, each with its own clock, so that equal lines are recognised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.score import LyricLine, Score
from media.voice.phonemes import Phone, line_phones
from media.voice.timing import SungNote, sung_notes


@dataclass(frozen=True)
class Line:
    """A line ready to sing, its times counted from its first note."""

    begins_s: float
    section: str
    notes: tuple[SungNote, ...]
    phones: tuple[Phone, ...]
    harmony: tuple[int, ...]

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for lines that are sung alike."""
        return (self.phones, self.notes, self.harmony)


def read_lines(score: Score) -> list[Line]:
    """The sung lines of a score in order."""
    second = {note.note: note.pitch for note in score.vocal_harmony}
    lines = []
    for line in score.lyrics:
        notes = sung_notes(score, line)
        if notes:
            begins = notes[0].start_s
            lines.append(
                Line(
                    begins_s=begins,
                    section=score.sections[line.section].name,
                    notes=tuple(_moved(note, -begins) for note in notes),
                    phones=line_phones(line),
                    harmony=_second_voice(line, notes, second),
                )
            )
    return lines


def _second_voice(
    line: LyricLine, notes: Sequence[SungNote], second: dict[int, int]
) -> tuple[int, ...]:
    """Harmony pitches of a line, the lead's own where it has none; empty without any."""
    if not any(syllable.note in second for syllable in line.syllables):
        return ()
    return tuple(
        second.get(syllable.note, note.pitch)
        for syllable, note in zip(line.syllables, notes, strict=True)
    )


def harmonised(line: Line) -> Line:
    """The line on its harmony pitches."""
    notes = tuple(
        replace(note, pitch=pitch) for note, pitch in zip(line.notes, line.harmony, strict=True)
    )
    return replace(line, notes=notes)


def _moved(note: SungNote, by_s: float) -> SungNote:
    # Rounded, so that a line sung again at another beat is recognised.
    return replace(note, start_s=round(note.start_s + by_s, 4), end_s=round(note.end_s + by_s, 4))
