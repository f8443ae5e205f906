"""A cycle's posts on several channels: drafted, approved and published together."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import SecretStr

from domain.actor import OPERATOR, SYSTEM, artist_actor
from domain.approval import ApprovalStatus
from domain.artist import Artist
from domain.errors import LeaseLost
from domain.ids import new_id
from domain.post import PostStatus
from graphs.context import RunContext
from graphs.cycle.announce import update
from graphs.cycle.perceive import perceive
from graphs.cycle.publish import publish
from graphs.cycle.state import CycleState, posts_of
from graphs.cycle.submit import submit
from services.run_moves import lease_of
from tests.graphs.build import context_of
from tests.services.build import artist
from tests.support import label as play
from tests.support.label import TestLabel
from tools.registry import Toolbox
from tools.vendors.scripted_network import ScriptedKind, ScriptedNetwork


@pytest.fixture
def kind(label: TestLabel) -> ScriptedKind:
    made = ScriptedKind(label.clock)
    label.channels.kinds = {"scripted": made}
    return made


async def connected(label: TestLabel, kind: ScriptedKind) -> tuple[Artist, ScriptedNetwork]:
    who = await artist(label)
    account = await label.channels.connect(
        OPERATOR, who.id, "scripted", identifier="ferry", password=SecretStr(kind.password)
    )
    return who, kind.at(account.remote_id)


async def drafted(label: TestLabel, who: Artist) -> tuple[RunContext, CycleState]:
    """A run that has drafted an update."""
    run = await play.cycle(label, who)
    context = context_of(label, run, ("publish_post",))
    # The house of the test publishes where the label does.
    context.toolbox.context.publishing.channels = label.channels
    state = CycleState(run_id=run.id, seed=3)
    state.update((await perceive(state, context)).update)  # type: ignore[typeddict-item]
    state.update(
        {
            "action": "post_update",
            "subject": "night crossings",
            "post_id": new_id("post"),
            "approval_id": new_id("approval"),
            "memory_ids": [],
        }
    )
    state.update((await update(state, context)).update)  # type: ignore[typeddict-item]
    return context, state


async def approved(label: TestLabel, context: RunContext, state: CycleState) -> None:
    await submit(state, context)
    await label.approvals.decide(OPERATOR, state["approval_id"], "approve")


async def test_one_approval_covers_one_post_a_channel(label: TestLabel, kind: ScriptedKind) -> None:
    who, far = await connected(label, kind)
    context, state = await drafted(label, who)
    assert state["post_ids"] == [state["post_id"], f"{state['post_id']}_scripted"]
    again = (await update(state, context)).update
    assert again == {"post_ids": state["post_ids"]}
    await submit(state, context)
    approval = await label.approvals.get(OPERATOR, state["approval_id"])
    assert [s.id for s in approval.subjects] == state["post_ids"]
    edited = await label.approvals.edit_post(OPERATOR, approval.id, state["post_ids"][1], "There.")
    assert (await label.approvals.get(OPERATOR, approval.id)).status is ApprovalStatus.VOID
    await label.approvals.decide(OPERATOR, edited.id, "approve")
    await publish(state, context)
    (shown,) = far.public
    assert shown.payload.text == "There."
    (entry,) = (await label.stage.page(who.handle)).entries
    assert entry.payload.text != "There."


async def test_a_channel_that_is_down_stops_neither_the_stage_nor_the_run(
    label: TestLabel, kind: ScriptedKind
) -> None:
    who, far = await connected(label, kind)
    context, state = await drafted(label, who)
    await approved(label, context, state)
    far.troubles.append("down")
    found = await publish(state, context)
    assert found.facts["status"] == PostStatus.PUBLISHED
    assert "not out yet" in found.says
    later = await label.catalogue.post(OPERATOR, state["post_ids"][1])
    assert later.status is PostStatus.FAILED_RETRYABLE
    assert later.retry_at is not None


async def test_a_channel_that_was_disconnected_meanwhile_is_left_out(
    label: TestLabel, kind: ScriptedKind
) -> None:
    who, far = await connected(label, kind)
    context, state = await drafted(label, who)
    await approved(label, context, state)
    await label.channels.disconnect(OPERATOR, who.id, "scripted")
    found = await publish(state, context)
    assert found.facts["status"] == PostStatus.PUBLISHED
    assert far.public == []


async def test_a_worker_that_lost_its_run_publishes_nothing_more(
    label: TestLabel, kind: ScriptedKind
) -> None:
    who, far = await connected(label, kind)
    context, state = await drafted(label, who)
    await approved(label, context, state)
    mine = artist_actor(who.id, lease_of(await label.runs.begin(SYSTEM, context.run.id)))
    late = replace(context.toolbox.context, actor=mine)
    await label.runs.begin(SYSTEM, context.run.id)  # by another worker
    with pytest.raises(LeaseLost):
        await publish(state, replace(context, toolbox=Toolbox(late, ("publish_post",))))
    assert far.public == []
    assert (await label.stage.page(who.handle)).entries == ()


async def test_a_run_of_an_earlier_version_finishes_with_its_single_post(
    label: TestLabel, kind: ScriptedKind
) -> None:
    who, far = await connected(label, kind)
    context, state = await drafted(label, who)
    del state["post_ids"]
    assert posts_of(state) == [state["post_id"]]
    await approved(label, context, state)
    assert (await publish(state, context)).facts["status"] == PostStatus.PUBLISHED
    assert far.public == []
