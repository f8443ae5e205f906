from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event

from domain.listing import Listing
from domain.run import RunStatus
from store.database import Database
from store.unit import UnitOfWork
from tests.store import nouns

MANY = 12

Page = Callable[[UnitOfWork], Awaitable[object]]
PAGES: dict[str, Page] = {
    "artists": lambda u: u.artists.page(None, 50),
    "profiles": lambda u: u.profiles.latest_of(["artist_01", "artist_02"]),
    "works": lambda u: u.works.of_artist("artist_01"),
    "works of a release": lambda u: u.works.many([f"work_1{n:02}" for n in range(MANY)]),
    "releases": lambda u: u.releases.of_artist("artist_01"),
    "posts": lambda u: u.posts.of_artist("artist_01"),
    "works of all": lambda u: u.works.listed(Listing(statuses=("conceived",))),
    "releases of all": lambda u: u.releases.listed(Listing(order="oldest")),
    "posts of all": lambda u: u.posts.listed(Listing(since=nouns.NOW - timedelta(days=1))),
    "approvals": lambda u: u.approvals.waiting(),
    "runs": lambda u: u.runs.page(None, 50, RunStatus.QUEUED, "artist_01"),
    "active runs": lambda u: u.runs.active("artist_01"),
    "steps": lambda u: u.steps.of_run("run_01"),
    "comments": lambda u: u.audience.comments(artist_id="artist_01"),
    "totals": lambda u: u.audience.totals("artist_01"),
    "totals by release": lambda u: u.audience.totals_by_release(
        "artist_01", [f"release_1{n:02}" for n in range(MANY)]
    ),
    "stage": lambda u: u.stage.of_artist("artist_01"),
    "due schedules": lambda u: u.schedules.due(nouns.NOW + timedelta(days=2), 50),
    "schedules": lambda u: u.schedules.page(None, 50),
    "events": lambda u: u.events.after(0),
}


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Collect the statements that reach the driver, without BEGIN."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
async def full(label: Database) -> Database:
    async with label.unit() as unit:
        for n in range(MANY):
            await unit.profiles.add(nouns.profile(n + 1))
            await unit.runs.add(nouns.run(f"run_1{n:02}", ("artist_01", "artist_02")))
            await unit.steps.add(nouns.step(f"step_1{n:02}"))
            await unit.works.add(nouns.work(f"work_1{n:02}"))
            await unit.releases.add(nouns.release(f"release_1{n:02}"))
            await unit.posts.add(nouns.post(f"post_1{n:02}"))
            await unit.approvals.add(nouns.approval(f"approval_1{n:02}"))
            await unit.audience.add(
                nouns.audience(f"audience_1{n:02}", release_id=f"release_1{n:02}")
            )
            await unit.stage.add(nouns.stage(f"stage_1{n:02}", f"post_1{n:02}"))
            await unit.schedules.add(nouns.schedule(f"schedule_1{n:02}", name=f"n{n}"))
            unit.emit(nouns.event())
        await unit.commit()
    return label


async def test_a_list_is_one_query_however_long(full: Database) -> None:
    for name, page in PAGES.items():
        async with full.unit() as unit:
            with counted(full) as seen:
                found = await page(unit)
        assert found, name
        assert len(seen) == 1, (name, seen)


async def test_a_change_with_an_event_is_few_statements(full: Database) -> None:
    async with full.unit() as unit:
        with counted(full) as seen:
            work = await unit.works.get("work_01")
            await unit.works.save(work.amend(nouns.NOW))
            unit.emit(nouns.event())
            await unit.commit()
    # Read, write, index its words, lock the log, append, see which webhooks are told of it.
    assert len(seen) <= 6, seen
