"""Evolves prompts of a suite: a search on two parts of its cases, one look at the third."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from pydantic import BaseModel, ConfigDict

from domain.actor import Actor
from domain.errors import BudgetExceeded, InvalidInput
from domain.evaluation import Case, EvalRun, EvalSample
from domain.ports.clock import Clock
from domain.ports.model import Embedder, ModelGateway
from evals.books import TrialBook
from evals.evolution.budget import Budget, MeteredGateway, Used
from evals.evolution.feedback import feedback_of
from evals.evolution.search import (
    Feedback,
    Found,
    Plan,
    SearchOver,
    Texts,
    Trial,
    Watch,
    search,
)
from evals.evolution.sections import replaced, sections_of
from evals.evolution.verdict import Proof, check_test_cases, prove
from evals.evolution.writing import Writer
from evals.results import case_scores
from evals.runner import PARALLEL, Order, Runner
from evals.suite import Suite
from prompts import SHIPPED, Prompt, PromptBook
from services.evaluations import EvaluationService

_TOKENS, _CHARS = 1000.0, 4000.0


@dataclass(frozen=True)
class Evolve:
    """What is to be evolved: prompts, by the suite that scores them."""

    suite: Suite
    prompts: tuple[Prompt, ...]
    budget: Budget
    seed: int = 1
    rounds: int = 40
    epochs: int = 1
    book: PromptBook = SHIPPED


class Side(BaseModel):
    """The prompts before or after, on test cases: the run, its mean, tokens a case, length."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    mean: float
    tokens: float
    characters: int


class Evolution(BaseModel):
    """What an evolution came to; `prompts` are the winner's files, there only if it is better."""

    model_config = ConfigDict(frozen=True)

    suite: str
    parents: tuple[str, ...]
    why_ended: str
    rounds_proposed: int
    refused: tuple[str, ...]
    candidates: int
    front: int
    samples: int
    used: Used
    validation_before: float
    validation_after: float
    before: Side | None = None
    after: Side | None = None
    proof: Proof | None = None
    reason: str
    prompts: tuple[str, ...] = ()

    @property
    def better(self) -> bool:
        """Whether there is a winner."""
        return self.proof is not None and self.proof.better


class Evolver:
    """Runs evolutions; every sample goes through the runner, so that none is paid for twice."""

    def __init__(
        self,
        evaluations: EvaluationService,
        gateway: ModelGateway,
        embedder: Embedder,
        clock: Clock,
        parallel: int = PARALLEL,
    ) -> None:
        self._evaluations = evaluations
        self._gateway = gateway
        self._embedder = embedder
        self._clock = clock
        self._parallel = parallel

    async def evolve(
        self,
        actor: Actor,
        order: Evolve,
        watch: Watch | None = None,
        stop: threading.Event | None = None,
    ) -> Evolution:
        """Search, then test the best once; `stop` ends the search and keeps the best so far."""
        check_test_cases(len(order.suite.chosen(split="test")))
        metered = MeteredGateway(self._gateway, order.budget)
        runner = Runner(self._evaluations, metered, self._embedder, self._clock, self._parallel)
        there = _Attempt(actor, order, metered, runner, self._evaluations)
        await there.hold_back_for_the_test()
        found = await there.search(watch, stop)
        return await there.judge(found)


class _Attempt:
    """One evolution on its way."""

    def __init__(
        self,
        actor: Actor,
        order: Evolve,
        metered: MeteredGateway,
        runner: Runner,
        evaluations: EvaluationService,
    ) -> None:
        self._actor = actor
        self._order = order
        self._metered = metered
        self._runner = runner
        self._evaluations = evaluations
        self._writer = Writer(metered, order.prompts, order.seed)
        self._cases = {case.id: case for case in order.suite.cases}
        self._seed_texts = {k: v for p in order.prompts for k, v in sections_of(p).items()}

    async def hold_back_for_the_test(self) -> None:
        """Measure what a case takes, and keep enough for the test; raises where that is too much.

        What is asked here is what the search asks first, and is not paid for again.
        """
        order = self._order
        _, samples = await self._run({}, order.suite.chosen(split="validation"))
        each = [s.cost for s in samples]
        asks = 2 * order.epochs * len(order.suite.chosen(split="test"))
        self._metered.kept = Used(
            calls=asks * max(cost.calls + cost.cached_calls for cost in each),
            tokens=asks * max(cost.tokens for cost in each),
            usd=asks * max(cost.usd for cost in each),
            seconds=asks * fmean(s.seconds for s in samples),
        )
        if self._metered.kept.calls >= order.budget.calls:
            raise InvalidInput(
                f"the test alone may take {self._metered.kept.calls} calls",
                field="budget",
                remedy=f"Give more than {2 * self._metered.kept.calls} calls.",
            )

    async def search(self, watch: Watch | None, stop: threading.Event | None) -> Found:
        """gepa is not asynchronous: it works in a thread, and asks here."""
        order, loop = self._order, asyncio.get_running_loop()
        training = [c.id for c in order.suite.chosen(split="training")]
        validation = [c.id for c in order.suite.chosen(split="validation")]
        most = order.rounds * (2 * len(training) + len(validation)) + len(validation)
        plan = Plan(training, validation, order.seed, most, order.rounds)

        def ask(texts: Texts, case_ids: Sequence[str]) -> Sequence[Trial]:
            return asyncio.run_coroutine_threadsafe(self._ask(texts, case_ids), loop).result()

        def write(texts: Texts, section: str, seen: Sequence[Feedback]) -> str | None:
            work = self._write(texts, section, seen)
            return asyncio.run_coroutine_threadsafe(work, loop).result()

        return await asyncio.to_thread(
            search, self._seed_texts, plan, ask, write, watch=watch, stop=stop
        )

    async def judge(self, found: Found) -> Evolution:
        """Put the best to the test cases, and the prompts it came from; once."""
        best, first = found.best, found.tried[0] if found.tried else None
        if best is None or first is None or best.score <= first.score:
            return self._told(found, reason="No candidate did better on the validation cases.")
        self._metered.kept = Used()
        cases = self._order.suite.chosen(split="test")
        try:
            before, old = await self._run({}, cases, self._order.epochs)
            after, new = await self._run(best.texts, cases, self._order.epochs)
        except BudgetExceeded as error:
            return self._told(found, reason=f"the winner could not be tested: {error.message}")
        main = self._order.suite.main
        proof = prove(case_scores(old, main), case_scores(new, main))
        made = replaced(self._order.prompts, best.texts) if proof.better else []
        return self._told(
            found,
            reason=proof.reason,
            before=_side(before, old, proof.comparison.baseline_mean, self._seed_texts),
            after=_side(after, new, proof.comparison.candidate_mean, best.texts),
            proof=proof,
            prompts=tuple(prompt.text for prompt in made),
        )

    async def _ask(self, texts: Texts, case_ids: Sequence[str]) -> list[Trial]:
        try:
            run, samples = await self._run(texts, [self._cases[c] for c in case_ids])
        except BudgetExceeded as error:
            raise SearchOver(error.message) from error
        said = await self._evaluations.transcripts(self._actor, run.id)
        length = sum(map(len, texts.values()))
        by_case = {sample.case_id: sample for sample in samples}
        return [
            Trial(
                case_id=case_id,
                # A search needs a figure for what could not be scored; the test leaves it out.
                score=by_case[case_id].value(run.main) or 0.0,
                objectives={
                    "cheap": 1 / (1 + by_case[case_id].cost.tokens / _TOKENS),
                    "short": 1 / (1 + length / _CHARS),
                },
                feedback=feedback_of(
                    by_case[case_id],
                    said.get(by_case[case_id].transcript_id or ""),
                    self._order.book,
                ),
            )
            for case_id in case_ids
        ]

    async def _write(self, texts: Texts, section: str, seen: Sequence[Feedback]) -> str | None:
        try:
            return await self._writer.write(texts, section, seen)
        except BudgetExceeded as error:
            raise SearchOver(error.message) from error

    async def _run(
        self, texts: Texts, cases: Sequence[Case], epochs: int = 1
    ) -> tuple[EvalRun, list[EvalSample]]:
        order = self._order
        book = TrialBook(order.book, order.suite.prompts, replaced(order.prompts, texts))
        wanted = Order(order.suite, tuple(cases), book, epochs=epochs, seed=order.seed)
        run = await self._runner.run(self._actor, wanted)
        return run, await self._evaluations.samples(self._actor, run.id)

    def _told(self, found: Found, **more: object) -> Evolution:
        scores = [tried.score for tried in found.tried] or [0.0]
        return Evolution.model_validate(
            {
                "suite": self._order.suite.name,
                "parents": tuple(f"{p.ref} ({p.header.form})" for p in self._order.prompts),
                "why_ended": found.why_ended,
                "rounds_proposed": found.proposed,
                "refused": tuple(self._writer.refused),
                "candidates": len(found.tried),
                "front": len(found.front),
                "samples": found.samples,
                "used": self._metered.used,
                "validation_before": scores[0],
                "validation_after": max(scores),
                **more,
            }
        )


def _side(run: EvalRun, samples: Sequence[EvalSample], mean: float, texts: Texts) -> Side:
    return Side(
        run_id=run.id,
        mean=mean,
        tokens=fmean(sample.cost.tokens for sample in samples),
        characters=sum(map(len, texts.values())),
    )
