"""`greenroom model`: the embedded models."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.shell import JsonFlag, download_bar, out, print_json, settings
from app.cli.show import table
from runtime.embedded.catalogue import CATALOGUE, find
from runtime.embedded.store import ensure_model, is_ready

cli = typer.Typer(help="List and fetch embedded language models.", no_args_is_help=True)


@cli.command("list")
def list_models(as_json: JsonFlag = False) -> None:
    """List the models that Greenroom can run itself."""
    current = settings()
    rows = [
        {
            "name": model.name,
            "title": model.title,
            "licence": model.licence,
            "megabytes": model.size_bytes // 1_000_000,
            "here": is_ready(model, current.cache_dir),
            "in_use": model.name == current.embedded_model,
            "tested": model.tested,
        }
        for model in CATALOGUE
    ]
    if as_json:
        print_json(rows)
        return
    shown = table("name", "title", "MB", "licence", "here", "tested here")
    for row in rows:
        name = f"{row['name']}{' *' if row['in_use'] else ''}"
        shown.add_row(
            name,
            str(row["title"]),
            str(row["megabytes"]),
            str(row["licence"]),
            "yes" if row["here"] else "no",
            "yes" if row["tested"] else "no",
        )
    out.print(shown)
    out.print("* in use; another: GREENROOM_EMBEDDED_MODEL=NAME", style="dim")


@cli.command()
def pull(
    name: Annotated[str | None, typer.Argument(help="Default: the one in the settings.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Fetch a model into the per-user cache, and verify its hash."""
    current = settings()
    model = find(name or current.embedded_model)
    with download_bar(model.title, model.size_bytes, quiet=as_json) as report:
        path = ensure_model(model, current.cache_dir, report)
    if as_json:
        print_json({"name": model.name, "path": str(path)})
    else:
        out.print(f"{model.title} is at {path}", markup=False, highlight=False)
