"""Chords in time, and voicings that move as little as they can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise

from domain.genre import GenrePack
from domain.score import BEATS_PER_BAR, Chord, Section, SongBrief
from media.compose.chooser import Chooser
from media.compose.plan import Plan
from media.compose.progression import Harmonist
from media.theory import ChordTones, parse_roman, pitches_in, shifted

VOICES = 4
VOICING_LOW, VOICING_HIGH, VOICING_CENTRE = 52, 76, 64


def harmonise(plan: Plan, pack: GenrePack, brief: SongBrief, chooser: Chooser) -> tuple[Chord, ...]:
    """Give every bar its chord or chords and voice-lead through all of them."""
    harmonist = Harmonist(plan, pack, brief, chooser)
    timed: list[tuple[float, float, ChordTones]] = []
    for number, placed in enumerate(plan.sections):
        for index, bar in enumerate(harmonist.bars(number)):
            timed += _split(bar, placed.section, index, plan)
    return _voice(timed)


def _split(
    bar: str, section: Section, index: int, plan: Plan
) -> list[tuple[float, float, ChordTones]]:
    numerals = bar.split()
    start = section.start + index * BEATS_PER_BAR
    duration = BEATS_PER_BAR / len(numerals)
    return [
        (start + i * duration, duration, _sounding(numeral, section.transpose, plan))
        for i, numeral in enumerate(numerals)
    ]


def _sounding(numeral: str, semitones: int, plan: Plan) -> ChordTones:
    """The numeral's chord in the key of its section."""
    home = parse_roman(numeral, plan.key, plan.mode)
    return replace(home, pitch_classes=shifted(home.pitch_classes, semitones))


def _voice(timed: Sequence[tuple[float, float, ChordTones]]) -> tuple[Chord, ...]:
    chords: list[Chord] = []
    previous: tuple[int, ...] | None = None
    for start, duration, tones in timed:
        previous = best_voicing(tones, previous)
        chords.append(
            Chord(
                start=start, duration=duration, roman=tones.roman, degree=tones.degree,
                pitch_classes=tones.pitch_classes, voicing=previous,
            )
        )  # fmt: skip
    return tuple(chords)


def best_voicing(tones: ChordTones, previous: tuple[int, ...] | None) -> tuple[int, ...]:
    """Four close voices that sound every tone they can and move least from `previous`."""
    classes = tones.pitch_classes if len(tones.pitch_classes) <= VOICES else tones.pitch_classes[1:]
    pitches = pitches_in(classes, VOICING_LOW, VOICING_HIGH)
    options = [
        voicing
        for voicing in combinations(pitches, VOICES)
        if {p % 12 for p in voicing} == set(classes) and voicing[-1] - voicing[0] <= 19
    ]
    return min(options, key=lambda voicing: (_cost(voicing, previous), voicing))


def _cost(voicing: tuple[int, ...], previous: tuple[int, ...] | None) -> float:
    spread = voicing[-1] - voicing[0]
    clusters = sum(b - a < 2 for a, b in pairwise(voicing))
    home = abs(sum(voicing) / VOICES - VOICING_CENTRE)
    cost = 0.1 * spread + 2.0 * clusters + 0.5 * home
    if previous is not None:
        cost += sum(abs(a - b) for a, b in zip(voicing, previous, strict=True))
    return cost
