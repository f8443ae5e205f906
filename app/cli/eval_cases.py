"""`greenroom eval case`: what people decided becomes cases of a suite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from app.cli.shell import JsonFlag, out, print_json, run, settings
from app.cli.show import table
from domain.actor import OPERATOR

if TYPE_CHECKING:
    from domain.evaluation import KeptCase

cli = typer.Typer(help="Turn decisions into cases of a suite.", no_args_is_help=True)


@cli.command("add")
def add_cases(
    from_run: Annotated[
        str, typer.Option(help="A run of an artist; `greenroom run list` names them.")
    ],
    as_json: JsonFlag = False,
) -> None:
    """Keep what was decided on a run's song and posts: a rejection is an expensive mistake."""
    from app.evaluating import open_evaluating

    async def work() -> list[KeptCase]:
        async with open_evaluating(settings()) as parts:
            return await parts.cases.add_from_run(OPERATOR, from_run)

    _show(run(work()), as_json, empty="All decisions on this run are kept already.")


@cli.command("list")
def list_cases(
    suite: Annotated[str | None, typer.Option(help="Only this suite's.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """List the cases that were added; they are asked whenever their suite is run."""
    from app.evaluating import open_evaluating

    async def work() -> list[KeptCase]:
        async with open_evaluating(settings()) as parts:
            return await parts.cases.of_suite(OPERATOR, suite)

    empty = "No case was added yet.\n  → greenroom eval case add --from-run RUN"
    _show(run(work()), as_json, empty=empty)


@cli.command("remove")
def remove_case(
    case_id: Annotated[str, typer.Argument(help="Its id, as `eval case list` names it.")],
    as_json: JsonFlag = False,
) -> None:
    """Take a case out of its suite."""
    from app.evaluating import open_evaluating

    async def work() -> KeptCase:
        async with open_evaluating(settings()) as parts:
            return await parts.cases.remove(OPERATOR, case_id)

    gone = run(work())
    if as_json:
        print_json(gone.model_dump(mode="json"))
        return
    out.print(f"{escape(gone.case_id)} is no case of {escape(gone.suite)} any more.")


def _show(kept: list[KeptCase], as_json: bool, *, empty: str) -> None:
    if as_json:
        print_json([one.model_dump(mode="json") for one in kept])
        return
    if not kept:
        out.print(empty, highlight=False)
        return
    rows = table("id", "suite", "case", "decided", "a mistake is", "note")
    for one in kept:
        target = one.case.target if isinstance(one.case.target, dict) else {}
        rows.add_row(
            one.id,
            one.suite,
            escape(one.case_id),
            escape(str(target.get("verdict", "–"))),
            one.case.slices["mistake"],
            escape(str(target.get("note", ""))),
        )
    out.print(rows)
