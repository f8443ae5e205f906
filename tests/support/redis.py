"""A real Redis for tests: in a temporary folder, on a unix socket, stopped by its process id."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

START_TIMEOUT_S = 20.0
STOP_TIMEOUT_S = 10.0


class RedisServer:
    """A server that can be stopped, killed, frozen and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = folder / "s"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address; tests that must not meet use prefixes or databases of their own."""
        return f"unix://{self._socket}"

    def start(self) -> None:
        """Start it, with what it had written down when it was stopped."""
        command = [redis_binary(), "--port", "0", "--unixsocket", str(self._socket)]
        command += ["--dir", str(self._folder), "--save", "", "--appendonly", "yes"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Redis did not start:\n{(self._folder / 'log').read_text()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop it, keeping its data."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it as a crash would."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Let it accept connections and answer nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it answer again."""
        self._signal(signal.SIGCONT)

    def empty(self) -> None:
        """Forget everything, as a server without persistence does when it restarts."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGCONT)
        self._process.send_signal(number)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """A server for the block."""
    # Short: a socket's path may have 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="gr-redis-"))
    server = RedisServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def redis_binary() -> str:
    """The server's program; fails the tests where Redis is not installed."""
    found = shutil.which("redis-server")
    if found is None:
        raise RuntimeError(
            "Redis is not installed, and these tests run on a real one: "
            "`apt-get install redis-server` (`make test` does it), or put redis-server on the PATH"
        )
    return found
