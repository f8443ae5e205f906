from __future__ import annotations

from pathlib import Path

from benchmarks.overhead import BARE, CHECKPOINTED, DRIVEN, ENGINE, HOUSE, Cost, bench, chain, table
from domain.actor import OPERATOR


async def test_the_bare_graph_runs_every_node() -> None:
    ended = await chain(5, None, house=False).ainvoke({"seed": 1})
    assert ended == {"seed": 1, "revision": 5}


async def test_every_way_runs_and_the_house_keeps_its_steps(tmp_path: Path) -> None:
    async with bench(tmp_path / "home", 2) as made:
        ways = made.ways()
        assert list(ways) == [BARE, CHECKPOINTED, HOUSE, DRIVEN, ENGINE]
        for way in ways.values():
            await way()
        runs = made.label.house.runs
        kept = [await runs.steps(OPERATOR, run.id) for run in await runs.page(OPERATOR)]
    assert [[s.step for s in steps] for steps in kept] == [["step_0", "step_1"]] * 3


def test_the_table_shows_medians_against_the_bare_graph() -> None:
    costs = {
        CHECKPOINTED: [Cost(1.0, 0.5), Cost(9.0, 0.5), Cost(2.0, 0.5)],
        HOUSE: [Cost(20.0, 4.0), Cost(30.0, 6.0), Cost(25.0, 5.0)],
    }
    made = table(costs, steps=17, runs=3)
    bare, house = made.rows
    assert bare.values == (2.0, 0.5, 1.0)
    assert house.values == (25.0, 5.0, 20.0)
    assert (made.ratio(house, 0), made.ratio(house, 1)) == (12.5, 10.0)
