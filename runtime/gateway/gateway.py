"""The gateway: every policy, the same for every endpoint."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass

from domain.errors import (
    EnvironmentProblem,
    GreenroomError,
    ModelError,
    ModelTimeout,
    ModelUnavailable,
    RealModelForbidden,
    UnusableAnswer,
)
from domain.ports.model import (
    Completion,
    ModelRequest,
    ModelTraits,
    Spent,
    Structured,
    Tier,
    TokenUsage,
)
from runtime.gateway.accounts import Accounts
from runtime.gateway.answer_form import (
    Answer,
    AnswerProblem,
    read_answer,
    schema_of,
    with_correction,
    with_more_room,
)
from runtime.gateway.budget import BudgetGuard
from runtime.gateway.endpoint import EndpointCall, EndpointReply, JsonSchema
from runtime.gateway.loop_guard import LoopGuard
from runtime.gateway.retry import RetryPolicy
from runtime.gateway.target import Target, overdue_pause, prompt_estimate
from runtime.shared.answers import AnswerCache
from runtime.shared.breakers import Admission
from runtime.tokens import count_tokens

Routes = Mapping[Tier, Sequence[Target]]
_DOWN = (ModelUnavailable, ModelTimeout)
_NOTHING = TokenUsage(counted_by="none")


@dataclass(frozen=True, slots=True)
class _Answered:
    """A completion with the key under which it may be kept."""

    completion: Completion
    key: str | None


class Gateway:
    """Routes a request along its tier's chain under budget, cache, retry and breaker."""

    def __init__(
        self,
        routes: Routes,
        *,
        accounts: Accounts,
        budget: BudgetGuard,
        cache: AnswerCache,
        loop_guard: LoopGuard,
        retry: RetryPolicy | None = None,
        structured_tries: int = 3,
        forbid_real: bool = False,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        count: Callable[[str, str], int] = count_tokens,
    ) -> None:
        self._routes = routes
        self._accounts = accounts
        self._budget = budget
        self._cache = cache
        self._loop_guard = loop_guard
        self._retry = retry or RetryPolicy()
        self._structured_tries = structured_tries
        self._forbid_real = forbid_real
        self._sleep = sleep
        self._count = count

    async def traits(self, tier: Tier) -> ModelTraits:
        """The model that would be asked now: the first whose circuit is not open."""
        chain = self._routes[tier]
        for target in chain:
            if await target.line.breaker.state() != "open":
                return target.traits()
        return chain[0].traits()

    async def complete(self, request: ModelRequest) -> Completion:
        """Answer in free text."""
        answered = await self._answer(request, None)
        await self._keep(answered, request)
        return answered.completion

    async def candidates(self, request: ModelRequest, seeds: Sequence[int]) -> list[Completion]:
        """One answer per seed, in the order of the seeds; the endpoint's gate limits how many."""
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self.complete(_seeded(request, s))) for s in seeds]
        except ExceptionGroup as failures:
            # The callers deal with single errors of the family; the first one stopped the rest.
            raise failures.exceptions[0] from failures
        return [task.result() for task in tasks]

    async def structured(self, request: ModelRequest, answer: type[Answer]) -> Structured[Answer]:
        """Answer in the form of `answer`, with its mistakes shown to the model between tries."""
        schema = schema_of(answer)
        asked, problem = request, ""
        for attempt in range(1, self._structured_tries + 1):
            answered = await self._answer(asked, schema)
            completion = answered.completion
            try:
                value = read_answer(completion.text, answer)
            except AnswerProblem as error:
                problem = str(error)
                asked = with_correction(request, completion.text, problem)
                if completion.finish_reason == "length":
                    asked = with_more_room(asked, 1 + attempt / 2)
            else:
                # Only what fitted is kept, or the same failure would come back for ever.
                await self._keep(answered, asked)
                return Structured(value=value, completion=completion, attempts=attempt)
        raise UnusableAnswer(
            f"{completion.model} gave no usable {answer.__name__} "
            f"in {self._structured_tries} tries: {problem}",
            remedy="Simplify the form, or give this tier a stronger model.",
            prompt=request.prompt,
            model=completion.model,
            last_answer=completion.text[:500],
        )

    async def stream(self, request: ModelRequest) -> AsyncGenerator[str, None]:
        """Pieces of text; tried again and elsewhere only while nothing has been yielded."""
        with self._guard_loop(request, None):
            failure: ModelError | None = None
            for target in self._routes[request.tier]:
                begun = False
                try:
                    async with aclosing(self._stream_with_retries(target, request)) as pieces:
                        async for piece in pieces:
                            begun = True
                            yield piece
                    return
                except (*_DOWN, EnvironmentProblem) as error:
                    if begun:
                        raise
                    failure = _first_failure(failure, error)
            assert failure is not None
            raise failure

    async def aclose(self) -> None:
        """Close every endpoint; what is shared is closed by who opened it."""
        endpoints = {id(t.endpoint): t.endpoint for chain in self._routes.values() for t in chain}
        for endpoint in endpoints.values():
            await endpoint.aclose()

    @contextmanager
    def _guard_loop(self, request: ModelRequest, schema: JsonSchema | None) -> Iterator[None]:
        content = EndpointCall.of(request, request.tier, 0, schema).content_hash
        self._loop_guard.note(request.scope.run_id, content, request.prompt)
        try:
            yield
        except GreenroomError:
            self._loop_guard.unanswered(request.scope.run_id, content)
            raise

    async def _answer(self, request: ModelRequest, schema: JsonSchema | None) -> _Answered:
        """Along the chain: an endpoint that is down hands over to the next."""
        with self._guard_loop(request, schema):
            failure: ModelError | None = None
            for target in self._routes[request.tier]:
                try:
                    return await self._from_target(target, request, schema)
                except (*_DOWN, EnvironmentProblem) as error:
                    failure = _first_failure(failure, error)
            assert failure is not None
            raise failure

    async def _from_target(
        self, target: Target, request: ModelRequest, schema: JsonSchema | None
    ) -> _Answered:
        call = EndpointCall.of(request, target.model, target.timeout_s, schema)
        # An unseeded draw is meant to differ from the last one, so only repeatable ones are kept.
        repeatable = call.sampling.seed is not None or call.sampling.temperature == 0
        if repeatable and (found := await self._cache.get(call.content_hash)):
            await self._accounts.book(request, target, outcome="cached", answered=found.text)
            free = {"cached": True, "cost_usd": 0.0, "latency_s": 0.0, "usage": _NOTHING}
            return _Answered(found.model_copy(update=free), None)
        completion = await self._with_retries(target, request, call)
        whole = completion.finish_reason == "stop"
        return _Answered(completion, call.content_hash if repeatable and whole else None)

    async def _keep(self, answered: _Answered, request: ModelRequest) -> None:
        if answered.key is not None:
            await self._cache.put(answered.key, request.prompt, answered.completion)

    async def _with_retries(
        self, target: Target, request: ModelRequest, call: EndpointCall
    ) -> Completion:
        attempt = 1
        while True:
            try:
                return await self._once(target, request, call)
            except ModelError as error:
                wait_s = self._retry.wait_s(error, attempt)
                if wait_s is None:
                    raise
            await self._sleep(wait_s)
            attempt += 1

    async def _once(self, target: Target, request: ModelRequest, call: EndpointCall) -> Completion:
        """One call: allowed, admitted, paid for, booked."""
        self._allow(target)
        highest = target.highest(call)
        async with (
            target.line.turn(highest.tokens, request.priority) as turn,
            self._budget.reserve(request.scope, highest) as reserved,
        ):
            admission = await self._admitted(target)
            started = time.monotonic()
            try:
                reply = await target.endpoint.chat(call)
            except ModelError as error:
                await target.note(admission, error)
                reserved.used = await self._book_failure(request, target, call, error, started)
                turn.used_tokens = reserved.used.tokens
                raise
            except BaseException as error:
                await target.line.breaker.report(admission, "neutral")
                if isinstance(error, asyncio.CancelledError):
                    reserved.used = await self._book_failure(request, target, call, error, started)
                    turn.used_tokens = reserved.used.tokens
                raise
            latency_s = time.monotonic() - started
            # The endpoint is free again: the next call need not wait for our books.
            turn.leave()
            await target.note(admission, None)
            usage = reply.usage or self._counted(call, reply.text)
            reserved.used = await self._accounts.book(
                request, target, usage=usage, latency_s=latency_s, answered=reply.text
            )
            turn.used_tokens = reserved.used.tokens
        return _completion(target, reply, usage, latency_s)

    async def _admitted(self, target: Target) -> Admission:
        """Sit out a short pause that the endpoint asked for, then ask the breaker."""
        paused_s = await target.paused_s()
        if paused_s > self._retry.cap_s:
            raise overdue_pause(target, paused_s)
        if paused_s > 0:
            # Those who waited must not all come back in the same moment.
            await self._sleep(paused_s + random.uniform(0, min(1.0, paused_s / 4)))
        return await target.admit()

    async def _stream_with_retries(
        self, target: Target, request: ModelRequest
    ) -> AsyncGenerator[str, None]:
        attempt = 1
        while True:
            begun = False
            try:
                async with aclosing(self._stream_from(target, request)) as pieces:
                    async for piece in pieces:
                        begun = True
                        yield piece
                return
            except ModelError as error:
                wait_s = None if begun else self._retry.wait_s(error, attempt)
                if wait_s is None:
                    raise
            await self._sleep(wait_s)
            attempt += 1

    async def _stream_from(
        self, target: Target, request: ModelRequest
    ) -> AsyncGenerator[str, None]:
        self._allow(target)
        call = EndpointCall.of(request, target.model, target.timeout_s)
        highest = target.highest(call)
        said: list[str] = []
        usage: TokenUsage | None = None
        outcome = "interrupted"
        async with (
            target.line.turn(highest.tokens, request.priority) as turn,
            self._budget.reserve(request.scope, highest) as reserved,
        ):
            admission = await self._admitted(target)
            started = time.monotonic()
            try:
                async with aclosing(target.endpoint.stream(call)) as pieces:
                    async for piece in pieces:
                        usage = piece.usage or usage
                        if piece.text:
                            said.append(piece.text)
                            yield piece.text
                outcome = "ok"
                await target.note(admission, None)
            except ModelError as error:
                outcome = error.code
                await target.note(admission, error)
                raise
            finally:
                # Says nothing where the outcome was told already.
                await target.line.breaker.report(admission, "neutral")
                text = "".join(said)
                used = usage or (self._counted(call, text) if text else None)
                latency_s = time.monotonic() - started
                reserved.used = await self._accounts.book(
                    request,
                    target,
                    usage=used,
                    latency_s=latency_s,
                    outcome=outcome,
                    answered=text,
                )
                turn.used_tokens = reserved.used.tokens

    async def _book_failure(
        self,
        request: ModelRequest,
        target: Target,
        call: EndpointCall,
        error: ModelError | asyncio.CancelledError,
        started: float,
    ) -> Spent:
        # A call given up while it ran may have been billed: its prompt counts as used.
        given_up = isinstance(error, ModelTimeout | asyncio.CancelledError)
        estimate = TokenUsage(prompt_tokens=prompt_estimate(call), counted_by="none")
        return await self._accounts.book(
            request,
            target,
            usage=estimate if given_up else None,
            latency_s=time.monotonic() - started,
            outcome=error.code if isinstance(error, ModelError) else "cancelled",
        )

    def _counted(self, call: EndpointCall, text: str) -> TokenUsage:
        return TokenUsage(
            prompt_tokens=sum(self._count(m.content, call.model) for m in call.messages),
            completion_tokens=self._count(text, call.model),
            counted_by="tiktoken",
        )

    def _allow(self, target: Target) -> None:
        if self._forbid_real and target.endpoint.real:
            raise RealModelForbidden(
                f"A call to {target.endpoint.name} was stopped: real models are forbidden here.",
                field="forbid_real_models",
                remedy="Give GREENROOM_MODEL_SCRIPT, or unset GREENROOM_FORBID_REAL_MODELS.",
            )


def _first_failure(
    failure: ModelError | None, error: ModelError | EnvironmentProblem
) -> ModelError:
    """Of a chain's failures the one to report: a later model that is missing explains nothing."""
    if isinstance(error, ModelError):
        return error
    if failure is None:
        raise error
    return failure


def _seeded(request: ModelRequest, seed: int) -> ModelRequest:
    sampling = request.sampling.model_copy(update={"seed": seed})
    return request.model_copy(update={"sampling": sampling})


def _completion(
    target: Target, reply: EndpointReply, usage: TokenUsage, latency_s: float
) -> Completion:
    return Completion(
        text=reply.text,
        finish_reason=reply.finish_reason,
        model=target.model,
        usage=usage,
        cost_usd=target.cost_usd(usage),
        latency_s=latency_s,
        mean_logprob=reply.mean_logprob,
    )
