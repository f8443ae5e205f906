"""What lies beneath the gateway: one call to one model, with no policy of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from domain.ports.model import ChatMessage, ModelRequest, ModelTraits, Sampling, TokenUsage

JsonSchema = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class EndpointCall:
    """One call. With a `schema` the endpoint makes the model answer in that form as it can."""

    model: str
    prompt: str
    messages: tuple[ChatMessage, ...]
    sampling: Sampling
    timeout_s: float
    logprobs: bool = False
    schema: JsonSchema | None = None

    @classmethod
    def of(
        cls,
        request: ModelRequest,
        model: str,
        timeout_s: float,
        schema: JsonSchema | None = None,
    ) -> EndpointCall:
        """Take from the request what the model is to see."""
        return cls(
            model=model,
            prompt=request.prompt,
            messages=request.messages,
            sampling=request.sampling,
            timeout_s=timeout_s,
            logprobs=request.logprobs,
            schema=schema,
        )

    @property
    def content_hash(self) -> str:
        """Equal for calls that ask the same of the same model."""
        content = {
            "model": self.model,
            "prompt": self.prompt,
            "messages": [m.model_dump() for m in self.messages],
            "sampling": self.sampling.model_dump(mode="json"),
            "logprobs": self.logprobs,
            "schema": None if self.schema is None else dict(self.schema),
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class EndpointReply:
    """What came back; `usage` is absent where the endpoint does not report it."""

    text: str
    finish_reason: str
    usage: TokenUsage | None = None
    mean_logprob: float | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of streamed text; the last one carries usage where it is offered."""

    text: str = ""
    usage: TokenUsage | None = None


class Endpoint(Protocol):
    """One place that answers calls. Raises only `ModelError`s and `EnvironmentProblem`s."""

    @property
    def name(self) -> str:
        """For breaker, logs and health pages."""

    @property
    def real(self) -> bool:
        """Whether a model answers, so that tests can forbid it."""

    @property
    def slots(self) -> int:
        """Calls that make sense at a time."""

    def traits(self, model: str) -> ModelTraits:
        """What the model can do here."""

    async def chat(self, call: EndpointCall) -> EndpointReply:
        """Answer whole."""

    def stream(self, call: EndpointCall) -> AsyncGenerator[Piece, None]:
        """Answer in pieces."""

    async def aclose(self) -> None:
        """Close connections."""
