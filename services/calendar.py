"""What happens when: slots that come, what went out, and what waits until a moment."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice, takewhile
from typing import Literal

from domain.actor import Actor
from domain.artist import Artist
from domain.errors import InvalidInput
from domain.local_time import SECOND
from domain.schedule import Schedule
from domain.slots import slots
from services.base import Service
from store.repositories.calendar import PlacedKind, Stretches
from store.unit import UnitOfWork

SCHEDULES_READ = 5000
# Every quarter of an hour of six weeks, and some more.
SLOTS_COUNTED = 5000
EntryKind = Literal["slot", "release", "post", "expires", "veto"]
PLACED: tuple[PlacedKind, ...] = ("expires", "post", "release", "veto")


@dataclass(frozen=True)
class CalendarEntry:
    """One thing in its place. `subject_id` is what it is about, `text` what it is called."""

    kind: EntryKind
    at: datetime
    artist: Artist
    subject_id: str
    run_id: str | None = None
    text: str = ""
    schedule: Schedule | None = None

    @property
    def moved(self) -> bool:
        """Whether a person moved this slot."""
        return self.schedule is not None and self.schedule.named(self.at) != self.at


@dataclass(frozen=True)
class CalendarDay:
    """The first entries of a day, in order, and how many it has."""

    entries: tuple[CalendarEntry, ...]
    total: int


@dataclass(frozen=True)
class _Draft:
    kind: EntryKind
    at: datetime
    artist_id: str
    subject_id: str
    day: int
    run_id: str | None = None
    text: str = ""
    schedule: Schedule | None = None

    @property
    def place(self) -> tuple[datetime, str, str]:
        """Where it stands among others."""
        return self.at, self.kind, self.subject_id

    def entry(self, artist: Artist) -> CalendarEntry:
        return CalendarEntry(
            kind=self.kind,
            at=self.at,
            artist=artist,
            subject_id=self.subject_id,
            run_id=self.run_id,
            text=self.text,
            schedule=self.schedule,
        )


class CalendarService(Service):
    """Reads a part of the calendar in a fixed number of queries."""

    async def days(
        self, actor: Actor, edges: Sequence[datetime], most: int, artist: str | None = None
    ) -> list[CalendarDay]:
        """Each stretch from one edge up to the next: its first `most` entries, and how many."""
        actor.must_read()
        async with self.database.unit() as unit:
            only = await _seen(unit, actor, artist)
            drafts, totals = await _read(unit, Stretches(edges, most, only))
            artists = await unit.artists.many(draft.artist_id for draft in drafts)
        by_day: dict[int, list[CalendarEntry]] = {}
        for draft in drafts:
            entries = by_day.setdefault(draft.day, [])
            if len(entries) < most:
                entries.append(draft.entry(artists[draft.artist_id]))
        return [
            CalendarDay(tuple(by_day.get(day, ())), totals[day]) for day in range(len(edges) - 1)
        ]

    async def page(
        self,
        actor: Actor,
        begin: datetime,
        end: datetime,
        limit: int,
        after: str | None = None,
        artist: str | None = None,
    ) -> tuple[list[CalendarEntry], str | None]:
        """The first entries from `begin` up to `end`, behind `after`, and where the next begin."""
        actor.must_read()
        at, kind, last_id = _read_cursor(after) if after else (begin, "", "")
        if not begin <= at < end:
            return [], None
        async with self.database.unit() as unit:
            only = await _seen(unit, actor, artist)
            wanted = Stretches((at, end), limit + 1, only)
            drafts, _ = await _read(unit, wanted, (kind, last_id))
            shown = drafts[:limit]
            artists = await unit.artists.many(draft.artist_id for draft in shown)
        more = len(drafts) > limit
        return [d.entry(artists[d.artist_id]) for d in shown], _cursor(shown[-1]) if more else None


async def _seen(unit: UnitOfWork, actor: Actor, artist: str | None) -> Collection[str] | None:
    if artist is None:
        return actor.artists
    one = await unit.artists.find(artist)
    actor.must_see(one.id)
    return frozenset({one.id})


async def _read(
    unit: UnitOfWork, stretches: Stretches, last: tuple[str, str] | None = None
) -> tuple[list[_Draft], Counter[int]]:
    """What stands there in order, and how many on each day.

    `last` is the kind and id at the very beginning that only what comes behind is wanted of;
    then the first ones are enough, and slots are not all counted.
    """
    kind, last_id = last or ("", "")
    drafts: list[_Draft] = []
    totals: Counter[int] = Counter()
    schedules = await unit.schedules.soonest(SCHEDULES_READ, stretches.artists)
    # One more, as the last one of the page before is among them.
    counted = stretches.most + 1 if last else SLOTS_COUNTED
    for draft in _slots(schedules, stretches.edges, counted):
        if draft.place > (stretches.edges[0], kind, last_id):
            drafts.append(draft)
            totals[draft.day] += 1
    for each in PLACED:
        behind = last_id if each == kind else None if each < kind else ""
        many: dict[int, int] = {}
        for p in await unit.calendar.placed(each, stretches, behind):
            drafts.append(_Draft(each, p.at, p.artist_id, p.id, p.day, p.run_id, p.text))
            many[p.day] = p.many
        totals.update(many)
    return sorted(drafts, key=lambda draft: draft.place), totals


def _slots(schedules: Sequence[Schedule], edges: Sequence[datetime], most: int) -> list[_Draft]:
    # Days are looked at again and again; where a page begins is hardly ever the same.
    slots_of = _kept_slots if most == SLOTS_COUNTED else _slots_of
    return [
        _Draft(
            "slot",
            at,
            schedule.artist_id,
            schedule.id,
            bisect_right(edges, at) - 1,
            text=schedule.name,
            schedule=schedule,
        )
        for schedule in schedules
        for at in slots_of(schedule, edges[0], edges[-1], most)
    ]


def _slots_of(
    schedule: Schedule, begin: datetime, end: datetime, most: int
) -> tuple[datetime, ...]:
    """What comes; a slot that is overdue stands where it was due."""
    if schedule.next_at is None:
        return ()
    coming = slots(schedule, max(begin, schedule.next_at) - SECOND)
    inside = takewhile(lambda slot: slot < end, (slot for slot in coming if slot >= begin))
    return tuple(islice(inside, most))


_kept_slots = lru_cache(maxsize=SCHEDULES_READ)(_slots_of)


def _cursor(last: _Draft) -> str:
    return f"{last.at:%Y-%m-%dT%H:%M:%S.%fZ},{last.kind},{last.subject_id}"


def _read_cursor(after: str) -> tuple[datetime, str, str]:
    try:
        at, kind, last_id = after.split(",")
        return datetime.fromisoformat(at).astimezone(UTC), kind, last_id
    except (ValueError, OverflowError):
        raise InvalidInput(
            "that is no place in the calendar",
            field="after",
            remedy="Send the `next` of the page before as it was.",
        ) from None
