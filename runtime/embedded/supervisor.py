"""Starts the embedded server at first use, shares it, and ends it with its last user."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from domain.errors import EnvironmentProblem, PartMissing
from runtime.embedded.catalogue import EmbeddedModel
from runtime.embedded.lock import locked_async
from runtime.embedded.presence import Client, Post, ServerState, is_alive
from runtime.embedded.store import find_model

_ROOT = Path(__file__).parents[2]
_POLL_S = 0.1
_STOP_S = 5.0


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How to run the server; the first process that needs it decides."""

    threads: int = 2
    slots: int = 3
    context_tokens: int = 4096
    idle_s: float = 300.0
    grace_s: float = 3.0
    memory_mb: int = 4096
    start_s: float = 120.0


class Supervisor:
    """One process's view of the server of one model, shared by all processes of a user."""

    def __init__(self, model: EmbeddedModel, cache_dir: Path, options: ServerOptions) -> None:
        self.model = model
        self.options = options
        self._cache_dir = cache_dir
        self._post = Post(cache_dir / "run", model.name)
        self._client: Client | None = None
        self._child: subprocess.Popen[bytes] | None = None

    @asynccontextmanager
    async def using(self) -> AsyncIterator[ServerState]:
        """The address of a running server that will not end during the block."""
        if self._client is None:
            self._post.prepare()
            self._client = self._post.client()
        with self._client.waiting():
            yield self._post.server() or await self._start()

    def running(self) -> ServerState | None:
        """The server's state if one runs."""
        return self._post.server()

    async def aclose(self) -> None:
        """Stop using the server; the last user ends it."""
        if self._client is None:
            return
        self._client.leave()
        self._client = None
        async with locked_async(self._post.lock_file):
            state = self._post.server()
            if state is not None and not self._post.clients():
                await _end(state)
        if self._child is not None and self._child.poll() is not None:
            self._child = None

    async def _start(self) -> ServerState:
        async with locked_async(self._post.lock_file):
            # Another process may have started it while this one waited for the lock.
            return self._post.server() or await self._launch()

    async def _launch(self) -> ServerState:
        path = find_model(self.model, self._cache_dir)
        self._need_memory()
        with self._post.log_file.open("wb") as log:
            child = subprocess.Popen(
                self._command(path),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=_ROOT,
                start_new_session=True,
            )
        self._child = child
        try:
            return await self._wait_for(child)
        except BaseException:
            child.kill()
            child.wait()
            raise

    def _command(self, path: Path) -> list[str]:
        options = self.options
        return [
            *(sys.executable, "-m", "runtime.embedded.server"),
            *("--name", self.model.name),
            *("--model", str(path)),
            *("--run-dir", str(self._post.state_file.parent)),
            *("--threads", str(options.threads)),
            *("--slots", str(options.slots)),
            *("--context", str(options.context_tokens)),
            *("--idle-s", str(options.idle_s)),
            *("--grace-s", str(options.grace_s)),
            *("--memory-mb", str(options.memory_mb)),
        ]

    def _need_memory(self) -> None:
        available_mb = psutil.virtual_memory().available >> 20
        if available_mb < self.model.memory_mb:
            raise EnvironmentProblem(
                f"{self.model.name} needs about {self.model.memory_mb} MB of memory, "
                f"{available_mb} MB are free.",
                field="embedded_model",
                remedy="Close other programs, or set GREENROOM_EMBEDDED_MODEL=smollm2-135m.",
            )

    async def _wait_for(self, child: subprocess.Popen[bytes]) -> ServerState:
        deadline = time.monotonic() + self.options.start_s
        async with httpx.AsyncClient(trust_env=False) as http:
            while time.monotonic() < deadline:
                # It may be another one, started by a process that died while it loaded.
                state = self._post.server()
                if state is not None and await _healthy(http, state):
                    return state
                if state is None and child.poll() is not None:
                    raise _explain(child.returncode, self._post.log_file)
                await asyncio.sleep(_POLL_S)
        raise EnvironmentProblem(
            f"{self.model.name} did not load within {self.options.start_s:g} s.",
            field="embedded_start_s",
            remedy=f"Raise GREENROOM_EMBEDDED_START_S; its log is {self._post.log_file}.",
        )


async def _healthy(http: httpx.AsyncClient, state: ServerState) -> bool:
    try:
        reply = await http.get(state.url.removesuffix("/v1") + "/health", timeout=5.0)
    except httpx.TransportError:
        return False
    return reply.status_code == httpx.codes.OK


async def _end(state: ServerState) -> None:
    """Ask the server to end, insist after a while."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.kill(state.pid, number)
        deadline = time.monotonic() + _STOP_S
        while time.monotonic() < deadline:
            if not is_alive(state.pid, state.born):
                return
            await asyncio.sleep(_POLL_S)


def _explain(code: int, log_file: Path) -> EnvironmentProblem:
    """The remedy for a server that ended while loading."""
    tail = log_file.read_text(errors="replace")[-1500:]
    if "libgomp" in tail:
        return PartMissing(
            "The embedded model needs the system library libgomp.",
            remedy="Install it: `apt install libgomp1` or `dnf install libgomp`.",
        )
    if code == -signal.SIGILL:
        return EnvironmentProblem(
            "This processor lacks AVX2, which the embedded model needs.",
            field="model_url",
            remedy="Set GREENROOM_MODEL_URL to a model server on another machine.",
        )
    if code == -signal.SIGKILL:
        return EnvironmentProblem(
            "The system ended the embedded model while it loaded, most likely for lack of memory.",
            field="embedded_model",
            remedy="Close other programs, or set GREENROOM_EMBEDDED_MODEL=smollm2-135m.",
        )
    return EnvironmentProblem(
        f"The embedded model could not start (exit code {code}): {tail[-400:]}",
        remedy=f"Read {log_file}; pull the model again if the file is damaged.",
    )
