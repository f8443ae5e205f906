"""Migrations, run by the program itself under a lock, each upgrade whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import EnvironmentProblem, PartMissing
from store.engine import make_engine, read_url
from store.failures import UPGRADE, told

_LOCK = 0x6772656E  # "gren"


async def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at `url` up to `revision`, making its folder where needed."""
    await _change(url, lambda config: command.upgrade(config, revision))


async def downgrade(url: str, revision: str) -> None:
    """Take the database back to `revision`; `base` takes everything away."""
    await _change(url, lambda config: command.downgrade(config, revision))


async def current(url: str) -> str | None:
    """The revision the database stands at; None for an empty or missing one."""
    if _missing_file(url):
        return None
    engine = make_engine(url)
    try:
        return await _revision(engine)
    finally:
        await engine.dispose()


async def check_current(engine: AsyncEngine) -> None:
    """Raise `PartMissing` unless the database stands at the newest revision this code knows."""
    found = None if _missing_file(str(engine.url)) else await _revision(engine)
    if found == head():
        return
    _must_be_known(found)
    raise PartMissing(
        f"the database is at revision {found or 'none'}; this version needs {head()}",
        remedy=UPGRADE,
    )


@cache
def head() -> str:
    """The newest revision this code knows."""
    newest = _scripts().get_current_head()
    assert newest is not None
    return newest


@cache
def revisions() -> frozenset[str]:
    """Every revision this code knows."""
    return frozenset(script.revision for script in _scripts().walk_revisions())


def _must_be_known(revision: str | None) -> None:
    if revision is not None and revision not in revisions():
        raise PartMissing(
            f"the database is at revision {revision}, which this version does not know",
            remedy="Use the newer Greenroom that last wrote to it.",
        )


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    return config


async def _revision(engine: AsyncEngine) -> str | None:
    with told():
        async with engine.connect() as connection:
            return await connection.run_sync(
                lambda c: MigrationContext.configure(c).get_current_revision()
            )


async def _change(url: str, run: Callable[[Config], Any]) -> None:
    _make_folder(url)
    # Rebuilding a table on SQLite needs foreign keys off; they are checked before the commit.
    engine = make_engine(url, foreign_keys=False)
    try:
        with told():
            async with engine.connect() as connection:
                await connection.execution_options(sqlite_begin="IMMEDIATE")
                await connection.run_sync(lambda c: _locked(c, run))
                await connection.commit()
    finally:
        await engine.dispose()


def _locked(connection: Connection, run: Callable[[Config], Any]) -> None:
    """Change the schema inside the transaction that holds the lock."""
    sqlite = connection.dialect.name == "sqlite"
    if not sqlite:
        # However long another process takes, and however long a step of ours.
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    _must_be_known(MigrationContext.configure(connection).get_current_revision())
    run(_config(connection))
    if sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
        raise EnvironmentProblem(
            f"the migration would leave {len(broken)} rows that refer to nothing",
            remedy="Nothing was changed; report this with the revision you come from.",
        )


def _database_file(url: str) -> Path | None:
    parsed = read_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    return Path(parsed.database)


def _missing_file(url: str) -> bool:
    file = _database_file(url)
    return file is not None and not file.exists()


def _make_folder(url: str) -> None:
    file = _database_file(url)
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentProblem(
            f"cannot make the folder {file.parent}: {error.strerror}",
            remedy="Point GREENROOM_HOME at a folder you may write to.",
        ) from error
