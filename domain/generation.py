"""A generator's job from the moment it is written down, and how a provider has behaved."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.entity import Entity
from domain.errors import (
    DiskFull,
    GreenroomError,
    PolicyRejected,
    ProviderAuth,
    ProviderError,
    ProviderInputInvalid,
    ProviderNoCredit,
    ProviderRateLimited,
)
from domain.ports.providers import Capabilities, Generated, Quote
from domain.states import StateMachine

FAILURES_TO_OPEN = 3
FIRST_COOL_DOWN = timedelta(minutes=1)
LONGEST_COOL_DOWN = timedelta(hours=1)
# Sending takes seconds; a trial whose worker died holds nobody up for longer than this.
LONGEST_TRIAL = timedelta(minutes=2)
USUAL_PAUSE_S = 30.0
TRIES_WHEN_LIMITED = 3

CostBasis = Literal["nothing", "quoted", "billed", "possibly"]
HealthWord = Literal["unknown", "healthy", "failing", "stopped"]


class GenerationStatus(StrEnum):
    """What is known of a job."""

    CREATED = "created"
    SENDING = "sending"
    SUBMITTED = "submitted"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    REJECTED_BY_GATES = "rejected_by_gates"
    CANCELLED = "cancelled"
    OUTCOME_UNKNOWN = "outcome_unknown"


_S = GenerationStatus
_ENDS = (_S.DONE, _S.FAILED, _S.CANCELLED, _S.OUTCOME_UNKNOWN)
GENERATION_STATES = StateMachine(
    "generation job",
    {
        _S.CREATED: {_S.SENDING, _S.CANCELLED},
        _S.SENDING: {_S.SUBMITTED, *_ENDS},
        _S.SUBMITTED: {_S.SUBMITTED, _S.RUNNING, *_ENDS},
        _S.RUNNING: {_S.RUNNING, *_ENDS},
        _S.OUTCOME_UNKNOWN: {_S.SUBMITTED, _S.DONE, _S.FAILED, _S.CANCELLED},
        _S.DONE: {_S.REJECTED_BY_GATES, _S.FAILED},
        _S.FAILED: set(),
        _S.REJECTED_BY_GATES: set(),
        _S.CANCELLED: set(),
    },
)
AT_WORK = frozenset({_S.SENDING, _S.SUBMITTED, _S.RUNNING})


class Candidate(BaseModel):
    """One provider as the router saw it; `why_not` is empty for those that may make the song."""

    model_config = ConfigDict(frozen=True)

    provider: str
    cost_usd: float | None = None
    why_not: str = ""


class RouteChoice(BaseModel):
    """Which provider makes a song, in the order they were preferred, and why."""

    model_config = ConfigDict(frozen=True)

    provider: str
    why: str
    candidates: tuple[Candidate, ...] = ()


class JobFailure(BaseModel):
    """Why a job gave nothing."""

    model_config = ConfigDict(frozen=True)

    code: str
    message: str
    remedy: str | None = None
    suggestion: str | None = Field(default=None, description="A style the provider proposes.")


class GenerationJob(Entity):
    """One request to one provider; its row is committed before anything is sent.

    `song_key` names what is being made and is shared by all jobs tried for it; `key` goes to the
    provider and is never sent twice. `cost_usd` is what counts against budgets: the quote until
    a bill is told; `cost_basis` tells which, and whether it may have been spent at all.
    """

    key: str
    song_key: str
    kind: str = "music"
    artist_id: str | None = None
    run_id: str | None = None
    work_id: str | None = None
    provider: str
    embedded: bool = False
    status: GenerationStatus = GenerationStatus.CREATED
    request_sha256: str
    out_dir: str = Field(default="", description="Where the provider's client puts files.")
    style: str = ""
    suggested: bool = Field(default=False, description="The style is a provider's suggestion.")
    quote: Quote
    cost_usd: float = 0.0
    cost_basis: CostBasis = "nothing"
    route: RouteChoice
    provider_job_id: str | None = None
    result: Generated | None = None
    failure: JobFailure | None = None
    gate_reasons: tuple[str, ...] = ()
    sent_at: AwareDatetime | None = None
    called_back_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None
    settled_by: str | None = None

    @property
    def at_work(self) -> bool:
        """True while the provider may still be making it."""
        return self.status in AT_WORK

    @property
    def in_doubt(self) -> bool:
        """True when nobody knows what became of it; it may have been billed."""
        return self.status is GenerationStatus.OUTCOME_UNKNOWN

    def move_to(self, status: GenerationStatus, at: datetime, **changes: Any) -> GenerationJob:
        """Take a legal step."""
        return self.amend(at, status=GENERATION_STATES.check(self.status, status), **changes)


class ProviderHealth(Entity):
    """How a provider has behaved since it was connected."""

    provider: str
    failures: int = Field(default=0, description="In a row, for being unreachable or silent.")
    last_ok_at: AwareDatetime | None = None
    last_failed_at: AwareDatetime | None = None
    last_error: JobFailure | None = None
    pause_until: AwareDatetime | None = None
    trial_until: AwareDatetime | None = Field(
        default=None, description="After a rest one song is tried; until then others go elsewhere."
    )
    needs_person: bool = Field(
        default=False, description="The key or the credit is refused; nothing is sent meanwhile."
    )
    saw: str = Field(default="", description="What the last check saw.")

    def word(self, now: datetime) -> HealthWord:
        """The state in one word."""
        if self.needs_person:
            return "stopped"
        if self.failures or (self.pause_until is not None and self.pause_until > now):
            return "failing"
        return "unknown" if self.last_ok_at is None else "healthy"

    def closed(self, now: datetime) -> str:
        """Why nothing is sent to it now, in words; empty when something may be."""
        said = self.last_error.message if self.last_error else "no reason was given"
        if self.needs_person:
            return f"it waits for a person: {said}"
        if self.pause_until is not None and self.pause_until > now:
            left_s = (self.pause_until - now).total_seconds()
            return f"it rests for {left_s:.0f} s more: {said}"
        if self.trial_until is not None and self.trial_until > now:
            return f"one song is tried there first: {said}"
        return ""

    def on_trial(self, at: datetime) -> ProviderHealth:
        """A song is sent there; after a rest it goes alone until it is known how it fares."""
        if self.failures < FAILURES_TO_OPEN:
            return self
        return self.amend(at, trial_until=at + LONGEST_TRIAL)

    def well(self, at: datetime, saw: str = "") -> ProviderHealth:
        """It answered: everything held against it is forgotten."""
        return self.amend(
            at,
            failures=0,
            last_ok_at=at,
            last_error=None,
            pause_until=None,
            trial_until=None,
            needs_person=False,
            saw=saw or self.saw,
        )

    def ill(self, at: datetime, error: ProviderError) -> ProviderHealth:
        """It failed: being unreachable thrice in a row opens the circuit, longer each time.

        Songs that were sent before the circuit opened and fail after it count as one failure:
        ten workers' songs must not make ten rests of one. A refused song says nothing of the
        provider's health: it has answered.
        """
        if isinstance(error, (PolicyRejected, ProviderInputInvalid)):
            return self.well(at)
        found: dict[str, Any] = {"last_failed_at": at, "last_error": failure_of(error)}
        if isinstance(error, (ProviderAuth, ProviderNoCredit)):
            return self.amend(at, needs_person=True, **found)
        found["trial_until"] = None
        if isinstance(error, ProviderRateLimited):
            asked = at + timedelta(seconds=pause_s(error))
            return self.amend(at, pause_until=max(asked, self.pause_until or asked), **found)
        resting = self.pause_until is not None and self.pause_until > at
        if resting and self.failures >= FAILURES_TO_OPEN:
            return self.amend(at, **found)
        failures = self.failures + 1
        rest = _rest(at, failures) or self.pause_until
        return self.amend(at, failures=failures, pause_until=rest, **found)


class ProviderStatus(BaseModel):
    """A provider as people and programs are shown it; never a secret of it."""

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    embedded: bool = False
    connected: bool
    connected_by: Literal["", "a person", "the environment"] = ""
    fields: tuple[str, ...] = Field(default=(), description="What connecting it needs.")
    optional_fields: tuple[str, ...] = ()
    health: HealthWord
    health_words: str
    remedy: str | None = None
    last_ok_at: AwareDatetime | None = None
    last_failed_at: AwareDatetime | None = None
    song_quote: Quote | None = Field(default=None, description="For a song of 90 seconds.")
    unpriced: str = Field(default="", description="Why there is no quote.")
    place: int | None = Field(default=None, description="In the order of preference, from 1.")
    capabilities: Capabilities


def _rest(at: datetime, failures: int) -> datetime | None:
    if failures < FAILURES_TO_OPEN:
        return None
    longer = 1 << min(failures - FAILURES_TO_OPEN, 10)
    return at + min(FIRST_COOL_DOWN * longer, LONGEST_COOL_DOWN)


def pause_s(error: ProviderError) -> float:
    """How long a provider asks to be left alone, within a day; a usual pause when it is silent."""
    asked = error.facts.get("retry_after_s")
    told = isinstance(asked, (int, float)) and math.isfinite(asked)
    wanted = float(asked or 0.0) if told else USUAL_PAUSE_S
    return min(max(wanted, 0.0), 86_400.0)


def failure_of(error: GreenroomError) -> JobFailure:
    """What an error leaves in the books."""
    suggestion = error.facts.get("suggestion")
    return JobFailure(
        code=error.code,
        message=error.message,
        remedy=error.remedy,
        suggestion=str(suggestion) if suggestion else None,
    )


def out_of_question(
    jobs: Sequence[GenerationJob], *, take_suggestions: bool = True
) -> dict[str, str]:
    """Providers that must not be asked for this song again, each with the reason in words.

    One that proposed another style may be asked with it, once; one that asked for patience may
    be asked again a few times, which its health will put off.
    """
    found: dict[str, str] = {}
    for provider in {job.provider for job in jobs if not job.embedded}:
        own = [job for job in jobs if job.provider == provider]
        why = _why_not_again(own, take_suggestions)
        if why:
            found[provider] = why
    return found


def suggested_style(jobs: Sequence[GenerationJob], provider: str) -> str | None:
    """The style that the provider proposed when it refused the song's own."""
    own = [job for job in jobs if job.provider == provider]
    return own[-1].failure.suggestion if own and own[-1].failure else None


def _why_not_again(own: Sequence[GenerationJob], take_suggestions: bool) -> str:
    job = own[-1]
    said = job.failure.message if job.failure else "no reason was given"
    if job.status is GenerationStatus.REJECTED_BY_GATES:
        return f"its song failed the gates: {', '.join(job.gate_reasons) or 'no reason was given'}"
    if job.status is GenerationStatus.OUTCOME_UNKNOWN:
        return "what became of its job is unknown, and asking again might pay twice"
    if job.status is GenerationStatus.CANCELLED:
        return "its job was cancelled"
    if job.status is GenerationStatus.DONE:
        return "it has made this song already, and that is paid for"
    if job.status is not GenerationStatus.FAILED or _may_try_again(own, take_suggestions):
        return ""
    return f"it could not make this song: {said}"


def _may_try_again(own: Sequence[GenerationJob], take_suggestions: bool) -> bool:
    failure = own[-1].failure
    if failure is None:
        return False
    if failure.code == DiskFull.code:
        return True  # our own trouble, which says nothing of the provider
    if failure.code == ProviderRateLimited.code:
        limited = [j for j in own if j.failure and j.failure.code == ProviderRateLimited.code]
        return len(limited) < TRIES_WHEN_LIMITED
    proposed = failure.code == PolicyRejected.code and failure.suggestion is not None
    return take_suggestions and proposed and not any(j.suggested for j in own)


def may_have_paid(jobs: Iterable[GenerationJob]) -> bool:
    """Whether this song may already be paid for although nobody has it."""
    return any(job.in_doubt and job.cost_usd > 0 for job in jobs)


def spent_on(jobs: Iterable[GenerationJob]) -> float:
    """What a song has cost so far, counting what may have been billed."""
    return sum(job.cost_usd for job in jobs)
