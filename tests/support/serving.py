"""A PostgreSQL for benchmarks, held by this process: `python -m tests.support.serving`.

Benchmarks stand below the tests and may not import them, so they read from this process, as one
line of JSON, the address of an empty database and the server's process id. It ends with its input.
"""

from __future__ import annotations

import json
import sys

import psycopg

from tests.support.database import postgres_server


def main() -> None:
    """Serve until the input ends."""
    with postgres_server() as server:
        url = server.new_database()
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            # The postmaster's id is the first line of its lock file, and no SQL function tells it.
            row = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
        assert row is not None
        print(json.dumps({"url": url, "pid": int(row[0].split()[0])}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
