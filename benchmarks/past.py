"""The long past of a label's artists, put there without running anything.

Everything that lists and pages read: runs with steps, works, releases, posts, the stage and its
audience, bills, talks, memories and the event log, spread over ninety days in the order of time;
and runs whose song waits for a decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Table, insert

from benchmarks.deeds import LONG, POSTS_A_RUN, asking, bills, cycle, line, said
from domain.approval import Approval
from domain.artist import Artist
from domain.directive import Directive
from domain.entity import Entity
from domain.memory import MemoryRecord
from domain.post import Post
from domain.release import Release
from domain.run import Run, StepRecord
from domain.talk import Talk, Turn
from domain.work import Work
from runtime.clock import SystemClock
from store import tables
from store.database import Database
from store.mapper import Mapper
from store.repositories.audience import AudienceRepository
from store.repositories.posts import ApprovalRepository, PostRepository
from store.repositories.runs import RunRepository, StepRepository
from store.repositories.stage import StageRepository
from store.repositories.steering import DirectiveRepository
from store.repositories.talks import TalkRepository, TurnRepository
from store.repositories.works import ReleaseRepository, WorkRepository
from store.searching import entries_of, index_entries

T = TypeVar("T")
AT_ONCE = 400
# Parents before their children.
MAPPERS: tuple[Mapper[Any], ...] = (
    RunRepository.mapper,
    StepRepository.mapper,
    WorkRepository.mapper,
    ReleaseRepository.mapper,
    PostRepository.mapper,
    ApprovalRepository.mapper,
    StageRepository.mapper,
    AudienceRepository.mapper,
    DirectiveRepository.mapper,
    TalkRepository.mapper,
    TurnRepository.mapper,
    Mapper("memory", MemoryRecord, tables.memory_records),
)


@dataclass
class Past:
    """Ids of what pages are about, one of each for every artist; and what waits, all of it."""

    runs: dict[str, str] = field(default_factory=dict)
    works: dict[str, str] = field(default_factory=dict)
    releases: dict[str, str] = field(default_factory=dict)
    posts: dict[str, str] = field(default_factory=dict)
    steps: dict[str, str] = field(default_factory=dict)
    memories: dict[str, str] = field(default_factory=dict)
    directives: dict[str, str] = field(default_factory=dict)
    talks: dict[str, str] = field(default_factory=dict)
    turns: dict[str, str] = field(default_factory=dict)
    approvals: list[str] = field(default_factory=list)
    every_run: list[Run] = field(default_factory=list)


async def remember(
    database: Database, artists: Sequence[Artist], posts: int, events: int, waiting: int
) -> Past:
    """Write so many posts, and lines of the log, with all that led to them."""
    past, start = Past(), SystemClock().now() - LONG
    runs = max(1, posts // POSTS_A_RUN)
    for numbers in _some(range(runs), len(artists)):
        made: list[Entity] = []
        for n in numbers:
            artist = artists[n % len(artists)]
            made += _note(past, artist, cycle(artist, n, start + n * LONG / runs))
        past.every_run += [entity for entity in made if isinstance(entity, Run)]
        await _keep(database, made)
    asked = [e for n in range(waiting) for e in asking(artists[n % len(artists)], n)]
    past.approvals = [e.id for e in asked if isinstance(e, Approval)]
    await _keep(database, asked)
    await _keep(database, [e for a in artists for e in _note(past, a, said(a, start))])
    each = events / runs
    lines = (line(past.every_run[int(n / each)], start + n * LONG / events) for n in range(events))
    await _insert(database, tables.events, lines)
    await _insert(database, tables.usage_records, bills(artists, runs, start))
    return past


def _note(past: Past, artist: Artist, made: Iterable[Entity]) -> list[Entity]:
    """Write down the newest of each kind."""
    found = list(made)
    places: dict[type[Entity], dict[str, str]] = {
        Run: past.runs,
        Work: past.works,
        Release: past.releases,
        Post: past.posts,
        StepRecord: past.steps,
        MemoryRecord: past.memories,
        Directive: past.directives,
        Talk: past.talks,
        Turn: past.turns,
    }
    for entity in found:
        if type(entity) in places:
            places[type(entity)][artist.id] = entity.id
    return found


async def _keep(database: Database, made: Sequence[Entity]) -> None:
    for mapper in MAPPERS:
        mine = [entity for entity in made if isinstance(entity, mapper.model)]
        await _insert(database, mapper.table, (mapper.to_row(entity) for entity in mine))
    links = [{"run_id": run.id, "artist_id": run.artist_id} for run in made if isinstance(run, Run)]
    await _insert(database, tables.run_artists, links)
    for entries in _some((e for entity in made for e in entries_of(entity)), AT_ONCE):
        async with database.session() as session:
            await index_entries(session, entries)


async def _insert(database: Database, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    for some in _some(rows, AT_ONCE):
        async with database.session() as session:
            await session.write(insert(table).values(some))


def _some(whole: Iterable[T], many: int) -> Iterator[list[T]]:
    left = iter(whole)
    while found := list(islice(left, many)):
        yield found
