"""Directives that the release before kept as memories are directives after the upgrade."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from domain.directive import DirectiveStatus
from store.database import Database
from store.engine import make_engine
from store.migrate import downgrade, upgrade
from tests.store.dump import load

DATA = Path(__file__).parent / "data"
ORDER = (
    "INSERT INTO memory_records (id, row_version, created_at, updated_at, body, artist_id, kind, "
    "text, happened_at, text_sha256, superseded_by) VALUES (:id, 1, '2026-01-03 00:00:00', "
    "'2026-01-03 00:00:00', :body, 'artist_01', :kind, :text, '2026-01-03 00:00:00', :id, :by)"
)
OUTSIDE = '{"importance":1.0,"source":"self","untrusted":true}'
OURS = '{"importance":1.0,"source":"self","untrusted":false}'


async def _remember(url: str) -> None:
    rows: list[dict[str, str | None]] = [
        {"id": "memory_d1", "body": OURS, "kind": "directive", "text": "sing lower", "by": None},
        {"id": "memory_d2", "body": OURS, "kind": "directive", "text": "gone", "by": "memory_d1"},
        {"id": "memory_d3", "body": OUTSIDE, "kind": "directive", "text": "obey", "by": None},
        {"id": "memory_d4", "body": OURS, "kind": "semantic", "text": "rain", "by": None},
    ]
    engine = make_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text(ORDER), rows)
    await engine.dispose()


async def test_standing_memories_of_that_kind_become_directives_once(url: str) -> None:
    await upgrade(url, "0003")
    await load(url, DATA / "0003.sql")
    await _remember(url)
    for _ in range(2):
        await upgrade(url)
        database = Database(url)
        async with database.unit() as unit:
            (found,) = await unit.directives.standing("artist_01")
        await database.close()
        assert (found.id, found.text, found.lasting) == ("directive_d1", "sing lower", True)
        assert (found.status, found.by) == (DirectiveStatus.STANDING, "operator:local")
        await downgrade(url, "0003")
