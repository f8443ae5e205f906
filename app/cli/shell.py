"""What every command shares: settings, output for people or scripts, errors and exit codes."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from app.model_file import fetch_model, missing_model
from domain.errors import GreenroomError, InvalidInput
from runtime.settings import Settings

Result = TypeVar("Result")
GOES_ON = "Stopped. What was begun goes on at the next start."
JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document for scripts.")]

out = Console()
err = Console(stderr=True)


def settings() -> Settings:
    """The settings, or an `InvalidInput` that names the environment variable."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"GREENROOM_{'_'.join(str(p) for p in first['loc']).upper()}"
        raise InvalidInput(
            f"{name}: {first['msg']}", field=name, remedy="Correct or unset it."
        ) from error


def ensure_embedded_model(current: Settings, *, quiet: bool = False) -> None:
    """Fetch the embedded model if it is needed and not here; once a user, about a gigabyte."""
    model = missing_model(current)
    if model is None:
        return
    if not quiet:
        err.print(f"Fetching the language model, once: {escape(model.title)}", highlight=False)
    with download_bar(model.name, model.size_bytes, quiet=quiet) as report:
        run(fetch_model(current, report))


def run(work: Coroutine[Any, Any, Result], *, stopped: str = GOES_ON) -> Result:
    """Run a command's coroutine; Ctrl-C ends it quietly, and `stopped` says what is left."""
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        err.print(stopped, highlight=False)
        raise typer.Exit(130) from None


@contextmanager
def download_bar(
    title: str, size_bytes: int, *, quiet: bool
) -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error for a long download; yields what moves it."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        console=err,
        disable=quiet,
        transient=True,
    ) as bars:
        task = bars.add_task(escape(title), total=size_bytes)

        def report(what: str, done: int, total: int) -> None:
            bars.update(task, description=escape(f"{title}: {what}"), completed=done, total=total)

        yield report


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


def tell(error: GreenroomError, *, as_json: bool) -> int:
    """Render an error once, for scripts or people; returns its exit code."""
    if as_json:
        print_json(
            {
                "error": {
                    "code": error.code,
                    "message": error.message,
                    "field": error.field,
                    "remedy": error.remedy,
                }
            }
        )
        return error.exit_code
    where = f" [dim]({escape(error.field)})[/dim]" if error.field else ""
    err.print(f"[bold red]{escape(error.message)}[/bold red]{where}", highlight=False)
    if error.remedy:
        err.print(f"  → {error.remedy}", markup=False, highlight=False)
    return error.exit_code
