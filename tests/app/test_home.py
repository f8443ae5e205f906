from __future__ import annotations

from pathlib import Path

from app.home import Home
from domain.actor import OPERATOR
from domain.run import RunStatus
from tests.support.homes import BRIEF, quick_label, settled


def test_a_dead_owners_address_is_forgotten_as_soon_as_another_owns_the_home(
    tmp_path: Path,
) -> None:
    dead = Home(tmp_path).claim()
    dead.publish_address("http://127.0.0.1:1")
    stale = (tmp_path / "server.json").read_text()
    dead.release()
    (tmp_path / "server.json").write_text(stale)

    owner = Home(tmp_path).claim()
    try:
        assert Home(tmp_path).address() is None
    finally:
        owner.release()


async def test_an_artist_whose_process_died_before_its_debut_began_gets_one_at_the_next_start(
    tmp_path: Path,
) -> None:
    async with quick_label(tmp_path / "home") as label:
        artist = await label.house.artists.create(OPERATOR, BRIEF, "synthwave", 7)
    for _ in range(2):
        async with quick_label(tmp_path / "home") as label:
            (run,) = await label.house.runs.page(OPERATOR, artist_id=artist.id)
            assert (run.kind, run.seed) == ("debut", 7)
            assert (await settled(label, run.id)).status is RunStatus.SUCCEEDED
