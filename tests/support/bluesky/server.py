"""Starts the network for a test session and makes accounts on it.

The PDS alone starts in about two seconds; with a database there is an AppView too, which counts
likes and answers for threads and notifications.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from tests.support.bluesky.install import NODE, installed

START_TIMEOUT_S = 90.0
Json = dict[str, Any]


@dataclass(frozen=True)
class BlueskyAccount:
    """Somebody on the network."""

    server: str
    did: str
    handle: str
    password: str
    token: str

    def call(self, name: str, **body: object) -> Json:
        """Call a procedure in this account's name."""
        return self._sent(httpx.post(_xrpc(self.server, name), json=body, headers=self._auth()))

    def ask(self, name: str, **query: str | int) -> Json:
        """Ask a query in this account's name."""
        return self._sent(httpx.get(_xrpc(self.server, name), params=query, headers=self._auth()))

    def posts(self) -> list[Json]:
        """The account's posts as they stand in its repository, newest first."""
        kind = "app.bsky.feed.post"
        found = self.ask("com.atproto.repo.listRecords", repo=self.did, collection=kind, limit=100)
        return list(found["records"])

    def put(self, collection: str, **record: object) -> Json:
        """Write a record, such as a like, a repost or a reply."""
        return self.call(
            "com.atproto.repo.createRecord",
            repo=self.did,
            collection=collection,
            record={"$type": collection, "createdAt": "2026-05-04T09:30:00Z", **record},
        )

    def _auth(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def _sent(self, response: httpx.Response) -> Json:
        if not response.is_success:
            raise RuntimeError(f"{response.status_code}: {response.text}")
        found: Json = response.json() if response.content else {}
        return found


@dataclass(frozen=True)
class BlueskyServer:
    """A running network: the PDS's address, and the AppView's where there is one."""

    pds: str
    appview: str | None

    def new_account(self, name: str = "artist") -> BlueskyAccount:
        """Make an account whose handle begins with `name`."""
        handle = f"{name}-{uuid4().hex[:8]}.test"
        password = uuid4().hex
        made = httpx.post(
            _xrpc(self.pds, "com.atproto.server.createAccount"),
            json={"handle": handle, "email": f"{handle}@example.com", "password": password},
            timeout=30.0,
        )
        if not made.is_success:
            raise RuntimeError(f"no account was made: {made.text}")
        told: Json = made.json()
        return BlueskyAccount(self.pds, told["did"], handle, password, told["accessJwt"])


@contextmanager
def bluesky_server(database: str | None = None) -> Iterator[BlueskyServer]:
    """Start the network and stop it at the end; `database` is a PostgreSQL address for AppView."""
    folder = installed()
    scratch = Path(tempfile.mkdtemp(prefix="gr-bsky-"))
    process: subprocess.Popen[bytes] | None = None
    try:
        process = _start(folder, scratch, database)
        yield _addresses(process, scratch / "log")
    finally:
        if process is not None:
            _stop(process)
        shutil.rmtree(scratch, ignore_errors=True)


def _start(folder: Path, scratch: Path, database: str | None) -> subprocess.Popen[bytes]:
    env = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "LOG_ENABLED": "false",
        # Only what listens on this machine is ever spoken to.
        "NO_PROXY": "*",
    }
    if database is not None:
        env["BLUESKY_DATABASE"] = database.replace("postgresql+psycopg://", "postgresql://")
    with (scratch / "log").open("wb") as log:
        return subprocess.Popen(
            [NODE, "server.cjs"],
            cwd=folder,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )


def _addresses(process: subprocess.Popen[bytes], log: Path) -> BlueskyServer:
    assert process.stdout is not None
    os.set_blocking(process.stdout.fileno(), False)
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        for line in process.stdout.readlines():
            if line.startswith(b'{"pds"'):
                told: Json = json.loads(line)
                return BlueskyServer(told["pds"], told["appview"])
        time.sleep(0.05)
    raise RuntimeError(f"the Bluesky network did not start:\n{log.read_text()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    # Nothing of it is kept, so nothing need be brought to an end.
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _xrpc(server: str, name: str) -> str:
    return f"{server}/xrpc/{name}"
