"""What the house asks of a language model and of an embedder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from domain.steering import Budgets

Tier = Literal["fast", "smart", "judge"]
Role = Literal["system", "user", "assistant"]
Priority = Literal["chat", "work"]
Answer = TypeVar("Answer", bound=BaseModel)


class ChatMessage(BaseModel):
    """One message; a trailing assistant message is a prefill that the model continues."""

    model_config = ConfigDict(frozen=True)

    role: Role
    content: str


class Sampling(BaseModel):
    """How to draw tokens. `repeat_penalty` is sent only to endpoints that know it."""

    model_config = ConfigDict(frozen=True)

    max_tokens: int = 256
    temperature: float = 0.7
    top_p: float = 0.95
    seed: int | None = None
    stop: tuple[str, ...] = ()
    repeat_penalty: float | None = None


class CallScope(BaseModel):
    """Who pays for a call, which step it belongs to, and which try of the step it is.

    Tries count answers that code refused: the next try must not draw the same ones again.
    """

    model_config = ConfigDict(frozen=True)

    artist_id: str | None = None
    run_id: str | None = None
    step: str = ""
    attempt: int = Field(default=1, ge=1)


class ModelRequest(BaseModel):
    """One question. `prompt` names prompt id and version (`lyrics.line@3`) for cache and usage.

    Requests of priority `chat` go before waiting `work`: a person is looking at the screen.
    """

    model_config = ConfigDict(frozen=True)

    tier: Tier
    prompt: str
    messages: tuple[ChatMessage, ...]
    sampling: Sampling = Sampling()
    scope: CallScope = CallScope()
    logprobs: bool = False
    priority: Priority = "work"


class TokenUsage(BaseModel):
    """Tokens of one call, as the endpoint reports them or as counted where it does not."""

    model_config = ConfigDict(frozen=True)

    prompt_tokens: int = 0
    completion_tokens: int = 0
    counted_by: Literal["endpoint", "tiktoken", "none"] = "endpoint"


class Completion(BaseModel):
    """One answer. `mean_logprob` (nats a token) is there when asked for and offered."""

    model_config = ConfigDict(frozen=True)

    text: str
    finish_reason: str
    model: str
    usage: TokenUsage
    cost_usd: float = 0.0
    cached: bool = False
    latency_s: float = 0.0
    mean_logprob: float | None = None


class Structured(BaseModel, Generic[Answer]):
    """A validated answer with the completion it came from and the number of tries."""

    model_config = ConfigDict(frozen=True)

    value: Answer
    completion: Completion
    attempts: int


class ModelTraits(BaseModel):
    """What the model behind a tier can do; small models get short prompts and split tasks."""

    model_config = ConfigDict(frozen=True)

    model: str
    small: bool
    context_tokens: int
    logprobs: bool
    prefill: bool


class UsageRecord(BaseModel):
    """One model call as it is billed and audited, with its words where they are kept."""

    model_config = ConfigDict(frozen=True)

    scope: CallScope
    tier: Tier
    model: str
    prompt: str
    usage: TokenUsage
    cost_usd: float
    cached: bool
    latency_s: float
    outcome: str
    at: datetime
    asked: tuple[ChatMessage, ...] = ()
    answered: str = ""


class Spent(BaseModel):
    """Totals of a budget's scope."""

    model_config = ConfigDict(frozen=True)

    tokens: int = 0
    cost_usd: float = 0.0


class UsageLedger(Protocol):
    """Where usage is written down; the gateway asks it before every call."""

    async def record(self, record: UsageRecord) -> None:
        """Append one record, durably."""

    async def spent_by_run(self, run_id: str) -> Spent:
        """Everything the run has used."""

    async def spent_by_artist(self, artist_id: str, since: datetime) -> Spent:
        """What the artist has used since `since`."""

    async def spent_by_label(self, since: datetime) -> Spent:
        """What the whole label has used since `since`."""


class Allowances(Protocol):
    """What each artist was given; it lowers what the settings allow every artist."""

    async def of(self, artist_id: str) -> Budgets:
        """The artist's own budgets."""


class ModelGateway(Protocol):
    """The one door to language models."""

    async def traits(self, tier: Tier) -> ModelTraits:
        """Describe the model behind a tier."""

    async def complete(self, request: ModelRequest) -> Completion:
        """Answer in free text. Raises a `ModelError` or `LimitReached`."""

    async def candidates(self, request: ModelRequest, seeds: Sequence[int]) -> list[Completion]:
        """Answer once per seed, concurrently where the endpoint allows."""

    async def structured(self, request: ModelRequest, answer: type[Answer]) -> Structured[Answer]:
        """Answer in the form of `answer`; raises `UnusableAnswer` after all tries."""

    def stream(self, request: ModelRequest) -> AsyncIterator[str]:
        """Yield pieces of text as they come."""

    async def aclose(self) -> None:
        """Close connections and let go of the embedded model."""


class Embedder(Protocol):
    """Turns text into unit vectors; name and version are stored beside every vector."""

    @property
    def name(self) -> str:
        """Pinned name and version, such as `all-MiniLM-L6-v2-int8@1`."""

    @property
    def dimensions(self) -> int:
        """Length of each vector."""

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of unit length per text."""
