"""What only many processes can get wrong: who leads, who holds a run, who tells of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import psycopg
import pytest

from benchmarks.stock import stock
from domain.actor import OPERATOR
from domain.ids import new_id
from domain.rhythm import Every
from domain.schedule import Schedule
from runtime.clock import SystemClock
from services.directives import DirectiveService
from store.database import Database
from tests.app.acceptance import SONG, Reader, debut, main_job, settled
from tests.support.cluster import Cluster, Shape, cluster, until
from tests.support.process import Process

# Twice what is wanted, for a busy machine; `benchmarks kill` tells what it takes.
LEAD_MOVES_S = 20.0
TAKEN_UP_S = 30.0
SLOTS = 30


@pytest.fixture(scope="module")
def label(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two API processes, three workers, two schedulers, for all tests of this file."""
    with cluster(tmp_path_factory.mktemp("cluster"), Shape(schedulers=2)) as made:
        yield made


@pytest.fixture(autouse=True)
def _all_stand(label: Cluster) -> Iterator[None]:
    """Whatever a test ended stands again after it."""
    yield
    for process in label.processes:
        if not process.alive:
            process.start()
    label.ready()


def test_the_main_job_over_many_processes(label: Cluster) -> None:
    main_job(label.apis, label.logs)


@pytest.mark.slow
def test_a_page_goes_on_at_another_process_when_the_one_it_follows_dies(label: Cluster) -> None:
    handle = debut(label.apis, label.logs)
    run = label.apis[1].post(f"/artists/{handle}/runs", {"approve": "auto", "seed": 5})
    reader = Reader(label.apis, f"/runs/{run['id']}/events")
    until(lambda: "write" in reader.steps(), 60, label.logs)
    label.process("api-1").kill()
    ended = settled(label.apis[1], run["id"], label.logs)
    assert ended["status"] == "succeeded", ended
    whole = [e["id"] for e in label.apis[1].get("/events", run_id=run["id"], after="0")["items"]]
    until(lambda: len(reader.seen) >= len(whole), 10, label.logs)
    reader.end()
    assert reader.cuts >= 1
    assert [e["id"] for e in reader.seen] == whole
    assert all(one < other for one, other in pairwise(whole))


def test_a_worker_asked_to_end_finishes_its_step_and_hands_the_run_over(label: Cluster) -> None:
    handle = debut(label.apis, label.logs)
    run = label.apis[0].post(f"/artists/{handle}/runs", {"approve": "auto", "seed": 6})
    reader = Reader(label.apis[1:], f"/runs/{run['id']}/events")
    until(lambda: "render" in reader.steps(), 60, label.logs)
    holder = _holder(label, run["id"])
    began = datetime.now(UTC)
    assert holder.stop() == 0, holder.log()
    ended = settled(label.apis[1], run["id"], label.logs)
    reader.end()
    assert ended["status"] == "succeeded", ended
    assert _rows(label, "SELECT lease FROM runs WHERE id = %s", run["id"]) == [(2,)]
    # Nothing was begun twice: the step under way came to its end where it was.
    assert Counter(reader.steps())["render"] == 1
    assert [s for s, n in Counter(reader.steps()).items() if n > 1] == []
    after = next(e for e in reader.seen if e["kind"] == "run.changed" and _at(e) > began)
    taken = next(e for e in reader.seen if e["kind"] == "step.started" and _at(e) > _at(after))
    assert (_at(taken) - _at(after)).total_seconds() < TAKEN_UP_S / 3


@pytest.mark.slow
@pytest.mark.parametrize("how", ["kill", "freeze"])
def test_the_run_of_a_worker_that_falls_silent_goes_on_elsewhere(label: Cluster, how: str) -> None:
    handle = debut(label.apis, label.logs)
    run = label.apis[0].post(f"/artists/{handle}/runs", {"approve": "auto", "seed": 8})
    reader = Reader(label.apis, f"/runs/{run['id']}/events")
    until(lambda: "write" in reader.steps(), 60, label.logs)
    holder = _holder(label, run["id"])
    struck = datetime.now(UTC)
    holder.kill() if how == "kill" else holder.freeze()
    try:
        went_on = until(
            lambda: [e for e in reader.seen if e["kind"] == "step.started" and _at(e) > struck],
            60,
            label.logs,
        )
    finally:
        holder.thaw()
    ended = settled(label.apis[0], run["id"], label.logs)
    until(lambda: set(SONG) <= set(reader.steps("step.finished")), 20, label.logs)
    reader.end()
    assert ended["status"] == "succeeded", ended
    (lease,) = _rows(label, "SELECT lease FROM runs WHERE id = %s", run["id"])
    assert lease[0] >= 2
    assert (_at(went_on[0]) - struck).total_seconds() <= TAKEN_UP_S


async def test_when_the_leading_scheduler_dies_another_leads_and_no_slot_is_lost_or_doubled(
    label: Cluster,
) -> None:
    database = Database(label.database_url)
    try:
        slots = await _resting_artists(database, SLOTS)
        await asyncio.sleep(3)
        before = _leader(label)
        struck = SystemClock().now()
        before.kill()
        after = await asyncio.to_thread(until, lambda: _new_leader(label, before), 30, label.logs)
        moved_s = (SystemClock().now() - struck).total_seconds()
        await asyncio.to_thread(until, lambda: _fired(label) >= set(slots), 60, label.logs)
    finally:
        await database.close()
    assert after is not None
    assert after.name != before.name
    assert moved_s <= LEAD_MOVES_S
    started = Counter(_started(label))
    assert {key: started[key] for key in slots} == dict.fromkeys(slots, 1)


@pytest.mark.slow
def test_work_goes_on_when_redis_dies_and_when_the_database_restarts(label: Cluster) -> None:
    handle = debut(label.apis, label.logs)
    label.redis.kill()
    run = label.apis[0].post(f"/artists/{handle}/runs", {"approve": "auto", "seed": 9})
    until(lambda: label.apis[1].get(f"/runs/{run['id']}")["steps"], 60, label.logs)
    label.postgres.restart(away_s=0.5)
    ended = settled(label.apis[1], run["id"], label.logs)
    label.redis.start()
    assert ended["status"] == "succeeded", ended


async def _resting_artists(database: Database, count: int) -> list[str]:
    """Artists told to rest, each with one slot, half a second apart; the slots' keys."""
    keys = []
    directives = DirectiveService(database, SystemClock())
    artists = await stock(database, count, first=1000)
    begin = SystemClock().now().replace(microsecond=0) + timedelta(seconds=2)
    for number, artist in enumerate(artists):
        now = SystemClock().now()
        text = "Take a break, rest for a few days."
        await directives.add(OPERATOR, artist.id, text, lasting=True)
        slot = begin + timedelta(seconds=number // 2)
        schedule = Schedule(
            id=new_id("schedule"),
            created_at=now,
            updated_at=now,
            artist_id=artist.id,
            rhythm=Every(minutes=24 * 60),
            approve="auto",
            anchor_at=slot - timedelta(days=1),
            next_at=slot,
        )
        async with database.unit() as unit:
            await unit.schedules.add(schedule)
            await unit.commit()
        keys.append(schedule.slot_key(slot))
    return keys


def _fired(label: Cluster) -> set[str]:
    return set(_started(label))


def _started(label: Cluster) -> list[str]:
    rows = _rows(label, "SELECT slot_key FROM runs WHERE slot_key IS NOT NULL")
    return [str(row[0]) for row in rows]


def _leader(label: Cluster) -> Process:
    found = until(lambda: _leading(label), 30, label.logs)
    assert found is not None
    return found


def _new_leader(label: Cluster, before: Process) -> Process | None:
    found = _leading(label)
    return found if found is not None and found.name != before.name else None


def _leading(label: Cluster) -> Process | None:
    """The scheduler that holds the lead: its process id is in its name."""
    holders = [str(row[0]) for row in _rows(label, "SELECT holder FROM engine_leads")]
    named = [p for p in label.role("scheduler") for h in holders if f"-{p.pid}-" in h]
    return named[0] if named else None


def _holder(label: Cluster, run_id: str) -> Process:
    """The worker that holds a run."""

    def look() -> Process | None:
        (row,) = _rows(label, "SELECT holder FROM runs WHERE id = %s", run_id)
        return next((p for p in label.role("worker") if f"-{p.pid}-" in str(row[0])), None)

    found = until(look, 30, label.logs)
    assert found is not None
    return found


def _rows(label: Cluster, statement: str, *values: object) -> list[tuple[Any, ...]]:
    url = label.database_url.replace("+psycopg", "")
    with closing(psycopg.connect(url)) as connection:
        return connection.execute(statement.encode(), values).fetchall()


def _at(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(str(event["at"]))
