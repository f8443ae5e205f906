"""`greenroom prompt evolve`: search better words for a prompt, and test them once."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.live import Live
from rich.markup import escape

from app.cli.shell import JsonFlag, ensure_embedded_model, err, out, print_json, run, settings
from app.cli.show import table
from domain.actor import OPERATOR

if TYPE_CHECKING:
    from evals.evolution.budget import Budget
    from evals.evolution.evolve import Evolution
    from evals.evolution.search import Moment

STOPPED = "Stopped. The same command goes the same way again; nothing is paid for twice."


def evolve(
    what: Annotated[str, typer.Argument(help="A prompt's id, such as post.update, or a suite.")],
    budget: Annotated[int, typer.Option(min=1, help="The most calls to the model.")] = 400,
    tokens: Annotated[int | None, typer.Option(min=1, help="The most tokens.")] = None,
    usd: Annotated[float | None, typer.Option(min=0, help="The most dollars.")] = None,
    minutes: Annotated[float | None, typer.Option(min=0.01, help="The most minutes.")] = None,
    rounds: Annotated[int, typer.Option(min=1, max=1000, help="The most rounds.")] = 40,
    epochs: Annotated[int, typer.Option(min=1, max=20, help="Ask test cases so often.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="The same seed goes the same way.")] = 1,
    as_json: JsonFlag = False,
) -> None:
    """Search better words for a prompt: Ctrl-C ends the search and tests the best so far."""
    from evals.evolution.budget import Budget

    limits = Budget(
        calls=budget, tokens=tokens, usd=usd, seconds=None if minutes is None else minutes * 60
    )
    ensure_embedded_model(settings(), quiet=as_json)
    work = _evolve(what, limits, rounds=rounds, epochs=epochs, seed=seed, quiet=as_json)
    found = run(work, stopped=STOPPED)
    paths = _keep(found)
    if as_json:
        print_json({**found.model_dump(mode="json"), "files": [str(path) for path in paths]})
    else:
        _show(found, paths)


async def _evolve(
    what: str, budget: Budget, *, rounds: int, epochs: int, seed: int, quiet: bool
) -> Evolution:
    from app.evaluating import open_evaluating
    from evals.evolution.choosing import chosen
    from evals.evolution.evolve import Evolve, Evolver

    suite, named = chosen(what)
    async with open_evaluating(settings()) as parts:
        small = (await parts.gateway.traits("smart")).small
        order = Evolve(suite, named(small), budget, seed, rounds, epochs)
        evolver = Evolver(
            parts.evaluations, parts.gateway, parts.embedder, parts.clock, parts.parallel
        )
        with _until_stopped() as stop, _live(quiet=quiet) as watch:
            return await evolver.evolve(OPERATOR, order, watch, stop)


@contextmanager
def _until_stopped() -> Iterator[threading.Event]:
    """The first Ctrl-C ends the search; the next one ends the command."""
    stop, loop = threading.Event(), asyncio.get_running_loop()

    def ask_to_stop() -> None:
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)
        err.print("Ending the search; the best so far is tested.", highlight=False)

    # Where signals cannot be handled so, Ctrl-C ends the command at once.
    with suppress(NotImplementedError, RuntimeError):
        loop.add_signal_handler(signal.SIGINT, ask_to_stop)
    try:
        yield stop
    finally:
        with suppress(NotImplementedError, RuntimeError):
            loop.remove_signal_handler(signal.SIGINT)


@contextmanager
def _live(*, quiet: bool) -> Iterator[Any]:
    if quiet:
        yield None
        return
    with Live(_progress(None), console=err, transient=True) as live:
        yield lambda moment: live.update(_progress(moment))


def _progress(moment: Moment | None) -> Any:
    rows = table("round", "proposed", "refused", "samples", "best on validation", "last")
    if moment is not None:
        figures = (moment.round, moment.proposed, moment.rejected, moment.samples)
        rows.add_row(*map(str, figures), f"{moment.best:.3f}", moment.note)
    return rows


def _keep(found: Evolution) -> list[Path]:
    """The winner's files, beside the label's other files; nothing shipped is changed."""
    from prompts import Prompt

    folder = settings().home / "evolved"
    paths = []
    for text in found.prompts:
        prompt = Prompt.parse(text, "the winner")
        name = f"{prompt.header.id}.{prompt.header.form}.{prompt.digest[:8]}.md"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
        paths.append(folder / name)
    return paths


def _show(found: Evolution, paths: list[Path]) -> None:
    out.print(
        f"[bold]{escape(', '.join(found.parents))}[/bold]  {found.candidates} candidates, "
        f"{found.samples} samples, {len(found.refused)} refused; ended: {escape(found.why_ended)}",
        highlight=False,
    )
    rows = table("", "before", "after", "difference", "95 % interval")
    rows.add_row(
        "validation", f"{found.validation_before:.3f}", f"{found.validation_after:.3f}", "", ""
    )
    if found.proof and found.before and found.after:
        gap = found.proof.comparison.difference
        rows.add_row(
            "test (counts)",
            f"{found.before.mean:.3f}",
            f"{found.after.mean:.3f}",
            f"{gap.estimate:+.3f}",
            f"{gap.low:+.3f} to {gap.high:+.3f}",
        )
        old, new = found.before, found.after
        rows.add_row("tokens a case", f"{old.tokens:.0f}", f"{new.tokens:.0f}", "", "")
        rows.add_row("characters", str(old.characters), str(new.characters), "", "")
    out.print(rows)
    used = found.used
    out.print(
        f"  used   {used.calls} calls, {used.tokens} tokens, ${used.usd:.4f}, {used.seconds:.0f} s",
        highlight=False,
    )
    if not paths:
        out.print(
            f"Nothing better was found; nothing changed. {escape(found.reason)}", soft_wrap=True
        )
        return
    out.print(f"[green]{escape(found.reason)}[/green]", highlight=False)
    for path in paths:
        out.print(f"  {path}", markup=False, highlight=False, soft_wrap=True)
    out.print(f"  → greenroom eval run {escape(found.suite)} --prompt {paths[0]}", highlight=False)
