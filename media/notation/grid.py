"""Notes rounded to sixteenths and cut into bars, as a page can show them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.score import BEATS_PER_BAR, Note, Score

STEPS_PER_BEAT = 4
STEPS_PER_BAR = STEPS_PER_BEAT * BEATS_PER_BAR
WRITTEN_LENGTHS = (16, 12, 8, 6, 4, 3, 2, 1)
_SWUNG_TOLERANCE = 0.03


@dataclass(frozen=True)
class Event:
    """A note or chord on the grid, in steps from the start; `note` is its index in the track."""

    start: int
    length: int
    pitches: tuple[int, ...]
    note: int | None = None

    @property
    def end(self) -> int:
        """First step after it."""
        return self.start + self.length


@dataclass(frozen=True)
class Written:
    """A piece of an event, or a rest, that one note head can show within a bar."""

    length: int
    event: Event | None = None
    begins: bool = True
    ends: bool = True


def melody_events(score: Score, notes: Sequence[Note]) -> list[Event]:
    """One event a note, none lost: where two round to one step, the later moves on."""
    starts: list[int] = []
    for note in notes:
        step = round(straight(note.start, score.swing) * STEPS_PER_BEAT)
        starts.append(max(step, starts[-1] + 1) if starts else step)
    events = []
    for index, (note, start) in enumerate(zip(notes, starts, strict=True)):
        length = max(1, round(note.duration * STEPS_PER_BEAT))
        if index + 1 < len(starts):
            length = min(length, starts[index + 1] - start)
        events.append(Event(start, length, (note.pitch,), index))
    return events


def bass_events(score: Score, notes: Sequence[Note]) -> list[Event]:
    """One event a step, the lowest note where several begin together."""
    lowest: dict[int, Note] = {}
    for note in sorted(notes, key=lambda note: -note.pitch):
        lowest[max(0, round(straight(note.start, score.swing) * STEPS_PER_BEAT))] = note
    starts = sorted(lowest)
    events = []
    for start, after in zip(starts, [*starts[1:], None], strict=True):
        length = max(1, round(lowest[start].duration * STEPS_PER_BEAT))
        if after is not None:
            length = min(length, after - start)
        events.append(Event(start, length, (lowest[start].pitch,)))
    return events


def chord_events(score: Score) -> list[Event]:
    """The chords in their voicings, held."""
    events = []
    for chord in score.chords:
        start = round(chord.start * STEPS_PER_BEAT)
        length = max(1, round((chord.start + chord.duration) * STEPS_PER_BEAT) - start)
        events.append(Event(start, length, tuple(sorted(set(chord.voicing)))))
    return events


def straight(start: float, swing: float) -> float:
    """Where a swung off-beat is written: eighths or sixteenths, as played straight."""
    if swing:
        for unit in (0.5, 0.25):
            if abs(start % (2 * unit) - unit * (1.0 + swing)) < _SWUNG_TOLERANCE:
                return start - swing * unit
    return start


def bars_of(events: Sequence[Event], least: int) -> int:
    """How many bars the events and the song need."""
    last = max((event.end for event in events), default=0)
    return max(least, -(-last // STEPS_PER_BAR))


def bars(events: Sequence[Event], count: int) -> Iterator[list[Written]]:
    """Every bar filled with notes and rests; events over a bar line are tied."""
    waiting = list(events)
    for bar in range(count):
        here, end = bar * STEPS_PER_BAR, (bar + 1) * STEPS_PER_BAR
        written: list[Written] = []
        while here < end:
            while waiting and waiting[0].end <= here:
                waiting.pop(0)
            nearest = waiting[0] if waiting else None
            if nearest is None or nearest.start >= end:
                written += _pieces(end - here, None, begins=True, ends=True)
                break
            if nearest.start > here:
                written += _pieces(nearest.start - here, None, begins=True, ends=True)
                here = nearest.start
            stop = min(end, nearest.end)
            written += _pieces(
                stop - here, nearest, begins=here == nearest.start, ends=stop == nearest.end
            )
            here = stop
        yield written


def _pieces(length: int, event: Event | None, *, begins: bool, ends: bool) -> list[Written]:
    lengths = []
    while length:
        lengths.append(next(known for known in WRITTEN_LENGTHS if known <= length))
        length -= lengths[-1]
    last = len(lengths) - 1
    return [
        Written(piece, event, begins and index == 0, ends and index == last)
        for index, piece in enumerate(lengths)
    ]
