"""Every error Greenroom raises on purpose, drawn as one tree.

GreenroomError
├── InvalidInput                 the caller's data is wrong; names the field
│   ├── ProfileContradiction     a profile argues with itself; names the fields
│   └── KeyReused                an idempotency key was used for another request
├── NotFound
├── PreconditionRequired         an edit does not say which state it changes
├── Conflict
│   ├── IllegalTransition        a state machine forbids this step
│   ├── StaleVersion             somebody else wrote first
│   ├── ApprovalClosed           decided, voided or expired already
│   ├── LeaseLost                another worker has taken the run over
│   ├── Held                     the operator holds everything
│   ├── RequestInFlight          the first request under this key has not ended
│   └── OutcomeUnknown           nobody knows what became of the request under this key
├── Unauthenticated
├── Forbidden
├── LimitReached                 stops the run
│   ├── BudgetExceeded
│   └── LoopDetected
├── ModelError                   a language model could not answer
│   ├── ModelUnavailable         refused, unreachable, circuit open
│   ├── ModelTimeout
│   ├── ModelRejected            the endpoint rejects the key or the request
│   ├── UnusableAnswer           structured output failed after all tries
│   └── RealModelForbidden       a test tried to reach a real model
├── ProviderError                a generator or a network failed
│   ├── PolicyRejected           carries the provider's suggestion
│   ├── ProviderInputInvalid
│   ├── ProviderAuth
│   ├── ProviderNoCredit
│   ├── ProviderRateLimited      carries retry_after_s
│   ├── ProviderUnavailable
│   └── ProviderTimeout          unknown and possibly billed: never retried blindly
├── StepOverdue                  a step ran longer than a step may
├── QualityRejected              a gate failed and the revision budget is spent
└── EnvironmentProblem           this machine lacks something
    ├── PartMissing              model file, sound font, codec, system library
    ├── DiskFull
    └── HomeInUse                another process owns the home
"""

from __future__ import annotations

from typing import Any, ClassVar


class GreenroomError(Exception):
    """Base of the family: a sentence for people, a code for programs, and the remedy."""

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1
    # Whether the same may succeed later although nobody changed anything: such runs are retried.
    passing: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        remedy: str | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.remedy = remedy
        self.facts: dict[str, Any] = facts


class InvalidInput(GreenroomError):
    """The caller's data cannot be accepted."""

    code, status, exit_code = "invalid_input", 422, 2


class ProfileContradiction(InvalidInput):
    """A profile argues with itself; `facts["contradictions"]` lists the fields of each."""

    code = "profile_contradiction"


class KeyReused(InvalidInput):
    """An idempotency key came again with another request."""

    code = "key_reused"


class NotFound(GreenroomError):
    """No such thing, or not visible to this actor."""

    code, status, exit_code = "not_found", 404, 4


class PreconditionRequired(GreenroomError):
    """An edit must say which state of the thing it changes."""

    code, status, exit_code = "precondition_required", 428, 5


class Conflict(GreenroomError):
    """The request does not fit the present state."""

    code, status, exit_code = "conflict", 409, 5


class IllegalTransition(Conflict):
    """A state machine forbids this step."""

    code = "illegal_transition"


class StaleVersion(Conflict):
    """Somebody else wrote first; read again and repeat."""

    code = "stale_version"
    passing = True


class ApprovalClosed(Conflict):
    """The approval is decided, voided or expired already."""

    code = "approval_closed"


class LeaseLost(Conflict):
    """Another worker has taken the run over; nothing of this one's may be written any more."""

    code = "lease_lost"


class Held(Conflict):
    """The operator holds everything; the work goes on when the hold is lifted."""

    code = "held"


class RequestInFlight(Conflict):
    """The first request under this key has not ended; `facts["retry_after_s"]`: when to ask."""

    code = "request_in_flight"
    passing = True


class OutcomeUnknown(Conflict):
    """A request under this key began and never ended, or its answer was not kept."""

    code = "outcome_unknown"


class Unauthenticated(GreenroomError):
    """No valid credential was sent."""

    code, status, exit_code = "unauthenticated", 401, 10


class Forbidden(GreenroomError):
    """This actor may not do this."""

    code, status, exit_code = "forbidden", 403, 10


class LimitReached(GreenroomError):
    """A limit of the run was reached; the run stops and can be resumed."""

    code, status, exit_code = "limit_reached", 429, 6


class BudgetExceeded(LimitReached):
    """Tokens or money of the artist, the run or the label are spent."""

    code = "budget_exceeded"


class LoopDetected(LimitReached):
    """The same request came back unchanged too often."""

    code = "loop_detected"


class ModelError(GreenroomError):
    """A language model could not answer."""

    code, status, exit_code = "model_error", 502, 7


class ModelUnavailable(ModelError):
    """The endpoint refuses connections, is down, or its circuit is open."""

    code, status = "model_unavailable", 503
    passing = True


class ModelTimeout(ModelError):
    """The endpoint did not answer in time."""

    code, status = "model_timeout", 504
    passing = True


class ModelRejected(ModelError):
    """The endpoint rejects the key, the model name or the request."""

    code = "model_rejected"


class UnusableAnswer(ModelError):
    """The model's answers did not fit the asked form after all tries."""

    code = "unusable_answer"


class RealModelForbidden(ModelError):
    """A test tried to reach a real model while real calls are switched off."""

    code, status = "real_model_forbidden", 500


class ProviderError(GreenroomError):
    """A generator or a network failed."""

    code, status, exit_code = "provider_error", 502, 7


class PolicyRejected(ProviderError):
    """The provider's content policy refuses; `facts["suggestion"]` may carry its proposal."""

    code = "policy_rejected"


class ProviderInputInvalid(ProviderError):
    """The provider rejects the request itself."""

    code = "provider_input_invalid"


class ProviderAuth(ProviderError):
    """The provider rejects the credential."""

    code = "provider_auth"


class ProviderNoCredit(ProviderError):
    """The provider's account has no credit left."""

    code = "provider_no_credit"


class ProviderRateLimited(ProviderError):
    """The provider asks to wait `facts["retry_after_s"]` seconds."""

    code = "provider_rate_limited"
    passing = True


class ProviderUnavailable(ProviderError):
    """The provider is down."""

    code = "provider_unavailable"
    passing = True


class ProviderTimeout(ProviderError):
    """The outcome is unknown and may be billed; look it up before sending again."""

    code = "provider_timeout"


class StepOverdue(GreenroomError):
    """A step ran longer than a step may; it is tried again."""

    code, status, exit_code = "step_overdue", 504, 6
    passing = True


class QualityRejected(GreenroomError):
    """A quality gate failed and the revision budget is spent."""

    code, status, exit_code = "quality_rejected", 422, 11


class EnvironmentProblem(GreenroomError):
    """This machine lacks something that the work needs."""

    code, status, exit_code = "environment_problem", 503, 8
    passing = True


class PartMissing(EnvironmentProblem):
    """A model file, sound font, codec or system library is not there."""

    code = "part_missing"
    passing = False


class DiskFull(EnvironmentProblem):
    """The disk has no room for what must be written."""

    code, status = "disk_full", 507


class HomeInUse(EnvironmentProblem):
    """Another process owns this home and cannot be talked to."""

    code, exit_code = "home_in_use", 9
    passing = False


def kinds_by_code() -> dict[str, type[GreenroomError]]:
    """The family by its codes, for those who read an error that was written down."""
    known: dict[str, type[GreenroomError]] = {}
    waiting: list[type[GreenroomError]] = [GreenroomError]
    while waiting:
        kind = waiting.pop()
        known.setdefault(kind.code, kind)
        waiting += kind.__subclasses__()
    return known
