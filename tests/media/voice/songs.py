"""Small sung scores made by hand: words, pitches and nothing else to wait for."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from domain.score import (
    Chord,
    HarmonyNote,
    LyricLine,
    MoodPoint,
    Note,
    Score,
    Section,
    SungSyllable,
    Track,
)
from domain.singer import Singer
from media.lyrics.prosody import scan

LINE = "I left my coat beside the water"
OTHER = "We watched the windows slowly darken"
BEATS_PER_LINE = 8.0
SCALE = (57, 59, 60, 62, 64, 62, 60, 59, 57)

PLAIN = Singer(
    id="plain", name="Plain", description="For tests.", low=48, high=67, formant=1.0, breath=0.03
)


def sung_score(
    lines: Sequence[str] = (LINE,), sections: Sequence[str] = ("verse",), tempo_bpm: float = 100.0,
    pitches: Sequence[int] = SCALE, harmony: int | None = None,
) -> Score:  # fmt: skip
    """A score with one line to a section of two bars, a note for every syllable on the eighths."""
    notes: list[Note] = []
    lyrics: list[LyricLine] = []
    for number, text in enumerate(lines):
        start = number * BEATS_PER_LINE
        syllables = scan(text)
        first = len(notes)
        length = 6.0 / max(6, len(syllables))
        notes += [
            Note(start=start + 0.5 + k * length, duration=0.94 * length, pitch=pitch, velocity=90)
            for k, pitch in zip(range(len(syllables)), itertools.cycle(pitches), strict=False)
        ]
        lyrics.append(
            LyricLine(
                section=number, text=text, start=start, end=start + 7.0,
                syllables=tuple(
                    SungSyllable(text=s.text, stress=s.stress, word=s.word, note=first + k)
                    for k, s in enumerate(syllables)
                ),
            )
        )  # fmt: skip
    return Score(
        title="Test", pack_id="synthwave", pack_version=1, seed=1, tempo_bpm=tempo_bpm, key="A",
        mode="aeolian", swing=0.0, mood=MoodPoint(),
        sections=tuple(
            Section(
                name=sections[number % len(sections)], occurrence=number + 1,
                start=number * BEATS_PER_LINE, bars=2, energy=0.7, energy_end=0.7,
            )
            for number in range(max(1, len(lines)))
        ),
        chords=(
            Chord(
                start=0.0, duration=BEATS_PER_LINE * max(1, len(lines)), roman="i", degree=1,
                pitch_classes=(9, 0, 4), voicing=(57, 60, 64),
            ),
        ),
        tracks=(
            Track(
                role="vocal", part="vocal", voice="soft-lead", engine="synth", program=87,
                patch="soft_lead", notes=tuple(notes),
            ),
        ),
        lyrics=tuple(lyrics),
        vocal_harmony=()
        if harmony is None
        else tuple(HarmonyNote(note=k, pitch=n.pitch + harmony) for k, n in enumerate(notes)),
        choices=(),
    )  # fmt: skip
