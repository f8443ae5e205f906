from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from domain.errors import EnvironmentProblem
from domain.ports.model import Completion, TokenUsage
from runtime.settings import Settings
from runtime.shared import build
from runtime.shared.build import open_shared, prefix_of
from tests.support.redis import RedisServer, redis_server

ANSWER = Completion(text="blue", finish_reason="stop", model="m", usage=TokenUsage())


def settings(home: Path, redis_url: str | None = None, database: str | None = None) -> Settings:
    url = SecretStr(redis_url) if redis_url else None
    return Settings(home=home, redis_url=url, database_url=database)


async def test_without_redis_answers_stay_in_the_home(tmp_path: Path) -> None:
    async with open_shared(settings(tmp_path)) as shared:
        await shared.answers.put("a", "p@1", ANSWER)
        assert (await shared.stats()).redis == "none"
    async with open_shared(settings(tmp_path)) as again:
        assert await again.answers.get("a") == ANSWER
        counts = (await again.stats()).caches["answers"]
        assert (counts.hits, counts.misses) == (1, 0)


async def test_two_processes_share_over_redis_and_leave_nothing_in_the_home(
    redis: RedisServer, tmp_path: Path
) -> None:
    database = f"postgresql+psycopg://u:secret@db-one/{tmp_path.name}"
    elsewhere = database.replace("db-one", "10.0.0.7")
    async with (
        open_shared(settings(tmp_path / "a", redis.url, database)) as one,
        open_shared(settings(tmp_path / "b", redis.url, elsewhere)) as other,
    ):
        await one.answers.put("a", "p@1", ANSWER)
        assert await other.answers.get("a") == ANSWER
        breaker = one.breakers.of("m")
        await breaker.report(await breaker.admit(), "ok")
        await one.limits.pause("m", 20)
        stats = await one.stats()
        assert stats.redis == "up"
        assert stats.breakers == {"m": "closed"}
        assert stats.buckets["m"].paused_s > 10
        assert stats.caches["answers"].rate == 1
        one.bus.announce(3)
        assert await other.bus.wait(2, 5)
    assert list(tmp_path.glob("*/*")) == []


async def test_another_labels_parts_are_not_met(redis: RedisServer, tmp_path: Path) -> None:
    here = f"postgresql+psycopg://db/{tmp_path.name}"
    async with (
        open_shared(settings(tmp_path, redis.url, here)) as one,
        open_shared(settings(tmp_path, redis.url, here + "_two")) as other,
    ):
        await one.answers.put("a", "p@1", ANSWER)
        assert await other.answers.get("a") is None


@pytest.mark.parametrize("url", ["http://localhost", "redis://localhost:port", "no address"])
async def test_an_address_of_the_wrong_form_is_named_at_once(url: str, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem) as caught:
        async with open_shared(settings(tmp_path, url)):
            pass
    assert caught.value.field == "redis_url"
    assert "GREENROOM_REDIS_URL" in caught.value.message


async def test_a_redis_that_is_not_there_is_named_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "REACHED_WITHIN_S", 0.5)
    with pytest.raises(EnvironmentProblem, match="does not answer"):
        async with open_shared(settings(tmp_path, f"unix://{tmp_path}/none")):
            pass


async def test_a_redis_that_starts_late_is_waited_for(tmp_path: Path) -> None:
    with redis_server() as server:
        server.stop()
        opening = asyncio.create_task(_opened(settings(tmp_path, server.url)))
        await asyncio.sleep(0.5)
        assert not opening.done()
        server.start()
        assert await opening == "up"


async def _opened(chosen: Settings) -> str:
    async with open_shared(chosen) as shared:
        return (await shared.stats()).redis


async def test_stats_tell_that_redis_is_away(tmp_path: Path) -> None:
    with redis_server() as server:
        async with open_shared(settings(tmp_path, server.url)) as shared:
            server.kill()
            await shared.windows.count("a", 1, 1)
            assert (await shared.stats()).redis == "away"


def test_a_labels_names_hold_no_secret_and_follow_the_databases_name() -> None:
    one = prefix_of("postgresql+psycopg://u:secret@db/label")
    assert one == prefix_of("postgresql+psycopg://u:other@10.0.0.7:5432/label")
    assert one != prefix_of("postgresql+psycopg://u:secret@db/other")
    assert "secret" not in one
