from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.database import PostgresServer, postgres_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One real PostgreSQL for the whole session; every user takes a database of its own."""
    with postgres_server() as server:
        yield server
