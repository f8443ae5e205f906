"""Searches better texts with gepa: what is asked is counted, each pair of text and case once.

gepa keeps its state as a pickle when it is given a directory; it is given none. A search that is
begun again with the same seed finds what it asked before in the store, and goes the same way.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any, Protocol

from gepa.api import optimize
from gepa.core.adapter import EvaluationBatch

Texts = Mapping[str, str]
Feedback = Mapping[str, str]
MINIBATCH = 3


class SearchOver(Exception):
    """Nothing more may be asked; says why."""


@dataclass(frozen=True)
class Trial:
    """One case answered with a candidate's texts; all objectives are better when higher."""

    case_id: str
    score: float
    objectives: Mapping[str, float] = field(default_factory=dict)
    feedback: Feedback = field(default_factory=dict)


@dataclass(frozen=True)
class Tried:
    """A candidate that was put to every validation case."""

    texts: dict[str, str]
    score: float
    objectives: dict[str, float]
    parents: tuple[int, ...]

    @property
    def rank(self) -> tuple[float, ...]:
        """By score; among equals the cheaper, then the shorter."""
        return (self.score, self.objectives.get("cheap", 0.0), self.objectives.get("short", 0.0))


@dataclass(frozen=True)
class Plan:
    """What a search may use: cases for reflection and for selection, and how far it may go."""

    training: Sequence[str]
    validation: Sequence[str]
    seed: int
    samples: int
    rounds: int
    minibatch: int = MINIBATCH

    @property
    def fewest(self) -> int:
        """Below this a search looks successful and has tried next to nothing."""
        return len(self.validation) + 3 * (2 * self.minibatch + len(self.validation))


@dataclass(frozen=True)
class Moment:
    """What is told while a search goes on."""

    round: int
    proposed: int
    rejected: int
    samples: int
    best: float
    note: str = ""


@dataclass(frozen=True)
class Found:
    """What a search came to; the first one tried is where it began."""

    tried: tuple[Tried, ...]
    why_ended: str
    proposed: int
    rejected: int
    samples: int

    @property
    def best(self) -> Tried | None:
        """The best on validation, the first among equals; None where not even one was tried."""
        return max(self.tried, key=lambda tried: tried.rank, default=None)

    @property
    def front(self) -> tuple[int, ...]:
        """Those that no other beats in score, cost and length at once."""
        return tuple(
            i for i, one in enumerate(self.tried) if not any(_beats(o, one) for o in self.tried)
        )


Watch = Callable[[Moment], None]


class Rollouts(Protocol):
    """Puts cases to candidates; raises `SearchOver` when it may not ask any more."""

    def __call__(self, texts: Texts, case_ids: Sequence[str], /) -> Sequence[Trial]:
        """One trial for each case, in their order."""


class Proposer(Protocol):
    """Writes a section anew from what came of the others; None when nothing usable came."""

    def __call__(self, texts: Texts, section: str, seen: Sequence[Feedback], /) -> str | None:
        """The section's new words."""


class Bench:
    """Asks each case once for the same texts, and never more than so many samples."""

    def __init__(self, rollouts: Rollouts, most: int) -> None:
        self._rollouts = rollouts
        self._most = most
        self._known: dict[tuple[frozenset[tuple[str, str]], str], Trial] = {}
        self.used = 0

    def ask(self, texts: Texts, case_ids: Sequence[str]) -> list[Trial]:
        """Trials of these cases; raises `SearchOver` before it would ask too much."""
        key = frozenset(texts.items())
        # gepa fills a last minibatch up, with a case that it may hold already.
        new = [c for c in dict.fromkeys(case_ids) if (key, c) not in self._known]
        if self.used + len(new) > self._most:
            raise SearchOver(f"all {self._most} samples are used")
        if new:
            for trial in self._rollouts(texts, new):
                self._known[key, trial.case_id] = trial
            self.used += len(new)
        return [self._known[key, case_id] for case_id in case_ids]


def search(
    seed_texts: Texts,
    plan: Plan,
    rollouts: Rollouts,
    propose: Proposer,
    *,
    watch: Watch | None = None,
    stop: threading.Event | None = None,
) -> Found:
    """Let gepa search until a limit is met, `stop` is set, or it has gone all its rounds."""
    adapter = _Adapter(Bench(rollouts, plan.samples), propose, plan, watch, stop)
    # gepa takes adapter and callbacks by what they can do; its declared protocols ask for more.
    given: Any = adapter
    try:
        optimize(
            seed_candidate=dict(seed_texts),
            trainset=list(plan.training),
            valset=list(plan.validation),
            adapter=given,
            frontier_type="hybrid",
            reflection_minibatch_size=min(plan.minibatch, len(plan.training)),
            stop_callbacks=given.is_over,
            callbacks=[given],
            logger=_Silent(),
            track_best_outputs=False,
            seed=plan.seed,
        )
    except SearchOver as over:
        adapter.ended = str(over)
    return adapter.found()


class _Silent:
    def log(self, message: str) -> None:
        """gepa's own log is not shown."""


class _Adapter:
    """Stands between gepa and the house; case ids are its data."""

    def __init__(
        self,
        bench: Bench,
        propose: Proposer,
        plan: Plan,
        watch: Watch | None,
        stop: threading.Event | None,
    ) -> None:
        self._bench = bench
        self._propose = propose
        self._plan = plan
        self._watch = watch
        self._stop = stop
        self._tried: list[Tried] = []
        self._round = self._proposed = self._rejected = 0
        self.ended = ""

    def evaluate(
        self, batch: list[str], candidate: dict[str, str], capture_traces: bool = False
    ) -> EvaluationBatch[Trial, str]:
        """Ask what is not known yet."""
        if self._stop is not None and self._stop.is_set():
            raise SearchOver("it was stopped")
        before = self._bench.used
        trials = self._bench.ask(candidate, batch)
        return EvaluationBatch(
            outputs=[trial.case_id for trial in trials],
            scores=[trial.score for trial in trials],
            trajectories=trials if capture_traces else None,
            objective_scores=[{"score": t.score, **t.objectives} for t in trials],
            num_metric_calls=self._bench.used - before,
        )

    def make_reflective_dataset(
        self,
        candidate: dict[str, str],
        eval_batch: EvaluationBatch[Trial, str],
        components_to_update: list[str],
    ) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """What reflection may see, the same for every section."""
        seen = [dict(trial.feedback) for trial in eval_batch.trajectories or ()]
        return dict.fromkeys(components_to_update, seen)

    def propose_new_texts(
        self,
        candidate: dict[str, str],
        reflective_dataset: Mapping[str, Sequence[Mapping[str, Any]]],
        components_to_update: list[str],
    ) -> dict[str, str]:
        """New words for these sections; none where nothing usable came.

        gepa would swallow an exception here and ask again, so the end of the search is noted.
        """
        made: dict[str, str] = {}
        for section in components_to_update:
            self._proposed += 1
            try:
                text = self._propose(candidate, section, reflective_dataset[section])
            except SearchOver as over:
                self.ended = str(over)
                return {}
            if text is None or text == candidate[section]:
                self._rejected += 1
            else:
                made[section] = text
        return made

    def is_over(self, state: Any) -> bool:
        """Whether gepa shall begin no other round."""
        if not self.ended and self._stop is not None and self._stop.is_set():
            self.ended = "it was stopped"
        if not self.ended and self._round >= self._plan.rounds:
            self.ended = f"all {self._plan.rounds} rounds are gone"
        if not self.ended and self._bench.used >= self._plan.samples:
            self.ended = f"all {self._plan.samples} samples are used"
        return bool(self.ended)

    def on_valset_evaluated(self, event: Any) -> None:
        """Keep every candidate that was put to the whole validation set: a stop loses none."""
        trials = self._bench.ask(event["candidate"], self._plan.validation)
        names = trials[0].objectives
        self._tried.append(
            Tried(
                texts=dict(event["candidate"]),
                score=fmean(trial.score for trial in trials),
                objectives={name: fmean(t.objectives[name] for t in trials) for name in names},
                parents=tuple(event["parent_ids"]),
            )
        )
        self._tell("a candidate was put to every validation case")

    def on_iteration_end(self, event: Any) -> None:
        """Count the round."""
        self._round += 1
        self._tell("kept" if event["proposal_accepted"] else "not kept")

    def found(self) -> Found:
        """What has come out so far."""
        return Found(
            tried=tuple(self._tried),
            why_ended=self.ended,
            proposed=self._proposed,
            rejected=self._rejected,
            samples=self._bench.used,
        )

    def _tell(self, note: str) -> None:
        if self._watch is None:
            return
        best = max((tried.score for tried in self._tried), default=0.0)
        self._watch(
            Moment(self._round, self._proposed, self._rejected, self._bench.used, best, note)
        )


def _beats(one: Tried, other: Tried) -> bool:
    return one.rank != other.rank and all(a >= b for a, b in zip(one.rank, other.rank, strict=True))
