"""Ends the process with SIGKILL at the next point on a list, from the edges of the house."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from domain.event import Event
from domain.ports.engine import Engine as JobEngine
from domain.ports.engine import Job
from domain.ports.media_store import MediaStore
from domain.ports.network import Network, NetworkCapabilities, PublishResult
from domain.post import Payload

_WRITES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)")


class Reaper:
    """Kills this process when the run reaches the first point left on the list."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.step = "idle"

    def left(self, scenario: str) -> list[str]:
        """The points of a scenario that were not reached yet."""
        points: list[str] = json.loads(self._file.read_text())
        return [point for point in points if point.startswith(f"{scenario}/")]

    def reach(self, point: str) -> None:
        """End here if this is the next point; it is struck off first."""
        points: list[str] = json.loads(self._file.read_text())
        if points and points[0].partition("/")[2] == point:
            self._file.write_text(json.dumps(points[1:]))
            os.kill(os.getpid(), signal.SIGKILL)

    def on_commit(self, events: Sequence[Event]) -> None:
        """Watch what was committed: the steps' edges, the run's states, the decision."""
        for happened in events:
            if happened.kind == "step.started":
                self.step = str(happened.data["step"])
                self.reach(f"started:{self.step}")
            elif happened.kind == "step.finished":
                self.reach(f"finished:{self.step}")
                self.step = f"after {self.step}"
            elif happened.kind == "run.changed":
                self.reach(f"run:{happened.data['status']}")
            elif happened.kind == "approval.closed":
                self.reach("approval.closed")

    def watch(self, database: Path) -> None:
        """Watch the transactions of a database, by the tables they write to."""

        def note(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
            if found := _WRITES.match(statement):
                connection.info.setdefault("written", set()).add(found[1])

        def forget(connection: Connection) -> None:
            connection.info.pop("written", None)

        def ending(connection: Connection) -> None:
            written = connection.info.pop("written", set())
            if connection.engine.url.database == str(database):
                for table in sorted(written):
                    self.reach(f"{self.step}:{table}")

        event.listen(Engine, "before_cursor_execute", note)
        event.listen(Engine, "rollback", forget)
        event.listen(Engine, "commit", ending)


class DeadlyMedia:
    """A media store that may be the last thing a process does."""

    def __init__(self, inner: MediaStore, reaper: Reaper) -> None:
        self._inner = inner
        self._reaper = reaper

    async def put_file(self, path: Path) -> str:
        self._reaper.reach(f"{self._reaper.step}:store.before")
        kept = await self._inner.put_file(path)
        self._reaper.reach(f"{self._reaper.step}:store.after")
        return kept

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class DeadlyNetwork:
    """A network whose caller may die around the call, writing down every call."""

    def __init__(self, inner: Network, reaper: Reaper, calls: Path) -> None:
        self._inner = inner
        self._reaper = reaper
        self._calls = calls

    @property
    def capabilities(self) -> NetworkCapabilities:
        return self._inner.capabilities

    def validate(self, payload: Payload) -> None:
        self._inner.validate(payload)

    async def publish(
        self, payload: Payload, client_key: str, frozen_at: datetime
    ) -> PublishResult:
        self._reaper.reach("publish:network.before")
        with self._calls.open("a") as file:
            file.write(f"{client_key}\n")
        result = await self._inner.publish(payload, client_key, frozen_at)
        self._reaper.reach("publish:network.after")
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class DeadlyEngine:
    """The real engine, whose caller may die around `enqueue`."""

    def __init__(self, inner: JobEngine, reaper: Reaper) -> None:
        self._inner = inner
        self._reaper = reaper

    async def enqueue(self, job: Job) -> None:
        why = job.id.partition(":")[2].partition("_")[0] or "start"
        self._reaper.reach(f"enqueue:{why}.before")
        await self._inner.enqueue(job)
        self._reaper.reach(f"enqueue:{why}.after")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
