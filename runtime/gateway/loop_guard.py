"""Stops a run that asks the same thing again and again."""

from __future__ import annotations

from collections import Counter, OrderedDict

from domain.errors import LoopDetected

_RUNS_REMEMBERED = 256


class LoopGuard:
    """Counts identical requests per run, cached answers included: a loop may cost nothing.

    A request that was not answered does not count, so that a run may be resumed as often as an
    endpoint was down.
    """

    def __init__(self, repeats: int) -> None:
        self._repeats = repeats
        self._runs: OrderedDict[str, Counter[str]] = OrderedDict()

    def note(self, run_id: str | None, content_hash: str, prompt: str) -> None:
        """Count one request; raises `LoopDetected` beyond the allowed repeats."""
        if run_id is None:
            return
        seen = self._runs.setdefault(run_id, Counter())
        self._runs.move_to_end(run_id)
        while len(self._runs) > _RUNS_REMEMBERED:
            self._runs.popitem(last=False)
        seen[content_hash] += 1
        if seen[content_hash] > self._repeats:
            raise LoopDetected(
                f"The run asked `{prompt}` the same thing more than {self._repeats} times.",
                field="loop_guard_repeats",
                remedy="Look at the run's last steps; raise GREENROOM_LOOP_GUARD_REPEATS only "
                "if the repetition is meant.",
                run_id=run_id,
                prompt=prompt,
            )

    def unanswered(self, run_id: str | None, content_hash: str) -> None:
        """Take back one count of a request that failed."""
        seen = self._runs.get(run_id or "")
        if seen is not None and seen[content_hash] > 0:
            seen[content_hash] -= 1
