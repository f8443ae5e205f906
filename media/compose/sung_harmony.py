"""The second sung voice: thirds and sixths that keep to the scale and never cross the melody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from domain.genre import GenrePack
from domain.score import Chord, HarmonyNote, Note, SongBrief
from media.compose.chooser import Chooser
from media.compose.melody import Melody
from media.compose.pitches import chord_at
from media.compose.plan import Plan
from media.theory import ChordTones, melody_pitch_classes, pitches_in

BEYOND_RANGE = 3
SHORTEST_S = 0.22
NEAREST, FARTHEST = 3, 9
_INTERVAL_COST = {3: 0.0, 4: 0.0, 5: 1.5, 6: 6.0, 7: 2.5, 8: 0.8, 9: 0.8}
Side = Literal["above", "below"]
SIDES: tuple[Side, Side] = ("above", "below")


def harmonise_voice(
    plan: Plan, chords: Sequence[Chord], melody: Melody, pack: GenrePack, brief: SongBrief,
    chooser: Chooser,
) -> tuple[HarmonyNote, ...]:  # fmt: skip
    """Harmony for the sections that the genre wants it in; none where nobody sings words."""
    wanted = [
        line for line in melody.lines
        if plan.sections[line.section].section.name in pack.vocal.harmonies_in
    ]  # fmt: skip
    if not wanted or not pack.vocal.sung:
        return ()
    low, high = pack.vocal_range
    if brief.singer is not None:
        low, high = brief.singer.low, brief.singer.high
    low, high = low - BEYOND_RANGE, high + BEYOND_RANGE
    notes = [melody.notes[s.note] for line in wanted for s in line.syllables]
    side = _side(notes, low, high, chooser)
    shortest = SHORTEST_S * plan.tempo_bpm / 60.0
    found: list[HarmonyNote] = []
    for line in wanted:
        before: int | None = None
        for syllable in line.syllables:
            sung = melody.notes[syllable.note]
            pitch = None
            if sung.duration >= shortest:
                pitch = _second(sung, chords, plan.scale_at(sung.start), (low, high), side, before)
            if pitch is not None:
                found.append(HarmonyNote(note=syllable.note, pitch=pitch))
                before = pitch
    return tuple(found)


def _side(notes: Sequence[Note], low: int, high: int, chooser: Chooser) -> Side:
    """Where there is more room; above by taste, as in most choruses."""
    top, bottom = max(n.pitch for n in notes), min(n.pitch for n in notes)
    weights = (1.4 if high - top >= NEAREST else 0.1, 1.0 if bottom - low >= NEAREST else 0.1)
    return chooser.pick("harmony side", SIDES, weights, str, "where the singer has room")


def _second(
    sung: Note, chords: Sequence[Chord], scale: tuple[int, ...], limits: tuple[int, int],
    side: Side, before: int | None,
) -> int | None:  # fmt: skip
    """The best pitch beside a sung one, or none where the range leaves no room."""
    chord = chord_at(chords, sung.start)
    tones = ChordTones(chord.roman, chord.degree, chord.pitch_classes)
    strong = sung.start % 1 == 0
    allowed = frozenset(chord.pitch_classes) if strong else melody_pitch_classes(tones, scale)
    if side == "above":
        span = sung.pitch + NEAREST, min(limits[1], sung.pitch + FARTHEST)
    else:
        span = max(limits[0], sung.pitch - FARTHEST), sung.pitch - NEAREST
    options = pitches_in(allowed, *span)
    return min(options, key=lambda p: (_cost(p, sung.pitch, before), p), default=None)


def _cost(pitch: int, sung: int, before: int | None) -> float:
    leap = 0 if before is None else abs(pitch - before)
    return _INTERVAL_COST[abs(pitch - sung)] + 0.25 * leap
