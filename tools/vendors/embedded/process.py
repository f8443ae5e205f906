"""Runs jobs of the embedded engines in child processes and follows their progress.

A child keeps rendering off the event loop, gives its memory back when it ends, can be killed,
and ends by itself when this process dies (its mother watches her standard input).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, Self

from domain import errors
from domain.errors import EnvironmentProblem, GreenroomError, ProviderUnavailable
from domain.ports.providers import Generated, Progress
from tools.vendors.embedded.job import COMPLAINTS, RESULT
from tools.vendors.embedded.slots import RenderSlots

MODULE = "tools.vendors.embedded.mother"
ROOT = Path(__file__).resolve().parents[3]
LINE_LIMIT_BYTES = 1 << 20
TAIL_CHARS = 800
# All that a child needs of this process's environment, which holds keys that are not its business.
HANDED_DOWN = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR")


class Renderers:
    """Mothers with their libraries loaded, as many as there are jobs at a time.

    One that is idle for `idle_s` ends; 0 ends it after its job. Use it from one event loop.
    """

    def __init__(self, slots: RenderSlots, idle_s: float = 0.0) -> None:
        self._slots = slots
        self._idle_s = idle_s
        self._idle: dict[_Mother, asyncio.TimerHandle] = {}
        self._ending: set[asyncio.Task[None]] = set()

    async def run(self, out_dir: Path, progress: Progress) -> Generated:
        """Run the job whose request lies in `out_dir`; a finished one is only read back.

        Raises what the child raised, or `ProviderUnavailable` when it died without a word.
        """
        result = out_dir / RESULT
        if not result.exists():
            async with self._slots.taken(progress):
                await self._work(out_dir, progress)
        return Generated.model_validate_json(await asyncio.to_thread(result.read_text))

    def counts(self) -> dict[str, int]:
        """How many jobs wait for their turn, and how many are being done."""
        return self._slots.counts()

    async def aclose(self) -> None:
        """End all that are idle."""
        for mother, timer in self._idle.items():
            timer.cancel()
            self._end(mother)
        self._idle.clear()
        await asyncio.gather(*self._ending)

    async def _work(self, out_dir: Path, progress: Progress) -> None:
        mother = await self._mother()
        try:
            await mother.work(out_dir, progress)
        except asyncio.CancelledError:
            await mother.kill()
            raise
        except _Dead as error:
            await (self._rest(mother) if mother.alive else mother.kill())
            raise _silent(error.code, out_dir) from error
        except GreenroomError:
            await self._rest(mother)
            raise
        await self._rest(mother)

    async def _mother(self) -> _Mother:
        while self._idle:
            mother, timer = self._idle.popitem()
            timer.cancel()
            if mother.alive:
                return mother
        return await _Mother.start()

    async def _rest(self, mother: _Mother) -> None:
        if self._idle_s <= 0:
            await mother.end()
            return
        loop = asyncio.get_running_loop()
        self._idle[mother] = loop.call_later(self._idle_s, self._dismiss, mother)

    def _dismiss(self, mother: _Mother) -> None:
        if self._idle.pop(mother, None) is not None:
            self._end(mother)

    def _end(self, mother: _Mother) -> None:
        task = asyncio.create_task(mother.end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


class _Dead(Exception):
    """The child, or its mother, ended without a word."""

    def __init__(self, code: int) -> None:
        self.code = code


class _Mother:
    """One process with libraries loaded, working on one job at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls) -> Self:
        """Start one; it loads what its first job needs."""
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                MODULE,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                cwd=ROOT,
                env=_environment(),
                limit=LINE_LIMIT_BYTES,
                # A group of its own, so that the child can be killed with it.
                start_new_session=True,
            )
        )

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None

    async def work(self, out_dir: Path, progress: Progress) -> None:
        """One job to its end; raises what the child raised, `_Dead` when it said nothing."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        failure: dict[str, Any] | None = None
        with contextlib.suppress(ConnectionError):  # A dead one is found out below.
            self._process.stdin.write(f"{out_dir}\n".encode())
            await self._process.stdin.drain()
        async for line in self._process.stdout:
            said = _parse(line)
            if "stage" in said:
                progress(str(said["stage"]), float(said["fraction"]))
            elif "error" in said:
                failure = said["error"]
            elif "ended" in said:
                return _settle(failure, int(said["ended"]))
        raise _Dead(await self._process.wait())

    async def kill(self) -> None:
        """End it and its child at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()

    async def end(self) -> None:
        """Let it end by itself."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()


def _settle(failure: dict[str, Any] | None, code: int) -> None:
    if failure is not None:
        raise _revive(failure)
    if code != 0:
        raise _Dead(code)


def _silent(code: int, out_dir: Path) -> ProviderUnavailable:
    complaints = out_dir / COMPLAINTS
    said = complaints.read_text(errors="replace") if complaints.exists() else ""
    return ProviderUnavailable(
        f"the embedded engine ended with code {code}: "
        f"{said.strip()[-TAIL_CHARS:] or 'it said nothing'}",
        remedy="Run `greenroom doctor`; if memory is short, close something and resume.",
    )


def _environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in HANDED_DOWN or name.startswith("PYTHON")
    }
    # One thread: only then may a process with libraries loaded be forked.
    return {**kept, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def _parse(line: bytes) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _revive(failure: dict[str, Any]) -> GreenroomError:
    """Make the child's error again, as the class it was."""
    kind = getattr(errors, str(failure.get("class")), EnvironmentProblem)
    if not (isinstance(kind, type) and issubclass(kind, GreenroomError)):
        kind = EnvironmentProblem
    revived: GreenroomError = kind(
        str(failure.get("message")), field=failure.get("field"), remedy=failure.get("remedy")
    )
    return revived
