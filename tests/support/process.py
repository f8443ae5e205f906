"""A process of the product under a test's hands: started, killed, frozen, thawed, by its pid."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
STOP_LIMIT_S = 90.0
TAIL_CHARS = 3000


class Process:
    """Python with these arguments and a log of its own; it ends with the `with` block."""

    def __init__(
        self, name: str, arguments: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> None:
        self.name = name
        self.log_file = folder / f"{name}.log"
        self._command = [sys.executable, *arguments]
        self._environment = dict(environment)
        self._running: subprocess.Popen[bytes] | None = None
        self._log_from = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._running is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._running.pid, signal.SIGKILL)
            self._running.wait(STOP_LIMIT_S)

    @property
    def pid(self) -> int:
        """Its process id; it must have been started."""
        assert self._running is not None, f"{self.name} was never started"
        return self._running.pid

    @property
    def alive(self) -> bool:
        """Whether it was started and has not ended."""
        return self._running is not None and self._running.poll() is None

    def start(self) -> None:
        """Start it; its session is its own, so that its children can be ended with it."""
        with self.log_file.open("ab") as log:
            self._log_from = log.tell()
            self._running = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """SIGKILL: no farewell, and nobody who would end its children."""
        if self._running is not None:
            self._running.kill()
            self._running.wait(STOP_LIMIT_S)

    def freeze(self) -> None:
        """SIGSTOP: it hears and does nothing until it is thawed."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT: it goes on as if no time had passed."""
        if self.alive:
            os.kill(self.pid, signal.SIGCONT)

    def ask_to_end(self) -> None:
        """SIGTERM, without waiting."""
        os.kill(self.pid, signal.SIGTERM)

    def wait(self, limit_s: float = STOP_LIMIT_S) -> int:
        """Wait for its end; returns the exit code."""
        assert self._running is not None
        return self._running.wait(limit_s)

    def stop(self) -> int:
        """SIGTERM, and wait for its end; returns the exit code."""
        self.ask_to_end()
        return self.wait()

    def says(self, words: str) -> bool:
        """Whether it has printed these words since it was last started."""
        return words.encode() in self.log_file.read_bytes()[self._log_from :]

    def log(self) -> str:
        """The end of what it printed."""
        return self.log_file.read_text(errors="replace")[-TAIL_CHARS:]


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def listens(port: int, limit_s: float, process: Process) -> None:
    """Wait until somebody listens on a loopback port; fails with the process's log."""
    deadline = time.monotonic() + limit_s
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        assert process.alive, f"{process.name} ended:\n{process.log()}"
        assert time.monotonic() < deadline, f"{process.name} does not listen:\n{process.log()}"
        time.sleep(0.05)
