from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.actor import OPERATOR, SYSTEM, Actor, artist_actor, visitor_actor
from domain.approval import Approval, ApprovalStatus
from domain.errors import (
    ApprovalClosed,
    Conflict,
    Forbidden,
    GreenroomError,
    InvalidInput,
    NotFound,
)
from domain.ids import new_id
from domain.post import PostStatus
from domain.release import ReleaseStatus
from domain.rights import EVERY_RIGHT
from domain.work import Credit, WorkStatus
from services.approvals import ApprovalService
from services.catalogue import release_digest
from tests.services.build import artist, asked, ids
from tests.support.label import TestLabel

ANN = Actor(kind="operator", id="ann", rights=EVERY_RIGHT)
BOB = Actor(kind="operator", id="bob", rights=EVERY_RIGHT)
LATE = timedelta(hours=73)


async def statuses(label: TestLabel, approval: Approval) -> tuple[str, str, str]:
    """How release, work and post stand."""
    release = await label.catalogue.release(OPERATOR, ids(approval)["release"])
    work = await label.works.get(OPERATOR, release.work_ids[0])
    post = await label.catalogue.post(OPERATOR, ids(approval)["post"])
    return release.status.value, work.status.value, post.status.value


async def outcome(call: Any) -> Approval | GreenroomError:
    try:
        done: Approval = await call
    except GreenroomError as error:
        return error
    return done


@pytest.mark.parametrize("second", ["approve", "reject"])
async def test_of_two_operators_at_once_exactly_one_wins(label: TestLabel, second: Any) -> None:
    approval = await asked(label, await artist(label))
    both = await asyncio.gather(
        outcome(label.approvals.decide(ANN, approval.id, "approve", reason="mix")),
        outcome(label.approvals.decide(BOB, approval.id, second, reason="mix")),
    )
    (won,) = [b for b in both if isinstance(b, Approval)]
    (lost,) = [b for b in both if not isinstance(b, Approval)]
    assert isinstance(lost, ApprovalClosed)
    assert lost.remedy
    assert await label.approvals.get(OPERATOR, approval.id) == won


async def test_many_decisions_at_once_leave_one(label: TestLabel) -> None:
    approval = await asked(label, await artist(label))
    verdicts: list[Any] = ["approve", "reject"] * 4
    found = await asyncio.gather(
        *(
            outcome(
                label.approvals.decide(
                    Actor(kind="operator", id=str(n), rights=EVERY_RIGHT),
                    approval.id,
                    verdict,
                    reason="mix",
                )
            )
            for n, verdict in enumerate(verdicts)
        )
    )
    assert len([f for f in found if isinstance(f, Approval)]) == 1
    assert {type(f) for f in found} == {Approval, ApprovalClosed}


async def test_a_double_click_is_harmless(label: TestLabel) -> None:
    approval = await asked(label, await artist(label))
    both = await asyncio.gather(
        label.approvals.decide(ANN, approval.id, "approve"),
        label.approvals.decide(ANN, approval.id, "approve"),
    )
    assert both[0] == both[1]
    events = await label.views.events(OPERATOR, 0, run_id=approval.run_id)
    assert [e.kind for e in events].count("approval.closed") == 1
    with pytest.raises(ApprovalClosed, match="approved already"):
        await label.approvals.decide(ANN, approval.id, "reject", reason="mix")


async def test_the_same_yes_to_something_else_is_refused(label: TestLabel) -> None:
    approval = await asked(label, await artist(label))
    await label.approvals.decide(ANN, approval.id, "approve", digest=approval.digest)
    with pytest.raises(ApprovalClosed):
        await label.approvals.decide(ANN, approval.id, "approve", digest="0" * 64)


async def test_yes_approves_everything_decided_on(label: TestLabel) -> None:
    approval = await asked(label, await artist(label))
    assert await statuses(label, approval) == ("ready", "complete", "awaiting_approval")
    await label.approvals.decide(ANN, approval.id, "approve", digest=approval.digest)
    assert await statuses(label, approval) == ("approved", "complete", "approved")
    await label.engine.drain(10)
    assert label.jobs[-1] == approval.run_id


async def test_a_no_reaches_release_work_and_post(label: TestLabel) -> None:
    approval = await asked(label, await artist(label))
    with pytest.raises(InvalidInput) as refused:
        await label.approvals.decide(ANN, approval.id, "reject", comment="meh")
    assert refused.value.field == "reason"
    assert await statuses(label, approval) == ("ready", "complete", "awaiting_approval")
    decided = await label.approvals.decide(
        ANN, approval.id, "reject", reason="mix", comment="too\x00 loud"
    )
    assert decided.decision is not None
    assert (decided.decision.comment, decided.decision.by) == ("too loud", "operator:ann")
    assert await statuses(label, approval) == ("rejected", "rejected", "cancelled")


@pytest.mark.parametrize("actor", [visitor_actor("v"), artist_actor("artist_x")])
async def test_nobody_but_an_operator_decides_or_edits(label: TestLabel, actor: Actor) -> None:
    approval = await asked(label, await artist(label))
    with pytest.raises(Forbidden):
        await label.approvals.decide(actor, approval.id, "approve")
    with pytest.raises(Forbidden):
        await label.approvals.edit_post(actor, approval.id, ids(approval)["post"], "x")
    with pytest.raises(Forbidden):
        await label.approvals.open(visitor_actor("v"), "approval_x", "a", "r", (), ())


async def test_an_edit_voids_and_asks_again(label: TestLabel) -> None:
    approval = await asked(label, await artist(label))
    post_id = ids(approval)["post"]
    fresh = await label.approvals.edit_post(ANN, approval.id, post_id, "  New\r\nwords.\x00 ")
    voided = await label.approvals.get(OPERATOR, approval.id)
    assert (voided.status, voided.replaced_by) == (ApprovalStatus.VOID, fresh.id)
    assert (await label.catalogue.post(OPERATOR, post_id)).payload.text == "New\nwords."
    assert (await label.runs.get(OPERATOR, approval.run_id)).approval_id == fresh.id
    assert await label.approvals.standing_of(OPERATOR, approval.run_id) == fresh
    assert await label.approvals.waiting(OPERATOR) == [fresh]
    for stale in (approval.digest, "0" * 64):
        with pytest.raises(ApprovalClosed):
            await label.approvals.decide(ANN, fresh.id, "approve", digest=stale)
    with pytest.raises(ApprovalClosed):
        await label.approvals.decide(ANN, approval.id, "approve", digest=approval.digest)
    assert await statuses(label, approval) == ("ready", "complete", "awaiting_approval")
    await label.approvals.decide(ANN, fresh.id, "approve", digest=fresh.digest)


async def test_the_same_words_are_no_edit_and_bad_ones_are_refused(label: TestLabel) -> None:
    approval = await asked(label, await artist(label))
    post = await label.catalogue.post(OPERATOR, ids(approval)["post"])
    same = await label.approvals.edit_post(ANN, approval.id, post.id, f" {post.payload.text}\n")
    assert same == approval
    with pytest.raises(InvalidInput):
        await label.approvals.edit_post(ANN, approval.id, post.id, " \x00 ")
    assert await label.approvals.get(OPERATOR, approval.id) == approval


async def test_words_that_the_channel_would_refuse_are_refused_when_edited(
    label: TestLabel,
) -> None:
    approval = await asked(label, await artist(label))
    strict = ApprovalService(
        label.database, label.clock, label.runs, timedelta(hours=1), label.publishing.reworded
    )
    with pytest.raises(InvalidInput) as refused:
        await strict.edit_post(ANN, approval.id, ids(approval)["post"], "x" * 5000)
    assert refused.value.field == "text"
    assert await label.approvals.get(OPERATOR, approval.id) == approval
    await strict.edit_post(ANN, approval.id, ids(approval)["post"], "Short.")


async def test_only_the_approvals_own_posts_are_edited_by_it(label: TestLabel) -> None:
    one = await asked(label, await artist(label, "One"))
    two = await asked(label, await artist(label, "Two"), "Another Song")
    with pytest.raises(NotFound) as refused:
        await label.approvals.edit_post(ANN, one.id, ids(two)["post"], "Not yours.")
    assert refused.value.field == "post"
    assert await label.approvals.waiting(OPERATOR) == [one, two]
    assert (await label.catalogue.post(OPERATOR, ids(two)["post"])).payload.text != "Not yours."


async def test_an_edit_and_a_decision_at_once_do_not_mix(label: TestLabel) -> None:
    approval = await asked(label, await artist(label))
    post_id = ids(approval)["post"]
    decided, edited = await asyncio.gather(
        outcome(label.approvals.decide(ANN, approval.id, "approve")),
        outcome(label.approvals.edit_post(BOB, approval.id, post_id, "Other words.")),
    )
    post = await label.catalogue.post(OPERATOR, post_id)
    if isinstance(decided, Approval):
        assert isinstance(edited, ApprovalClosed)
        assert (post.status, post.payload.text == "Other words.") == (PostStatus.APPROVED, False)
    else:
        assert isinstance(decided, ApprovalClosed)
        assert isinstance(edited, Approval)
        assert post.status is PostStatus.AWAITING_APPROVAL


async def test_content_changed_behind_its_back_is_refused(label: TestLabel) -> None:
    who = await artist(label)
    changes: dict[str, Any] = {"lyrics": (), "title": "Other Title"}
    for name, value in changes.items():
        approval = await asked(label, who, f"Song {name}")
        release = await label.catalogue.release(OPERATOR, ids(approval)["release"])
        async with label.database.unit() as unit:
            work = await unit.works.get(release.work_ids[0])
            await unit.works.save(work.amend(label.clock.now(), **{name: value}))
            await unit.commit()
        with pytest.raises(ApprovalClosed, match="content changed"):
            await label.approvals.decide(ANN, approval.id, "approve", digest=approval.digest)
        assert await statuses(label, approval) == ("ready", "complete", "awaiting_approval")


async def test_the_digest_of_a_release_covers_all_that_the_public_gets(label: TestLabel) -> None:
    approval = await asked(label, await artist(label))
    release = await label.catalogue.release(OPERATOR, ids(approval)["release"])
    work = await label.works.get(OPERATOR, release.work_ids[0])
    now = label.clock.now()
    other = work.assets[0].model_copy(update={"sha256": "0" * 64})
    same_file_other_name = work.assets[0].model_copy(update={"filename": "x.mp3"})
    variants = [
        (release, [work]),
        (release.amend(now, title="x"), [work]),
        (release.amend(now, title=f"{release.title}\nsingle"), [work]),
        (release.amend(now, p_line="x"), [work]),
        (release.amend(now, c_line="x"), [work]),
        (release.amend(now, upc="1"), [work]),
        (release.amend(now, kind="ep"), [work]),
        (release.amend(now, credits=(Credit(name="x", role="Mixer"),)), [work]),
        (
            release.amend(now, disclosure=release.disclosure.model_copy(update={"vocals": "ai"})),
            [work],
        ),
        (release, [work.amend(now, title="x")]),
        (release, [work.amend(now, lyrics=work.lyrics[:1])]),
        (release, [work.with_assets(now, other)]),
        (release, [work.with_assets(now, same_file_other_name)]),
        (release, [work, work.amend(now, id="work_2")]),
    ]
    assert len({release_digest(r, works) for r, works in variants}) == len(variants)
    assert release_digest(release.move_to(ReleaseStatus.APPROVED, now), [work]) == (
        release_digest(release, [work])
    )


async def test_what_nobody_decides_expires_and_others_are_not_held_up(label: TestLabel) -> None:
    who = await artist(label)
    broken, sound = await asked(label, who, "One"), await asked(label, who, "Two")
    async with label.database.unit() as unit:
        post = await unit.posts.get(ids(broken)["post"])
        await unit.posts.save(post.move_to(PostStatus.CANCELLED, label.clock.now()))
        await unit.commit()
    assert await label.approvals.expire_due(SYSTEM) == []
    label.clock.advance(LATE)
    with pytest.raises(ApprovalClosed, match="expired"):
        await label.approvals.decide(ANN, sound.id, "approve")
    (expired,) = await label.approvals.expire_due(SYSTEM)
    assert (expired.id, expired.status) == (sound.id, ApprovalStatus.EXPIRED)
    assert await statuses(label, sound) == ("ready", "complete", "expired")
    await label.engine.drain(10)
    assert label.jobs[-1] == sound.run_id
    assert await label.approvals.expire_due(SYSTEM) == []


async def test_asking_twice_asks_once(label: TestLabel) -> None:
    who = await artist(label)
    approval = await asked(label, who)
    subjects = ids(approval)
    again = await label.approvals.open(
        artist_actor(who.id),
        approval.id,
        who.id,
        approval.run_id,
        (subjects["release"],),
        (subjects["post"],),
    )
    assert again == approval
    assert await label.approvals.waiting(OPERATOR, who.id) == [approval]
    assert (await label.runs.get(OPERATOR, approval.run_id)).approval_id == approval.id


async def test_a_standing_order_approves_on_record(label: TestLabel) -> None:
    who = await artist(label)
    waiting = await asked(label, who)
    subjects = ids(waiting)
    now = label.clock.now()
    async with label.database.unit() as unit:
        await unit.approvals.save(waiting.void(now))
        await unit.commit()
    await label.runs.note(SYSTEM, waiting.run_id, approve="auto", by_level=False)
    decided = await label.approvals.open(
        artist_actor(who.id),
        new_id("approval"),
        who.id,
        waiting.run_id,
        (subjects["release"],),
        (subjects["post"],),
    )
    assert decided.status is ApprovalStatus.APPROVED
    assert decided.decision is not None
    assert decided.decision.by == "policy:auto"
    assert await statuses(label, decided) == ("approved", WorkStatus.COMPLETE, "approved")


async def test_recovery_wakes_runs_whose_approval_was_closed(label: TestLabel) -> None:
    who = await artist(label)
    closed, open_one = await asked(label, who, "One"), await asked(label, who, "Two")
    await label.engine.drain(10)
    await label.approvals.decide(ANN, closed.id, "approve")
    await label.engine.drain(10)
    label.jobs.clear()
    for _ in range(2):
        await label.runs.recover(SYSTEM)
        await label.engine.drain(10)
    assert label.jobs == [closed.run_id, closed.run_id]
    assert (await label.approvals.get(OPERATOR, open_one.id)).status is ApprovalStatus.WAITING


async def test_the_approval_that_counts_is_the_one_not_replaced(label: TestLabel) -> None:
    """Also when the clock was set back between asking and editing, so that ids sort wrongly."""
    approval = await asked(label, await artist(label))
    now = label.clock.now()
    older = approval.amend(now, id="approval_00", row_version=1)
    async with label.database.unit() as unit:
        await unit.approvals.save(approval.void(now, replaced_by=older.id))
        await unit.approvals.add(older)
        await unit.commit()
    assert await label.approvals.standing_of(OPERATOR, approval.run_id) == older
    assert await label.approvals.standing_of(OPERATOR, "run_unknown") is None


async def test_unknown_approvals_and_waiting_runs(label: TestLabel) -> None:
    approval = await asked(label, await artist(label))
    with pytest.raises(NotFound):
        await label.approvals.decide(OPERATOR, "approval_unknown", "approve")
    with pytest.raises(Conflict):
        await label.runs.resume(OPERATOR, approval.run_id)
