"""A model endpoint whose calls are spans, without a word of what was asked or answered."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from opentelemetry.trace import Span, SpanKind

from domain.ports.model import ModelTraits, TokenUsage
from runtime.gateway.endpoint import Endpoint, EndpointCall, EndpointReply, Piece
from runtime.telemetry import semantics
from runtime.telemetry.tracing import Value, loose_span, span


class TracedEndpoint:
    """Implements `runtime.gateway.endpoint.Endpoint` around another one."""

    def __init__(self, inner: Endpoint) -> None:
        self.inner = inner

    @property
    def name(self) -> str:
        """The name of the endpoint inside."""
        return self.inner.name

    @property
    def real(self) -> bool:
        """Whether a model answers inside."""
        return self.inner.real

    @property
    def slots(self) -> int:
        """Calls that make sense at a time."""
        return self.inner.slots

    def traits(self, model: str) -> ModelTraits:
        """What the model can do here."""
        return self.inner.traits(model)

    async def chat(self, call: EndpointCall) -> EndpointReply:
        """Answer whole, inside a span."""
        with span(f"chat {call.model}", self._asked(call), kind=SpanKind.CLIENT) as found:
            reply = await self.inner.chat(call)
            found.set_attribute(semantics.FINISH_REASONS, [reply.finish_reason])
            _used(found, reply.usage)
        return reply

    async def stream(self, call: EndpointCall) -> AsyncGenerator[Piece, None]:
        """Answer in pieces; the span ends with the last one."""
        with loose_span(f"chat {call.model}", self._asked(call)) as found:
            async with aclosing(self.inner.stream(call)) as pieces:
                async for piece in pieces:
                    _used(found, piece.usage)
                    yield piece

    async def aclose(self) -> None:
        """Close the connections inside."""
        await self.inner.aclose()

    def _asked(self, call: EndpointCall) -> dict[str, Value]:
        asked: dict[str, Value] = {
            semantics.OPERATION: "chat",
            semantics.PROVIDER: "openai" if self.real else "greenroom",
            semantics.REQUEST_MODEL: call.model,
            semantics.PROMPT_NAME: call.prompt,
            semantics.REQUEST_MAX_TOKENS: call.sampling.max_tokens,
            semantics.REQUEST_TEMPERATURE: call.sampling.temperature,
            semantics.REQUEST_TOP_P: call.sampling.top_p,
        }
        if call.sampling.seed is not None:
            asked[semantics.REQUEST_SEED] = call.sampling.seed
        return asked


def _used(found: Span, usage: TokenUsage | None) -> None:
    if usage is not None:
        found.set_attribute(semantics.INPUT_TOKENS, usage.prompt_tokens)
        found.set_attribute(semantics.OUTPUT_TOKENS, usage.completion_tokens)
