"""Holds prompts against the recorded answers of the suites that use them.

What is asked in recorded words is answered from the record. Cases whose words have changed are
asked live, epoch by epoch until the time is up, and judged against their recorded answers. So
are cases that replay to another answer, because the code around the prompts has changed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.errors import Conflict, PartMissing
from domain.evaluation import Case, EvalSample
from domain.ports.clock import Clock
from domain.ports.model import Embedder, ModelGateway
from evals.books import TrialBook
from evals.recording import KeptSample, Recording, asked_digest
from evals.results import case_scores
from evals.sampling import Place, Sampler
from evals.suite import Suite, digest_of
from evals.transcript import ReplayingGateway
from learning.gate import GateReport, GateRule, gate
from learning.intervals import CaseScores
from learning.power import GatePower, components, detectable_effect, gate_power, noise_of_epochs

PARALLEL = 3
MOST_SECONDS = 240.0
# The fewest at which losses in all cases are no chance: one in 32.
RULE = GateRule(least_cases=5)
# What the power is told for: a loss that nobody would call small.
PLANTED = 0.25
_SEED = 1
_LEAST_CASES = 2
PromptVerdict = Literal["unchanged", "pass", "fail", "undecided"]


class PromptGate(BaseModel):
    """The verdict on one suite's prompts, with what the gate could have told of them."""

    model_config = ConfigDict(frozen=True)

    suite: str
    model: str
    verdict: PromptVerdict
    reason: str
    replayed: int
    live: int
    left_out: int
    calls: int
    seconds: float
    report: GateReport | None = None
    detectable: float | None = None
    power: GatePower | None = None


@dataclass
class _Asked:
    """The recorded places of a suite: as they were answered then, and as they are now."""

    before: dict[str, EvalSample] = field(default_factory=dict)
    after: dict[str, EvalSample] = field(default_factory=dict)
    changed: list[Place] = field(default_factory=list)


@dataclass(frozen=True)
class PromptGates:
    """Judges suites; `live` opens the model, and is only called when a prompt has changed."""

    embedder: Embedder
    clock: Clock
    model_digest: str
    live: Callable[[], ModelGateway]
    parallel: int = PARALLEL

    async def judge(
        self,
        suite: Suite,
        book: TrialBook,
        recording: Recording,
        most_seconds: float = MOST_SECONDS,
    ) -> PromptGate:
        """Judge the suite's prompts, those on trial among them, by its recording.

        The model is asked for at most so many seconds.
        """
        if recording.model_digest != self.model_digest:
            raise Conflict(
                f"the answers to {suite.name} were recorded with another model",
                field="model",
                remedy=f"Choose {recording.model}, or record anew: greenroom eval record "
                f"{suite.name}.",
            )
        started = time.monotonic()
        asked = await self._replayed(suite, book, recording)
        gateway: ReplayingGateway | None = None
        if asked.changed:
            gateway = ReplayingGateway(recording.replayed(), recording.models, self.live())
            sampler = self._sampler(suite, book, recording, gateway)
            await self._ask(sampler, asked, most_seconds)
        return _judged(
            recording,
            asked,
            calls=0 if gateway is None else gateway.asked_live,
            seconds=time.monotonic() - started,
        )

    async def _replayed(self, suite: Suite, book: TrialBook, recording: Recording) -> _Asked:
        gateway = ReplayingGateway(recording.replayed(), recording.models)
        sampler = self._sampler(suite, book, recording, gateway)
        asked = _Asked()
        for place, kept in _places(suite, recording):
            known = kept.as_sample(place.case, self.clock.now())
            asked.before[place.key] = await sampler.again(place, known)
            try:
                asked.after[place.key], _ = await sampler.ask(place)
            except PartMissing:
                asked.changed.append(place)
        return asked

    async def _ask(self, sampler: Sampler, asked: _Asked, most_seconds: float) -> None:
        slots = asyncio.Semaphore(self.parallel)

        async def one(place: Place) -> None:
            async with slots:
                asked.after[place.key], _ = await sampler.ask(place)

        tasks = [asyncio.create_task(one(place)) for place in asked.changed]
        try:
            # What is done in time is judged; the report says how much that is.
            done, _ = await asyncio.wait(
                tasks, timeout=most_seconds, return_when=asyncio.FIRST_EXCEPTION
            )
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()

    def _sampler(
        self, suite: Suite, book: TrialBook, recording: Recording, gateway: ModelGateway
    ) -> Sampler:
        return Sampler(
            suite=suite,
            gateway=gateway,
            embedder=self.embedder,
            clock=self.clock,
            book=book,
            seed=recording.seed,
            profile=None,
        )


def _places(suite: Suite, recording: Recording) -> list[tuple[Place, KeptSample]]:
    """What was recorded of cases that still ask the same, epoch by epoch.

    The cheapest stand first, so that as many as can be are asked before the time is up.
    """
    cases: dict[str, Case] = {case.id: case for case in suite.cases}
    return [
        (
            Place(
                run_id="gate",
                case=case,
                epoch=kept.epoch,
                key=f"{case.id}/{kept.epoch}",
                scorers=digest_of([suite.scorers_digest, case.target]),
            ),
            kept,
        )
        for kept in sorted(recording.samples, key=lambda kept: (kept.epoch, kept.calls))
        if (case := cases.get(kept.case)) is not None and asked_digest(case) == kept.asked
    ]


def _judged(recording: Recording, asked: _Asked, *, calls: int, seconds: float) -> PromptGate:
    touched = _touched(asked)
    done = [place for place in asked.changed if place.key in asked.after]
    before = _scores([s for s in asked.before.values() if s.case_id in touched], recording)
    after = _scores([s for s in asked.after.values() if s.case_id in touched], recording)
    verdict: PromptVerdict = "unchanged"
    reason = "every question is answered as it was recorded"
    report = None
    if asked.changed and not after:
        verdict, reason = "undecided", "no changed case was answered in the time"
    elif after:
        report = gate(before, after, RULE, seed=_SEED)
        verdict, reason = report.verdict, report.reason
    epochs = max(1, round(len(done) / len(touched))) if touched else recording.epochs
    whole = _scores([*asked.before.values()], recording)
    detectable, power = _power(whole, len(touched), epochs) if report else (None, None)
    return PromptGate(
        suite=recording.suite,
        model=recording.model,
        verdict=verdict,
        reason=reason,
        replayed=len(asked.before) - len(asked.changed),
        live=len(done),
        left_out=len(asked.changed) - len(done),
        calls=calls,
        seconds=seconds,
        report=report,
        detectable=detectable,
        power=power,
    )


def _touched(asked: _Asked) -> set[str]:
    """Cases that have an answer now which is not the recorded one."""
    changed = {place.key for place in asked.changed}
    return {
        sample.case_id
        for key, sample in asked.after.items()
        if key in changed or sample.output != asked.before[key].output
    }


def _scores(samples: Sequence[EvalSample], recording: Recording) -> list[CaseScores]:
    return case_scores(samples, recording.main)


def _power(
    before: Sequence[CaseScores], cases: int, epochs: int
) -> tuple[float | None, GatePower | None]:
    """What a loss had to be to be found, as far as recorded epochs show how answers vary."""
    if sum(len(case.scored) > 1 for case in before) < _LEAST_CASES or cases < _LEAST_CASES:
        return None, None
    variances = components(before)
    if variances.within == 0.0:
        return None, None
    effect = detectable_effect(variances, cases=cases, epochs=epochs)
    noise = noise_of_epochs(before, epochs=epochs, seed=_SEED)
    if float(noise.levels.mean()) <= PLANTED:
        return effect, None
    return effect, gate_power(
        noise, cases=cases, epochs=epochs, effect=PLANTED, rule=RULE, seed=_SEED
    )
