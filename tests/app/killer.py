"""Runs an artist's debut and three cycles while killing the process at every point in a list.

Each life is a forked child that opens the same home on the real engine, goes on with the run, and
kills itself with SIGKILL at the next point (see `lives` for the points, `reaper` for the killing).
Where a run asks, the first life that finds it waiting decides, with a double click.

`python -m tests.app.killer HOME` prints a JSON summary.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import sys
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

from app.ground import Edges
from app.label import Label
from domain.actor import OPERATOR, visitor_actor
from domain.approval import ApprovalStatus
from domain.artist import Artist
from domain.ids import new_id
from domain.memory import MemoryKind, MemoryRecord
from domain.run import RUN_STATES, Run, RunStatus
from runtime.engine.dbos_engine import DbosEngine
from tests.app.lives import SCENARIOS, Scenario, all_points
from tests.app.reaper import DeadlyEngine, DeadlyMedia, DeadlyNetwork, Reaper
from tests.support.homes import BRIEF, quick_label

LIFE_LIMIT_S = 120


async def live(home: Path, points: Path) -> None:
    """One life: begin or go on until every scenario's run has ended at no point left."""
    reaper = Reaper(points)
    reaper.watch(home / "label.db")
    engine = DbosEngine(f"sqlite:///{home / 'engine.db'}", "owner")
    edges = Edges(
        on_commit=reaper.on_commit,
        engine=DeadlyEngine(engine, reaper),
        media=lambda inner: DeadlyMedia(inner, reaper),
        network=lambda inner: DeadlyNetwork(inner, reaper, home / "calls.txt"),
    )
    # It dies far more often in one step than a worker ever should.
    async with quick_label(home, edges, run_deaths=1000) as label:
        for number, scenario in enumerate(SCENARIOS):
            run = await _run(label, number, scenario)
            await _until_ended(label, run, reaper)
            assert not (left := reaper.left(scenario.name)), f"never reached: {left[0]}"


async def _run(label: Label, number: int, scenario: Scenario) -> Run:
    """The run of the scenario, begun if there is none yet."""
    runs = list(reversed(await label.house.runs.page(OPERATOR)))
    if number < len(runs):
        return runs[number]
    artists = await label.house.artists.page(OPERATOR)
    artist = (
        artists[0] if artists else await label.house.artists.create(OPERATOR, BRIEF, "synthwave", 7)
    )
    if scenario.order is not None:
        await _order(label, artist, scenario.order)
        await _play(label, artist)
    return await label.house.runs.start(
        OPERATOR, artist.id, scenario.kind, approve=scenario.approve, seed=number + 3
    )


async def _order(label: Label, artist: Artist, text: str) -> None:
    """What the operator wants, as the artist's newest directive; again it is the same one."""
    await label.house.directives.add(OPERATOR, artist.id, text)


async def _play(label: Label, artist: Artist) -> None:
    """Somebody listens, so that the next cycle has a signal to take in."""
    page = await label.stage.page(artist.handle)
    song = page.releases[0].release.id
    await label.house.audience.play(
        visitor_actor("fan"), artist.handle, song, 9.0, new_id("exposure")
    )


async def _until_ended(label: Label, run: Run, reaper: Reaper) -> None:
    async with asyncio.timeout(LIFE_LIMIT_S):
        while not RUN_STATES.final((found := await label.house.runs.get(OPERATOR, run.id)).status):
            assert found.status is not RunStatus.FAILED, found.failure
            if found.status is RunStatus.WAITING:
                await _decide(label, run, reaper)
            await asyncio.sleep(0.05)


async def _decide(label: Label, run: Run, reaper: Reaper) -> None:
    """Approve what waits, with a double click; what is decided is left to the label."""
    approval = await label.house.approvals.standing_of(OPERATOR, run.id)
    assert approval is not None
    if approval.status is ApprovalStatus.WAITING:
        reaper.reach("decide")
        click = label.house.approvals.decide
        await asyncio.gather(
            click(OPERATOR, approval.id, "approve"), click(OPERATOR, approval.id, "approve")
        )


def fork_life(home: Path, points: Path) -> int:
    """Live once in a child; returns its wait status."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            asyncio.run(live(home, points))
            code = 0
        finally:
            if code:
                traceback.print_exc()
            sys.stderr.flush()
            os._exit(code)
    return os.waitpid(child, 0)[1]


async def summary(home: Path) -> dict[str, Any]:
    """What there is in the end, by scenario."""
    async with quick_label(home) as label:
        (artist,) = await label.house.artists.page(OPERATOR)
        runs = list(reversed(await label.house.runs.page(OPERATOR)))
        told = {
            scenario.name: await _told(label, artist, run)
            for scenario, run in zip(SCENARIOS, runs, strict=True)
        }
        page = await label.stage.page(artist.handle)
        calls = Counter((home / "calls.txt").read_text().split())
        posts = (await label.house.catalogue.of_artist(OPERATOR, artist.id))[1]
        return {
            "scenarios": told,
            "posts": sorted(post.id for post in posts),
            "calls": dict(sorted(calls.items())),
            "entries": len(page.entries),
            "live": len(page.releases),
            "profiles": len(await label.house.artists.profile_history(OPERATOR, artist.id)),
            "reflections": sorted(
                memory.text for memory in await _remembered(label, artist, "reflection")
            ),
            "unperceived": len(await label.house.audience.unperceived(OPERATOR, artist.id)),
        }


async def _told(label: Label, artist: Artist, run: Run) -> dict[str, Any]:
    view = await label.views.run(OPERATOR, run.id)
    events = await label.views.events(OPERATOR, 0, run_id=run.id, limit=1000)
    memories = await _remembered(label, artist, "episodic", "semantic")
    page = await label.stage.page(artist.handle)
    posts = {post.id for post in view.posts}
    return {
        "status": run.status.value,
        "action": run.action,
        "steps": sorted({step.step for step in view.steps}),
        "works": [work.status for work in view.works],
        "releases": [release.status.value for release in view.releases],
        "posts": [post.status.value for post in view.posts],
        "entries": sum(entry.client_key in posts for entry in page.entries),
        "approvals": sum(a.run_id == run.id for a in await label.house.approvals.page(OPERATOR)),
        "decisions": sum(happened.kind == "approval.closed" for happened in events),
        "memories": sorted(m.kind for m in memories if m.source_run_id == run.id),
        "reflections": sorted(
            {str(step.report["says"]) for step in view.steps if step.step == "reflect"}
        ),
        "made": [len(run.work_ids), len(run.release_ids), len(run.post_ids)],
    }


async def _remembered(label: Label, artist: Artist, *kinds: MemoryKind) -> list[MemoryRecord]:
    now = label.house.clock.now()
    found = await label.house.memory.recall(artist.id, kinds, "everything", now=now, limit=100)
    return [memory.record for memory in found]


def main() -> None:
    """Live until all runs have ended, then tell."""
    home = Path(sys.argv[1])
    home.mkdir(parents=True, exist_ok=True)
    points = home / "points.json"
    points.write_text(json.dumps(all_points()))
    killed = 0
    for _ in range(len(all_points()) + 1):
        status = fork_life(home, points)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            killed += 1
            continue
        if os.WEXITSTATUS(status) != 0:
            sys.exit(f"a life ended with {status} before {json.loads(points.read_text())[:1]}")
        break
    told = asyncio.run(summary(home))
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    told |= {
        "killed": killed,
        "left": json.loads(points.read_text()),
        "cpu_s": round(sum(s.ru_utime + s.ru_stime for s in spent), 1),
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
