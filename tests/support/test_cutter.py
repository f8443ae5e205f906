from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.support.cutter import CUTS, Cut, Cutter, cutter


@contextmanager
def counting_server() -> Iterator[tuple[str, list[bytes]]]:
    """A server that notes the bodies it gets and answers at length."""
    got: list[bytes] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            answer = b"x" * 5000
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", got
        server.shutdown()


@pytest.mark.parametrize("cut", CUTS)
def test_what_the_server_has_heard_when_the_line_breaks(cut: Cut) -> None:
    with counting_server() as (url, got), cutter(url, only=b"/posts") as wire:
        wire.next(cut)
        with pytest.raises(httpx.TransportError):
            httpx.post(f"{wire.url}/posts", content=b"y" * 200_000)
        assert len(got) == (0 if cut is Cut.BEFORE_SEND else 1)
        again = httpx.post(f"{wire.url}/posts", content=b"y" * 200_000)
        assert again.content == b"x" * 5000
        assert got[-1] == b"y" * 200_000
        assert (wire.seen, wire.cuts[cut], wire.cuts[Cut.NONE]) == (2, 1, 1)


def test_other_requests_pass_uncounted() -> None:
    with counting_server() as (url, _), cutter(url, only=b"/posts") as wire:
        wire.next(Cut.BEFORE_SEND)
        assert httpx.post(f"{wire.url}/else", content=b"y").status_code == 200
        assert wire.seen == 0


def test_a_seeded_plan_is_the_same_each_time_and_cuts_its_share() -> None:
    def plan(seed: int, share: float) -> list[Cut]:
        wire = Cutter("http://127.0.0.1:1")
        wire.at_random(seed, share)
        return [wire.decide(b"POST / HTTP/1.1") for _ in range(400)]

    assert plan(1, 0.5) == plan(1, 0.5) != plan(2, 0.5)
    cuts = [c for c in plan(3, 0.5) if c is not Cut.NONE]
    assert 150 < len(cuts) < 250
    assert set(cuts) == set(CUTS)
    assert set(plan(4, 0.0)) == {Cut.NONE}
