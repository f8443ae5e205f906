"""Directives and how artists are steered, on both databases."""

from __future__ import annotations

from datetime import timedelta

from domain.directive import DirectiveStatus
from store.database import Database
from tests.store import nouns

NOW, DAY = nouns.NOW, timedelta(days=1)


async def test_directives_of_one_artist_by_kind_and_state(label: Database) -> None:
    revoked = DirectiveStatus.REVOKED
    async with label.unit() as unit:
        order = {"kind": "directive", "target": None}
        await unit.directives.add(nouns.directive("directive_02", **order))
        await unit.directives.add(nouns.directive("directive_03", **order, status=revoked))
        await unit.directives.add(nouns.directive("directive_04", artist_id="artist_02"))

        async def found(*where: object, **wanted: object) -> list[str]:
            page = await unit.directives.page("artist_01", *where, **wanted)  # type: ignore[arg-type]
            return [each.id[-2:] for each in page]

        assert await found() == ["03", "02", "01"]
        assert await found("directive_03", 1) == ["02"]
        assert await found(kind="goal") == ["01"]
        assert await found(status=DirectiveStatus.STANDING, kind="directive") == ["02"]
        standing = await unit.directives.standing("artist_01")
    assert [each.id[-2:] for each in standing] == ["01", "02"]


async def test_directives_end_with_their_time(label: Database) -> None:
    async with label.unit() as unit:
        await unit.directives.add(nouns.directive("directive_02", until=NOW + DAY))
        await unit.directives.add(nouns.directive("directive_03", until=None))
        assert [d.id for d in await unit.directives.over(NOW + DAY)] == ["directive_02"]
        assert await unit.directives.over(NOW) == []


async def test_a_goal_counts_what_came_since_it_was_set(label: Database) -> None:
    async with label.unit() as unit:
        for number, day in enumerate((-1, 1, 3)):
            at = NOW + day * DAY
            await unit.releases.add(nouns.release(f"release_1{number}", live_at=at))
        goal = nouns.directive()
        over = nouns.directive("directive_02")
        over = over.end(DirectiveStatus.EXPIRED, "operator:local", NOW + 2 * DAY, why="over")
        others = nouns.directive("directive_03", artist_id="artist_02")
        said = nouns.directive("directive_04", kind="directive", target=None)
        found = await unit.directives.counted([goal, over, others, said])
        assert found == {goal.id: 2, over.id: 1, others.id: 0}
        assert await unit.directives.counted([said]) == {}


async def test_steering_is_found_by_its_artist(label: Database) -> None:
    other = nouns.steering("steering_02", artist_id="artist_02")
    async with label.unit() as unit:
        assert await unit.steerings.of_artist("artist_02") is None
        await unit.steerings.add(other)
        assert await unit.steerings.of_artist("artist_02") == other
        found = await unit.steerings.of_artists(["artist_01", "artist_02", "artist_03"])
        assert found == {"artist_01": nouns.steering(), "artist_02": other}
        assert await unit.steerings.of_artists([]) == {}
