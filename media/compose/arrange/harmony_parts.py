"""Parts that spell out the chords: held and struck chords, strumming, picking, arpeggios."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from domain.score import Chord, Note
from media.compose.arrange.bars import Bar, Stage, note, steps
from media.theory import nearest, pitches_in

_ACCENTS = {"X": 1.0, "x": 0.84, "o": 0.68, "D": 1.0, "U": 0.84, "d": 0.7, "u": 0.62}
STRUM_S = 0.014
_STRINGS = 5
_OCTAVE = 12


def play_chords(stage: Stage) -> list[Note]:
    """The song's voicing, moved into the instrument's range, in the pattern's rhythm."""
    notes: list[Note] = []
    for bar in stage.playing():
        pattern = "X" + "-" * 15 if bar.is_final else stage.pattern(bar)
        for start, symbol, duration in steps(pattern or "", bar):
            for at, length in _across_chords(stage, start, duration):
                velocity = stage.velocity(bar, _ACCENTS[symbol])
                voiced = fitted(stage.chord_at(at).voicing, stage)
                if stage.is_climax(bar) and voiced[-1] + _OCTAVE <= stage.voice.high:
                    voiced.append(voiced[-1] + _OCTAVE)
                notes += [note(at, length * 0.98, pitch, velocity) for pitch in voiced]
    return notes


def _across_chords(stage: Stage, start: float, duration: float) -> list[tuple[float, float]]:
    """Strike again where the chord changes under a held note."""
    cuts = [c.start for c in stage.chords if start + 0.01 < c.start < start + duration - 0.01]
    edges = [start, *cuts, start + duration]
    return [(a, b - a) for a, b in itertools.pairwise(edges)]


def fitted(voicing: Sequence[int], stage: Stage) -> list[int]:
    """A voicing inside the range of the instrument, each voice moved by octaves."""
    low, high = stage.voice.low, stage.voice.high
    return sorted({nearest(p % 12, p, low, high) for p in voicing})


def chord_pool(chord: Chord, low: int, high: int, count: int) -> list[int]:
    """Chord tones going up from the root nearest to `low`, as many as asked and as fit."""
    pitches = pitches_in(chord.pitch_classes, low, high)
    pool = pitches[:count]
    while pool and len(pool) < count:
        pool.append(pool[len(pool) - len(pitches)])
    return pool


def play_strum(stage: Stage) -> list[Note]:
    """Down and up strokes over five strings."""
    notes: list[Note] = []
    gap = STRUM_S * stage.plan.tempo_bpm / 60.0
    for bar in stage.playing():
        pattern = "D" + "-" * 15 if bar.is_final else stage.pattern(bar)
        for start, symbol, duration in steps(pattern or "", bar):
            strings = chord_pool(stage.chord_at(start), stage.voice.low, stage.voice.high, _STRINGS)
            order = strings if symbol in "Dd" else strings[:0:-1]
            velocity = stage.velocity(bar, _ACCENTS[symbol])
            notes += [
                note(start + i * gap, duration * 0.9, pitch, velocity - 2 * i)
                for i, pitch in enumerate(order)
            ]
    return notes


def play_pick(stage: Stage) -> list[Note]:
    """Thumb on bass strings, fingers above; strings ring until they are picked again."""
    notes: list[Note] = []
    for bar in stage.playing():
        if bar.is_final:
            notes += _rolled(stage, bar)
            continue
        for start, symbol, duration in steps(stage.pattern(bar) or "", bar):
            pitch = _picked(stage, stage.chord_at(start), symbol)
            thumb = symbol in "bf"
            accent = 1.0 if thumb and (start - bar.start) % 2 == 0 else 0.9 if thumb else 0.8
            ring = 1.4 if thumb else 1.0
            notes.append(note(start, max(duration, ring), pitch, stage.velocity(bar, accent)))
    return notes


def _picked(stage: Stage, chord: Chord, symbol: str) -> int:
    low = stage.voice.low
    root = nearest(chord.pitch_classes[0], low + 6, low, low + 13)
    if symbol == "b":
        return root
    if symbol == "f":
        return nearest(chord.pitch_classes[2], root + 5, low, low + 19)
    pool = chord_pool(chord, low + _OCTAVE, stage.voice.high, 7)
    return pool[int(symbol)]


def _rolled(stage: Stage, bar: Bar) -> list[Note]:
    chord = stage.chord_at(bar.start)
    pitches = [_picked(stage, chord, s) for s in "b0123"]
    return [
        note(bar.start + 0.08 * i, 3.8, p, stage.velocity(bar, 0.9)) for i, p in enumerate(pitches)
    ]


def play_arp(stage: Stage) -> list[Note]:
    """Broken chords by the pattern's digits."""
    notes: list[Note] = []
    for bar in stage.playing():
        pattern = "0" + "-" * 15 if bar.is_final else stage.pattern(bar)
        for start, symbol, duration in steps(pattern or "", bar):
            pool = chord_pool(stage.chord_at(start), stage.voice.low, stage.voice.high, 8)
            accent = 1.0 if (start - bar.start) % 1 == 0 else 0.82
            notes.append(
                note(start, duration * 0.95, pool[int(symbol)], stage.velocity(bar, accent))
            )
    return notes
