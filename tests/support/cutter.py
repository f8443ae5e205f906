"""A TCP cutter in front of an HTTP server: it breaks connections where replies get lost.

    with cutter(server_url, only=b"putRecord") as wire:
        wire.next(Cut.AFTER_SEND)          # the next matching request is cut, later ones pass
        wire.at_random(seed=7, share=0.4)  # from now on, by a seeded plan
        client = Client(wire.url)

A request matches when `only` stands in its first line. `wire.seen` and `wire.cuts` count them.
"""

from __future__ import annotations

import random
import socket
import socketserver
import struct
import threading
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from urllib.parse import urlsplit

HEAD_END = b"\r\n\r\n"
CHUNK = 65_536
SERVER_TIMEOUT_S = 30.0
# Closing with this linger time sends a reset, as a broken line or a killed process does.
RESET = struct.pack("ii", 1, 0)


class Cut(StrEnum):
    """Where a connection breaks."""

    NONE = "none"
    BEFORE_SEND = "before_send"
    AFTER_SEND = "after_send"
    MID_REPLY = "mid_reply"


CUTS = (Cut.BEFORE_SEND, Cut.AFTER_SEND, Cut.MID_REPLY)


class Cutter:
    """Decides which request is cut; safe to use from any thread."""

    def __init__(self, server: str, only: bytes = b"") -> None:
        address = urlsplit(server)
        self.target = (address.hostname or "127.0.0.1", address.port or 80)
        self.only = only
        self.url = ""
        self.seen = 0
        self.cuts: Counter[Cut] = Counter()
        self._lock = threading.Lock()
        self._planned: deque[Cut] = deque()
        self._random: random.Random | None = None
        self._share = 0.0

    def next(self, *cuts: Cut) -> None:
        """Treat the next matching requests so, one after another."""
        with self._lock:
            self._planned.extend(cuts)

    def at_random(self, seed: int, share: float) -> None:
        """Cut this share of the matching requests from now on, by a seeded plan; 0 cuts none."""
        with self._lock:
            self._random, self._share = random.Random(seed), share

    def decide(self, first_line: bytes) -> Cut:
        """What becomes of the request that begins with `first_line`."""
        if self.only not in first_line:
            return Cut.NONE
        with self._lock:
            self.seen += 1
            if self._planned:
                cut = self._planned.popleft()
            elif self._random is not None and self._random.random() < self._share:
                cut = self._random.choice(CUTS)
            else:
                cut = Cut.NONE
            self.cuts[cut] += 1
            return cut


@contextmanager
def cutter(server: str, only: bytes = b"") -> Iterator[Cutter]:
    """Listen on a free port of the loopback interface in front of `server`, an http address."""
    wire = Cutter(server, only)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            # Clients that end a connection early are what this is about.
            with suppress(OSError):
                _carry(self.request, wire)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True
        request_queue_size = 128

    with Server(("127.0.0.1", 0), Handler) as listening:
        wire.url = f"http://127.0.0.1:{listening.server_address[1]}"
        thread = threading.Thread(target=listening.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield wire
        finally:
            listening.shutdown()
            thread.join()


def _carry(client: socket.socket, wire: Cutter) -> None:
    """Carry one request and its reply; every connection carries one."""
    request = _request(client)
    if not request:
        return None
    cut = wire.decide(request.split(b"\r\n", 1)[0])
    if cut is Cut.BEFORE_SEND:
        return _reset(client)
    with socket.create_connection(wire.target, timeout=SERVER_TIMEOUT_S) as server:
        server.sendall(request)
        if cut is Cut.NONE:
            while chunk := server.recv(CHUNK):
                client.sendall(chunk)
            return None
        # The whole reply is awaited, so that what was asked for has surely happened.
        reply = b"".join(iter(lambda: server.recv(CHUNK), b""))
    if cut is Cut.MID_REPLY:
        head = reply.find(HEAD_END) + len(HEAD_END)
        client.sendall(reply[: head + (len(reply) - head) // 2])
    return _reset(client)


def _request(client: socket.socket) -> bytes:
    """Read one request with its body, and ask the server to close the connection after it."""
    data = b""
    while HEAD_END not in data:
        chunk = client.recv(CHUNK)
        if not chunk:
            return b""
        data += chunk
    head, _, body = data.partition(HEAD_END)
    lines = head.split(b"\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:")),
        0,
    )
    while len(body) < length:
        chunk = client.recv(CHUNK)
        if not chunk:
            return b""
        body += chunk
    kept = [line for line in lines if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*kept, b"Connection: close"]) + HEAD_END + body


def _reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    client.close()
