"""Melodic parts around the voice: the voice itself, hook, answer and harmony."""

from __future__ import annotations

from collections.abc import Sequence

from domain.score import Note
from media.compose.arrange.bars import Bar, Stage, note
from media.theory import nearest, pitches_in

HOOK_BEATS = 8.0
ANSWER_GAP_BEATS = 1.4
HARMONY_MIN_BEATS = 0.45
_ANSWER_SHAPES: tuple[tuple[int, ...], ...] = (
    (0, 1, 2),
    (2, 1, 0),
    (0, 2, 1, 2),
    (3, 2, 1),
    (0, 1),
)


def play_vocal(stage: Stage) -> list[Note]:
    """The melody as written, an octave away where the instrument lies elsewhere."""
    if not stage.vocal:
        return []
    low, high = min(n.pitch for n in stage.vocal), max(n.pitch for n in stage.vocal)
    shift = 0
    while low + shift < stage.voice.low and high + shift + 12 <= stage.voice.high:
        shift += 12
    while high + shift > stage.voice.high and low + shift - 12 >= stage.voice.low:
        shift -= 12
    return [n.model_copy(update={"pitch": n.pitch + shift}) for n in stage.vocal]


def play_hook(stage: Stage) -> list[Note]:
    """The chorus idea without words, bent to the chords under it."""
    idea = _idea(stage)
    notes: list[Note] = []
    bars = stage.playing()
    for bar in bars:
        if bar.index % 2 or bar.is_final:
            continue
        loud = stage.velocity(bar)
        limit = _limit(bar)
        for n in idea:
            start = bar.start + n.start
            if n.start < 0 or start >= limit - 0.2:
                continue
            pitch = _bent(stage, n, start)
            notes.append(note(start, min(n.duration, limit - start), pitch, loud))
    return notes


def _limit(bar: Bar) -> float:
    """Where the hook stops: a beat early, and never inside the song's final bar."""
    bars_left = bar.section.bars - bar.index
    return bar.start + (HOOK_BEATS - 0.5 if bars_left > 2 else bars_left * 4 - 0.5)


def _idea(stage: Stage) -> list[Note]:
    """The first line of the chorus, or of whatever is sung, counted from its own downbeat."""
    order = sorted(
        stage.lines, key=lambda line: stage.plan.sections[line.section].section.name != "chorus"
    )
    if order:
        line = order[0]
        chosen = [stage.vocal[s.note] for s in line.syllables]
        return [n.model_construct(**{**dict(n), "start": n.start - line.start}) for n in chosen]
    if not stage.vocal:
        return _invented(stage)
    base = stage.vocal[0].start // 4 * 4
    near = [n for n in stage.vocal if n.start < base + HOOK_BEATS]
    return [n.model_construct(**{**dict(n), "start": n.start - base}) for n in near]


def _invented(stage: Stage) -> list[Note]:
    """A call of five notes for songs without any sung line."""
    rng = stage.rng("hook")
    centre = (stage.voice.low + stage.voice.high) // 2
    tones = pitches_in(stage.chords[0].pitch_classes, centre - 9, centre + 9)
    onsets = (0.0, 1.0, 2.0, 3.0, 4.0)
    return [note(t, 0.9, rng.choice(tones), 80) for t in onsets]


def _bent(stage: Stage, n: Note, start: float) -> int:
    """The idea's pitch, on strong or long notes moved to the nearest chord tone."""
    pitch = nearest(
        n.pitch % 12, max(n.pitch, stage.voice.low + 5), stage.voice.low, stage.voice.high
    )
    chord = stage.chord_at(start)
    allowed: Sequence[int] = stage.scale_at(start)
    if start % 1 == 0 or n.duration >= 1.0:
        allowed = chord.pitch_classes
    options = pitches_in(tuple(allowed), stage.voice.low, stage.voice.high)
    return min(options, key=lambda p: abs(p - pitch))


def play_answer(stage: Stage) -> list[Note]:
    """A few chord tones in the gap after a line, always ending before the next one."""
    rng = stage.rng("answer")
    shapes = {name: rng.choice(_ANSWER_SHAPES) for name in stage.role.plays_in}
    playing = {bar.start: bar for bar in stage.playing()}
    notes: list[Note] = []
    ordered = sorted(stage.vocal, key=lambda n: n.start)
    for n, following in zip(ordered, [*ordered[1:], None], strict=True):
        end = n.start + n.duration
        gap_end = following.start if following else stage.plan.end
        bar = playing.get(end // 4 * 4)
        if gap_end - end < ANSWER_GAP_BEATS or bar is None or bar.is_final:
            continue
        shape = shapes.get(bar.section.name, _ANSWER_SHAPES[0])
        notes += _reply(stage, bar, shape, end, min(gap_end, end + 4))
    return notes


def _reply(stage: Stage, bar: Bar, shape: Sequence[int], start: float, end: float) -> list[Note]:
    first = -(-start // 0.5) * 0.5
    notes = []
    centre = (stage.voice.low + stage.voice.high) // 2
    for i, step in enumerate(shape):
        at = first + i * 0.5
        if at + 0.4 > end:
            break
        pool = pitches_in(stage.chord_at(at).pitch_classes, centre - 7, stage.voice.high)
        length = 1.0 if i == len(shape) - 1 else 0.45
        notes.append(
            note(at, min(length, end - at), pool[min(step, len(pool) - 1)], stage.velocity(bar))
        )
    return notes


def play_harmony(stage: Stage) -> list[Note]:
    """A second voice a third or so below the held notes of the melody."""
    playing = [(bar.start, bar) for bar in stage.playing()]
    notes: list[Note] = []
    for n in stage.vocal:
        bar = next((b for start, b in playing if start <= n.start < start + 4), None)
        if bar is None or n.duration < HARMONY_MIN_BEATS:
            continue
        strong = n.start % 1 == 0
        allowed = stage.chord_at(n.start).pitch_classes if strong else stage.scale_at(n.start)
        below = pitches_in(allowed, max(stage.voice.low, n.pitch - 9), n.pitch - 3)
        if below:
            notes.append(
                note(n.start, n.duration, below[-1], stage.velocity(bar, n.velocity / 100))
            )
    return notes
