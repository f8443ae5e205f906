"""Adaptations: what the label changes about itself, why, what came of it, and how it is undone.

The ledger holds the values that are in force: a tuner that wants another value proposes an entry.
Of one parameter only one entry is open at a time wherever scopes overlap, so that what is observed
can be put down to one change; after a change, and longer after a reversal, the parameter rests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    TypeAdapter,
    model_validator,
)

from domain.entity import Entity
from domain.errors import Conflict, InvalidInput, StaleVersion
from domain.states import StateMachine

REST = timedelta(hours=24)
REST_AFTER_REVERSAL = timedelta(days=7)
Line = Annotated[str, Field(min_length=1, max_length=500)]
EvidenceKind = Literal["choices", "estimate", "experiment", "evaluation", "alarm"]
_WEIGHTS: TypeAdapter[dict[str, Annotated[float, Field(gt=0, le=1)]]] = TypeAdapter(
    dict[str, Annotated[float, Field(gt=0, le=1)]]
)
Finite = Annotated[float, Field(allow_inf_nan=False)]


class AdaptationStatus(StrEnum):
    """How far an adaptation has come."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    CONFIRMED = "confirmed"
    REVERTED = "reverted"
    REJECTED = "rejected"


S = AdaptationStatus
STATES = StateMachine(
    "adaptation",
    {
        S.PROPOSED: {S.ACTIVE, S.REJECTED},
        S.ACTIVE: {S.CONFIRMED, S.REVERTED},
        S.CONFIRMED: {S.REVERTED},
        S.REVERTED: (),
        S.REJECTED: (),
    },
)
OPEN = (S.PROPOSED, S.ACTIVE)
IN_FORCE = (S.ACTIVE, S.CONFIRMED)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Scope(_Part):
    """Whom a change concerns: one artist (with its genre), all of a genre, or the whole label."""

    artist_id: str | None = None
    genre: str | None = None

    @model_validator(mode="after")
    def _artist_has_a_genre(self) -> Self:
        if self.artist_id is not None and self.genre is None:
            raise ValueError("an artist's scope names its genre as well")
        return self

    def overlaps(self, other: Scope) -> bool:
        """Tell whether somebody is in both."""
        if self.artist_id and other.artist_id:
            return self.artist_id == other.artist_id
        return not (self.genre and other.genre) or self.genre == other.genre

    @property
    def same(self) -> tuple[str | None, str | None]:
        """What equal scopes have in common: an artist stays itself in whatever genre."""
        return (self.artist_id, None) if self.artist_id else (None, self.genre)


class Change(_Part):
    """Exactly what changes; a value of None stands for what is shipped."""

    parameter: str = Field(pattern=r"^[a-z0-9][a-z0-9._:/@-]*$", max_length=120)
    before: JsonValue
    after: JsonValue

    @model_validator(mode="after")
    def _differs(self) -> Self:
        if self.before == self.after:
            raise ValueError("before and after are the same")
        return self


class Effect(_Part):
    """An effect on a measure with its interval, in the measure's unit."""

    measure: str = Field(min_length=1, max_length=120)
    estimate: Finite
    low: Finite
    high: Finite
    observations: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _is_ordered(self) -> Self:
        if not self.low <= self.estimate <= self.high:
            raise ValueError("low, estimate and high must rise")
        return self


class Evidence(_Part):
    """One reason to believe in the change: what it says, where it lies, its interval."""

    kind: EvidenceKind
    says: Line
    ref: str = Field(default="", description="Id of the run, experiment, alert or first choice.")
    effect: Effect | None = None


class Proposal(_Part):
    """What a tuner wants to change, and why it expects good of it."""

    hypothesis: Line
    change: Change
    scope: Scope = Scope()
    evidence: tuple[Evidence, ...] = Field(min_length=1)
    expected: Effect
    owner: str = Field(pattern=r"^[a-z][a-z0-9._-]*$", max_length=80, description="Which tuner.")


class Moved(_Part):
    """One line of an entry's history; lines are added and never changed."""

    at: AwareDatetime
    by: str
    status: AdaptationStatus
    why: str = ""
    observed: Effect | None = None


class Adaptation(Entity):
    """One entry of the ledger."""

    proposal: Proposal
    parameter: str
    artist_id: str | None = None
    status: AdaptationStatus = AdaptationStatus.PROPOSED
    observed: Effect | None = None
    reason: str = Field(default="", description="Why it was reverted or rejected.")
    history: tuple[Moved, ...] = Field(min_length=1)

    @property
    def change(self) -> Change:
        """What it changes."""
        return self.proposal.change

    @property
    def scope(self) -> Scope:
        """Whom it concerns."""
        return self.proposal.scope

    @property
    def settled_at(self) -> datetime:
        """When its status last changed."""
        earlier = self.history[0].at
        for before, line in zip(self.history, self.history[1:], strict=False):
            earlier = line.at if line.status is not before.status else earlier
        return earlier

    @property
    def applied_at(self) -> datetime:
        """When it came into force; a proposal: when it was made."""
        return next((line.at for line in self.history if line.status is S.ACTIVE), self.created_at)

    @property
    def was_applied(self) -> bool:
        """Whether it was ever in force."""
        return any(line.status is S.ACTIVE for line in self.history)


def opened(adaptation_id: str, proposal: Proposal, by: str, at: datetime) -> Adaptation:
    """A new entry."""
    return Adaptation(
        id=adaptation_id,
        created_at=at,
        updated_at=at,
        proposal=proposal,
        parameter=proposal.change.parameter,
        artist_id=proposal.scope.artist_id,
        history=(Moved(at=at, by=by, status=S.PROPOSED, why=proposal.hypothesis),),
    )


def moved(
    entry: Adaptation, status: AdaptationStatus, by: str, at: datetime, why: str = ""
) -> Adaptation:
    """The entry in its next state; raises `IllegalTransition`, and wants a reason to end badly."""
    STATES.check(entry.status, status)
    ends = status in (S.REVERTED, S.REJECTED)
    if ends and not why.strip():
        raise InvalidInput("a reason is needed", field="reason", remedy="Say why in a few words.")
    line = Moved(at=at, by=by, status=status, why=why)
    reason = why if ends else entry.reason
    return entry.amend(at, status=status, reason=reason, history=(*entry.history, line))


def with_effect(entry: Adaptation, effect: Effect, by: str, at: datetime) -> Adaptation:
    """The entry with what was observed of it; only of what was in force is anything observed."""
    if entry.status not in IN_FORCE:
        raise Conflict(
            f"adaptation {entry.id} is {entry.status}: there is nothing to observe",
            field="status",
            remedy="Apply it first.",
        )
    line = Moved(at=at, by=by, status=entry.status, observed=effect)
    return entry.amend(at, observed=effect, history=(*entry.history, line))


def in_force(entries: Iterable[Adaptation], parameter: str, scope: Scope) -> Adaptation | None:
    """The newest entry in force for exactly this parameter and scope."""
    held = [e for e in _of(entries, parameter, scope) if e.status in IN_FORCE]
    return max(held, key=lambda e: e.id, default=None)


def live_value(entries: Iterable[Adaptation], parameter: str, scope: Scope) -> JsonValue:
    """The value of exactly this scope; None where what is shipped counts."""
    entry = in_force(entries, parameter, scope)
    return None if entry is None else entry.change.after


def effective_value(entries: Sequence[Adaptation], parameter: str, scope: Scope) -> JsonValue:
    """What counts for somebody in this scope: the narrowest value that is in force."""
    for near in (scope, Scope(genre=scope.genre), Scope()):
        found = in_force(entries, parameter, near)
        if found is not None:
            return found.change.after
    return None


def drawing_weights(shipped: Mapping[str, float], learnt: JsonValue) -> dict[str, float]:
    """Chances of the options that are legal now; one that nothing was learnt of keeps its share.

    What was learnt of options that are not legal any more is left out.
    """
    if learnt is None:
        return dict(shipped)
    known = _WEIGHTS.validate_python(learnt)
    total = sum(shipped.values())
    return {option: known.get(option, weight / total) for option, weight in shipped.items()}


def check_proposal(entries: Sequence[Adaptation], proposal: Proposal, now: datetime) -> None:
    """Raise `Conflict` while the parameter is taken or rests, `StaleVersion` if it has moved on."""
    parameter, scope = proposal.change.parameter, proposal.scope
    near = [e for e in entries if e.parameter == parameter and e.scope.overlaps(scope)]
    for entry in near:
        if entry.status in OPEN:
            raise Conflict(
                f"{parameter} is held by {entry.proposal.owner} ({entry.id}, {entry.status})",
                field="parameter",
                remedy="One tuner per parameter: confirm, revert or reject that entry first.",
            )
    until = rests_until(near)
    if until is not None and now < until:
        raise Conflict(
            f"{parameter} rests until {until:%Y-%m-%d %H:%M} after its last change",
            field="parameter",
            remedy="Propose it again after that.",
            until=until.isoformat(),
        )
    check_before(entries, proposal)


def check_before(entries: Iterable[Adaptation], proposal: Proposal) -> None:
    """Raise `StaleVersion` unless the value in force is the one that the proposal starts from."""
    change = proposal.change
    value = live_value(entries, change.parameter, proposal.scope)
    if value != change.before:
        raise StaleVersion(
            f"{change.parameter} is not what the proposal takes it for",
            field="before",
            remedy="Read the value that is in force and propose from there.",
            stored=value,
        )


def check_reversal(entries: Sequence[Adaptation], entry: Adaptation) -> None:
    """Raise `Conflict` unless the entry is the last one in force: an older one lies beneath."""
    newest = in_force(entries, entry.parameter, entry.scope)
    if entry.status in IN_FORCE and newest is not None and newest.id != entry.id:
        raise Conflict(
            f"{newest.id} changed {entry.parameter} after this one",
            field="id",
            remedy="Revert the newer one first.",
        )


def rests_until(entries: Iterable[Adaptation]) -> datetime | None:
    """When the last rest of these entries ends; a proposal that was rejected costs none."""
    ends = [
        e.settled_at + (REST_AFTER_REVERSAL if e.status is S.REVERTED else REST)
        for e in entries
        if e.was_applied
    ]
    return max(ends, default=None)


def _of(entries: Iterable[Adaptation], parameter: str, scope: Scope) -> Iterable[Adaptation]:
    return (e for e in entries if e.parameter == parameter and e.scope.same == scope.same)
