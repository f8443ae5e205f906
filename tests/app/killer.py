"""Runs one debut and one cycle while killing the process with SIGKILL at every point in a list.

Each life is a forked child that opens the same home on the real engine, goes on with the run, and
kills itself at the next point on the list. Points are the edges of every step (an event is
committed as a step begins and as it ends, before its checkpoint) and, inside the steps with side
effects, the moments before and after a file is stored and a post is published.

`python -m tests.app.killer HOME` prints a JSON summary.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from app.wiring import Edges, Label
from domain.actor import OPERATOR
from domain.event import Event
from domain.ports.media_store import MediaStore
from domain.ports.network import Network, NetworkCapabilities, PublishResult
from domain.post import Payload
from domain.run import RUN_STATES, Run, RunStatus
from tests.support.homes import BRIEF, quick_label

DEBUT = ("imagine", "portray", "adopt")
CYCLE = (
    "perceive", "recall", "reflect", "plan", "conceive", "write", "compose", "render", "draw",
    "critique", "package", "announce", "submit", "release", "publish", "remember",
)  # fmt: skip
INSIDE = {
    "compose": ("store.before", "store.after"),
    "render": ("store.after",),
    "draw": ("store.after",),
    "publish": ("network.before", "network.after"),
}
LIVES_MAX = 80
LIFE_LIMIT_S = 120


def all_points() -> list[str]:
    """Every point at which a life ends, in the order a run reaches them."""
    points = []
    for step in (*DEBUT, *CYCLE):
        points.append(f"started:{step}")
        points += [f"{step}:{inside}" for inside in INSIDE.get(step, ())]
        points.append(f"finished:{step}")
    return points


class Reaper:
    """Kills this process when the run reaches the first point left on the list."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.step = ""

    def reach(self, point: str) -> None:
        """End here if this is the next point; it is struck off first."""
        points: list[str] = json.loads(self._file.read_text())
        if points and points[0] == point:
            self._file.write_text(json.dumps(points[1:]))
            os.kill(os.getpid(), signal.SIGKILL)

    def on_commit(self, events: Sequence[Event]) -> None:
        """Watch the steps' edges."""
        for event in events:
            if event.kind == "step.started":
                self.step = str(event.data["step"])
                self.reach(f"started:{self.step}")
            elif event.kind == "step.finished":
                self.reach(f"finished:{event.data['step']}")


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
    """A network whose caller may die around the call, counting how often it was called."""

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

    async def find(self, client_key: str) -> PublishResult | None:
        return await self._inner.find(client_key)

    async def delete(self, remote_id: str) -> None:
        await self._inner.delete(remote_id)


async def live(home: Path, points: Path) -> bool:
    """One life: begin or go on; True when debut and cycle have both ended."""
    reaper = Reaper(points)
    edges = Edges(
        on_commit=reaper.on_commit,
        media=lambda inner: DeadlyMedia(inner, reaper),
        network=lambda inner: DeadlyNetwork(inner, reaper, home / "calls.txt"),
    )
    async with quick_label(home, edges) as label:
        debut = await _run(label, "debut")
        await _until_settled(label, debut)
        cycle = await _run(label, "cycle")
        await _until_settled(label, cycle)
        return True


async def _run(label: Label, kind: Any) -> Run:
    """The one run of this kind, begun if there is none yet."""
    for run in await label.house.runs.page():
        if run.kind == kind:
            return run
    artists = await label.house.artists.page()
    artist = (
        artists[0] if artists else await label.house.artists.create(OPERATOR, BRIEF, "synthwave", 7)
    )
    return await label.house.runs.start(OPERATOR, artist.id, kind, approve="auto", seed=3)


async def _until_settled(label: Label, run: Run) -> None:
    async with asyncio.timeout(LIFE_LIMIT_S):
        while not RUN_STATES.final((found := await label.house.runs.get(run.id)).status):
            assert found.status is not RunStatus.FAILED, found.failure
            await asyncio.sleep(0.05)


def fork_life(home: Path, points: Path) -> int:
    """Live once in a child; returns its wait status."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if asyncio.run(live(home, points)) else 1
        finally:
            sys.stderr.flush()
            os._exit(code)
    return os.waitpid(child, 0)[1]


async def summary(home: Path) -> dict[str, Any]:
    """What there is in the end."""
    async with quick_label(home) as label:
        (artist,) = await label.house.artists.page()
        runs = await label.house.runs.page()
        cycle = next(r for r in runs if r.kind == "cycle")
        page = await label.stage.page(artist.handle)
        releases, posts = await label.house.catalogue.of_artist(artist.id)
        memories = await label.house.memory.recall(
            artist.id, ("episodic", "reflection", "semantic"), "everything",
            now=label.house.clock.now(), limit=30,
        )  # fmt: skip
        return {
            "runs": [(r.kind, r.status.value) for r in runs],
            "works": [w.status.value for w in await label.house.works.of_artist(artist.id)],
            "releases": [r.status.value for r in releases],
            "posts": [p.status.value for p in posts],
            "entries": len(page.entries),
            "profiles": len(await label.house.artists.profile_history(artist.id)),
            "memories": sorted(m.record.kind for m in memories),
            "steps": sorted({s.step for s in (await label.views.run(cycle.id)).steps}),
            "approvals": len(await label.house.approvals.page()),
        }


def main() -> None:
    """Live until the runs have ended, then tell."""
    home = Path(sys.argv[1])
    home.mkdir(parents=True, exist_ok=True)
    points = home / "points.json"
    points.write_text(json.dumps(all_points()))
    killed = 0
    for _ in range(LIVES_MAX):
        status = fork_life(home, points)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            killed += 1
            continue
        if os.WEXITSTATUS(status) != 0:
            sys.exit(f"a life ended with {status} before {json.loads(points.read_text())[:1]}")
        break
    told = asyncio.run(summary(home))
    told |= {"killed": killed, "left": json.loads(points.read_text())}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
