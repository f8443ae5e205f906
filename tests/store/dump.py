"""A populated label per released revision, as plain INSERTs that both databases take.

`python -m tests.store.dump` writes the one of the newest revision. Do that once, when a revision
is released, and never touch the file again: later code must read what earlier code wrote.
"""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import text

from store.database import Database
from store.engine import make_engine
from store.memory_records import SqlMemoryRecords
from store.migrate import head, upgrade
from store.tables import metadata
from store.usage import SqlUsageLedger
from tests.store import nouns

DATA = Path(__file__).with_name("data")
SERIALS = {t.name: t.autoincrement_column for t in metadata.sorted_tables}


async def load(url: str, dump: Path) -> None:
    """Insert a dump's rows, and let new numbers begin behind its own."""
    engine = make_engine(url)
    async with engine.begin() as connection:
        postgresql = engine.dialect.name == "postgresql"
        if postgresql:
            await connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
        # A text may run over several lines.
        lines = re.findall(r"^INSERT .*?\);$", dump.read_text(), re.MULTILINE | re.DOTALL)
        for line in lines:
            # A colon or percent sign inside the data is no parameter.
            await connection.execute(text(line.replace(":", r"\:")))
        if postgresql:
            # An older revision does not have every table.
            filled = {line.split()[2] for line in lines}
            for table, column in SERIALS.items():
                if column is not None and table in filled:
                    await connection.exec_driver_sql(
                        f"SELECT setval(pg_get_serial_sequence('{table}', '{column.name}'),"
                        f" (SELECT coalesce(max({column.name}), 1) FROM {table}))"
                    )
    await engine.dispose()


async def fill(database: Database) -> None:
    """Store at least one of every noun."""
    async with database.unit() as unit:
        await unit.artists.add(nouns.artist())
        await unit.artists.add(nouns.artist("artist_02"))
        await unit.profiles.add(nouns.profile())
        await unit.runs.add(nouns.run())
        await unit.runs.add(nouns.run("run_02", ("artist_01", "artist_02")))
        await unit.steps.add(nouns.step())
        await unit.steps.add(nouns.step("step_90", "run_02", tools=(nouns.tool_call(),)))
        await unit.works.add(nouns.work())
        await unit.releases.add(nouns.release())
        await unit.posts.add(nouns.post())
        await unit.approvals.add(nouns.approval())
        await unit.attempts.add(nouns.attempt())
        await unit.stage.add(nouns.stage())
        await unit.audience.add(nouns.audience())
        await unit.generations.add(nouns.generation())
        await unit.providers.add(nouns.provider_health())
        await unit.schedules.add(nouns.schedule())
        await unit.switches.add(nouns.switch())
        await unit.channels.add(nouns.channel())
        await unit.webhooks.add(nouns.webhook())
        await unit.deliveries.add(nouns.delivery())
        await unit.alerts.add(nouns.alert())
        await unit.renders.add(nouns.render())
        await unit.talks.add(nouns.talk())
        await unit.turns.add(nouns.turn())
        await unit.directives.add(nouns.directive())
        await unit.steerings.add(nouns.steering())
        await unit.users.add(nouns.user())
        await unit.invitations.add(nouns.invitation())
        await unit.sessions.add(nouns.session())
        await unit.keys.add(nouns.api_key())
        await unit.audit.add(nouns.audit_entry())
        await unit.kept_requests.add(nouns.kept_request())
        await unit.eval_cases.add(nouns.kept_case())
        await unit.eval_runs.add(nouns.eval_run())
        await unit.eval_samples.add(nouns.eval_sample())
        await unit.transcripts.add(nouns.transcript())
        await unit.adaptations.add(nouns.adaptation())
        await unit.experiments.add(nouns.experiment())
        await unit.exposures.add(nouns.exposure())
        unit.emit(nouns.event())
        await unit.commit()
    await SqlMemoryRecords(database).add(nouns.memory())
    await SqlUsageLedger(database).record(nouns.usage())


async def write(target: Path) -> None:
    """Fill a new database and write its rows down."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/label.db"
        await upgrade(url)
        database = Database(url)
        await fill(database)
        lines = [f"-- A populated label at revision {head()}; see tests/store/dump.py."]
        async with database.engine.connect() as connection:
            for table in metadata.sorted_tables:
                rows = await connection.execute(text(f"SELECT * FROM {table.name}"))
                for row in rows.mappings():
                    names = ", ".join(str(name) for name in row)
                    values = ", ".join(_literal(table.c[str(name)], row[name]) for name in row)
                    lines.append(f"INSERT INTO {table.name} ({names}) VALUES ({values});")
        await database.close()
    target.parent.mkdir(exist_ok=True)
    target.write_text("\n".join(lines) + "\n")


def _literal(column: Any, value: object) -> str:
    if value is None:
        return "NULL"
    if column.type.python_type is bool:
        return "TRUE" if value else "FALSE"
    if column.type.python_type is dict:
        value = json.dumps(json.loads(str(value)))
    return (
        str(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "''") + "'"
    )


if __name__ == "__main__":
    asyncio.run(write(DATA / f"{head()}.sql"))
