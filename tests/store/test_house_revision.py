from __future__ import annotations

from sqlalchemy import select

from store.database import Database
from store.engine import make_engine
from store.migrate import downgrade, upgrade
from store.tables import metadata
from tests.store import nouns
from tests.store.dump import DATA, load

# In bodies of the release of 0003, though its label was written down before.
CAME_LATE = {"attempts": {"waited_s"}, "channels": {"renewing_until"}}
# What later revisions added has no rows in its label.
LATER = {
    "eval_cases",
    "eval_runs",
    "eval_samples",
    "transcripts",
    "adaptations",
    "experiments",
    "exposures",
}
TABLES = [name for name in metadata.tables if name not in LATER]
WITH_BODY = [name for name, table in metadata.tables.items() if "body" in table.c]


async def _fields(url: str) -> dict[str, set[str]]:
    """What the bodies of each table hold that has rows."""
    engine = make_engine(url)
    found: dict[str, set[str]] = {}
    async with engine.connect() as connection:
        there = await connection.run_sync(lambda c: set(engine.dialect.get_table_names(c)))
        for name in there.intersection(WITH_BODY):
            bodies = (await connection.execute(select(metadata.tables[name].c.body))).scalars()
            if fields := {field for body in bodies for field in body}:
                found[name] = fields
    await engine.dispose()
    return found


async def test_what_the_house_revision_keeps_is_found(url: str) -> None:
    await upgrade(url, "0004")
    await load(url, DATA / "0004.sql")
    await upgrade(url)
    database = Database(url)
    async with database.unit() as unit:
        assert await unit.talks.get("talk_01") == nouns.talk()
        assert await unit.turns.of_talk("talk_01") == [nouns.turn()]
        assert await unit.directives.get("directive_01") == nouns.directive()
        assert await unit.steerings.of_artist("artist_01") == nouns.steering()
        assert await unit.users.by_name("ada") == nouns.user()
        assert await unit.invitations.get("invitation_01") == nouns.invitation()
        assert await unit.sessions.get("session_01") == nouns.session()
        assert await unit.keys.get("key_01") == nouns.api_key()
        assert await unit.audit.get("audit_01") == nouns.audit_entry()
        assert await unit.kept_requests.get("request_01") == nouns.kept_request()
        [step] = await unit.steps.of_run("run_02")
        assert step.tools == (nouns.tool_call(),)
        [call] = await unit.model_calls.of_run("run_01", None, 5)
        assert call.answered == nouns.usage().answered
    await database.close()


async def test_the_release_before_finds_no_field_that_it_does_not_know(url: str) -> None:
    await upgrade(url, "0003")
    await load(url, DATA / "0003.sql")
    known = await _fields(url)
    await downgrade(url, "base")
    await upgrade(url, "0004")
    await load(url, DATA / "0004.sql")
    await downgrade(url, "0003")
    left = await _fields(url)
    assert set(left) == set(known)
    later = {
        name: fields - known[name] - CAME_LATE.get(name, set()) for name, fields in left.items()
    }
    assert {name: fields for name, fields in later.items() if fields} == {}


def test_its_label_has_a_row_in_every_table() -> None:
    written = (DATA / "0004.sql").read_text()
    assert [n for n in TABLES if f"INSERT INTO {n} (" not in written] == []
