"""A gateway that writes down every call, and one that answers from what was written down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import TypeVar

from pydantic import BaseModel

from domain.errors import GreenroomError, PartMissing, UnusableAnswer, kinds_by_code
from domain.evaluation import RecordedCall
from domain.ports.model import (
    Completion,
    ModelGateway,
    ModelRequest,
    ModelTraits,
    Structured,
    Tier,
)
from runtime.gateway.answer_form import AnswerProblem, read_answer, schema_of
from runtime.gateway.endpoint import EndpointCall

Answer = TypeVar("Answer", bound=BaseModel)


def call_key(request: ModelRequest, model: str, answer: type[BaseModel] | None = None) -> str:
    """Equal for calls that ask the same words of the same model in the same way."""
    schema = None if answer is None else schema_of(answer)
    return EndpointCall.of(request, model, 0.0, schema).content_hash


class TranscribingGateway:
    """Passes every call on and keeps what was asked and answered, in the order of the answers."""

    def __init__(self, gateway: ModelGateway) -> None:
        self._gateway = gateway
        self.calls: list[RecordedCall] = []

    async def traits(self, tier: Tier) -> ModelTraits:
        """The model behind a tier."""
        return await self._gateway.traits(tier)

    async def complete(self, request: ModelRequest) -> Completion:
        """Answer in free text."""
        key = await self._key(request, None)
        try:
            completion = await self._gateway.complete(request)
        except GreenroomError as error:
            self._failed(key, request, error)
            raise
        self._answered(key, request, completion)
        return completion

    async def candidates(self, request: ModelRequest, seeds: Sequence[int]) -> list[Completion]:
        """Answer once per seed, each a call of its own."""
        return await _one_per_seed(self, request, seeds)

    async def structured(self, request: ModelRequest, answer: type[Answer]) -> Structured[Answer]:
        """Answer in the form of `answer`."""
        key = await self._key(request, answer)
        try:
            structured = await self._gateway.structured(request, answer)
        except GreenroomError as error:
            self._failed(key, request, error)
            raise
        self._answered(key, request, structured.completion)
        return structured

    async def stream(self, request: ModelRequest) -> AsyncIterator[str]:
        """The whole answer as one piece: what is evaluated is not watched being typed."""
        yield (await self.complete(request)).text

    async def aclose(self) -> None:
        """Nothing to close: the gateway belongs to whoever opened it."""

    async def _key(self, request: ModelRequest, answer: type[BaseModel] | None) -> str:
        return call_key(request, (await self.traits(request.tier)).model, answer)

    def _answered(self, key: str, request: ModelRequest, completion: Completion) -> None:
        self.calls.append(
            RecordedCall(
                key=key,
                tier=request.tier,
                prompt=request.prompt,
                asked=request.messages,
                completion=completion,
            )
        )

    def _failed(self, key: str, request: ModelRequest, error: GreenroomError) -> None:
        self.calls.append(
            RecordedCall(
                key=key,
                tier=request.tier,
                prompt=request.prompt,
                asked=request.messages,
                error=error.code,
                message=error.message,
            )
        )


class ReplayingGateway:
    """Answers from recorded calls, found by words and model; what is new goes to `live`.

    Without `live` a new question raises `PartMissing`: nothing is ever made up. Errors are recorded
    too, and of those only an answer that could not be used is an answer to replay.
    """

    def __init__(
        self,
        recorded: Iterable[RecordedCall],
        traits: Mapping[Tier, ModelTraits],
        live: ModelGateway | None = None,
    ) -> None:
        usable = [c for c in recorded if c.completion or c.error == UnusableAnswer.code]
        self._recorded = {call.key: call for call in usable}
        self._traits = traits
        self._live = live
        self.asked_live = 0

    async def traits(self, tier: Tier) -> ModelTraits:
        """The model that was asked when the calls were recorded."""
        return self._traits[tier]

    async def complete(self, request: ModelRequest) -> Completion:
        """The recorded answer."""
        found = self._find(request, None)
        if found is None:
            return await self._ask(request).complete(request)
        return _told(found)

    async def candidates(self, request: ModelRequest, seeds: Sequence[int]) -> list[Completion]:
        """Recorded answers, one per seed."""
        return await _one_per_seed(self, request, seeds)

    async def structured(self, request: ModelRequest, answer: type[Answer]) -> Structured[Answer]:
        """The recorded answer, read anew."""
        found = self._find(request, answer)
        if found is None:
            return await self._ask(request).structured(request, answer)
        completion = _told(found)
        try:
            value = read_answer(completion.text, answer)
        except AnswerProblem as error:
            raise UnusableAnswer(f"the recorded answer does not fit: {error}") from error
        return Structured(value=value, completion=completion, attempts=1)

    async def stream(self, request: ModelRequest) -> AsyncIterator[str]:
        """The recorded answer as one piece."""
        yield (await self.complete(request)).text

    async def aclose(self) -> None:
        """Nothing to close."""

    def _find(self, request: ModelRequest, answer: type[BaseModel] | None) -> RecordedCall | None:
        return self._recorded.get(call_key(request, self._traits[request.tier].model, answer))

    def _ask(self, request: ModelRequest) -> ModelGateway:
        if self._live is None:
            raise PartMissing(
                f"the recording holds no answer to this wording of {request.prompt}",
                field="replay",
                remedy="Run the suite without --replay, or replay a run of the same prompts.",
            )
        self.asked_live += 1
        return self._live


def _told(call: RecordedCall) -> Completion:
    """What was answered, at no cost this time; raises again what it ended with."""
    if call.completion is None:
        raise kinds_by_code()[call.error or UnusableAnswer.code](call.message)
    return call.completion.model_copy(update={"cached": True, "cost_usd": 0.0, "latency_s": 0.0})


async def _one_per_seed(
    gateway: ModelGateway, request: ModelRequest, seeds: Sequence[int]
) -> list[Completion]:
    def seeded(seed: int) -> ModelRequest:
        sampling = request.sampling.model_copy(update={"seed": seed})
        return request.model_copy(update={"sampling": sampling})

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(gateway.complete(seeded(seed))) for seed in seeds]
    except ExceptionGroup as failures:
        # Callers deal with single errors of the family; the first one stopped the rest.
        raise failures.exceptions[0] from failures
    return [task.result() for task in tasks]
