from __future__ import annotations

import pytest

from domain.actor import OPERATOR, Actor
from domain.approval import Approval, RejectReason, Verdict
from domain.errors import Forbidden, NotFound
from domain.rights import RIGHTS
from services.eval_cases import EvalCaseService
from tests.services.build import artist, asked, ids
from tests.support.label import TestLabel

EVALUATOR = Actor(kind="operator", id="eva", rights=RIGHTS["evaluator"])
VIEWER = Actor(kind="operator", id="vic", rights=RIGHTS["viewer"])
STRANGER = Actor(
    kind="operator", id="pat", rights=RIGHTS["evaluator"], artists=frozenset({"artist_x"})
)


async def _decided(
    label: TestLabel, verdict: Verdict = "reject", reason: RejectReason | None = "words_of_post"
) -> tuple[EvalCaseService, Approval]:
    approval = await asked(label, await artist(label))
    await label.approvals.decide(
        OPERATOR, approval.id, verdict, reason=reason, comment="Too vague: say what you do."
    )
    return EvalCaseService(label.database, label.clock), approval


async def test_a_rejected_post_becomes_an_expensive_case(label: TestLabel) -> None:
    service, approval = await _decided(label)
    post = await label.catalogue.post(OPERATOR, ids(approval)["post"])
    [kept] = await service.add_from_run(EVALUATOR, approval.run_id)
    case = kept.case
    assert (kept.suite, kept.artist_id, case.expensive) == ("posts", approval.artist_id, True)
    assert case.source == approval.id
    assert case.input["network"] == post.payload.channel
    assert case.input["title"] == "Last Ferry Home"
    assert isinstance(case.target, dict)
    assert case.target["avoids"] == [[post.payload.text]]
    assert case.target["note"] == "Too vague: say what you do."
    # The artist of that day answers, whatever becomes of it.
    assert isinstance(case.input["profile"], dict)


async def test_a_decision_is_kept_once_and_can_be_taken_out(label: TestLabel) -> None:
    service, approval = await _decided(label)
    [kept] = await service.add_from_run(EVALUATOR, approval.run_id)
    assert await service.add_from_run(EVALUATOR, approval.run_id) == []
    assert await service.of_suite(VIEWER, "posts") == [kept]
    assert await service.of_suite(VIEWER, "lyrics") == []
    await service.remove(EVALUATOR, kept.id)
    assert await service.of_suite(VIEWER) == []


async def test_an_approved_post_is_a_cheap_case_that_forbids_nothing(label: TestLabel) -> None:
    service, approval = await _decided(label, "approve", None)
    kept = await service.add_from_run(EVALUATOR, approval.run_id)
    [post] = [one.case for one in kept if one.suite == "posts"]
    assert not post.expensive
    assert isinstance(post.target, dict)
    assert post.target["avoids"] == []


async def test_what_nobody_decided_is_no_case(label: TestLabel) -> None:
    approval = await asked(label, await artist(label))
    service = EvalCaseService(label.database, label.clock)
    with pytest.raises(NotFound, match="nobody has decided"):
        await service.add_from_run(EVALUATOR, approval.run_id)


async def test_only_who_may_evaluate_keeps_and_only_who_may_see_is_shown(label: TestLabel) -> None:
    service, approval = await _decided(label)
    for actor in (VIEWER, STRANGER):
        with pytest.raises(Forbidden):
            await service.add_from_run(actor, approval.run_id)
    [kept] = await service.add_from_run(EVALUATOR, approval.run_id)
    assert await service.of_suite(STRANGER) == []
    with pytest.raises(Forbidden):
        await service.remove(VIEWER, kept.id)
