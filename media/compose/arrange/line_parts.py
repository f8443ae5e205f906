"""Melodic parts around the voice: the voice itself, hook, answer and harmony."""

from __future__ import annotations

from collections.abc import Sequence

from domain.genre import Voice
from domain.score import Note
from media.compose.arrange.bars import Bar, Stage, note
from media.compose.development import diminish
from media.compose.motif import Motif
from media.compose.pitches import SEMITONES_PER_STEP
from media.theory import nearest, pitches_in

HOOK_BEATS = 8.0
ANSWER_GAP_BEATS = 1.4
HARMONY_MIN_BEATS = 0.45
SHIFTS = (0, 12, -12, 24, -24)
DOUBLED_FROM = 0.9


def octave_shift(notes: Sequence[Note], voice: Voice) -> int | None:
    """Octaves, in semitones, that bring a melody into an instrument's range; None: it has not got
    the range. The smallest move wins.
    """
    if not notes:
        return 0
    low, high = min(n.pitch for n in notes), max(n.pitch for n in notes)
    fitting = [shift for shift in SHIFTS if low + shift >= voice.low and high + shift <= voice.high]
    return min(fitting, key=abs, default=None)


def play_vocal(stage: Stage) -> list[Note]:
    """The melody as written; without a singer, an octave away where the instrument lies there."""
    shift = 0 if stage.sung else octave_shift(stage.vocal, stage.voice) or 0
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
            length = min(n.duration, limit - start)
            notes.append(note(start, length, pitch, loud))
            if bar.energy >= DOUBLED_FROM and pitch + 12 <= stage.voice.high:
                notes.append(note(start, length, pitch + 12, loud * 0.8))
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
        back = stage.plan.sections[line.section].section.transpose
        chosen = [n.model_copy(update={"pitch": n.pitch - back}) for n in chosen]
        return [n.model_construct(**{**dict(n), "start": n.start - line.start}) for n in chosen]
    if not stage.vocal:
        return _invented(stage)
    base = stage.vocal[0].start // 4 * 4
    near = [n for n in stage.vocal if n.start < base + HOOK_BEATS]
    return [n.model_construct(**{**dict(n), "start": n.start - base}) for n in near]


def _invented(stage: Stage) -> list[Note]:
    """The song's idea as a call, for songs without any sung line."""
    centre = (stage.voice.low + stage.voice.high) // 2
    ends = (*stage.idea.onsets[1:], stage.idea.beats)
    return [
        note(onset, (end - onset) * 0.95, centre + round(degree * SEMITONES_PER_STEP), 80)
        for onset, end, degree in zip(stage.idea.onsets, ends, stage.idea.degrees, strict=True)
    ]


def _bent(stage: Stage, n: Note, start: float) -> int:
    """The idea's pitch, on strong or long notes moved to the nearest chord tone."""
    here = n.pitch + stage.plan.section_at(start).transpose
    pitch = nearest(here % 12, max(here, stage.voice.low + 5), stage.voice.low, stage.voice.high)
    chord = stage.chord_at(start)
    allowed: Sequence[int] = stage.scale_at(start)
    if start % 1 == 0 or n.duration >= 1.0:
        allowed = chord.pitch_classes
    options = pitches_in(tuple(allowed), stage.voice.low, stage.voice.high)
    return min(options, key=lambda p: abs(p - pitch))


def play_answer(stage: Stage) -> list[Note]:
    """The song's idea, twice as fast, in the gap after a line; it ends before the next one."""
    reply = diminish(stage.idea)
    playing = {bar.start: bar for bar in stage.playing()}
    notes: list[Note] = []
    ordered = sorted(stage.vocal, key=lambda n: n.start)
    for n, following in zip(ordered, [*ordered[1:], None], strict=True):
        end = n.start + n.duration
        gap_end = following.start if following else stage.plan.end
        bar = playing.get(end // 4 * 4)
        if gap_end - end < ANSWER_GAP_BEATS or bar is None or bar.is_final:
            continue
        notes += _reply(stage, bar, reply, end, min(gap_end, end + 4))
    return notes


def _reply(stage: Stage, bar: Bar, idea: Motif, start: float, end: float) -> list[Note]:
    first = -(-start // 0.5) * 0.5
    places = [
        (first + onset, degree) for onset, degree in zip(idea.onsets, idea.degrees, strict=True)
    ]
    fitting = [(at, degree) for at, degree in places if at + 0.4 <= end]
    centre = (stage.voice.low + stage.voice.high) // 2
    notes = []
    for i, (at, degree) in enumerate(fitting):
        is_last = i == len(fitting) - 1
        allowed = stage.chord_at(at).pitch_classes if is_last or at % 1 == 0 else stage.scale_at(at)
        wanted = centre + degree * SEMITONES_PER_STEP
        pool = pitches_in(tuple(allowed), stage.voice.low, stage.voice.high)
        pitch = min(pool, key=lambda p: (abs(p - wanted), p))
        until = at + 1.0 if is_last else fitting[i + 1][0]
        notes.append(note(at, min(until, end) - at - 0.04, pitch, stage.velocity(bar)))
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
