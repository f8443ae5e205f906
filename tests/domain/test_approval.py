from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.approval import REJECT_REASONS, ApprovalStatus, Decision, Subject, digest_of
from domain.errors import ApprovalClosed, InvalidInput
from tests.store import nouns

SOON = nouns.NOW + timedelta(hours=1)


def decision(verdict: str = "approve", **changes: Any) -> Decision:
    return Decision.model_validate({"verdict": verdict, "by": "operator:x", "at": SOON} | changes)


def test_yes_on_what_was_seen_approves() -> None:
    waiting = nouns.approval()
    decided = waiting.decide(decision(), waiting.digest)
    assert decided.status is ApprovalStatus.APPROVED
    assert decided.decision == decision()
    assert decided.subjects == waiting.subjects


def test_another_digest_is_refused() -> None:
    with pytest.raises(ApprovalClosed, match="changed since"):
        nouns.approval().decide(decision(), "0" * 64)


@pytest.mark.parametrize(("late_s", "closed"), [(-1, False), (0, True), (1, True)])
def test_time_is_over_at_the_very_moment_it_expires(late_s: int, closed: bool) -> None:
    waiting = nouns.approval()
    late = decision(at=waiting.expires_at + timedelta(seconds=late_s))
    if closed:
        with pytest.raises(ApprovalClosed, match="expired"):
            waiting.decide(late, waiting.digest)
    else:
        assert waiting.decide(late, waiting.digest).status is ApprovalStatus.APPROVED


@pytest.mark.parametrize("second", ["approve", "reject"])
def test_a_second_decision_is_refused(second: str) -> None:
    waiting = nouns.approval()
    decided = waiting.decide(decision(), waiting.digest)
    with pytest.raises(ApprovalClosed, match="approved already"):
        decided.decide(decision(second, reason="mix"), waiting.digest)


def test_a_no_needs_a_reason_from_the_list() -> None:
    waiting = nouns.approval()
    with pytest.raises(InvalidInput) as refused:
        waiting.decide(decision("reject", comment="meh"), waiting.digest)
    assert refused.value.field == "reason"
    assert all(reason in str(refused.value.remedy) for reason in REJECT_REASONS)
    for reason in REJECT_REASONS:
        no = waiting.decide(decision("reject", reason=reason), waiting.digest)
        assert no.status is ApprovalStatus.REJECTED
    with pytest.raises(ValueError, match="reason"):
        decision("reject", reason="boring")


def test_void_and_expired_take_no_decision() -> None:
    waiting = nouns.approval()
    voided = waiting.void(SOON, replaced_by="approval_02")
    assert voided.replaced_by == "approval_02"
    for closed in (voided, waiting.expire(SOON)):
        with pytest.raises(ApprovalClosed):
            closed.decide(decision(), waiting.digest)


def test_the_digest_covers_every_subject_in_order() -> None:
    one = Subject(kind="release", id="a", digest="1")
    two = Subject(kind="post", id="b", digest="2")
    digests = {
        digest_of(subjects)
        for subjects in (
            (),
            (one,),
            (two,),
            (one, two),
            (two, one),
            (one.model_copy(update={"kind": "post"}),),
            (one.model_copy(update={"id": "c"}),),
            (one.model_copy(update={"digest": "3"}),),
        )
    }
    assert len(digests) == 8
