"""One sample: the production function asked once, its answer scored, its cost and words kept."""

from __future__ import annotations

import inspect
import time
from dataclasses import dataclass

from agents.seeds import derive_seed
from domain.errors import (
    Conflict,
    EnvironmentProblem,
    GreenroomError,
    LimitReached,
    LoopDetected,
    ModelRejected,
    ModelUnavailable,
    RealModelForbidden,
)
from domain.evaluation import (
    Case,
    EvalSample,
    Output,
    SampleFailure,
    SampleStatus,
    Score,
    Transcript,
)
from domain.ids import new_id
from domain.ports.clock import Clock
from domain.ports.model import CallScope, Embedder, ModelGateway
from domain.profile import Profile
from evals.suite import Answered, Desk, Suite
from evals.transcript import TranscribingGateway
from prompts import PromptBook

# What no other case would survive either.
SYSTEMIC = (
    EnvironmentProblem,
    LimitReached,
    ModelRejected,
    ModelUnavailable,
    RealModelForbidden,
    Conflict,
)


@dataclass(frozen=True)
class Place:
    """One case in one epoch of a run; `key` finds its answer again, `scorers` its scores."""

    run_id: str
    case: Case
    epoch: int
    key: str
    scorers: str


@dataclass(frozen=True)
class Sampler:
    """Asks and scores; what it gives back is not kept yet."""

    suite: Suite
    gateway: ModelGateway
    embedder: Embedder
    clock: Clock
    book: PromptBook
    seed: int
    profile: Profile | None

    async def ask(self, place: Place) -> tuple[EvalSample, Transcript]:
        """Put the case to the task and score its answer; raises what no case would survive."""
        started = time.monotonic()
        gateway = TranscribingGateway(self.gateway)
        desk = self._desk(place, gateway)
        output: Output | None = None
        status: SampleStatus = "scored"
        scores: dict[str, Score] = {}
        failure: SampleFailure | None = None
        try:
            output = await self.suite.task(place.case, desk)
            scores = await self._scores(place.case, output, desk)
        except GreenroomError as error:
            if is_systemic(error):
                raise
            # What may pass is nobody's fault: it is no zero, and is asked again the next time.
            status, failure = ("unscored" if error.passing else "failed"), failure_of(error)
        transcript = Transcript(id=new_id("transcript"), calls=tuple(gateway.calls), **self._now())
        sample = EvalSample(
            id=new_id("sample"),
            **self._now(),
            run_id=place.run_id,
            key=place.key,
            case_id=place.case.id,
            epoch=place.epoch,
            status=self._status(status, scores),
            case=place.case,
            output=None if output is None else dict(output),
            scores=scores,
            scorers=place.scorers,
            failure=failure,
            cost=transcript.cost,
            seconds=time.monotonic() - started,
            transcript_id=transcript.id,
        )
        return sample, transcript

    async def again(self, place: Place, known: EvalSample) -> EvalSample:
        """The known answer to the same question; scored anew where the scorers are others."""
        changes = {
            "id": new_id("sample"),
            **self._now(),
            "run_id": place.run_id,
            "case": place.case,
            "case_id": place.case.id,
            "epoch": place.epoch,
            "reused_from": known.reused_from or known.run_id,
            "row_version": 1,
        }
        if known.output is not None and known.scorers != place.scorers:
            desk = self._desk(place, self.gateway)
            scores = await self._scores(place.case, known.output, desk)
            status = self._status("scored", scores)
            changes |= {"scores": scores, "scorers": place.scorers, "status": status}
        return known.model_copy(update=changes)

    async def _scores(self, case: Case, output: Output, desk: Desk) -> dict[str, Score]:
        scores: dict[str, Score] = {}
        for scorer in self.suite.scorers:
            given = scorer.score(Answered(case, output, desk))
            scores[scorer.name] = await given if inspect.isawaitable(given) else given
        return scores

    def _status(self, status: SampleStatus, scores: dict[str, Score]) -> SampleStatus:
        if status == "scored" and scores[self.suite.main].value is None:
            return "unscored"
        return status

    def _desk(self, place: Place, gateway: ModelGateway) -> Desk:
        return Desk(
            gateway=gateway,
            embedder=self.embedder,
            book=self.book,
            # Not the prompt's: two prompts are compared on the same draws.
            seed=derive_seed(self.seed, place.case.id, place.epoch),
            scope=CallScope(run_id=f"{place.run_id}/{place.case.id}/{place.epoch}", step="eval"),
            profile=self.profile,
        )

    def _now(self) -> dict[str, object]:
        now = self.clock.now()
        return {"created_at": now, "updated_at": now}


def is_systemic(error: GreenroomError) -> bool:
    """Whether the other cases would fail in the same way, and the run had better stop."""
    return isinstance(error, SYSTEMIC) and not isinstance(error, LoopDetected)


def failure_of(error: GreenroomError) -> SampleFailure:
    """What is written down of an error."""
    return SampleFailure(code=error.code, message=error.message)
