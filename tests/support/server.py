"""A real `serve` process on a free loopback port, for end-to-end tests."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import httpx

from tests.support.homes import quick_environment

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT_S = 60


class Server:
    """Starts, kills and asks a label's server; stops it by process id at the end."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def start(self) -> None:
        """Start and wait until it answers."""
        (self.home / "server.json").unlink(missing_ok=True)
        log = (self.home.parent / f"{self.home.name}.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve"],
            cwd=ROOT,
            env=quick_environment(self.home, GREENROOM_PORT="0"),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        wait_until(lambda: (self.home / "server.json").exists(), START_LIMIT_S, self.log)

    def kill(self) -> None:
        """SIGKILL: no farewell."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(30)

    def log(self) -> str:
        """What it printed."""
        return (self.home.parent / f"{self.home.name}.log").read_text()[-3000:]

    @property
    def url(self) -> str:
        """Its address."""
        return str(json.loads((self.home / "server.json").read_text())["url"])

    @property
    def token(self) -> str:
        """Its start token."""
        return (self.home / "secrets" / "start-token").read_text()

    def get(self, path: str) -> Any:
        """GET from its API as the operator."""
        answer = httpx.get(
            f"{self.url}/api/v1{path}", headers={"Authorization": f"Bearer {self.token}"}
        )
        return answer.raise_for_status().json()

    def page(self, path: str) -> httpx.Response:
        """GET a page as a visitor."""
        return httpx.get(f"{self.url}{path}")


def wait_until(holds: Callable[[], Any], limit_s: float, tell: Callable[[], str]) -> Any:
    """Wait until something holds and return it; fails with what `tell` says."""
    deadline = time.monotonic() + limit_s
    while not (found := holds()):
        assert time.monotonic() < deadline, tell()
        time.sleep(0.1)
    return found
