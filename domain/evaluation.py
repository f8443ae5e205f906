"""Evaluations: cases put to the functions that really run, and what became of each answer.

A suite holds cases. A run puts them to one subject: prompts, a model, perhaps an artist. Each case
is asked in one or more epochs; each of these samples keeps its answer, scores, cost and transcript.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from domain.entity import Entity
from domain.ports.model import ChatMessage, Completion, ModelTraits, Tier

Unit = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Split = Literal["training", "validation", "test"]
# scored: the main score is known. failed: the subject gave nothing usable. unscored: it could not
# be measured, which is nobody's zero.
SampleStatus = Literal["scored", "failed", "unscored"]
EvalStatus = Literal["running", "finished", "stopped"]
SuiteForm = Literal["full", "smoke"]
Output = Mapping[str, JsonValue]
# Draws each case's part where none is said; another would move every case.
SPLIT_SEED = 6


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Case(_Part):
    """One question with what is known about a good answer; tags name the slices it belongs to."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=80)
    input: dict[str, JsonValue]
    target: JsonValue = None
    tags: dict[str, str] = Field(default_factory=dict)
    split: Split = "training"
    expensive: bool = Field(default=False, description="A mistake here costs more than elsewhere.")
    smoke: bool = Field(default=False, description="Is asked in the smoke form too.")
    source: str = Field(default="", description="The run or decision it was taken from.")

    @property
    def slices(self) -> dict[str, str]:
        """All by which results are told apart."""
        return {**self.tags, "mistake": "expensive" if self.expensive else "cheap"}


class KeptCase(Entity):
    """A case that a person added to a suite; one made from an artist's run belongs to it."""

    suite: str
    case_id: str
    case: Case
    artist_id: str | None = None
    added_by: str = ""


class Score(_Part):
    """What a scorer gave, and why; None where it could not tell."""

    value: Unit | None
    why: str = ""


class SampleCost(_Part):
    """What was paid for one sample; answers from a cache are counted and cost nothing."""

    calls: int = 0
    cached_calls: int = 0
    tokens: int = 0
    usd: float = 0.0

    def __add__(self, other: SampleCost) -> SampleCost:
        return SampleCost(
            calls=self.calls + other.calls,
            cached_calls=self.cached_calls + other.cached_calls,
            tokens=self.tokens + other.tokens,
            usd=self.usd + other.usd,
        )


class RecordedCall(_Part):
    """One question to the model and its answer; `key` finds it again when a run is replayed."""

    key: str
    tier: Tier
    prompt: str
    asked: tuple[ChatMessage, ...]
    completion: Completion | None = None
    error: str | None = Field(default=None, description="Code of the error it ended with.")
    message: str = ""


class Transcript(Entity):
    """Every call to a model that a sample made, in order."""

    calls: tuple[RecordedCall, ...]

    @property
    def cost(self) -> SampleCost:
        """What these calls took together."""
        answers = [call.completion for call in self.calls if call.completion is not None]
        return SampleCost(
            calls=sum(not answer.cached for answer in answers),
            cached_calls=sum(answer.cached for answer in answers),
            tokens=sum(a.usage.prompt_tokens + a.usage.completion_tokens for a in answers),
            usd=sum(answer.cost_usd for answer in answers),
        )


class SampleFailure(_Part):
    """Why there is no answer, as the error family tells it."""

    code: str
    message: str


class EvalSample(Entity):
    """One case in one epoch of a run. `key` is equal for samples that would ask the same."""

    run_id: str
    key: str
    case_id: str
    epoch: int = Field(ge=1)
    status: SampleStatus
    case: Case
    output: dict[str, JsonValue] | None = None
    scores: dict[str, Score] = Field(default_factory=dict)
    scorers: str = Field(default="", description="Digest of the scorers that gave the scores.")
    failure: SampleFailure | None = None
    cost: SampleCost = SampleCost()
    seconds: float = 0.0
    transcript_id: str | None = None
    reused_from: str | None = Field(default=None, description="The run that paid for the answer.")

    def value(self, score: str) -> float | None:
        """The score by name: a failed sample is worth nothing, an unscored one is no number."""
        if self.status == "failed":
            return 0.0
        given = self.scores.get(score)
        return None if given is None else given.value


class EvalSubject(_Part):
    """What is measured, so exactly that it can be measured again."""

    prompts: tuple[str, ...] = Field(description="Those the suite uses, as `id@version (form)`.")
    prompts_digest: str
    replaced: tuple[str, ...] = Field(default=(), description="Prompts other than the shipped.")
    models: dict[Tier, ModelTraits]
    artist_id: str | None = None
    handle: str | None = None
    profile_number: int | None = None
    seed: int = 1
    version: str = Field(description="Version of the house.")
    code_digest: str = Field(description="Digest of the code that answers.")

    @property
    def model(self) -> str:
        """The models' names, each once."""
        return ", ".join(dict.fromkeys(traits.model for traits in self.models.values()))


class EvalTotals(_Part):
    """What a run came to: samples by status, what was paid now, and what was reused."""

    scored: int = 0
    failed: int = 0
    unscored: int = 0
    reused: int = 0
    cost: SampleCost = SampleCost()
    seconds: float = 0.0


class EvalRun(Entity):
    """A suite put to a subject. `key` is equal for runs that would ask exactly the same."""

    suite: str
    suite_digest: str
    form: SuiteForm = "full"
    key: str
    subject: EvalSubject
    artist_id: str | None = None
    main: str = Field(description="The score that counts.")
    scorers: tuple[str, ...]
    case_ids: tuple[str, ...]
    epochs: int = Field(default=1, ge=1)
    status: EvalStatus = "running"
    totals: EvalTotals = EvalTotals()
    failure: SampleFailure | None = None
    ended_at: AwareDatetime | None = None

    @property
    def size(self) -> int:
        """How many samples it has when it is finished."""
        return len(self.case_ids) * self.epochs


def totals_of(samples: Sequence[EvalSample], seconds: float) -> EvalTotals:
    """What these samples come to; what was reused was paid for by another run."""
    cost = SampleCost()
    for sample in samples:
        if sample.reused_from is None:
            cost += sample.cost
    statuses = [sample.status for sample in samples]
    return EvalTotals(
        scored=statuses.count("scored"),
        failed=statuses.count("failed"),
        unscored=statuses.count("unscored"),
        reused=sum(sample.reused_from is not None for sample in samples),
        cost=cost,
        seconds=seconds,
    )
