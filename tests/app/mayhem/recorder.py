"""A network outside the processes that are killed: it keeps every call, and what stands.

`Recorder` is the far side, a small HTTP server in the process of the test. `RecordedNetwork` is
the near side, in a worker: it tells the recorder of a post, then does what the wrapped network
does. A worker that dies in between has called and not published, as with any network.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from domain.errors import ProviderTimeout
from domain.ports.network import Network, PublishResult
from domain.post import Payload

ADDRESS = "MAYHEM_RECORDER"


@dataclass(frozen=True)
class Call:
    """One call to publish: the key, and a digest of all that was sent under it."""

    key: str
    digest: str


@dataclass
class Recorder:
    """What the network was asked for."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)

    @property
    def standing(self) -> dict[str, str]:
        """What stands, by key: the network has a client key as its guard, so the first counts."""
        return {call.key: call.digest for call in reversed(self.calls)}

    @property
    def changed(self) -> list[str]:
        """Keys that were sent again with other bytes, which no retry may do."""
        return sorted(
            key for key in self.standing if len({c.digest for c in self.calls if c.key == key}) > 1
        )


class RecordedNetwork:
    """A network whose calls are known outside of the process that makes them."""

    def __init__(self, inner: Network, recorder_url: str) -> None:
        self._inner = inner
        self._url = recorder_url

    async def publish(
        self, payload: Payload, client_key: str, frozen_at: datetime
    ) -> PublishResult:
        frozen = f"{payload.digest()}@{frozen_at.isoformat()}"
        digest = hashlib.sha256(frozen.encode()).hexdigest()
        async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
            try:
                await http.post(self._url, json={"key": client_key, "digest": digest})
            except httpx.HTTPError as error:
                raise ProviderTimeout(f"the recorder did not answer: {error}") from error
        return await self._inner.publish(payload, client_key, frozen_at)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


@contextmanager
def recorder() -> Iterator[Recorder]:
    """A recorder that listens on loopback."""
    kept = Recorder()

    class Far(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            kept.calls.append(Call(told["key"], told["digest"]))
            self.send_response(204)
            self.end_headers()

        def log_request(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Far)
    kept.url = f"http://127.0.0.1:{server.server_port}/posts"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
