"""What happens when: slots that come, what went out, and what waits until a moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Literal

from domain.actor import Actor
from domain.approval import Approval
from domain.artist import Artist
from domain.local_time import SECOND
from domain.post import PostStatus
from domain.schedule import Schedule
from domain.slots import slots
from services.base import Service
from store.repositories.calendar import MOST, Happened

SCHEDULES_READ = 1000
SLOTS_A_SCHEDULE = 200
EntryKind = Literal["slot", "release", "post", "expires", "veto"]


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
class Stretch:
    """What a stretch of time holds, in order; `cut` when there is more than is read at once."""

    entries: tuple[CalendarEntry, ...]
    cut: bool


class CalendarService(Service):
    """Reads a stretch of time in a fixed number of queries."""

    async def between(
        self, actor: Actor, begin: datetime, end: datetime, artist: str | None = None
    ) -> Stretch:
        """Everything from `begin` up to `end`, of one artist or of all."""
        actor.must_read()
        async with self.database.unit() as unit:
            only = actor.artists
            if artist is not None:
                one = await unit.artists.find(artist)
                actor.must_see(one.id)
                only = frozenset({one.id})
            schedules = await unit.schedules.soonest(SCHEDULES_READ, only)
            releases = await unit.calendar.releases(begin, end, only)
            posts = await unit.calendar.posts(begin, end, only)
            waiting = await unit.calendar.waiting(begin, end, only)
            found = [
                *_slots(schedules, begin, end),
                *_past(releases, posts),
                *_waiting(waiting, begin, end),
            ]
            artists = await unit.artists.many(draft.artist_id for draft in found)
        whole = [draft.entry(artists[draft.artist_id]) for draft in found]
        most = max(len(releases), len(posts), len(waiting))
        cut = len(schedules) == SCHEDULES_READ or most == MOST
        in_order = sorted(whole, key=lambda entry: (entry.at, entry.kind, entry.subject_id))
        return Stretch(tuple(in_order), cut)


@dataclass(frozen=True)
class _Draft:
    kind: EntryKind
    at: datetime
    artist_id: str
    subject_id: str
    run_id: str | None = None
    text: str = ""
    schedule: Schedule | None = None

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


def _slots(schedules: Iterable[Schedule], begin: datetime, end: datetime) -> Iterator[_Draft]:
    """What comes; a slot that is overdue stands where it was due."""
    for schedule in schedules:
        if schedule.next_at is None:
            continue
        first = schedule.next_at
        after = max(begin - SECOND, first - SECOND)
        for slot in islice(slots(schedule, after), SLOTS_A_SCHEDULE):
            if slot >= end:
                break
            if slot >= begin:
                name = schedule.name
                yield _Draft("slot", slot, schedule.artist_id, schedule.id, None, name, schedule)


def _past(releases: Sequence[Happened], posts: Sequence[Happened]) -> list[_Draft]:
    found = [_Draft("release", r.at, r.artist_id, r.id, r.run_id, r.text) for r in releases]
    return found + [
        _Draft("post", p.at, p.artist_id, p.id, p.run_id, p.text)
        for p in posts
        if p.status == PostStatus.PUBLISHED.value
    ]


def _waiting(approvals: Iterable[Approval], begin: datetime, end: datetime) -> list[_Draft]:
    found = []
    for approval in approvals:
        going = approval.auto_approve_at
        if going is not None and begin <= going < end:
            found.append(_Draft("veto", going, approval.artist_id, approval.id, approval.run_id))
        elif going is None and begin <= approval.expires_at < end:
            at = approval.expires_at
            found.append(_Draft("expires", at, approval.artist_id, approval.id, approval.run_id))
    return found
