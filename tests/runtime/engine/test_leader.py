from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from runtime.engine.leader import Lead
from tests.runtime.engine.hand import Notes
from tests.support.database import PostgresServer
from tests.support.process import Process

DEAD_AFTER_S = 10.0


class Watch:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'leads.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    made = server.new_database()
    yield made
    server.drop_database(made)


Elect = Callable[..., Lead]


@pytest.fixture
async def elect(url: str) -> AsyncIterator[Elect]:
    """Makes candidates for the same lead, each on a clock of its own."""
    made: list[Lead] = []

    def candidate(holder: str, watch: Watch | None = None, name: str = "clock") -> Lead:
        made.append(Lead(url, name, holder, DEAD_AFTER_S, watch or Watch()))
        return made[-1]

    yield candidate
    for lead in made:
        await lead.release()


async def test_first_to_ask_leads_and_goes_on_leading(elect: Elect) -> None:
    a, b = elect("a"), elect("b")
    for _ in range(3):
        assert await a.held()
        assert not await b.held()


async def test_leads_of_different_names_are_apart(elect: Elect) -> None:
    assert await elect("a").held()
    assert await elect("b", name="sweep").held()


async def test_lead_moves_after_the_silence_and_not_before(elect: Elect) -> None:
    watch = Watch()
    a, b = elect("a"), elect("b", watch)
    assert await a.held()
    assert not await b.held()
    watch.seconds = DEAD_AFTER_S - 0.1
    assert not await b.held()
    assert await a.held()  # its beat is seen: the silence is counted anew
    watch.seconds = DEAD_AFTER_S + 1
    assert not await b.held()
    watch.seconds = 2 * DEAD_AFTER_S + 1
    assert await b.held()
    assert not await a.held()
    assert await b.held()


async def test_released_lead_is_free_at_once(url: str, elect: Elect) -> None:
    a, b = Lead(url, "clock", "a", DEAD_AFTER_S, Watch()), elect("b")
    assert await a.held()
    assert not await b.held()
    await a.release()
    assert await b.held()


async def test_follower_that_lets_go_takes_nothing_away(url: str, elect: Elect) -> None:
    a, b = elect("a"), Lead(url, "clock", "b", DEAD_AFTER_S, Watch())
    assert await a.held()
    assert not await b.held()
    await b.release()
    assert await a.held()


async def test_restarted_holder_leads_at_once_and_its_old_self_no_more(elect: Elect) -> None:
    old = elect("a")
    assert await old.held()
    new = elect("a")
    assert await new.held()
    assert not await old.held()
    assert await new.held()


async def test_of_many_that_ask_at_once_one_wins(elect: Elect) -> None:
    watches = [Watch() for _ in range(6)]
    candidates = [elect(f"c{n}", watch) for n, watch in enumerate(watches)]
    first = await asyncio.gather(*(one.held() for one in candidates))
    assert sum(first) == 1
    leader = candidates[first.index(True)]
    others = [one for one in candidates if one is not leader]
    await asyncio.gather(*(one.held() for one in others))
    for watch in watches:
        watch.seconds = DEAD_AFTER_S
    # All of them see the same silence at the same moment.
    second = await asyncio.gather(*(one.held() for one in others))
    assert sum(second) == 1
    assert not await leader.held()


async def test_nobody_leads_without_a_database(tmp_path: Path) -> None:
    lead = Lead(f"sqlite+aiosqlite:///{tmp_path / 'no' / 'where.db'}", "clock", "a", DEAD_AFTER_S)
    assert not await lead.held()
    (tmp_path / "no").mkdir()
    assert await lead.held()
    await lead.release()


@pytest.mark.parametrize("fate", ["killed", "frozen", "ended"])
def test_lead_moves_between_processes(url: str, tmp_path: Path, fate: str) -> None:
    dead_after_s = 1.5
    notes = Notes(tmp_path / "notes")

    def leaders() -> list[str]:
        return [note.worker for note in notes.of("leads")]

    def until(holds: Callable[[], bool], limit_s: float) -> None:
        began = time.monotonic()
        while not holds():
            assert time.monotonic() - began < limit_s, notes.path.read_text()
            time.sleep(0.02)

    with ExitStack() as stack:
        processes: dict[str, Process] = {}
        for name in ("a", "b"):
            arguments = ["-m", "tests.runtime.engine.candidate", url, str(notes.path), name]
            made = Process(name, [*arguments, str(dead_after_s)], dict(os.environ), tmp_path)
            processes[name] = stack.enter_context(made)
        until(lambda: len(notes.read()) == 2, 60)
        (first,) = leaders()
        second = "b" if first == "a" else "a"
        if fate == "killed":
            processes[first].kill()
        elif fate == "frozen":
            processes[first].freeze()
        else:
            processes[first].ask_to_end()
        until(lambda: leaders() == [first, second], 30)
        if fate == "frozen":
            processes[first].thaw()
            until(lambda: [n.worker for n in notes.of("follows")] == [second, first], 5)
            time.sleep(3 * dead_after_s)
            assert leaders() == [first, second]
