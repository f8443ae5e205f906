"""Slots on a real PostgreSQL, where two leaders truly write at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

from domain.actor import OPERATOR, SYSTEM
from domain.rhythm_words import parse_rhythm
from runtime.clock import ManualClock
from runtime.engine.in_memory import InMemoryEngine
from services.run_moves import RUN_JOB
from services.runs import RunService
from services.schedules import ScheduleChange, ScheduleService
from store.database import Database
from store.migrate import upgrade
from tests.store import nouns
from tests.support.database import PostgresServer

ARTISTS = 12


async def test_leaders_who_fire_at_once_start_each_slot_once(postgres: PostgresServer) -> None:
    url = postgres.new_database()
    await upgrade(url)
    clock, engine = ManualClock(nouns.NOW), InMemoryEngine()

    async def nothing(_: str) -> None:
        """The run stays queued."""

    engine.register(RUN_JOB, nothing)
    await engine.start()
    databases = [Database(url) for _ in range(3)]
    leaders = [ScheduleService(db, clock, RunService(db, clock, engine)) for db in databases]
    async with databases[0].unit() as unit:
        for number in range(ARTISTS):
            await unit.artists.add(nouns.artist(f"artist_{number:02}", status="active"))
        await unit.commit()
    change = ScheduleChange(rhythm=parse_rhythm("every 6 hours"))
    for number in range(ARTISTS):
        await leaders[0].put(OPERATOR, f"artist_{number:02}", change)
    clock.advance(timedelta(hours=6))
    await asyncio.gather(*(leader.fire_due(SYSTEM) for leader in leaders))
    async with databases[0].unit() as unit:
        runs = await unit.runs.page(None, 100)
        events = await unit.events.after(0, 1000)
    fired = Counter(event.subject_id for event in events if event.kind == "schedule.fired")
    assert len(runs) == len({run.slot_key for run in runs}) == ARTISTS
    assert len(fired) == ARTISTS
    assert set(fired.values()) == {1}
    for leader in leaders:
        assert await leader.fire_due(SYSTEM) == []
    await engine.stop()
    for database in databases:
        await database.close()
    postgres.drop_database(url)
