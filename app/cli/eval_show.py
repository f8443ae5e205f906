"""What `greenroom eval` prints of runs, and the bar it shows while they are asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.cli.shell import err, out, print_json
from app.cli.show import table

if TYPE_CHECKING:
    from domain.evaluation import EvalRun, EvalSample
    from evals.powers import SuitePower
    from evals.results import Results, ScoreSummary
    from learning.power import GatePower


@contextmanager
def bar(*, quiet: bool) -> Iterator[Any]:
    """A bar on standard error; yields what is told each sample."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        disable=quiet,
        transient=True,
    ) as bars:
        task = bars.add_task("asking", total=None)

        def watch(sample: EvalSample, done: int, total: int) -> None:
            bars.update(task, description=escape(sample.case_id), completed=done, total=total)

        yield watch


def gate_words(power: SuitePower | None) -> str:
    """What the suite's gate can tell at its whole size, and from what that is known."""
    if power is None:
        return "power not measured: greenroom eval record SUITE"
    gate = power.enough
    return (
        f"{gate.epochs} epochs find a loss of {100 * gate.effect:.0f} points in "
        f"{100 * gate.power.estimate:.0f} %, false alarms {100 * gate.false_alarms.estimate:.1f} % "
        f"({escape(power.model)}, {power.measured_on}, {power.measured_cases} cases x "
        f"{power.measured_epochs})"
    )


def power_words(power: GatePower | None, made: EvalRun) -> str:
    """What a gate of just this size can tell."""
    if made.form == "smoke":
        return "the smoke form claims no power to find a loss"
    size = f"{len(made.case_ids)} cases x {made.epochs} epoch{'s' if made.epochs > 1 else ''}"
    if power is None:
        return f"{size}: power not measured, for want of a baseline with epochs or a recording"
    return (
        f"{size}: a loss of {100 * power.effect:.0f} points is found in "
        f"{100 * power.power.estimate:.0f} %, false alarms "
        f"{100 * power.false_alarms.estimate:.1f} %"
    )


def run_words(power: SuitePower | None, *, form: str, cases: int, epochs: int) -> str:
    """What a run of this size can tell, before it is paid for."""
    size = f"{cases} cases x {epochs} epoch{'s' if epochs > 1 else ''}"
    if form == "smoke":
        return f"{size}: the smoke form shows that it runs, and claims no power to find a loss"
    found = None if power is None else power.detectable(cases, epochs)
    if power is None or found is None:
        return f"{size}: what loss they can find was not measured"
    enough = power.enough
    return (
        f"{size} find a loss of {100 * found:.0f} points four times out of five; for "
        f"{100 * enough.effect:.0f} points take {enough.epochs} epochs of all {enough.cases} cases"
    )


def show(results: Results, as_json: bool) -> None:
    """A run's scores with their intervals, its slices, what became of its cases, and its cost."""
    if as_json:
        print_json(results.model_dump(mode="json"))
        return
    made, tally = results.run, results.tally
    out.print(
        f"[bold]{made.id}[/bold]  {escape(made.suite)}  {made.status}, {made.form} form, "
        f"{escape(made.subject.model)}",
        highlight=False,
    )
    rows = table("score", "mean", "95 % interval", "cases")
    for score in results.scores:
        mark = " (counts)" if score.name == made.main else ""
        mean = "–" if score.mean is None else f"{score.mean:.3f}"
        rows.add_row(escape(score.name) + mark, mean, _spread(score), str(score.scored))
    for part in results.slices:
        mean = "–" if part.score.mean is None else f"{part.score.mean:.3f}"
        name = f"[dim]  {escape(part.slice)}: {escape(part.value)}[/dim]"
        rows.add_row(name, mean, _spread(part.score), str(part.cases))
    out.print(rows)
    out.print(
        f"  cases  {tally.passed} passed, {tally.failed} below full score, {tally.flaky} flaky, "
        f"{tally.unscored} unscored",
        highlight=False,
    )
    totals = made.totals
    out.print(
        f"  cost   {totals.cost.calls} model calls, {totals.cost.cached_calls} from the cache, "
        f"{totals.cost.tokens} tokens, ${totals.cost.usd:.4f}, {totals.seconds:.1f} s; "
        f"{totals.reused} of {made.size} samples reused",
        highlight=False,
    )
    if made.failure:
        out.print(f"  [red]{escape(made.failure.message)}[/red]", highlight=False)
    out.print(f"  → greenroom eval open {made.id}", highlight=False)


def _spread(score: ScoreSummary) -> str:
    found = score.interval
    return "too few cases" if found is None else f"{found.low:.3f} to {found.high:.3f}"
