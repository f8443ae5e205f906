"""Everything that is read asks the database as often for many things as for few, and not often."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from benchmarks.reads import asked, patterns
from domain.actor import OPERATOR
from domain.work import Asset
from store import tables
from tests.api.conftest import OURS, client_of
from tests.store import nouns
from tests.store.test_query_counts import counted
from tests.support.label import START, TOKEN, TestLabel
from tests.support.lived_in import LivedIn, live_in

# Of each kind there is one at least, or a question that is never asked looks like one a line.
FEW, MANY = 2, 15
# Who asks, what is asked for, and what it names.
MOST_OF_API = 9
# The frame around a page, and its parts.
MOST_OF_PAGE = 14
# Pages of many parts.
MORE = {
    "/api/v1/operations": 11,
    "/operator": 24,
    "/operator/live": 21,
    "/operator/artists/{handle}": 17,
    "/operator/artists/{handle}/steering": 16,
    "/operator/runs/{run_id}": 16,
}
PAGE_MAX_BYTES = 150_000
HEARD = (Asset(role="mp3", sha256=nouns.SHA, bytes=9, media_type="audio/mpeg", filename="s.mp3"),)
TABLES = {
    "adaptation_id": tables.adaptations,
    "alert_id": tables.alerts,
    "comment_id": tables.audience_events,
    "directive_id": tables.directives,
    "entry_id": tables.audit_entries,
    "job_id": tables.generation_jobs,
    "memory_id": tables.memory_records,
    "post_id": tables.posts,
    "release_id": tables.releases,
    "webhook_id": tables.webhooks,
}


async def test_nothing_is_asked_once_a_line(label: TestLabel) -> None:
    lived = await live_in(label)
    await _more(label, lived, range(FEW))
    names = await _names(label, lived)
    few = await _counts(label, names)
    await _more(label, lived, range(FEW, MANY))
    many = await _counts(label, names)
    assert {path: (n, many[path]) for path, n in few.items() if n != many[path]} == {}
    over = {
        pattern: many[path]
        for pattern in patterns()
        for path in asked(pattern, names)
        if many[path] > MORE.get(pattern, _usual(pattern))
    }
    assert over == {}


def _usual(pattern: str) -> int:
    return MOST_OF_API if pattern.startswith(("/api/", "/v1/")) else MOST_OF_PAGE


async def _counts(label: TestLabel, names: dict[str, str]) -> dict[str, int]:
    found, heavy = {}, {}
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    async with client_of(label, **bearer) as api, client_of(label, **OURS) as browser:
        await browser.get("/operator", params={"token": TOKEN})
        for path in (path for pattern in patterns() for path in asked(pattern, names)):
            client = api if path.startswith(("/api/", "/v1/")) else browser
            with counted(label.database) as seen:
                answer = await client.get(path)
            assert answer.status_code in (200, 204), (path, answer.text)
            found[path] = len(seen)
            if client is browser and len(answer.content) > PAGE_MAX_BYTES:
                heavy[path] = len(answer.content)
    assert heavy == {}
    return found


async def _names(label: TestLabel, lived: LivedIn) -> dict[str, str]:
    """What stands for each name in an address."""
    found = {
        "handle": lived.handle,
        "run_id": lived.waiting_run,
        "approval_id": lived.approval,
        "work_id": lived.work,
        "talk_id": lived.talk,
        "invitation": lived.invitation,
        "person": lived.person,
        "provider": "alpha",
        "schedule": "main",
        "genre": "lofi",
        "number": "1",
        "begin": "2026-05-01T00:00:00Z",
        "end": "2026-06-01T00:00:00Z",
    }
    async with label.database.session() as session:
        for name, table in TABLES.items():
            found[name] = await _first(session, select(table.c.id))
        ofs = ((tables.steps, "run_id", "step_id"), (tables.turns, "talk_id", "turn_id"))
        for table, its, name in ofs:
            found[name] = await _first(
                session, select(table.c.id).where(table.c[its] == found[its])
            )
        row = await session.row(select(tables.schedules.c.next_at))
        assert row is not None
        found["slot"] = row["next_at"].isoformat().replace("+00:00", "Z")
    return found


async def _first(session: Any, query: Any) -> str:
    row = await session.row(query.limit(1))
    assert row is not None, query
    return str(row["id"])


async def _more(label: TestLabel, lived: LivedIn, numbers: Iterable[int]) -> None:
    """More of everything that lists hold; half of it belongs to the run that is shown."""
    artist = await label.artists.find(OPERATOR, lived.handle)
    mine: dict[str, Any] = {"artist_id": artist.id}
    soon = {"expires_at": START + timedelta(days=2)}
    async with label.database.unit() as unit:
        for n in numbers:
            x, run = f"1{n:02}", f"run_1{n:02}"
            await unit.artists.add(other := nouns.artist(f"artist_{x}"))
            await unit.profiles.add(nouns.profile(artist_id=other.id))
            await unit.artists.save(other.amend(other.updated_at, profile_number=1))
            await unit.runs.add(nouns.run(run, (artist.id,)))
            shown = run if n % 2 else lived.waiting_run
            await unit.steps.add(nouns.step(f"step_{x}", shown, **mine))
            await unit.works.add(nouns.work(f"work_{x}", shown, **mine, assets=HEARD))
            out = {"work_ids": (f"work_{x}",), "status": "live", "live_at": START}
            await unit.releases.add(nouns.release(f"release_{x}", shown, **mine, **out))
            went = {"status": "published", "published_at": START}
            await unit.posts.add(nouns.post(f"post_{x}", shown, **mine, **went))
            await unit.approvals.add(nouns.approval(f"approval_{x}", run, **mine, **soon))
            await unit.schedules.add(nouns.schedule(f"schedule_{x}", name=f"n{n}", **mine))
            await unit.directives.add(nouns.directive(f"directive_{x}", **mine))
            await unit.adaptations.add(nouns.adaptation(f"adaptation_{x}", artist.id))
            said = {**mine, "release_id": f"release_{x}"}
            await unit.audience.add(nouns.audience(f"audience_{x}", **said))
            await unit.alerts.add(nouns.alert(f"alert_{x}"))
            await unit.talks.add(nouns.talk(f"talk_{x}", artist.id))
            turn = {**mine, "talk_id": lived.talk, "key": None}
            await unit.turns.add(nouns.turn(f"turn_{x}", 100 + n, **turn))
            await unit.users.add(nouns.user(f"user_{x}", f"name-{x}"))
            unit.emit(nouns.event(**mine))
        await unit.commit()
    for n in numbers:
        text = f"Night {n} at the harbour."
        await label.memory.remember(nouns.memory(f"memory_1{n:02}", text, **mine))
