from __future__ import annotations

import pytest

from domain.actor import OPERATOR
from domain.errors import NotFound
from domain.run import RunStatus
from tests.services.build import artist, asked, ids, statements
from tests.support import label as play
from tests.support.label import TestLabel


async def test_a_run_is_shown_with_all_it_made(label: TestLabel) -> None:
    who = await artist(label)
    approval = await asked(label, who)
    view = await label.views.run(OPERATOR, approval.run_id)
    assert (view.status, view.approval_id) == (RunStatus.WAITING, approval.id)
    assert [r.id for r in view.releases] == [ids(approval)["release"]]
    assert [p.id for p in view.posts] == [ids(approval)["post"]]
    (work,) = view.works
    assert work.passed
    assert {f.role for f in work.files} == {"mp3", "cover"}
    with pytest.raises(NotFound):
        await label.views.run(OPERATOR, "run_unknown")


async def test_an_approval_shows_exactly_what_is_decided_on(label: TestLabel) -> None:
    who = await artist(label)
    one, two = await asked(label, who, "One"), await asked(label, who, "Two")
    waiting = await label.views.waiting(OPERATOR)
    assert [w.approval for w in waiting] == [one, two]
    assert [w.works[0].title for w in waiting] == ["One", "Two"]
    assert [w.releases[0].id for w in waiting] == [ids(one)["release"], ids(two)["release"]]
    assert [w.posts[0].id for w in waiting] == [ids(one)["post"], ids(two)["post"]]
    assert await label.views.approval(OPERATOR, one.id) == waiting[0]
    assert await label.views.waiting(OPERATOR, "artist_other") == []


async def test_a_list_of_runs_asks_for_its_artists_once(label: TestLabel) -> None:
    for n in range(4):
        await play.cycle(label, await artist(label, f"Artist {n}"))
    with statements(label.database) as seen:
        shown = await label.views.runs(OPERATOR)
    assert len(shown) == 8
    assert all(run.artist_id == who.id for run, who in shown)
    assert len([s for s in seen if s.startswith("SELECT")]) == 2
