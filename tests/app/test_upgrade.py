"""A home of an earlier release, with runs in flight, opened by this one."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.label import Label
from domain.actor import OPERATOR
from domain.post import PostStatus
from domain.run import Run, RunStatus
from store.migrate import current, head
from tests.app.in_flight import unpack
from tests.support.homes import quick_label, quick_settings, settled

DATA = Path(__file__).with_name("data")
ENDS_WITHIN_S = 120


@pytest.mark.parametrize("home_of", sorted(p.name for p in DATA.glob("running-*.tar.xz")))
async def test_runs_in_flight_of_an_earlier_release_go_to_their_ends(
    tmp_path: Path, home_of: str
) -> None:
    home = tmp_path / "home"
    unpack(DATA / home_of, home)
    earlier = await current(quick_settings(home).database)
    assert earlier == home_of.removeprefix("running-").partition(".")[0]
    done_before = _steps(home)
    async with quick_label(home) as label:
        assert await current(label.settings.database) == head()
        running, waiting = await _in_flight(label)
        approval = await label.house.approvals.standing_of(OPERATOR, waiting.id)
        assert approval is not None
        await label.house.approvals.decide(OPERATOR, approval.id, "approve")
        for run in (running, waiting):
            await _succeeded(label, run)
    # What the release before had done was not done again.
    done = _steps(home)
    assert done[: len(done_before)] == done_before
    assert len({(run, step) for _, run, step in done}) == len(done)


async def _in_flight(label: Label) -> tuple[Run, Run]:
    runs = [run for run in await label.house.runs.page(OPERATOR) if run.kind == "cycle"]
    [waiting] = [run for run in runs if run.status is RunStatus.WAITING]
    [running] = [run for run in runs if run is not waiting]
    return running, waiting


async def _succeeded(label: Label, run: Run) -> None:
    async with asyncio.timeout(ENDS_WITHIN_S):
        ended = await settled(label, run.id)
    assert ended.status is RunStatus.SUCCEEDED, ended.failure
    view = await label.views.run(OPERATOR, run.id)
    assert [post.status for post in view.posts] == [PostStatus.PUBLISHED]
    assert [work.status for work in view.works] == ["released"]


def _steps(home: Path) -> list[tuple[str, str, str]]:
    """Every step that was written down: its id, its run and its name, in order."""
    with closing(sqlite3.connect(home / "label.db")) as database:
        rows = database.execute("SELECT id, run_id, step FROM steps ORDER BY seq")
        return [(str(i), str(r), str(s)) for i, r, s in rows]
