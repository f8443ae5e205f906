from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from runtime.shared.over_redis.link import RedisLink
from tests.support.redis import RedisServer


@pytest.fixture
async def link(redis: RedisServer) -> AsyncIterator[RedisLink]:
    """A link with names of its own; a test that used the twins in process by mistake fails."""
    made = RedisLink(redis.url, f"test:{uuid4().hex}")
    yield made
    assert made.losses == 0, "Redis was away: this test showed nothing about it"
    await made.aclose()
