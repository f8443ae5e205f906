"""Lists over the whole label: pages, filters, and single things of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain.artist import Artist
from tests.store import nouns
from tests.support.label import (
    START,
    TestLabel,
    ask,
    cycle,
    debut,
    live_release,
    profile,
    song,
)

MANY = 7


@pytest.fixture
async def artist(label: TestLabel) -> Artist:
    """An artist with a run, and so many works, releases and posts, made an hour apart."""
    artist = await debut(label)
    mine: dict[str, Any] = {"artist_id": artist.id}
    async with label.database.unit() as unit:
        await unit.runs.add(nouns.run("run_01", (artist.id,)))
        for n in range(MANY):
            at: dict[str, Any] = {"created_at": START + timedelta(hours=n)}
            await unit.works.add(nouns.work(f"work_{n}", **(mine | at)))
            await unit.releases.add(nouns.release(f"release_{n}", **(mine | at)))
            status = "published" if n % 2 else "draft"
            await unit.posts.add(nouns.post(f"post_{n}", status=status, **(mine | at)))
        await unit.commit()
    return artist


@pytest.mark.parametrize("noun", ["work", "release", "post"])
@pytest.mark.parametrize("order", ["newest", "oldest"])
async def test_pages_follow_each_other_without_gap_or_repeat(
    api: httpx.AsyncClient, artist: Artist, noun: str, order: str
) -> None:
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        found = await api.get(f"/api/v1/{noun}s", params={"limit": 3, "order": order, **after})
        seen += [one["id"] for one in found.json()["items"]]
        if found.json()["next"] is None:
            break
        after = {"after": found.json()["next"]}
    wanted = [f"{noun}_{n}" for n in range(MANY)]
    assert seen == (wanted if order == "oldest" else wanted[::-1])


async def test_filters_narrow(api: httpx.AsyncClient, artist: Artist) -> None:
    async def ids(**query: str | list[str]) -> list[str]:
        found = await api.get("/api/v1/posts", params={"order": "oldest", **query})
        return [one["id"] for one in found.json()["items"]]

    assert await ids(status="published") == ["post_1", "post_3", "post_5"]
    assert len(await ids(status=["published", "draft"])) == MANY
    since = (START + timedelta(hours=2)).isoformat()
    until = (START + timedelta(hours=4)).isoformat()
    assert await ids(since=since, until=until) == ["post_2", "post_3"]
    assert len(await ids(artist=artist.handle)) == MANY
    assert (await api.get("/api/v1/posts", params={"artist": "nobody"})).status_code == 404
    assert (await api.get("/api/v1/posts", params={"status": "lost"})).status_code == 422
    assert (await api.get("/api/v1/posts", params={"since": "2026-05-04"})).status_code == 422
    assert (await api.get("/api/v1/artists", params={"status": "retired"})).json()["items"] == []
    assert (await api.get("/api/v1/runs", params={"status": "failed"})).json()["items"] == []


async def test_what_waits_is_narrowed_and_paged_like_other_lists(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    mine, other = await debut(label), await debut(label, profile("Night Bus"))
    ids: list[str] = []
    for who in (mine, other, mine):
        run = await cycle(label, who)
        ids.append((await ask(label, run, await song(label, run, f"Song {len(ids)}"))).id)

    async def waiting(**query: str) -> tuple[list[str], str | None]:
        params = {"waiting": "true"} | query
        found = (await api.get("/api/v1/approvals", params=params)).json()
        return [one["id"] for one in found["items"]], found["next"]

    assert await waiting() == (ids, None)
    assert await waiting(artist=mine.handle) == ([ids[0], ids[2]], None)
    assert await waiting(limit="1") == ([ids[0]], ids[0])
    assert await waiting(after=ids[0], artist=mine.id) == ([ids[2]], None)
    assert await waiting(status="approved") == ([], None)


async def test_single_things_are_shown(label: TestLabel, api: httpx.AsyncClient) -> None:
    await live_release(label, await debut(label))
    for noun in ("works", "releases", "posts"):
        first = (await api.get(f"/api/v1/{noun}")).json()["items"][0]
        assert (await api.get(f"/api/v1/{noun}/{first['id']}")).json() == first
        missing = await api.get(f"/api/v1/{noun}/none")
        assert (missing.status_code, missing.json()["title"]) == (404, "not_found")


async def test_genres_are_listed_and_shown(api: httpx.AsyncClient) -> None:
    genres = (await api.get("/api/v1/genres")).json()["items"]
    assert len(genres) > 3
    pack = (await api.get(f"/api/v1/genres/{genres[0]['id']}")).json()
    assert pack["name"] == genres[0]["name"]
    assert pack["forms"]
    assert (await api.get("/api/v1/genres/polka-core")).status_code == 404


async def test_usage_is_summed_by_day_and_artist(
    label: TestLabel, api: httpx.AsyncClient, artist: Artist
) -> None:
    for days in (0, 1, 40):
        record = nouns.usage(at=label.clock.now() - timedelta(days=days))
        scope = record.scope.model_copy(update={"artist_id": artist.id})
        await label.usage.record(record.model_copy(update={"scope": scope}))
    usage = (await api.get("/api/v1/usage", params={"artist": artist.handle})).json()
    assert (usage["tokens"], usage["cost_usd"]) == (30, 0.5)
    assert len(usage["by_day"]) == 2
    assert usage["by_artist"] == [{"artist_id": artist.id, "tokens": 30, "cost_usd": 0.5}]
    whole = await api.get("/api/v1/usage", params={"since": "2026-01-01T00:00:00Z"})
    assert whole.json()["tokens"] == 45
