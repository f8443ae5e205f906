"""A real Chroma server for tests, on loopback with a folder of its own."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from memory.chroma_server import COLLECTIONS
from tests.support.process import Process, free_port, listens

START_LIMIT_S = 60.0


class ChromaServer:
    """A running server, which may be killed, started again, and emptied."""

    def __init__(self, folder: Path) -> None:
        self._data = folder / "chroma"
        self._port = free_port()
        self._process = Process("chroma", self._arguments(), os.environ, folder)

    @property
    def url(self) -> str:
        """A value for GREENROOM_CHROMA_URL."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it, with what its folder holds, and wait until it listens."""
        self._process.start()
        listens(self._port, START_LIMIT_S, self._process)

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        self._process.kill()

    def freeze(self) -> None:
        """Keep it from answering."""
        self._process.freeze()

    def thaw(self) -> None:
        """Let it go on."""
        self._process.thaw()

    def lose_everything(self) -> None:
        """Begin again with an empty folder."""
        self.kill()
        shutil.rmtree(self._data)
        self.start()

    def empty(self) -> None:
        """Delete every collection."""
        base = f"{self.url}/{COLLECTIONS}"
        for collection in httpx.get(base, trust_env=False).json():
            httpx.delete(f"{base}/{collection['name']}", trust_env=False).raise_for_status()

    def _arguments(self) -> tuple[str, ...]:
        # The command is a script of Python's beside the interpreter.
        command = str(Path(sys.executable).with_name("chroma"))
        return (
            *(command, "run", "--path", str(self._data)),
            *("--host", "127.0.0.1", "--port", str(self._port)),
        )


@contextmanager
def chroma_server(folder: Path) -> Iterator[ChromaServer]:
    """Start a server, and end it by its process id."""
    server = ChromaServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
