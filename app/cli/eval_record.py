"""`greenroom eval record` and `gate-prompts`: prompts are held against recorded answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from app.cli.eval_show import bar, gate_words
from app.cli.shell import JsonFlag, ensure_embedded_model, err, out, print_json, run, settings
from domain.actor import OPERATOR
from domain.errors import QualityRejected

if TYPE_CHECKING:
    from app.evaluating import Wish
    from evals.prompt_gate import PromptGate
    from evals.recording import Recording

_COLOURS = {"unchanged": "green", "pass": "green", "fail": "red"}
Folder = Annotated[
    Path | None, typer.Option("--folder", help="Where recordings lie; else beside the suites.")
]


def record_suite(
    suite: Annotated[str, typer.Argument(help="A shipped suite.")],
    epochs: Annotated[int, typer.Option(min=1, max=20, help="Ask each case so often.")] = 2,
    smoke: Annotated[bool, typer.Option("--smoke", help="Only the few cases for quick checks.")] = (
        False
    ),
    samples: Annotated[int | None, typer.Option(min=1, help="Only so many cases.")] = None,
    folder: Folder = None,
    as_json: JsonFlag = False,
) -> None:
    """Record a suite's answers to the shipped prompts: the baseline of `gate-prompts`."""
    from app.evaluating import Wish
    from evals.powers import power_of, write_power
    from evals.recording import FOLDER, write_recording
    from evals.suite import load_suite

    wish = Wish(
        suite=suite, form="smoke" if smoke else "full", samples=samples, epochs=epochs, kept=False
    )
    ensure_embedded_model(settings(), quiet=as_json)
    made = run(_record(wish, quiet=as_json), stopped="Stopped. The same command goes on.")
    path = write_recording(made, folder or FOLDER)
    power = power_of(load_suite(suite), made)
    if power is not None:
        write_power(power, folder or FOLDER)
    told = {
        "suite": made.suite,
        "model": made.model,
        "cases": len(made.case_ids),
        "epochs": made.epochs,
        "calls": len(made.calls),
        "path": str(path),
        "bytes": path.stat().st_size,
        "power": power and power.model_dump(mode="json"),
    }
    if as_json:
        print_json(told)
        return
    out.print(
        f"{escape(made.suite)}: {told['cases']} cases x {made.epochs} epochs, {told['calls']} "
        f"answers of {escape(made.model)}, {path.stat().st_size / 1000:.0f} KB",
        highlight=False,
    )
    out.print(f"  {gate_words(power)}", highlight=False)
    out.print(str(path), markup=False, highlight=False, soft_wrap=True)


def gate_prompts(
    suite: Annotated[list[str] | None, typer.Argument(help="Default: all recorded.")] = None,
    prompt: Annotated[
        list[str] | None, typer.Option(help="A prompt file on trial, or ID@V; may be repeated.")
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=1, help="Ask the model for at most so long, by suite.")
    ] = 240.0,
    folder: Folder = None,
    as_json: JsonFlag = False,
) -> None:
    """Hold the prompts against recorded answers; only changed ones are asked. Exit 11: worse."""
    from evals.recording import FOLDER, recorded_suites

    where = folder or FOLDER
    names = suite or recorded_suites(where)
    if not names:
        err.print("No suite was recorded yet.", highlight=False)
        err.print("  → greenroom eval record posts", highlight=False)
    found = run(_judged(names, tuple(prompt or ()), seconds, where, quiet=as_json))
    if as_json:
        print_json([one.model_dump(mode="json") for one in found])
    else:
        for one in found:
            _show(one)
    if any(one.verdict == "fail" for one in found):
        raise typer.Exit(QualityRejected.exit_code)


async def _record(wish: Wish, *, quiet: bool) -> Recording:
    from app.evaluating import open_evaluating
    from app.prompt_gate import record

    current = settings()
    async with open_evaluating(current) as parts:
        with bar(quiet=quiet) as watch:
            return await record(parts, current, OPERATOR, wish, watch)


async def _judged(
    names: list[str], prompts: tuple[str, ...], seconds: float, folder: Path, *, quiet: bool
) -> list[PromptGate]:
    from app.prompt_gate import open_gating

    async with open_gating(settings(), folder) as gating:
        return [await gating.judge(name, prompts, seconds) for name in names]


def _show(found: PromptGate) -> None:
    colour = _COLOURS.get(found.verdict, "yellow")
    out.print(
        f"[bold]{escape(found.suite)}[/bold]  [{colour}]{found.verdict}[/]  {escape(found.reason)}",
        highlight=False,
    )
    left = f", {found.left_out} left out for want of time" if found.left_out else ""
    out.print(
        f"  {found.replayed} answers from the record, {found.live} asked of {escape(found.model)} "
        f"in {found.calls} calls{left}, {found.seconds:.0f} s",
        highlight=False,
    )
    if found.detectable is not None:
        out.print(
            f"  four of five losses of {100 * found.detectable:.0f} points would have been found",
            highlight=False,
        )
    if found.power is not None:
        power, alarms = found.power.power.estimate, found.power.false_alarms.estimate
        out.print(
            f"  power {100 * power:.0f} % for a loss of {100 * found.power.effect:.0f} points, "
            f"false alarms {100 * alarms:.1f} %",
            highlight=False,
        )
    if found.live:
        out.print(f"  → greenroom eval record {found.suite}, once the change is wanted")
