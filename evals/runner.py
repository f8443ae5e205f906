"""Puts a suite's cases to the production function: in parallel, resumable, nothing paid twice.

Every sample is kept the moment it is done. A run that was killed goes on where it was: what is kept
is not asked again, and a sample that had begun finds its paid answers in the gateway's cache. A
sample that any earlier run asked in exactly the same way is taken from there; when only the scorers
changed since, its answer is scored anew.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.actor import Actor
from domain.errors import GreenroomError
from domain.evaluation import Case, EvalRun, EvalSample, EvalSubject, SuiteForm
from domain.ids import new_id
from domain.ports.clock import Clock
from domain.ports.model import Embedder, ModelGateway, Tier
from domain.profile import ProfileVersion
from evals.books import TrialBook
from evals.code import code_digest
from evals.sampling import Place, Sampler, failure_of
from evals.suite import Suite, digest_of
from runtime.version import VERSION
from services.evaluations import EvaluationService

PARALLEL = 8
_TIERS: tuple[Tier, ...] = ("fast", "smart", "judge")
Watch = Callable[[EvalSample, int, int], None]


@dataclass(frozen=True)
class Order:
    """What is to be run: cases of a suite, on a book, in the name of an artist or of none."""

    suite: Suite
    cases: tuple[Case, ...]
    book: TrialBook
    form: SuiteForm = "full"
    epochs: int = 1
    seed: int = 1
    artist: ProfileVersion | None = None
    handle: str | None = None


class Runner:
    """Runs orders; at most `parallel` samples at a time."""

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
        self._slots = asyncio.Semaphore(parallel)

    async def run(self, actor: Actor, order: Order, watch: Watch | None = None) -> EvalRun:
        """Run the order, or finish it; `watch` is told each sample, how many are done, of how many.

        A failure that no case would survive is raised, after it was written down.
        """
        started = time.monotonic()
        run = await self._evaluations.begin(actor, await self._planned(order))
        try:
            await self._finish(actor, run, order, watch or _unwatched)
        except GreenroomError as error:
            spent_s = time.monotonic() - started
            await self._evaluations.end(actor, run.id, "stopped", spent_s, failure_of(error))
            raise
        return await self._evaluations.end(actor, run.id, "finished", time.monotonic() - started)

    async def _finish(self, actor: Actor, run: EvalRun, order: Order, watch: Watch) -> None:
        sampler = self._sampler(order)
        there = await self._evaluations.samples(actor, run.id)
        kept = {(sample.case_id, sample.epoch) for sample in there}
        places = [p for p in _places(run, order) if (p.case.id, p.epoch) not in kept]
        known = await self._evaluations.known(actor, [place.key for place in places])
        reused = [await sampler.again(p, known[p.key]) for p in places if p.key in known]
        if reused:
            await self._evaluations.keep(actor, reused)
        told = _Told(watch, run.size)
        for sample in (*there, *reused):
            told(sample)
        await self._ask(actor, sampler, [p for p in places if p.key not in known], told)

    async def _ask(
        self, actor: Actor, sampler: Sampler, places: Sequence[Place], told: _Told
    ) -> None:
        async def one(place: Place) -> None:
            async with self._slots:
                sample, transcript = await sampler.ask(place)
            # The next one asks while this one is written down.
            await self._evaluations.keep(actor, [sample], transcript)
            told(sample)

        try:
            async with asyncio.TaskGroup() as group:
                for place in places:
                    group.create_task(one(place))
        except ExceptionGroup as failures:
            # The first one stopped the others.
            raise failures.exceptions[0] from failures

    def _sampler(self, order: Order) -> Sampler:
        return Sampler(
            suite=order.suite,
            gateway=self._gateway,
            embedder=self._embedder,
            clock=self._clock,
            book=order.book,
            seed=order.seed,
            profile=None if order.artist is None else order.artist.profile,
        )

    async def _planned(self, order: Order) -> EvalRun:
        """The run as it will be kept, unless one that asks the same waits to be finished."""
        subject = EvalSubject(
            prompts=order.book.refs,
            prompts_digest=order.book.digest,
            replaced=order.book.replaced,
            models={tier: await self._gateway.traits(tier) for tier in _TIERS},
            artist_id=order.artist and order.artist.artist_id,
            handle=order.handle,
            profile_number=order.artist and order.artist.number,
            seed=order.seed,
            version=VERSION,
            code_digest=code_digest(),
        )
        now = self._clock.now()
        case_ids = tuple(case.id for case in order.cases)
        asks = [subject.model_dump(mode="json"), order.suite.digest, case_ids, order.epochs]
        return EvalRun(
            id=new_id("eval"),
            created_at=now,
            updated_at=now,
            suite=order.suite.name,
            suite_digest=order.suite.digest,
            form=order.form,
            key=digest_of(asks),
            subject=subject,
            artist_id=subject.artist_id,
            main=order.suite.main,
            scorers=tuple(scorer.name for scorer in order.suite.scorers),
            case_ids=case_ids,
            epochs=order.epochs,
        )


class _Told:
    """Counts samples as they are done."""

    def __init__(self, watch: Watch, total: int) -> None:
        self._watch = watch
        self._total = total
        self._done = 0

    def __call__(self, sample: EvalSample) -> None:
        self._done += 1
        self._watch(sample, self._done, self._total)


def _unwatched(sample: EvalSample, done: int, total: int) -> None:
    """Nobody looks on."""


def _places(run: EvalRun, order: Order) -> list[Place]:
    """Every sample of a run, epoch by epoch, so that a stopped run has seen all cases first."""
    suite, subject = order.suite, run.subject
    profile = order.artist and order.artist.profile.model_dump(mode="json")
    same = [
        *(suite.task_digest, subject.code_digest, subject.prompts_digest, subject.seed, profile),
        {tier: traits.model_dump(mode="json") for tier, traits in subject.models.items()},
    ]
    return [
        Place(
            run_id=run.id,
            case=case,
            epoch=epoch,
            key=digest_of([case.id, case.input, epoch, same]),
            scorers=digest_of([suite.scorers_digest, case.target]),
        )
        for epoch in range(1, order.epochs + 1)
        for case in order.cases
    ]
