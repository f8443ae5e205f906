"""Checkpoints in a file and on a real PostgreSQL: kept, pruned, set up once, and cut."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from typing_extensions import TypedDict

from app.checkpoints import open_checkpoints, prepare_checkpoints, prune_checkpoints
from runtime.settings import Settings
from tests.support.database import PostgresServer, postgres_server

Saver = BaseCheckpointSaver[Any]


class Counted(TypedDict):
    count: int


async def _one_more(state: Counted) -> Counted:
    await asyncio.sleep(0)
    return {"count": state["count"] + 1}


def _graph(saver: Saver) -> Any:
    graph = StateGraph(Counted)
    graph.add_node("first", _one_more)
    graph.add_node("second", _one_more)
    graph.add_edge(START, "first")
    graph.add_edge("first", "second")
    graph.add_edge("second", END)
    return graph.compile(checkpointer=saver)


async def _run(saver: Saver, thread: str) -> int:
    done = await _graph(saver).ainvoke({"count": 0}, _config(thread), durability="sync")
    return int(done["count"])


def _config(thread: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread}}


async def _kept(saver: Saver, thread: str) -> bool:
    return await saver.aget_tuple(_config(thread)) is not None


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server of its own, which tests may stop."""
    with postgres_server() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    if request.param == "sqlite":
        return Settings(home=tmp_path / "home")
    server: PostgresServer = request.getfixturevalue("server")
    return Settings(home=tmp_path / "home", database_url=server.new_database())


def _ended(*ended: str) -> Callable[[Sequence[str]], Any]:
    async def of(threads: Sequence[str]) -> Collection[str]:
        return {thread for thread in threads if thread in ended}

    return of


async def test_what_one_process_wrote_the_next_one_finds(settings: Settings) -> None:
    async with open_checkpoints(settings) as saver:
        assert await _run(saver, "run_1") == 2
    async with open_checkpoints(settings) as saver:
        assert (await _graph(saver).aget_state(_config("run_1"))).values == {"count": 2}
        assert not await _kept(saver, "run_2")


async def test_many_runs_at_once(settings: Settings) -> None:
    async with open_checkpoints(settings) as saver:
        done = await asyncio.gather(*(_run(saver, f"run_{n}") for n in range(40)))
    assert done == [2] * 40


async def test_checkpoints_of_ended_runs_go_and_others_stay(settings: Settings) -> None:
    async with open_checkpoints(settings) as saver:
        for thread in ("run_1", "run_2", "run_3"):
            await _run(saver, thread)
        assert await prune_checkpoints(saver, _ended("run_1", "run_3", "run_9")) == 2
        assert [await _kept(saver, f"run_{n}") for n in (1, 2, 3)] == [False, True, False]
        assert await prune_checkpoints(saver, _ended("run_1", "run_3")) == 0


async def test_pruning_nothing_asks_nobody(settings: Settings) -> None:
    async def refuse(threads: Sequence[str]) -> Collection[str]:
        raise AssertionError("there is nothing to ask about")

    async with open_checkpoints(settings) as saver:
        assert await prune_checkpoints(saver, refuse) == 0


async def test_a_restart_of_the_database_is_survived(
    server: PostgresServer, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, database_url=server.new_database())
    async with open_checkpoints(settings) as saver:
        await asyncio.gather(*(_run(saver, f"run_{n}") for n in range(10)))
        await asyncio.to_thread(server.restart)
        assert await asyncio.gather(*(_run(saver, f"new_{n}") for n in range(20))) == [2] * 20
        assert await _kept(saver, "run_7")


async def test_what_waits_while_the_database_is_away_goes_on(
    server: PostgresServer, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, database_url=server.new_database())
    async with open_checkpoints(settings) as saver:
        await _run(saver, "run_1")
        await asyncio.to_thread(server.stop)
        waiting = [asyncio.create_task(_run(saver, f"new_{n}")) for n in range(3)]
        await asyncio.sleep(0.3)
        await asyncio.to_thread(server.start)
        found = await asyncio.gather(*waiting, return_exceptions=True)
    # Each either went on or was told what the driver of runs knows as passing.
    assert all(one == 2 or isinstance(one, OperationalError | PoolTimeout) for one in found)


SET_UP_AT_THE_SIGNAL = """
import asyncio, sys
from pathlib import Path
from app.checkpoints import prepare_checkpoints
from runtime.settings import Settings
settings = Settings(home=Path(sys.argv[1]), database_url=sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
asyncio.run(prepare_checkpoints(settings))
"""


async def test_processes_that_set_up_at_the_same_time_do_it_once(
    server: PostgresServer, tmp_path: Path
) -> None:
    url = server.new_database()
    started = [
        subprocess.Popen(
            [sys.executable, "-c", SET_UP_AT_THE_SIGNAL, str(tmp_path), url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in started:
        _, errors = await asyncio.to_thread(process.communicate, timeout=60)
        assert process.returncode == 0, errors
    settings = Settings(home=tmp_path, database_url=url)
    await prepare_checkpoints(settings)
    async with open_checkpoints(settings) as saver:
        assert await _run(saver, "run_1") == 2
