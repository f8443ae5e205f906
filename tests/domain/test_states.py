"""No noun can take an illegal step by any of its public methods, and no step loses anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from domain.approval import APPROVAL_STATES, ApprovalStatus, Decision
from domain.artist import ARTIST_STATES, ArtistStatus
from domain.attempt import ATTEMPT_STATES, AttemptStatus
from domain.entity import Entity
from domain.errors import ApprovalClosed, IllegalTransition
from domain.post import POST_STATES, PostStatus
from domain.release import RELEASE_STATES, ReleaseStatus
from domain.run import RUN_STATES, RunStatus
from domain.states import StateMachine
from domain.work import WORK_STATES, WorkStatus
from tests.store import nouns

START = nouns.NOW


@dataclass(frozen=True)
class Kind:
    """A noun with states: how to make one, and its table."""

    machine: StateMachine[Any]
    first: StrEnum
    make: Callable[[], Any]
    # Fields that a step may set besides status, time and what the step itself records.
    sets: frozenset[str] = frozenset()


KINDS = {
    "artist": Kind(ARTIST_STATES, ArtistStatus.CANDIDATE, nouns.artist),
    "work": Kind(WORK_STATES, WorkStatus.CONCEIVED, nouns.work),
    "release": Kind(RELEASE_STATES, ReleaseStatus.DRAFT, nouns.release, frozenset({"live_at"})),
    "post": Kind(POST_STATES, PostStatus.DRAFT, nouns.post, frozenset({"published_at", "payload"})),
    "run": Kind(RUN_STATES, RunStatus.QUEUED, nouns.run),
    "attempt": Kind(ATTEMPT_STATES, AttemptStatus.PLANNED, nouns.attempt, frozenset({"tries"})),
    "approval": Kind(
        APPROVAL_STATES,
        ApprovalStatus.WAITING,
        nouns.approval,
        frozenset({"decision", "replaced_by"}),
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_state_is_in_the_table_and_can_be_reached(kind: str) -> None:
    machine, first = KINDS[kind].machine, KINDS[kind].first
    assert set(machine.steps) == set(type(first))
    reached, fresh = {first}, {first}
    while fresh:
        fresh = {after for state in fresh for after in machine.steps[state]} - reached
        reached |= fresh
    assert reached == set(type(first))


FINAL = {
    "artist": {"retired"},
    "work": {"rejected", "withdrawn"},
    "release": {"taken_down", "rejected"},
    "post": {"published", "failed_final", "cancelled"},
    "run": {"succeeded", "rejected", "cancelled"},
    "attempt": {"done"},
    "approval": {"approved", "rejected", "expired", "void"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_is_over_is_final(kind: str) -> None:
    machine = KINDS[kind].machine
    assert {s.value for s in machine.steps if machine.final(s)} == FINAL[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_noun_begins_in_the_first_state(kind: str) -> None:
    assert KINDS[kind].make().status is KINDS[kind].first


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "approval"])
def test_an_illegal_step_names_what_would_be_legal(kind: str) -> None:
    machine, noun = KINDS[kind].machine, KINDS[kind].make()
    for target in set(machine.steps) - machine.steps[noun.status]:
        with pytest.raises(IllegalTransition) as refused:
            noun.move_to(target, START)
        assert refused.value.field == "status"
        for legal in machine.steps[noun.status]:
            assert legal.value in str(refused.value.remedy)


class Life(RuleBasedStateMachine):
    """Walks a noun by its public methods and compares it with its table after every step."""

    kind: ClassVar[Kind]

    def __init__(self) -> None:
        super().__init__()
        self.noun: Any = self.kind.make()
        self.now = START
        self.before: Entity = self.noun
        self.path: list[Any] = [self.noun.status]

    @rule(minutes=st.integers(-60, 600))
    def time_passes(self, minutes: int) -> None:
        """The clock moves, and is set back now and then."""
        self.now += timedelta(minutes=minutes)

    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        """Try any step whatever."""
        if not hasattr(self.noun, "move_to"):
            return
        target = data.draw(st.sampled_from(sorted(self.kind.machine.steps)))
        self._try(target, lambda: self.noun.move_to(target, self.now))

    @rule(text=st.text(max_size=20))
    def edit(self, text: str) -> None:
        """Change a post's words."""
        if not hasattr(self.noun, "edited"):
            return
        said = self.noun.payload.model_copy(update={"text": text})
        if self.noun.status is PostStatus.DRAFT:
            self.noun = self.noun.edited(said, self.now)
        else:
            self._try(PostStatus.DRAFT, lambda: self.noun.edited(said, self.now))

    @rule()
    def retry(self) -> None:
        """Try an attempt once more."""
        if not hasattr(self.noun, "again"):
            return
        if self.noun.in_doubt:
            self.noun = self.noun.again(self.now)
        else:
            self._try(AttemptStatus.PLANNED, lambda: self.noun.again(self.now))

    @rule(verdict=st.sampled_from(["approve", "reject"]), seen=st.booleans())
    def decide(self, verdict: Any, seen: bool) -> None:
        """Decide, having seen the bound content or not."""
        if not hasattr(self.noun, "decide"):
            return
        decision = Decision(verdict=verdict, reason="music", by="operator:x", at=self.now)
        waiting = self.noun.status is ApprovalStatus.WAITING
        allowed = waiting and seen and self.now < self.noun.expires_at
        digest = self.noun.digest if seen else "something else"
        if not allowed:
            with pytest.raises(ApprovalClosed):
                self.noun.decide(decision, digest)
            return
        self._took(self.noun.decide(decision, digest))
        assert self.noun.decision == decision

    @rule(how=st.sampled_from(["expire", "void"]))
    def close(self, how: str) -> None:
        """Let an approval run out, or void it."""
        if not hasattr(self.noun, how):
            return
        target = {"expire": ApprovalStatus.EXPIRED, "void": ApprovalStatus.VOID}[how]
        self._try(target, lambda: getattr(self.noun, how)(self.now))

    def _try(self, target: Any, step: Callable[[], Any]) -> None:
        if self.kind.machine.may(self.noun.status, target):
            self._took(step())
            assert self.noun.status is target
        else:
            with pytest.raises(IllegalTransition):
                step()

    def _took(self, after: Any) -> None:
        assert after.status in self.kind.machine.steps[self.noun.status]
        self.noun = after
        self.path.append(after.status)

    @invariant()
    def nothing_is_lost_and_time_does_not_run_back(self) -> None:
        """Fields survive; the noun is never younger than it was."""
        may_change = self.kind.sets | {"status", "updated_at"}
        for name in set(type(self.noun).model_fields) - may_change:
            assert getattr(self.noun, name) == getattr(self.before, name), name
        assert self.noun.updated_at >= self.before.updated_at
        assert self.noun.created_at == self.before.created_at
        self.before = self.noun

    @invariant()
    def what_is_final_stays(self) -> None:
        """Nothing comes after a final state."""
        assert not any(self.kind.machine.final(state) for state in self.path[:-1])


@pytest.mark.parametrize("kind", KINDS)
def test_no_walk_leaves_the_table(kind: str) -> None:
    life = type(f"{kind.title()}Life", (Life,), {"kind": KINDS[kind]})
    run_state_machine_as_test(
        life, settings=settings(max_examples=60, stateful_step_count=25, deadline=None)
    )


@given(minutes=st.integers(-(10**6), 10**6))
def test_amending_keeps_every_other_field_and_never_turns_time_back(minutes: int) -> None:
    work = nouns.work()
    changed = work.amend(work.updated_at + timedelta(minutes=minutes), revision=3)
    assert changed.updated_at >= work.updated_at
    kept = set(type(work).model_fields) - {"revision", "updated_at"}
    assert all(getattr(changed, name) == getattr(work, name) for name in kept)
    assert changed.revision == 3


def test_amending_validates() -> None:
    with pytest.raises(ValueError, match="revision"):
        nouns.work().amend(START, revision="many")


def test_publishing_and_going_live_set_their_times() -> None:
    post = nouns.post().move_to(PostStatus.APPROVED, START).move_to(PostStatus.PUBLISHING, START)
    out = post.move_to(PostStatus.PUBLISHED, START + timedelta(hours=1))
    assert out.published_at == START + timedelta(hours=1)
    assert post.published_at is None
    release = nouns.release()
    for status in (ReleaseStatus.READY, ReleaseStatus.APPROVED, ReleaseStatus.DELIVERED):
        release = release.move_to(status, START)
        assert release.live_at is None
    assert release.move_to(ReleaseStatus.LIVE, START).live_at == START
