"""Attacks on a label, short and long; how fast it recovers is told by `benchmarks kill`."""

from __future__ import annotations

import contextlib
import sqlite3
from itertools import islice
from pathlib import Path

import pytest

from tests.app.mayhem.__main__ import attack
from tests.app.mayhem.attack import Order, Outcome
from tests.app.mayhem.books import Books
from tests.app.mayhem.plan import ALONE, SHARED, blows
from tests.app.mayhem.recorder import Call, Recorder
from tests.app.mayhem.verdict import judge
from tests.support.cluster import Shape

# A machine with little else to do is done with six runs before it is struck once.
SHORT = Order(seed=3, runs=16, artists=2, pause_s=(4.0, 8.0))
LONG = Order(seed=11, runs=200, artists=40)
# Boxes are slow and shared: how long a recovery takes is for the benchmark to say.
HOPE_S = 90.0


def _whole(outcome: Outcome, order: Order) -> None:
    """Nothing lost, nothing stuck, nothing twice, and it was attacked at all."""
    assert outcome.verdict.wrong == []
    assert outcome.never == []
    assert outcome.replayed.total() == 0, outcome.replayed
    assert outcome.verdict.runs.total() >= order.runs
    assert outcome.strikes.total() > 0
    assert max(outcome.recoveries_s, default=0.0) < HOPE_S


def test_a_few_processes_are_struck_while_artists_work(tmp_path: Path) -> None:
    shape = Shape(apis=1, workers=2, schedulers=1)
    outcome = attack("shared", SHORT, tmp_path, posting=True, shape=shape)
    assert outcome.bluesky is not None
    assert outcome.bluesky.posts > 0
    _whole(outcome, SHORT)


@pytest.mark.slow
def test_one_process_is_struck_while_artists_work(tmp_path: Path) -> None:
    outcome = attack("sqlite", SHORT, tmp_path)
    _whole(outcome, SHORT)


@pytest.mark.long
@pytest.mark.parametrize("name", ["shared", "sqlite"])
def test_two_hundred_runs_end_once_whatever_dies(tmp_path: Path, name: str) -> None:
    outcome = attack(name, LONG, tmp_path, posting=name == "shared")
    _whole(outcome, LONG)


def test_the_same_seed_is_the_same_plan_and_a_short_one_misses_no_kind() -> None:
    def plan(seed: int) -> list[object]:
        return list(islice(blows(seed, SHARED, 8.0, (1.0, 2.0)), 40))

    assert plan(5) == plan(5)
    assert plan(5) != plan(6)
    assert {blow.kind for blow in islice(blows(5, SHARED, 8.0, (1.0, 2.0)), len(SHARED))} == set(
        SHARED
    )
    frozen = [b for b in islice(blows(5, ALONE, 8.0, (1.0, 2.0)), 40) if b.kind[:6] == "freeze"]
    assert frozen
    assert all(blow.lasts_s > 8.0 for blow in frozen)


async def test_what_is_lost_or_doubled_is_found(tmp_path: Path) -> None:
    """The judge itself: one run that is stuck, one post that stands twice, one that was changed."""
    recorder = Recorder()
    books = Books(f"sqlite:///{tmp_path / 'label.db'}")
    _write(tmp_path)
    recorder.calls = [Call("post_a", "x"), Call("post_b", "x"), Call("post_b", "y")]
    verdict = await judge(books, recorder)
    books.close()
    said = "\n".join(verdict.wrong)
    for words in (
        "run run_b is running",
        "post post_c is publishing",
        "post post_c stands 0 times",
        "post post_d stands 1 times",
        "post post_c never reached",
        "post post_b was sent again with other bytes",
        "run run_a (post_update) left (2, 0)",
        "run run_a ended 2 times",
        "run run_a remembered 2 times",
    ):
        assert words in said
    assert "post post_a " not in said


def _write(folder: Path) -> None:
    payload = '{"payload": {"channel": "stage"}}'
    rows = [
        "CREATE TABLE runs (id, kind, status, body)",
        "CREATE TABLE posts (id, run_id, status, body)",
        "CREATE TABLE stage_entries (client_key, removed)",
        "CREATE TABLE releases (run_id, status)",
        "CREATE TABLE events (run_id, kind, data)",
        "CREATE TABLE memory_records (source_run_id, kind)",
        """INSERT INTO runs VALUES ('run_a', 'cycle', 'succeeded', '{"action": "post_update"}')""",
        """INSERT INTO runs VALUES ('run_b', 'cycle', 'running', '{"action": "post_update"}')""",
        f"INSERT INTO posts VALUES ('post_a', 'run_a', 'published', '{payload}')",
        f"INSERT INTO posts VALUES ('post_b', 'run_a', 'published', '{payload}')",
        f"INSERT INTO posts VALUES ('post_c', 'run_b', 'publishing', '{payload}')",
        "INSERT INTO stage_entries VALUES ('post_a', 0), ('post_b', 0), ('post_d', 0)",
        """INSERT INTO events VALUES ('run_a', 'run.changed', '{"status": "succeeded"}')""",
        """INSERT INTO events VALUES ('run_a', 'run.changed', '{"status": "succeeded"}')""",
        "INSERT INTO memory_records VALUES ('run_a', 'episodic'), ('run_a', 'episodic')",
    ]
    with contextlib.closing(sqlite3.connect(folder / "label.db")) as connection:
        for statement in rows:
            connection.execute(statement)
        connection.commit()
