"""Runs of evaluation suites, their samples and transcripts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar

from sqlalchemy import delete

from domain.evaluation import EvalRun, EvalSample, KeptCase, Transcript
from store.mapper import Mapper
from store.repository import Appends, Repository, newest_first
from store.tables import eval_cases, eval_runs, eval_samples, transcripts

# Fewer than any database takes parameters in a statement.
_AT_ONCE = 500


class EvalRunRepository(Repository[EvalRun]):
    """Runs by suite, newest first."""

    mapper: ClassVar[Mapper[EvalRun]] = Mapper("evaluation", EvalRun, eval_runs)

    async def page(
        self,
        suite: str | None = None,
        *,
        only: Collection[str] | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> list[EvalRun]:
        """One page; `only` of these artists, or of none in particular."""
        query = self._all()
        if suite is not None:
            query = query.where(eval_runs.c.suite == suite)
        if only is not None:
            artist = eval_runs.c.artist_id
            query = query.where(artist.is_(None) | artist.in_(only))
        return await self._list(newest_first(query, eval_runs, after, limit))

    async def unfinished(self, key: str) -> EvalRun | None:
        """The last run that would ask exactly the same and has not come to its end."""
        query = self._all().where(eval_runs.c.key == key, eval_runs.c.status != "finished")
        return await self._first(query.order_by(eval_runs.c.id.desc()))


class EvalSampleRepository(Appends[EvalSample]):
    """Samples by run, and by what they asked."""

    mapper: ClassVar[Mapper[EvalSample]] = Mapper(
        "sample", EvalSample, eval_samples, unique="case_id"
    )

    async def of_run(self, run_id: str) -> list[EvalSample]:
        """All samples of a run, by case and epoch."""
        query = self._all().where(eval_samples.c.run_id == run_id)
        return await self._list(query.order_by(eval_samples.c.case_id, eval_samples.c.epoch))

    async def newest(self, keys: Sequence[str]) -> dict[str, EvalSample]:
        """The newest measured sample of each of these keys that has one."""
        found: dict[str, EvalSample] = {}
        for start in range(0, len(keys), _AT_ONCE):
            part = keys[start : start + _AT_ONCE]
            query = self._all().where(
                eval_samples.c.key.in_(part), eval_samples.c.status != "unscored"
            )
            # Later rows replace earlier ones.
            rows = await self._list(query.order_by(eval_samples.c.id))
            found |= {sample.key: sample for sample in rows}
        return found


class EvalCaseRepository(Appends[KeptCase]):
    """Cases that people added, by suite."""

    mapper: ClassVar[Mapper[KeptCase]] = Mapper("case", KeptCase, eval_cases, unique="case_id")

    async def of_suite(
        self, suite: str | None = None, *, only: Collection[str] | None = None
    ) -> list[KeptCase]:
        """All of a suite, or of any, oldest first; `only` of these artists, or of none."""
        query = self._all() if suite is None else self._all().where(eval_cases.c.suite == suite)
        if only is not None:
            artist = eval_cases.c.artist_id
            query = query.where(artist.is_(None) | artist.in_(only))
        return await self._list(query.order_by(eval_cases.c.id))

    async def remove(self, kept_id: str) -> None:
        """Take it out; samples that were asked keep their own copy of the case."""
        await self._session.write(delete(eval_cases).where(eval_cases.c.id == kept_id), "case")


class TranscriptRepository(Appends[Transcript]):
    """What was said in samples."""

    mapper: ClassVar[Mapper[Transcript]] = Mapper("transcript", Transcript, transcripts)
