"""Keep what evaluations find: the only writer of runs, samples and transcripts."""

from __future__ import annotations

from collections.abc import Sequence

from domain.actor import Actor
from domain.evaluation import EvalRun, EvalSample, EvalStatus, SampleFailure, Transcript, totals_of
from services.base import Service
from store.unit import UnitOfWork


class EvaluationService(Service):
    """Use cases of evaluation runs; what concerns one artist is for those who may see it."""

    async def begin(self, actor: Actor, run: EvalRun) -> EvalRun:
        """Take a run in, or go on with the one that asks the same and was not finished."""
        self._must(actor, run)
        async with self.database.unit() as unit:
            # Two who begin the same at once begin one run.
            await unit.lock(f"evaluation:{run.key}")
            known = await unit.eval_runs.unfinished(run.key)
            if known is None:
                begun = await unit.eval_runs.add(run)
            else:
                changes = {"status": "running", "failure": None}
                begun = await unit.eval_runs.save(known.amend(self.clock.now(), **changes))
            await unit.commit()
        return begun

    async def known(self, actor: Actor, keys: Sequence[str]) -> dict[str, EvalSample]:
        """Answers of any run to the same questions, by key; unscored ones are asked again."""
        actor.must("evaluate", "system")
        async with self.database.unit() as unit:
            return await unit.eval_samples.newest(keys)

    async def keep(
        self, actor: Actor, samples: Sequence[EvalSample], transcript: Transcript | None = None
    ) -> None:
        """Make these samples last, all of one run; a transcript comes with the one it is of."""
        async with self.database.unit() as unit:
            self._must(actor, await unit.eval_runs.get(samples[0].run_id))
            if transcript is not None:
                await unit.transcripts.add(transcript)
            for sample in samples:
                await unit.eval_samples.add(sample)
            await unit.commit()

    async def end(
        self,
        actor: Actor,
        run_id: str,
        status: EvalStatus,
        seconds: float,
        failure: SampleFailure | None = None,
    ) -> EvalRun:
        """Write down how a run ended, and what it came to; `seconds` are added to those before."""
        now = self.clock.now()
        async with self.database.unit() as unit:
            run = await unit.eval_runs.get(run_id)
            self._must(actor, run)
            samples = await unit.eval_samples.of_run(run_id)
            ended = run.amend(
                now,
                status=status,
                failure=failure,
                totals=totals_of(samples, run.totals.seconds + seconds),
                ended_at=now,
            )
            ended = await unit.eval_runs.save(ended)
            await unit.commit()
        return ended

    async def page(
        self, actor: Actor, suite: str | None = None, after: str | None = None, limit: int = 50
    ) -> list[EvalRun]:
        """Runs that the actor may see, newest first."""
        actor.must_read()
        async with self.database.unit() as unit:
            return await unit.eval_runs.page(suite, only=actor.artists, after=after, limit=limit)

    async def get(self, actor: Actor, run_id: str) -> EvalRun:
        """One run."""
        async with self.database.unit() as unit:
            return await self._seen(unit, actor, run_id)

    async def samples(self, actor: Actor, run_id: str) -> list[EvalSample]:
        """All samples of a run so far, by case and epoch."""
        async with self.database.unit() as unit:
            await self._seen(unit, actor, run_id)
            return await unit.eval_samples.of_run(run_id)

    async def transcripts(self, actor: Actor, run_id: str) -> dict[str, Transcript]:
        """What was said in a run's samples, by the transcripts' ids."""
        async with self.database.unit() as unit:
            await self._seen(unit, actor, run_id)
            samples = await unit.eval_samples.of_run(run_id)
            wanted = [s.transcript_id for s in samples if s.transcript_id is not None]
            return await unit.transcripts.many(wanted)

    async def _seen(self, unit: UnitOfWork, actor: Actor, run_id: str) -> EvalRun:
        actor.must_read()
        run = await unit.eval_runs.get(run_id)
        if run.artist_id is not None:
            actor.must_see(run.artist_id)
        return run

    def _must(self, actor: Actor, run: EvalRun) -> None:
        actor.must("evaluate", "system", artist_id=run.artist_id)
