from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from app.doctor import Doctor, examine
from tests.support.homes import quick_settings


@contextmanager
def _endpoint(status: int) -> Iterator[str]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join()


async def _model(home: Path, url: str) -> tuple[str, str]:
    settings = quick_settings(home, model_script=None, model_url=url, model_name="m")
    (check,) = [c for c in await examine(settings) if c.name == "model"]
    assert (check.remedy is None) == (check.verdict == "ok")
    return check.verdict, check.message


@pytest.mark.parametrize(
    ("status", "verdict"),
    [(200, "ok"), (404, "warning"), (401, "broken"), (302, "broken"), (503, "broken")],
)
async def test_an_endpoint_is_well_when_it_answers_well(
    tmp_path: Path, status: int, verdict: str
) -> None:
    with _endpoint(status) as url:
        assert (await _model(tmp_path, url))[0] == verdict


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", "no address", "http://h:port/v1"])
async def test_an_endpoint_that_cannot_be_asked_is_broken(tmp_path: Path, url: str) -> None:
    verdict, message = await _model(tmp_path, url)
    assert verdict == "broken"
    assert url in message


async def test_the_voice_is_made_ready_and_a_damaged_one_is_told(tmp_path: Path) -> None:
    settings = quick_settings(tmp_path)
    (well,) = [c for c in await examine(settings) if c.name == "voice"]
    assert (well.verdict, "singers" in well.message) == ("ok", True)
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    (ill,) = [
        c for c in await examine(quick_settings(tmp_path, cache_dir=blocked)) if c.name == "voice"
    ]
    assert ill.verdict == "broken"
    assert ill.remedy


async def test_those_who_ask_at_once_share_one_examination(tmp_path: Path) -> None:
    settings = quick_settings(tmp_path)
    doctor = Doctor(settings, fresh_s=3600)
    one, other = await asyncio.gather(doctor.examine(), doctor.examine())
    assert one is other is await doctor.examine()
    assert {check.name for check in one} >= {"model", "voice", "disk", "database"}
    stale = Doctor(settings, fresh_s=0)
    assert await stale.examine() is not await stale.examine()
