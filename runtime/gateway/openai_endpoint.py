"""Any OpenAI-compatible endpoint, through the openai client's chat completions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import openai
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.chat.chat_completion import Choice

from domain.errors import ModelError, ModelRejected
from domain.ports.model import ModelTraits, TokenUsage
from runtime.gateway.dialect import Dialect
from runtime.gateway.endpoint import EndpointCall, EndpointReply, Piece
from runtime.gateway.vendor_errors import nonsense, timed_out, translate

_MOST_REFUSALS = 10
_REFUSALS = (openai.BadRequestError, openai.UnprocessableEntityError)


class OpenAIEndpoint:
    """Talks to one address. Learns the address's dialect and remembers it for its lifetime."""

    real = True

    def __init__(
        self,
        url: str,
        key: str | None,
        *,
        name: str = "endpoint",
        slots: int = 8,
        small: bool = False,
        context_tokens: int = 32_768,
        dialect: Dialect | None = None,
    ) -> None:
        self.name = name
        self.slots = slots
        self._small = small
        self._context_tokens = context_tokens
        self._dialect = dialect or Dialect()
        # The gateway retries, so that budgets and limits see every call.
        self._client = openai.AsyncOpenAI(
            base_url=url,
            api_key=key or "none",
            max_retries=0,
            http_client=openai.DefaultAsyncHttpxClient(trust_env=not is_loopback(url)),
        )

    @property
    def dialect(self) -> Dialect:
        """The dialect learnt so far."""
        return self._dialect

    def traits(self, model: str) -> ModelTraits:
        """As configured, with what was learnt about log-probabilities."""
        return ModelTraits(
            model=model,
            small=self._small,
            context_tokens=self._context_tokens,
            logprobs="logprobs" not in self._dialect.dropped,
            prefill=self._dialect.prefill,
        )

    async def chat(self, call: EndpointCall) -> EndpointReply:
        """Answer whole, within the call's time."""
        try:
            async with asyncio.timeout(call.timeout_s):
                completion = await self._send(call, stream=False)
        except TimeoutError as error:
            raise timed_out(self.name) from error
        return self._reply(completion, call)

    async def stream(self, call: EndpointCall) -> AsyncGenerator[Piece, None]:
        """Answer in pieces; the call's time is the longest wait for each."""
        try:
            async with asyncio.timeout(call.timeout_s):
                chunks = await self._send(call, stream=True)
            try:
                while True:
                    async with asyncio.timeout(call.timeout_s):
                        chunk = await anext(chunks, None)
                    if chunk is None:
                        return
                    yield self._piece(chunk)
            finally:
                await chunks.close()
        except TimeoutError as error:
            raise timed_out(self.name) from error
        except openai.OpenAIError as error:
            raise translate(error, self.name) from error
        except ValueError as error:
            raise nonsense(self.name, str(error)) from error

    async def aclose(self) -> None:
        """Close the client's connections."""
        await self._client.close()

    async def _send(self, call: EndpointCall, *, stream: bool) -> Any:
        """Send in the known dialect, in weaker ones while the endpoint refuses."""
        dialect = self._dialect
        first_refusal: openai.APIStatusError | None = None
        for _ in range(_MOST_REFUSALS):
            try:
                answer = await self._send_as(dialect, call, stream=stream)
            except _REFUSALS as refusal:
                first_refusal = first_refusal or refusal
                weaker = dialect.without(f"{refusal.param} {refusal.message}", call)
                if weaker is None:
                    break
                dialect = weaker
            else:
                self._dialect = dialect
                return answer
        assert first_refusal is not None
        raise translate(first_refusal, self.name) from first_refusal

    async def _send_as(self, dialect: Dialect, call: EndpointCall, *, stream: bool) -> Any:
        parameters = dialect.parameters(call, stream=stream)
        # The client's overloads want literal arguments; the dialect is only known at run time.
        create: Any = self._client.chat.completions.create
        try:
            return await create(
                **parameters["body"],
                stream=stream,
                extra_body=parameters["extra"] or None,
                timeout=call.timeout_s,
            )
        except _REFUSALS:
            raise
        except openai.OpenAIError as error:
            raise translate(error, self.name) from error
        except ValueError as error:
            raise nonsense(self.name, str(error)) from error

    def _reply(self, completion: object, call: EndpointCall) -> EndpointReply:
        # The client hands over whatever the body was, unchecked.
        if not isinstance(completion, ChatCompletion) or not completion.choices:
            raise nonsense(self.name, repr(completion))
        choice = completion.choices[0]
        if choice.message is None or not isinstance(choice.message.content, str):
            raise self._refused(choice)
        text = choice.message.content
        last = call.messages[-1] if call.messages else None
        if self._dialect.prefill and last is not None and last.role == "assistant":
            text = text.removeprefix(last.content)
        return EndpointReply(
            text=text,
            finish_reason=choice.finish_reason or "stop",
            usage=_usage(completion.usage),
            mean_logprob=_mean_logprob(choice),
        )

    def _refused(self, choice: Choice) -> ModelError:
        said = choice.message.refusal if choice.message else None
        if said is None:
            return nonsense(self.name, "no text")
        return ModelRejected(f"The model at {self.name} refuses: {said[:300]}", endpoint=self.name)

    def _piece(self, chunk: object) -> Piece:
        if not isinstance(chunk, ChatCompletionChunk):
            raise nonsense(self.name, repr(chunk))
        text = (chunk.choices[0].delta.content or "") if chunk.choices else ""
        return Piece(text=text, usage=_usage(chunk.usage))


def _usage(usage: CompletionUsage | None) -> TokenUsage | None:
    if usage is None:
        return None
    return TokenUsage(prompt_tokens=usage.prompt_tokens, completion_tokens=usage.completion_tokens)


def _mean_logprob(choice: Choice) -> float | None:
    tokens = (choice.logprobs.content or []) if choice.logprobs else []
    return sum(t.logprob for t in tokens) / len(tokens) if tokens else None


def is_loopback(url: str) -> bool:
    """Whether an address is this machine's own; such calls never go through a proxy."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
