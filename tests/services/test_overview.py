from __future__ import annotations

from datetime import timedelta

from domain.actor import OPERATOR
from domain.artist import ArtistStatus
from domain.run import RunStatus
from services.overview import OverviewService
from tests.store import nouns
from tests.support.label import START, TestLabel


async def test_the_busy_come_first_then_those_whose_slot_comes_first(label: TestLabel) -> None:
    async with label.database.unit() as unit:
        for n in range(6):
            status = ArtistStatus.PAUSED if n == 2 else ArtistStatus.ACTIVE
            await unit.artists.add(nouns.artist(f"artist_{n}", status=status))
        for n, state in ((4, RunStatus.QUEUED), (5, RunStatus.RUNNING)):
            await unit.runs.add(nouns.run(f"run_{n}", (f"artist_{n}",), status=state))
        for n, hours in ((3, 1), (0, 2), (2, 0)):
            mine = {"artist_id": f"artist_{n}", "next_at": START + timedelta(hours=hours)}
            await unit.schedules.add(nouns.schedule(f"schedule_{n}", **mine))
        await unit.commit()
    now = await OverviewService(label.database, label.clock).now(OPERATOR, most=4)
    assert [d.artist.id for d in now.doing] == ["artist_5", "artist_4", "artist_3", "artist_0"]
    assert [d.run.id if d.run else None for d in now.doing] == ["run_5", "run_4", None, None]
    assert now.more == 2
    everybody = (await OverviewService(label.database, label.clock).now(OPERATOR)).doing
    assert [(d.artist.id, d.next_at) for d in everybody[4:]] == [
        ("artist_1", None),
        ("artist_2", None),
    ]
