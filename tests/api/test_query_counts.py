"""A list asks the database as often for many things as for few."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from domain.artist import Artist
from tests.store import nouns
from tests.store.test_query_counts import counted
from tests.support.label import TestLabel, debut

MANY = 15
# Who asks, the list, and what its lines name.
MOST = 6
LISTS = (
    "/api/v1/artists",
    "/api/v1/artists/{handle}/works",
    "/api/v1/artists/{handle}/profile",
    "/api/v1/artists/{handle}/memories",
    "/api/v1/artists/{handle}/comments",
    "/api/v1/works",
    "/api/v1/releases",
    "/api/v1/posts",
    "/api/v1/posts?artist={handle}&status=draft",
    "/api/v1/runs",
    "/api/v1/runs?artist={handle}&status=queued",
    "/api/v1/approvals",
    "/api/v1/approvals?waiting=true",
    "/api/v1/schedules",
    "/api/v1/schedules/next",
    "/api/v1/events",
    "/api/v1/alerts",
    "/api/v1/jobs",
    "/api/v1/webhooks",
    "/api/v1/usage",
    "/api/v1/people",
    "/api/v1/keys",
    "/api/v1/audit",
)


@pytest.fixture
async def artist(label: TestLabel) -> Artist:
    """An artist with so many of everything that lists hold."""
    artist = await debut(label)
    mine: dict[str, Any] = {"artist_id": artist.id}
    async with label.database.unit() as unit:
        for n in range(MANY):
            run = f"run_1{n:02}"
            await unit.artists.add(nouns.artist(f"artist_1{n:02}"))
            await unit.runs.add(nouns.run(run, (artist.id,)))
            await unit.works.add(nouns.work(f"work_1{n:02}", run, **mine))
            await unit.releases.add(nouns.release(f"release_1{n:02}", run, **mine))
            await unit.posts.add(nouns.post(f"post_1{n:02}", run, **mine))
            await unit.approvals.add(nouns.approval(f"approval_1{n:02}", run, **mine))
            await unit.schedules.add(nouns.schedule(f"schedule_1{n:02}", name=f"n{n}", **mine))
            await unit.alerts.add(nouns.alert(f"alert_1{n:02}"))
            unit.emit(nouns.event(**mine))
        await unit.commit()
    return artist


async def test_no_list_asks_once_a_line(
    label: TestLabel, api: httpx.AsyncClient, artist: Artist
) -> None:
    asked = {}
    for path in LISTS:
        with counted(label.database) as seen:
            answer = await api.get(path.format(handle=artist.handle))
        assert answer.status_code == 200, (path, answer.text)
        asked[path] = len(seen)
    assert {path: n for path, n in asked.items() if n > MOST} == {}
    assert all(n > 0 for n in asked.values())
