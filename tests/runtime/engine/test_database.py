"""The engine's connections to PostgreSQL."""

from __future__ import annotations

import sqlalchemy as sa

from runtime.engine.database import network_of, open_database, sync_url
from tests.support.database import PostgresServer


def test_a_server_that_vanished_is_noticed(postgres: PostgresServer) -> None:
    url = postgres.new_database()
    database = open_database(sync_url(url))
    with database.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        watched = driver.info.get_parameters()
    database.dispose()
    postgres.drop_database(url)
    assert int(watched["keepalives_idle"]) <= 60
    assert int(watched["tcp_user_timeout"]) <= 60_000


def test_the_address_has_the_last_word() -> None:
    url = sa.make_url("postgresql+psycopg://h/db?tcp_user_timeout=5")
    assert "tcp_user_timeout" not in network_of(url)
    assert "keepalives_idle" in network_of(url)
