from __future__ import annotations

import pytest

from domain.actor import OPERATOR, SYSTEM, artist_actor
from domain.approval import Approval, ApprovalStatus
from domain.artist import Artist
from domain.errors import Conflict, Forbidden, InvalidInput
from domain.ids import new_id
from domain.post import Payload
from domain.run import Run
from domain.work import WorkStatus
from services.works import Made
from tests.services.build import artist, asked, song
from tests.support import label as play
from tests.support.label import LYRICS, TestLabel


async def changes(
    label: TestLabel, approval: Approval, *reasons: str, said: str = "Bolder."
) -> Run:
    return await label.revisions.ask(
        OPERATOR,
        approval.id,
        reasons=reasons,  # type: ignore[arg-type]
        comment=said,
        digest=approval.digest,
    )


async def answered(label: TestLabel, run: Run, title: str = "Salt") -> Approval:
    """What a run makes that was asked for, waiting for a decision."""
    begun = await label.runs.begin(SYSTEM, run.id)
    return await play.ask(label, begun, await song(label, begun, title))


async def rejected_nothing(label: TestLabel, who: Artist, approval: Approval) -> bool:
    waits = (await label.approvals.get(OPERATOR, approval.id)).status is ApprovalStatus.WAITING
    runs = await label.runs.page(OPERATOR, artist_id=who.id)
    return waits and not any(run.parent_run_id for run in runs)


async def test_asking_rejects_with_every_reason_and_begins_one_run(label: TestLabel) -> None:
    approval = await asked(label, await artist(label), "Salt")
    run = await changes(label, approval, "lyrics", "artwork", said="Less rain.")
    assert (await changes(label, approval, "lyrics", "artwork", said="Less rain.")).id == run.id
    assert (run.parent_run_id, run.artist_ids) == (approval.run_id, (approval.artist_id,))
    closed = await label.approvals.get(OPERATOR, approval.id)
    assert closed.status is ApprovalStatus.REJECTED
    assert closed.decision is not None
    assert closed.decision.reasons == ("lyrics", "artwork")
    assert closed.decision.because == "lyrics and artwork"
    assert (await label.revisions.follow_up(OPERATOR, closed)) == run
    revised = await label.revisions.of_run(OPERATOR, run)
    assert revised is not None
    assert (revised.said, revised.because) == ("Less rain.", "lyrics and artwork")
    assert revised.work is not None
    assert (revised.work.title, revised.kept) == ("Salt", ("concept", "post"))


async def test_the_new_approval_names_its_version_also_after_an_edit(label: TestLabel) -> None:
    first = await asked(label, await artist(label))
    assert (first.revises, first.version) == (None, 1)
    second = await answered(label, await changes(label, first, "mix"))
    assert (second.revises, second.version) == (first.id, 2)
    post = next(s.id for s in second.subjects if s.kind == "post")
    edited = await label.approvals.edit_post(OPERATOR, second.id, post, "Other words.")
    assert (edited.revises, edited.version) == (first.id, 2)
    # The first one stays as it was decided, with all of its files.
    revised = await label.revisions.of_run(OPERATOR, await label.runs.get(OPERATOR, second.run_id))
    assert revised is not None
    assert revised.work is not None
    assert revised.work.status is WorkStatus.REJECTED
    assert {asset.role for asset in revised.work.assets} == {"mp3", "cover"}


async def test_what_follows_one_another_is_bounded_and_nothing_is_rejected_then(
    label: TestLabel,
) -> None:
    who = await artist(label)
    approval = await asked(label, who)
    for _ in range(label.revisions.most):
        approval = await answered(label, await changes(label, approval, "other"))
    with pytest.raises(Conflict, match="no more than 2 revisions") as refused:
        await changes(label, approval, "other")
    assert "GREENROOM_REVISIONS_ASKED_MAX" in str(refused.value.remedy)
    assert (await label.approvals.get(OPERATOR, approval.id)).status is ApprovalStatus.WAITING


@pytest.mark.parametrize(
    ("reasons", "said", "field"),
    [(("lyrics",), " ", "comment"), ((), "Bolder.", "reasons"), (("timing",), "Later.", "reasons")],
)
async def test_what_asks_for_nothing_rejects_nothing(
    label: TestLabel, reasons: tuple[str, ...], said: str, field: str
) -> None:
    who = await artist(label)
    approval = await asked(label, who)
    with pytest.raises(InvalidInput) as refused:
        await changes(label, approval, *reasons, said=said)
    assert refused.value.field == field
    assert await rejected_nothing(label, who, approval)


async def test_an_artist_that_may_not_begin_keeps_what_waits(label: TestLabel) -> None:
    who = await artist(label)
    approval = await asked(label, who)
    await label.artists.pause(OPERATOR, who.id)
    with pytest.raises(Conflict):
        await changes(label, approval, "lyrics")
    assert await rejected_nothing(label, who, approval)


async def test_only_who_may_steer_and_decide_asks(label: TestLabel) -> None:
    who = await artist(label)
    approval = await asked(label, who)
    for rights in ({"read", "approve"}, {"read", "steer"}):
        half = OPERATOR.model_copy(update={"rights": frozenset(rights)})
        with pytest.raises(Forbidden):
            await label.revisions.ask(half, approval.id, reasons=["mix"], comment="Louder.")
    stranger = OPERATOR.model_copy(update={"artists": frozenset({"artist_other"})})
    with pytest.raises(Forbidden):
        await label.revisions.ask(stranger, approval.id, reasons=["mix"], comment="Louder.")
    assert await rejected_nothing(label, who, approval)


async def test_both_versions_are_compared_by_their_content(label: TestLabel) -> None:
    first = await asked(label, await artist(label), "Salt")
    run = await label.runs.begin(SYSTEM, (await changes(label, first, "lyrics", "artwork")).id)
    revised = await label.revisions.of_run(OPERATOR, run)
    assert revised is not None
    assert revised.work is not None
    actor = artist_actor(run.artist_id)
    kept = ("concept", "score", "audio", "cover", "post")
    work = await label.works.carry(actor, new_id("work"), run.id, revised.work, kept)
    assert (await label.works.carry(actor, work.id, run.id, revised.work, kept)) == work
    assert (work.revises, work.concept) == (revised.work.id, revised.work.concept)
    assert work.assets == revised.work.assets
    assert work.lyrics == ()
    other = LYRICS[0].model_copy(update={"lines": ("A gull is counting", LYRICS[0].lines[1])})
    words = Made(lyrics=(other, *LYRICS[1:]))
    for status in (WorkStatus.WRITTEN, WorkStatus.COMPOSED, WorkStatus.RENDERED):
        work = await label.works.grow(actor, work.id, status, words)
    work = await label.works.grow(actor, work.id, WorkStatus.COMPLETE, Made())
    second = await play.ask(label, run, work)
    found = await label.revisions.compared(OPERATOR, second)
    assert found is not None
    assert [(one.reason, one.changed) for one in found.answers] == [
        ("lyrics", True),
        ("artwork", False),
    ]
    assert found.answers[0].words.startswith("1 of 6 lines is new")
    assert found.same == ["the cover", "the words of the post"]
    assert await label.revisions.compared(OPERATOR, first) is None


async def test_a_post_alone_is_asked_about_its_words_only(label: TestLabel) -> None:
    who = await artist(label)
    run = await play.cycle(label, who)
    actor, post_id = artist_actor(who.id), new_id("post")
    payload = Payload(channel="stage", text="Hello.")
    await label.catalogue.draft_post(actor, post_id, who.id, run.id, payload)
    approval = await label.approvals.open(actor, new_id("approval"), who.id, run.id, (), (post_id,))
    with pytest.raises(InvalidInput, match="no song"):
        await changes(label, approval, "artwork")
    again = await changes(label, approval, "words_of_post")
    revised = await label.revisions.of_run(OPERATOR, again)
    assert revised is not None
    assert (revised.work, revised.posts[0].payload.text) == (None, "Hello.")


async def test_a_run_of_its_own_revises_nothing(label: TestLabel) -> None:
    run = await play.cycle(label, await artist(label))
    assert await label.revisions.of_run(OPERATOR, run) is None
