"""A real PostgreSQL for tests: made in a temporary folder, one server a test process.

The server listens on a unix socket only, so servers of parallel test processes never meet.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg

DEBIAN = Path("/usr/lib/postgresql")
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0
# A test's data may be lost with the machine: not waiting for the disk makes the suite fast.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300")


class PostgresServer:
    """A server; `new_database` gives every test a database of its own."""

    def __init__(self, socket_folder: Path, spawn: Callable[[], subprocess.Popen[bytes]]) -> None:
        self._socket_folder = socket_folder
        self._spawn = spawn
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        self._process = self._spawn()
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(
                    f"PostgreSQL did not start:\n{(self._socket_folder / 'log').read_text()}"
                )
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it by its process id: SIGINT waits for no client, SIGQUIT writes nothing more."""
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def restart(self, how: signal.Signals = signal.SIGINT, away_s: float = 0.0) -> None:
        """Cut every connection and come back after `away_s` seconds with the same data."""
        self.stop(how)
        time.sleep(away_s)
        self.start()

    def new_database(self) -> str:
        """Create an empty database and return its SQLAlchemy address."""
        name = f"test_{uuid4().hex}"
        self._run(f'CREATE DATABASE "{name}"')
        return f"postgresql+psycopg://postgres@/{name}?host={self._socket_folder}"

    def drop_database(self, url: str) -> None:
        """Remove a database that `new_database` made, closing what is still connected."""
        name = url.partition("@/")[2].partition("?")[0]
        self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def answers(self) -> bool:
        """Tell whether the server takes connections."""
        try:
            self._run("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, statement: str) -> None:
        with psycopg.connect(
            host=str(self._socket_folder), user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())


def empty(url: str, tables: Sequence[str]) -> None:
    """Delete all rows of these tables, in this order."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        for table in tables:
            connection.execute(f'DELETE FROM "{table}"'.encode())


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Start a server, and stop it by its process id at the end."""
    binaries = postgres_binaries()
    user = _unprivileged()
    # Short: a socket's path may have 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="gr-pg-"))
    try:
        if user is not None:
            shutil.chown(folder, user)
        _init(binaries, folder / "data", user)
        server = PostgresServer(folder, lambda: _spawn(binaries, folder, user))
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def postgres_binaries() -> Path:
    """Folder of initdb and postgres; fails the tests where PostgreSQL is not installed."""
    found = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise RuntimeError(
            "PostgreSQL is not installed, and these tests run on a real one: "
            "`apt-get install postgresql` (`make test` does it), or put initdb on the PATH"
        )
    return Path(on_path).resolve().parent


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root; take another user of this machine then."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


def _init(binaries: Path, data: Path, user: str | None) -> None:
    command: list[str | Path] = [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust"]
    command += ["-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    done = subprocess.run(
        command, user=user, cwd="/", capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode != 0:
        raise RuntimeError(f"initdb failed:\n{done.stdout}\n{done.stderr}")


def _spawn(binaries: Path, folder: Path, user: str | None) -> subprocess.Popen[bytes]:
    command: list[str | Path] = [binaries / "postgres", "-D", folder / "data", "-k", folder]
    command += ["-c", "listen_addresses="]
    for setting in FAST:
        command += ["-c", setting]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            command, user=user, cwd="/", stdout=log, stderr=log, start_new_session=True
        )
