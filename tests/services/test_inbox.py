from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.actor import OPERATOR
from domain.approval import ApprovalStatus
from domain.errors import Forbidden, InvalidInput
from services.inbox import AT_ONCE, InboxService
from tests.support.label import TestLabel, ask, cycle, debut, open_label, profile, song


@pytest.fixture
async def label(tmp_path: Path) -> AsyncIterator[TestLabel]:
    async with open_label(tmp_path) as opened:
        yield opened


def inbox_of(label: TestLabel) -> InboxService:
    return label.context().inbox


async def test_one_that_changed_is_refused_by_name_and_the_others_are_decided(
    label: TestLabel,
) -> None:
    artist = await debut(label)
    run, other = await cycle(label, artist), await cycle(label, artist)
    good = await ask(label, run, await song(label, run, "Salt"))
    stale = await ask(label, other, await song(label, other, "Radar"))
    post = next(s.id for s in stale.subjects if s.kind == "post")
    await label.approvals.edit_post(OPERATOR, stale.id, post, "Other words.")
    chosen = [(good.id, good.digest), (stale.id, stale.digest)]
    done = await inbox_of(label).decide_many(OPERATOR, "approve", chosen)
    assert [(one.title, one.refused is None) for one in done] == [("Salt", True), ("Radar", False)]
    assert (await label.approvals.get(OPERATOR, good.id)).status is ApprovalStatus.APPROVED
    assert [item.title for item in await inbox_of(label).waiting(OPERATOR)] == ["Radar"]


async def test_nothing_and_too_much_are_refused(label: TestLabel) -> None:
    for chosen in ([], [("approval_x", "0")] * (AT_ONCE + 1)):
        with pytest.raises(InvalidInput) as refused:
            await inbox_of(label).decide_many(OPERATOR, "approve", chosen)
        assert refused.value.field == "chosen"


async def test_nobody_decides_without_the_right_or_sees_what_is_not_theirs(
    label: TestLabel,
) -> None:
    run = await cycle(label, await debut(label))
    approval = await ask(label, run, await song(label, run))
    viewer = OPERATOR.model_copy(update={"rights": frozenset({"read"})})
    with pytest.raises(Forbidden):
        await inbox_of(label).decide_many(viewer, "approve", [(approval.id, approval.digest)])
    other = await debut(label, profile("Second Harbour"))
    stranger = OPERATOR.model_copy(update={"artists": frozenset({other.id})})
    own = await cycle(label, other)
    theirs = await ask(label, own, await song(label, own, "Quay"))
    both = [(one.id, one.digest) for one in (theirs, approval)]
    with pytest.raises(Forbidden):
        await inbox_of(label).decide_many(stranger, "approve", both)
    assert (await label.approvals.get(OPERATOR, theirs.id)).status is ApprovalStatus.WAITING
    stranger = OPERATOR.model_copy(update={"artists": frozenset({"artist_other"})})
    assert await inbox_of(label).waiting(stranger) == []
    waiting = [item.approval.id for item in await inbox_of(label).waiting(viewer)]
    assert waiting == [approval.id, theirs.id]
