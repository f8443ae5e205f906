"""Experiments: two or more ways to draw one choice, given to songs by chance and compared.

An experiment decides what artists really do while it runs. It holds its parameter in the
adaptation ledger, so that no tuner changes meanwhile what is being compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from domain.adaptation import Effect, Scope
from domain.entity import Entity
from domain.states import StateMachine

GuardMetric = Literal["cost", "failure", "rejection"]
UnitOfAssignment = Literal["song", "artist"]
ArmName = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^\S(.*\S)?$")]
Weight = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
_SPACE = 1 << 64


class ExperimentStatus(StrEnum):
    """How far an experiment has come."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    STOPPED = "stopped"
    CONCLUDED = "concluded"


S = ExperimentStatus
STATES = StateMachine(
    "experiment",
    {
        S.DRAFT: {S.SCHEDULED, S.RUNNING, S.STOPPED},
        S.SCHEDULED: {S.RUNNING, S.STOPPED},
        S.RUNNING: {S.STOPPED, S.CONCLUDED},
        S.STOPPED: (),
        S.CONCLUDED: (),
    },
)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Arm(_Part):
    """One way to draw; without options it is drawn as it would be without the experiment."""

    name: ArmName
    weight: Weight = Field(default=1.0, description="Share of units beside the other arms'.")
    options: dict[str, Weight] | None = Field(
        default=None, min_length=1, description="Chances of options; none: as it is."
    )

    def weights(self, usual: Mapping[str, float]) -> dict[str, float]:
        """Chances, which add up to one, of every option that is legal; `usual`: as it is."""
        options = usual if self.options is None else self.options
        legal = {option: options.get(option, 0.0) for option in usual}
        total = sum(legal.values())
        return {option: weight / total for option, weight in legal.items()} if total else {}


class Guardrail(_Part):
    """What must not get worse: a loss that may reach `limit` ends the experiment once shown."""

    metric: GuardMetric
    limit: float = Field(
        gt=0, le=1000, description="US dollars a song for cost, else a share (0.05: five points)."
    )


class Definition(_Part):
    """What is tried, on whom, and how it will be judged; never changed once written."""

    name: str = Field(min_length=1, max_length=80)
    hypothesis: str = Field(min_length=1, max_length=500)
    parameter: str = Field(max_length=120)
    scope: Scope
    unit: UnitOfAssignment = "song"
    arms: tuple[Arm, ...] = Field(min_length=2, max_length=4, description="The first is control.")
    guardrails: tuple[Guardrail, ...] = Field(default=(), max_length=3)
    effect: float = Field(default=0.05, gt=0, le=1, description="Smallest change worth finding.")
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        names = [arm.name for arm in self.arms]
        if len(set(names)) < len(names):
            raise ValueError("arms: two have the same name")
        shares = [self.arms[n].options for n in range(len(self.arms))]
        if any(a == b for n, a in enumerate(shares) for b in shares[n + 1 :]):
            raise ValueError("arms: two do the same")
        if len({g.metric for g in self.guardrails}) < len(self.guardrails):
            raise ValueError("guardrails: a metric is guarded twice")
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValueError("ends_at: it ends before it starts")
        return self

    @property
    def shares(self) -> tuple[float, ...]:
        """The share of units of each arm."""
        total = sum(arm.weight for arm in self.arms)
        return tuple(arm.weight / total for arm in self.arms)


class SamplePlan(_Part):
    """How many units are needed, fixed before the first look; told before anything is started."""

    effect: float = Field(description="The effect found with this power at this size.")
    power: float
    alpha: float = Field(description="Chance to claim a difference where none is, in all looks.")
    per_arm: int
    deviation: float = Field(description="Of the metric between units, which the size rests on.")
    measured_on: int = Field(description="Units it was measured on; 0: assumed.")
    mixing_variance: float


class ArmSeen(_Part):
    """What is known of an arm's metric."""

    count: int
    mean: float
    variance: float


class Compared(_Part):
    """A treatment beside the control at one look; the interval holds at all looks together."""

    arm: str
    control: ArmSeen
    treatment: ArmSeen
    difference: float
    low: float
    high: float
    p_value: float
    verdict: Literal["better", "worse", "running", "none_shown"]
    reason: str


class Guarded(_Part):
    """A guardrail of a treatment at one look; the difference is the treatment's less control's."""

    arm: str
    metric: GuardMetric
    limit: float
    state: Literal["breached", "within_margin", "safe", "open"]
    difference: float
    low: float
    high: float
    reason: str


class Looked(_Part):
    """One day's look."""

    at: AwareDatetime
    assigned: dict[str, int] = Field(description="Units of each arm.")
    shares_p: float = Field(description="p-value that the arms got their shares, in all looks.")
    mismatch: bool = Field(description="They did not: something drops units, nothing counts.")
    compared: tuple[Compared, ...] = ()
    guards: tuple[Guarded, ...] = ()

    @property
    def breach(self) -> Guarded | None:
        """The first guardrail that was breached."""
        return next((g for g in self.guards if g.state == "breached"), None)

    @property
    def decided(self) -> bool:
        """Whether nothing more will come of looking."""
        return bool(self.compared) and all(c.verdict != "running" for c in self.compared)


class Result(_Part):
    """What came of it: an arm that won, or none."""

    winner: str | None = None
    says: str
    effect: Effect | None = None
    adaptation_id: str | None = Field(default=None, description="Where the winner was proposed.")


class Experiment(Entity):
    """An experiment with all its looks."""

    definition: Definition
    parameter: str
    artist_id: str | None = None
    status: ExperimentStatus = ExperimentStatus.DRAFT
    plan: SamplePlan
    hold_id: str | None = Field(default=None, description="The ledger's entry that holds it.")
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    ended_by: str = ""
    reason: str = Field(default="", description="Why it was stopped, or waits to start.")
    looks: tuple[Looked, ...] = ()
    result: Result | None = None

    @property
    def scope(self) -> Scope:
        """Whom it concerns."""
        return self.definition.scope

    @property
    def last(self) -> Looked | None:
        """The newest look."""
        return self.looks[-1] if self.looks else None

    def looked_on(self, at: datetime) -> bool:
        """Whether it was looked at on this day."""
        return self.last is not None and self.last.at.date() >= at.date()

    def includes(self, artist_id: str, genre: str) -> bool:
        """Whether an artist's songs take part."""
        if self.scope.artist_id is not None:
            return self.scope.artist_id == artist_id
        return self.scope.genre == genre


class Exposure(Entity):
    """A song that an experiment decided on: written when it decides, before anything came of it."""

    experiment_id: str
    work_id: str
    run_id: str
    artist_id: str
    unit: str
    arm: str


def arm_of(experiment_id: str, unit: str, arms: tuple[Arm, ...]) -> Arm:
    """The arm of a unit: by a hash, so always the same one, whoever asks and however often."""
    digest = hashlib.sha256(f"{experiment_id}:{unit}".encode()).digest()
    point = int.from_bytes(digest[:8], "big") / _SPACE * sum(arm.weight for arm in arms)
    for arm in arms:
        point -= arm.weight
        if point < 0:
            return arm
    return arms[-1]


def chances(arms: tuple[Arm, ...], usual: Mapping[str, float]) -> dict[str, float]:
    """The chance of each option before the arm was known."""
    total = sum(arm.weight for arm in arms)
    drawn = [(arm.weight / total, arm.weights(usual)) for arm in arms]
    return {option: sum(part * w[option] for part, w in drawn) for option in usual}
