from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest

from tests.support.bluesky.server import BlueskyServer, bluesky_server
from tests.support.database import PostgresServer, postgres_server
from tests.support.redis import RedisServer, redis_server

# Machines are shared and slow at times: how long an example takes is no failure.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One real PostgreSQL for the whole session; every user takes a database of its own."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def redis() -> Iterator[RedisServer]:
    """One real Redis for the whole session; every user takes a prefix of its own."""
    with redis_server() as server:
        yield server


@pytest.fixture(scope="session")
def bluesky(postgres: PostgresServer) -> Iterator[BlueskyServer]:
    """One real Bluesky network for the whole session; every user makes accounts of its own."""
    with bluesky_server(postgres.new_database()) as server:
        yield server
