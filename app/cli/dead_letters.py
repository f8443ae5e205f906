"""`greenroom run dead`, `replay` and `discard`: runs that failed for good."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape

from app.cli.shell import JsonFlag, ensure_embedded_model, err, out, print_json, run, settings
from app.cli.show import show_rows
from app.cli.spans import ago
from app.client import label_client
from domain.errors import InvalidInput

RunIds = Annotated[list[str] | None, typer.Argument(help="Ids of failed runs.")]
All = Annotated[bool, typer.Option("--all", help="Every failed run that fits the options.")]
OfArtist = Annotated[str | None, typer.Option("--artist", help="Only runs of this artist.")]
OfCode = Annotated[
    str | None, typer.Option("--code", help="Only failures of this code, such as disk_full.")
]
OfStep = Annotated[str | None, typer.Option("--step", help="Only runs that stopped in this step.")]


def list_dead(
    artist: OfArtist = None,
    code: OfCode = None,
    step: OfStep = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    as_json: JsonFlag = False,
) -> None:
    """List runs that failed for good, newest first, with what can be done."""
    wanted = {"artist": artist, "code": code, "step": step}

    async def work() -> Any:
        async with label_client(settings()) as client:
            found = await client.get("operations", "dead-letters", limit=limit, **wanted)
            return found["items"]

    found = run(work())
    if as_json:
        print_json(found)
        return
    show_dead(found)


def replay(
    run_ids: RunIds = None,
    every: All = False,
    artist: OfArtist = None,
    code: OfCode = None,
    step: OfStep = None,
    as_json: JsonFlag = False,
) -> None:
    """Queue failed runs again; each goes on at the step it was in.

    `run resume` does the same to one run and waits for its end.
    """
    wanted = _wanted(run_ids, every=every, artist=artist, code=code, step=step)
    ensure_embedded_model(settings(), quiet=as_json)
    swept = run(_sweep("replay", run_ids, wanted, {}))
    _tell(swept, "queued again", "run replay", as_json=as_json)


def discard(
    run_ids: RunIds = None,
    every: All = False,
    artist: OfArtist = None,
    code: OfCode = None,
    step: OfStep = None,
    why: Annotated[str, typer.Option(help="Kept with the run.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Give failed runs up for good; their failures stay to be read."""
    wanted = _wanted(run_ids, every=every, artist=artist, code=code, step=step)
    swept = run(_sweep("discard", run_ids, wanted, {"why": why}))
    _tell(swept, "discarded", "run discard", as_json=as_json)


def _wanted(run_ids: list[str] | None, *, every: bool, **narrow: str | None) -> dict[str, Any]:
    """The filter; runs are named, or all that fit, so that a slip of the finger hits none."""
    given = {name: value for name, value in narrow.items() if value is not None}
    if bool(run_ids) == every or (run_ids and given):
        raise InvalidInput(
            "say which runs are meant",
            field="run_ids",
            remedy="Name them, or use --all, which --artist, --code and --step narrow.",
        )
    return given


async def _sweep(
    act: str, run_ids: list[str] | None, wanted: dict[str, Any], body: dict[str, Any]
) -> dict[str, Any]:
    async with label_client(settings(), working=act == "replay") as client:
        if not run_ids:
            swept: dict[str, Any] = await client.post(
                "operations", "dead-letters", act, body=wanted | body
            )
            return swept
        done = [
            (await client.post("operations", "dead-letters", run_id, act, body=body))["id"]
            for run_id in run_ids
        ]
        return {"done": done, "refused": [], "left": 0}


def _tell(swept: dict[str, Any], what: str, again: str, *, as_json: bool) -> None:
    if as_json:
        print_json(swept)
        return
    many = len(swept["done"])
    out.print(f"{many} run{'' if many == 1 else 's'} {what}.", highlight=False)
    for refused in swept["refused"]:
        err.print(f"{refused['run_id']}: {escape(refused['why'])}", highlight=False)
        if refused["remedy"]:
            err.print(f"  → {refused['remedy']}", markup=False, highlight=False)
    if swept["left"]:
        out.print(f"{swept['left']} more fit. → greenroom {again} --all", highlight=False)


def show_dead(found: list[dict[str, Any]], total: int | None = None) -> None:
    """Each with its failure, its remedy and what to type."""
    if not found:
        out.print("No run has failed for good.", highlight=False)
        return
    rows: list[tuple[str, ...]] = []
    for item in found:
        failure = item["failure"]
        why = escape(failure["message"])
        if failure["remedy"]:
            why += f"\n[dim]→ {escape(failure['remedy'])}[/dim]"
        rows.append(
            (
                item["run_id"],
                f"@{escape(item['handle'])}",
                escape(failure["step"]),
                ago(item["failed_at"]),
                why,
            )
        )
    show_rows(("run", "artist", "stopped in", "failed", "why"), rows)
    if total is not None and total > len(found):
        out.print(f"{len(found)} of {total}. → greenroom run dead", highlight=False)
    out.print("→ greenroom run replay RUN, or run discard RUN --why …", highlight=False)
