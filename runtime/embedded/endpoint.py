"""The embedded model as an endpoint: the server is started when the first call comes."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from domain.errors import ModelUnavailable
from domain.ports.model import ModelTraits
from runtime.embedded.presence import ServerState
from runtime.embedded.supervisor import Supervisor
from runtime.gateway.dialect import Dialect
from runtime.gateway.endpoint import EndpointCall, EndpointReply, Piece
from runtime.gateway.openai_endpoint import OpenAIEndpoint

_DIALECT = Dialect(schema_mode="grammar", prefill=True)


class EmbeddedEndpoint:
    """Calls the supervised server; a server that died is started once more for the call."""

    real = True

    def __init__(self, supervisor: Supervisor) -> None:
        self.name = f"embedded {supervisor.model.name}"
        self.slots = supervisor.options.slots
        self._supervisor = supervisor
        self._client: OpenAIEndpoint | None = None
        self._reached: ServerState | None = None

    def traits(self, model: str) -> ModelTraits:
        """A small model with log-probabilities and prefill."""
        return ModelTraits(
            model=model,
            small=True,
            context_tokens=self._supervisor.options.context_tokens,
            logprobs=True,
            prefill=True,
        )

    async def chat(self, call: EndpointCall) -> EndpointReply:
        """Answer whole."""
        async with self._supervisor.using() as state:
            try:
                return await self._to(state).chat(call)
            except ModelUnavailable:
                if self._supervisor.running() == state:
                    raise
        async with self._supervisor.using() as state:
            return await self._to(state).chat(call)

    async def stream(self, call: EndpointCall) -> AsyncGenerator[Piece, None]:
        """Answer in pieces."""
        async with (
            self._supervisor.using() as state,
            aclosing(self._to(state).stream(call)) as pieces,
        ):
            async for piece in pieces:
                yield piece

    async def aclose(self) -> None:
        """Close connections; the server ends when nobody else uses it."""
        if self._client is not None:
            await self._client.aclose()
            self._client = self._reached = None
        await self._supervisor.aclose()

    def _to(self, state: ServerState) -> OpenAIEndpoint:
        if self._client is None or self._reached != state:
            # The old server's connections died with it.
            self._reached = state
            self._client = OpenAIEndpoint(
                state.url,
                state.key.get_secret_value(),
                name=self.name,
                slots=self.slots,
                small=True,
                dialect=self._client.dialect if self._client else _DIALECT,
            )
        return self._client
