"""`greenroom eval`: put suites of cases to what artists really use, and compare what comes out."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from app.cli import eval_cases
from app.cli.eval_record import gate_prompts, record_suite
from app.cli.eval_show import bar, gate_words, power_words, run_words, show
from app.cli.shell import JsonFlag, ensure_embedded_model, err, out, print_json, run, settings
from app.cli.show import table
from domain.actor import OPERATOR
from domain.errors import QualityRejected
from domain.evaluation import EvalRun, EvalSample

if TYPE_CHECKING:
    from app.evaluating import Evaluating, Wish
    from evals.results import Results

cli = typer.Typer(help="Measure prompts and models on suites of cases.", no_args_is_help=True)
cli.add_typer(eval_cases.cli, name="case")
cli.command("record")(record_suite)
cli.command("gate-prompts")(gate_prompts)
STOPPED = "Stopped. The same command goes on where it was; nothing is paid for twice."
GATE_EXIT = {"pass": 0, "fail": QualityRejected.exit_code, "undecided": 3}
_SEED = 1
SuiteName = Annotated[str, typer.Argument(help="A shipped suite, or a YAML file of your own.")]
RunId = Annotated[str, typer.Argument(help="The run's id; `greenroom eval list` names them.")]
Artist = Annotated[
    str | None, typer.Option(help="Handle of an artist that answers in place of the suite's own.")
]
Prompt = Annotated[
    list[str] | None, typer.Option(help="A prompt file on trial, or ID@V; may be repeated.")
]
Model = Annotated[str | None, typer.Option(help="Another model of the configured endpoint.")]


@cli.command("run")
def run_suite(
    suite: SuiteName,
    artist: Artist = None,
    prompt: Prompt = None,
    model: Model = None,
    samples: Annotated[int | None, typer.Option(min=1, help="Only so many cases.")] = None,
    epochs: Annotated[int, typer.Option(min=1, max=20, help="Ask each case so often.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="The same seed asks the same.")] = 1,
    smoke: Annotated[bool, typer.Option("--smoke", help="Only the few cases for quick checks.")] = (
        False
    ),
    replay: Annotated[
        str | None, typer.Option(help="Take answers from this run's transcripts; ask no model.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Run a suite, or finish one that was stopped; what was asked before is not paid for again."""
    from app.evaluating import Wish

    wish = Wish(
        suite=suite,
        form="smoke" if smoke else "full",
        samples=samples,
        epochs=epochs,
        seed=seed,
        artist=artist,
        prompts=tuple(prompt or ()),
        replay=replay,
    )
    ensure_embedded_model(settings(), quiet=as_json)
    show(run(_run(wish, model, quiet=as_json), stopped=STOPPED), as_json)


@cli.command("list")
def list_runs(
    suite: Annotated[str | None, typer.Option(help="Only this suite's.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    as_json: JsonFlag = False,
) -> None:
    """List the shipped suites and the latest runs."""
    from evals.powers import read_powers
    from evals.suite import load_suite
    from evals.suites import SHIPPED

    found = run(_listed(suite, limit))
    suites = [load_suite(name) for name in SHIPPED]
    powers = read_powers()
    if as_json:
        known = [
            {
                "name": s.name,
                "cases": len(s.cases),
                "about": s.description,
                "main": s.main,
                "power": powers[s.name].model_dump(mode="json") if s.name in powers else None,
            }
            for s in suites
        ]
        print_json({"suites": known, "runs": [one.model_dump(mode="json") for one in found]})
        return
    rows = table("suite", "cases", "smoke", "what it asks", "its gate")
    for one in suites:
        smoke = sum(case.smoke for case in one.cases)
        rows.add_row(
            one.name,
            str(len(one.cases)),
            str(smoke),
            escape(one.description),
            gate_words(powers.get(one.name)),
        )
    out.print(rows)
    out.print()
    if not found:
        out.print("Nothing has been run yet.", highlight=False)
        out.print("  → greenroom eval run posts --smoke", highlight=False)
        return
    rows = table("id", "suite", "when", "status", "model", "samples", "cost")
    for each in found:
        rows.add_row(
            each.id,
            escape(each.suite),
            each.created_at.astimezone().strftime("%Y-%m-%d %H:%M"),
            each.status,
            escape(each.subject.model),
            str(each.size),
            f"${each.totals.cost.usd:.4f}",
        )
    out.print(rows)


@cli.command("show")
def show_run(run_id: RunId, as_json: JsonFlag = False) -> None:
    """Show a run's scores with their intervals, and its slices."""
    show(run(_found(run_id)), as_json)


@cli.command("open")
def open_report(
    run_id: RunId,
    to: Annotated[Path | None, typer.Option("--to", help="Write the page here.")] = None,
    browser: Annotated[bool, typer.Option(help="Also open it in the browser.")] = True,
) -> None:
    """Write a run's report as one HTML page, and open it."""
    path = (to or settings().home / "evals" / f"{run_id}.html").absolute()
    page = run(_page(run_id))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    out.print(str(path), markup=False, highlight=False, soft_wrap=True)
    if browser:
        webbrowser.open(path.as_uri())


@cli.command("compare")
def compare_runs(baseline: RunId, candidate: RunId, as_json: JsonFlag = False) -> None:
    """Compare two runs of the same cases: the candidate's mean less the baseline's."""
    from evals.results import case_scores
    from learning.compare import compare, pair

    async def work() -> dict[str, Any]:
        first, before = await _samples(baseline)
        _, after = await _samples(candidate)
        sides = {n: (case_scores(before, n), case_scores(after, n)) for n in first.scorers}
        # A score that only one case has says nothing about a difference.
        judged = {n: side for n, side in sides.items() if len(pair(*side).case_ids) > 1}
        return {name: compare(*side, seed=_SEED) for name, side in judged.items()}

    found = run(work())
    if as_json:
        print_json({name: one.model_dump(mode="json") for name, one in found.items()})
        return
    rows = table("score", "cases", "baseline", "candidate", "difference", "95 % interval", "p")
    for name, one in found.items():
        rows.add_row(
            escape(name),
            str(one.cases),
            f"{one.baseline_mean:.3f}",
            f"{one.candidate_mean:.3f}",
            f"{one.difference.estimate:+.3f}",
            f"{one.difference.low:+.3f} to {one.difference.high:+.3f}",
            f"{one.p_value:.3f}",
        )
    out.print(rows)


@cli.command("gate")
def gate_suite(
    suite: SuiteName,
    baseline: Annotated[str, typer.Option(help="The run that must not be fallen behind.")],
    prompt: Prompt = None,
    model: Model = None,
    as_json: JsonFlag = False,
) -> None:
    """Run the baseline's cases anew and judge: exit code 0 pass, 11 worse, 3 cannot be told."""
    from evals.powers import gate_of_run
    from evals.results import case_scores
    from learning.gate import gate

    async def work() -> tuple[EvalRun, Any, Any]:
        held, before = await _samples(baseline)
        wish = _like(suite, held, tuple(prompt or ()))
        made, after = await _samples((await _run(wish, model, quiet=as_json)).run.id)
        scores = case_scores(before, held.main)
        found = gate(scores, case_scores(after, held.main), seed=_SEED)
        return made, found, gate_of_run(held, scores)

    ensure_embedded_model(settings(), quiet=as_json)
    made, found, power = run(work(), stopped=STOPPED)
    if as_json:
        told = {"power": power and power.model_dump(mode="json")}
        print_json({"run": made.id, "baseline": baseline, **found.model_dump(mode="json"), **told})
    else:
        colour = {"pass": "green", "fail": "red"}.get(found.verdict, "yellow")
        out.print(f"[bold {colour}]{found.verdict}[/]  {escape(found.reason)}", highlight=False)
        out.print(f"  {made.id} against {baseline}", highlight=False)
        out.print(f"  {power_words(power, made)}", highlight=False)
    raise typer.Exit(GATE_EXIT[found.verdict])


def _like(suite: str, held: EvalRun, prompts: tuple[str, ...]) -> Wish:
    """The same cases asked in the same way as by a run that is known."""
    from app.evaluating import Wish

    return Wish(
        suite=suite,
        form=held.form,
        samples=len(held.case_ids),
        epochs=held.epochs,
        seed=held.subject.seed,
        artist=held.subject.handle,
        prompts=prompts,
    )


async def _run(wish: Wish, model: str | None, *, quiet: bool) -> Results:
    from app.evaluating import open_evaluating

    current = settings()
    if model is not None:
        names = ("model_name", "model_fast", "model_judge")
        current = current.model_copy(update=dict.fromkeys(names, model))
    async with open_evaluating(current) as parts:
        if not quiet:
            err.print(_told(wish), highlight=False)
        with bar(quiet=quiet) as watch:
            made = await parts.run(OPERATOR, wish, watch)
        return await _results(parts, made)


def _told(wish: Wish) -> str:
    """What the run will be able to tell."""
    from evals.powers import read_powers
    from evals.suite import load_suite

    suite = load_suite(wish.suite)
    cases = len(suite.chosen(wish.form, wish.samples))
    return run_words(read_powers().get(suite.name), form=wish.form, cases=cases, epochs=wish.epochs)


async def _listed(suite: str | None, limit: int) -> list[EvalRun]:
    from app.evaluating import open_evaluating

    async with open_evaluating(settings()) as parts:
        return await parts.evaluations.page(OPERATOR, suite, limit=limit)


async def _found(run_id: str) -> Results:
    from app.evaluating import open_evaluating

    async with open_evaluating(settings()) as parts:
        return await _results(parts, await parts.evaluations.get(OPERATOR, run_id))


async def _samples(run_id: str) -> tuple[EvalRun, list[EvalSample]]:
    from app.evaluating import open_evaluating

    async with open_evaluating(settings()) as parts:
        held = await parts.evaluations.get(OPERATOR, run_id)
        return held, await parts.evaluations.samples(OPERATOR, run_id)


async def _page(run_id: str) -> str:
    from app.evaluating import open_evaluating
    from evals.report import report_html

    async with open_evaluating(settings()) as parts:
        held = await parts.evaluations.get(OPERATOR, run_id)
        samples = await parts.evaluations.samples(OPERATOR, run_id)
        return report_html(held, samples, await parts.evaluations.transcripts(OPERATOR, run_id))


async def _results(parts: Evaluating, held: EvalRun) -> Results:
    from evals.results import results_of

    return results_of(held, await parts.evaluations.samples(OPERATOR, held.id))
