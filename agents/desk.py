"""A role's desk: renders prompts in the form the model needs, asks the gateway, keeps notes."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import BaseModel

from agents.report import Candidate, Notebook
from agents.seeds import derive_seed, rng_for
from domain.errors import UnusableAnswer
from domain.ports.model import (
    CallScope,
    ChatMessage,
    Completion,
    ModelGateway,
    ModelRequest,
    ModelTraits,
    Sampling,
)
from prompts import SHIPPED, Form, Prompt, PromptBook

Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Judged:
    """What code thinks of one text: the text as mended, its score, or why it is refused."""

    text: str
    score: float = 0.0
    parts: dict[str, float] = field(default_factory=dict)
    refused: str | None = None


Judge = Callable[[str, Completion], Judged]
Weigh = Callable[[list[Judged]], Awaitable[list[Judged]]]


@dataclass(frozen=True, slots=True)
class Rounds:
    """How often to ask again, with how many candidates a time, before giving up."""

    candidates: int = 4
    rounds: int = 3
    step: str = ""
    enough: Callable[[Judged], bool] = lambda judged: True


@dataclass(frozen=True, slots=True)
class Desk:
    """What every role needs: the gateway, who pays, the run's seed, the prompts, a notebook."""

    gateway: ModelGateway
    scope: CallScope
    seed: int
    notes: Notebook
    book: PromptBook = SHIPPED

    async def is_small(self) -> bool:
        """Whether the model needs short prompts and split tasks."""
        return (await self.gateway.traits("smart")).small

    async def form(self) -> Form:
        """Which form of a prompt the model is given."""
        return "short" if await self.is_small() else "long"

    def examples(self, prompt_id: str, form: Form = "short") -> tuple[str, ...]:
        """The prompt's own words, which no answer may copy."""
        return self.book.load(prompt_id, form).own_words

    async def best(
        self,
        prompt_id: str,
        inputs: dict[str, object],
        sampling: Sampling,
        judge: Judge,
        rounds: Rounds,
        form: Form = "short",
        weigh: Weigh | None = None,
    ) -> str:
        """The best candidate's text; raises `UnusableAnswer` when code refuses all of them.

        `weigh` may add to the scores of each round's candidates together.
        """
        judged = await self.judged(prompt_id, inputs, sampling, judge, rounds, form, weigh)
        return self._take(rounds.step or prompt_id, judged, self.book.load(prompt_id, form).ref)

    async def judged(
        self,
        prompt_id: str,
        inputs: dict[str, object],
        sampling: Sampling,
        judge: Judge,
        rounds: Rounds,
        form: Form = "short",
        weigh: Weigh | None = None,
    ) -> list[Judged]:
        """All candidates as code judged them, for callers that choose and note for themselves."""
        prompt = self.book.load(prompt_id, form)
        request = await self._request(prompt, inputs, sampling, logprobs=True)
        step = rounds.step or prompt_id
        judged: list[Judged] = []
        for turn in range(rounds.rounds):
            first = turn * rounds.candidates
            seeds = [self._seed(step, first + i) for i in range(rounds.candidates)]
            completions = await self.gateway.candidates(request, seeds)
            self.notes.called(prompt.ref, completions)
            found = [judge(c.text, c) for c in completions]
            judged += await weigh(found) if weigh else found
            if any(j.refused is None and rounds.enough(j) for j in judged):
                break
        return judged

    async def fill(
        self,
        prompt_id: str,
        inputs: dict[str, object],
        answer: type[Answer],
        sampling: Sampling,
        *,
        step: str = "",
        form: Form = "long",
    ) -> Answer:
        """A structured answer."""
        prompt = self.book.load(prompt_id, form)
        seeded = sampling.model_copy(update={"seed": self._seed(step or prompt_id)})
        request = await self._request(prompt, inputs, seeded, logprobs=False)
        structured = await self.gateway.structured(request, answer)
        self.notes.called(prompt.ref, [structured.completion])
        return structured.value

    def rng(self, step: str) -> random.Random:
        """A generator for what code draws to steer a prompt; another at each try."""
        return rng_for(self.seed, step, self.scope.attempt)

    def _seed(self, step: str, index: int = 0) -> int:
        return derive_seed(self.seed, step, index, self.scope.attempt)

    async def _request(
        self, prompt: Prompt, inputs: dict[str, object], sampling: Sampling, *, logprobs: bool
    ) -> ModelRequest:
        traits = await self.gateway.traits(prompt.header.tier)
        return ModelRequest(
            tier=prompt.header.tier,
            prompt=prompt.ref,
            messages=without_prefill(prompt.render(**inputs), traits),
            sampling=sampling,
            scope=self.scope,
            logprobs=logprobs and traits.logprobs,
        )

    def _take(self, step: str, judged: Sequence[Judged], ref: str) -> str:
        usable = [j for j in judged if j.refused is None]
        best = max(usable, key=lambda j: j.score, default=None)
        self.notes.considered(
            step,
            (
                Candidate(
                    text=j.text[:300],
                    score=j.score,
                    parts=j.parts,
                    refused=j.refused,
                    chosen=j is best,
                )
                for j in judged
            ),
        )
        if best is None:
            reasons = sorted({j.refused for j in judged if j.refused})
            raise UnusableAnswer(
                f"none of {len(judged)} answers to {ref} could be used: {'; '.join(reasons)[:300]}",
                field="model",
                remedy="Resume the run: it draws other answers. Or set a stronger model.",
                prompt=ref,
                reasons=reasons,
            )
        return best.text


def without_prefill(
    messages: tuple[ChatMessage, ...], traits: ModelTraits
) -> tuple[ChatMessage, ...]:
    """For endpoints that cannot continue a message: say in the question how to begin."""
    if traits.prefill or messages[-1].role != "assistant":
        return messages
    *rest, question, begun = messages
    told = (
        f"{question.content}\n\nThe answer so far:\n{begun.content}\n\n"
        "Go on from there: write only what comes next."
    )
    return (*rest, ChatMessage(role=question.role, content=told))
