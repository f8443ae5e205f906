"""`greenroom provider`: list, connect, disconnect, check; jobs and what became of them."""

from __future__ import annotations

import sys
from typing import Annotated, Any, Literal

import typer
from rich.markup import escape

from app.cli.shell import JsonFlag, out, print_json, run, settings
from app.cli.show import show_rows
from app.client import label_client
from domain.errors import InvalidInput, ProviderError
from domain.routing import dollars

cli = typer.Typer(help="Connect music providers and look after them.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The provider's name, as `provider list` shows it.")]
JobId = Annotated[str, typer.Argument(help="The job's id, as `provider jobs` shows it.")]
SECRET_FIELDS = ("key", "webhook_secret")
COLOURS = {"healthy": "green", "failing": "yellow", "stopped": "red"}


@cli.command("list")
def list_providers(as_json: JsonFlag = False) -> None:
    """List providers: connected or not, health, and what a song of 90 s costs."""

    async def work() -> Any:
        async with label_client(settings()) as client:
            return await client.get("providers")

    found = run(work())
    if as_json:
        print_json(found)
        return
    rows: list[tuple[str, ...]] = []
    for item in found:
        colour = COLOURS.get(item["health"], "dim")
        rows.append(
            (
                item["name"],
                "yes" if item["connected"] else "no",
                f"[{colour}]{item['health']}[/{colour}]",
                _price(item),
                "verified" if item["capabilities"]["verified"] else "unverified",
                escape(item["health_words"]),
            )
        )
    show_rows(("provider", "connected", "health", "90 s song", "client", "says"), rows)
    if not any(item["connected"] and not item["embedded"] for item in found):
        out.print("The embedded engine makes the songs. → greenroom provider connect NAME")


@cli.command()
def connect(
    name: Name,
    given: Annotated[
        list[str] | None,
        typer.Option("--set", help="A field that is no secret, such as url=http://…"),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Connect a provider: asks for its key without showing it, or reads it from standard input.

    A key is never an argument, where other users of the machine and the shell's history see it.
    """
    plain = _read_plain(given or [])

    async def work() -> Any:
        async with label_client(settings()) as client:
            status = await client.get("providers", name)
            fields = plain | _ask_for(status, plain)
            return await client.post("providers", name, "connect", body={"fields": fields})

    _show_status(run(work()), as_json)


@cli.command()
def disconnect(name: Name, as_json: JsonFlag = False) -> None:
    """Forget a provider's key."""
    _act(name, "disconnect", as_json)


@cli.command()
def check(name: Name, as_json: JsonFlag = False) -> None:
    """Ask a provider something free of charge; a good answer lets it work again."""
    _act(name, "check", as_json)


@cli.command("jobs")
def list_jobs(
    unknown: Annotated[
        bool, typer.Option("--unknown", help="Only those whose outcome nobody knows.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    as_json: JsonFlag = False,
) -> None:
    """List which provider made what, newest first, and why the router chose it."""

    async def work() -> Any:
        async with label_client(settings()) as client:
            found = await client.get("jobs", unknown=str(unknown).lower(), limit=limit)
            return found["items"]

    found = run(work())
    if as_json:
        print_json(found)
        return
    if not found:
        out.print("No job's outcome is unknown." if unknown else "No song was made yet.")
        return
    rows: list[tuple[str, ...]] = []
    for job in found:
        why = job["failure"]["message"] if job["failure"] else job["route"]["why"]
        rows.append((job["id"], job["provider"], job["status"], _cost(job), escape(why)))
    show_rows(("job", "provider", "status", "cost", "why"), rows)
    if unknown:
        out.print("→ greenroom provider look-up JOB, or provider settle JOB done|failed")


@cli.command("look-up")
def look_up(job_id: JobId, as_json: JsonFlag = False) -> None:
    """Ask the provider, free of charge, what became of a job of unknown outcome."""
    _about_job(job_id, "look-up", None, as_json)


@cli.command()
def settle(
    job_id: JobId,
    outcome: Annotated[
        Literal["done", "failed"], typer.Argument(help="As you found it at the provider.")
    ],
    cost_usd: Annotated[
        float | None,
        typer.Option("--cost", help="US dollars billed; left out: the quote if done, else none."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Say what became of a job of unknown outcome."""
    body = {"outcome": outcome, "cost_usd": cost_usd}
    _about_job(job_id, "settle", body, as_json)


def _about_job(
    job_id: str, verb: Literal["look-up", "settle"], body: dict[str, Any] | None, as_json: bool
) -> None:
    async def work() -> Any:
        async with label_client(settings()) as client:
            return await client.post("jobs", job_id, verb, body=body)

    job = run(work())
    if as_json:
        print_json(job)
        return
    out.print(f"{job['provider']}: {job['status'].replace('_', ' ')}, {_cost(job)}")
    if job["status"] == "done":
        _say_where(job)
    if job["status"] == "outcome_unknown":
        out.print("It cannot tell yet. → greenroom provider settle JOB done|failed")


def _say_where(job: dict[str, Any]) -> None:
    """Where the files of a made song lie, or why they are not here."""
    if job["result"] and not job["failure"]:
        for file in job["result"]["files"]:
            # On a line of its own and never wrapped, to be copied.
            out.print(file["path"], markup=False, highlight=False, soft_wrap=True)
        return
    why = job["failure"]["message"] if job["failure"] else "it was settled by hand"
    out.print(f"The song is not here: {why}", markup=False, highlight=False)
    out.print(f"→ greenroom provider look-up {job['id']}", markup=False, highlight=False)


def _act(name: str, verb: Literal["check", "disconnect"], as_json: bool) -> None:
    async def work() -> Any:
        async with label_client(settings()) as client:
            return await client.post("providers", name, verb)

    status = run(work())
    _show_status(status, as_json)
    if verb == "check" and status["health"] != "healthy":
        raise typer.Exit(ProviderError.exit_code)


def _show_status(status: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(status)
        return
    colour = COLOURS.get(status["health"], "dim")
    words = escape(f"{status['title']}: {status['health_words']}")
    out.print(f"[{colour}]{words}[/{colour}]", highlight=False)
    if status["remedy"] and status["health"] != "healthy":
        out.print(f"  → {status['remedy']}", markup=False, highlight=False)


def _read_plain(given: list[str]) -> dict[str, str]:
    found = {}
    for item in given:
        field, separator, value = item.partition("=")
        if not separator or field in SECRET_FIELDS:
            raise InvalidInput(
                f"--set takes no {field}" if separator else f"{field!r} is no FIELD=VALUE",
                field="--set",
                remedy="Give secrets at the prompt or on standard input, the rest as url=http://…",
            )
        found[field] = value
    return found


def _ask_for(status: dict[str, Any], plain: dict[str, str]) -> dict[str, str]:
    """The fields that are still missing: asked of a person, or read from a pipe in this order."""
    if not sys.stdin.isatty():
        lines = iter(sys.stdin.read().splitlines())
        missing = [f for f in status["fields"] if f not in plain]
        return {field: next(lines, "") for field in missing}
    asked = {}
    for field in (*status["fields"], *status["optional_fields"]):
        if field in plain:
            continue
        optional = field in status["optional_fields"]
        words = f"{status['title']}, {field.replace('_', ' ')}"
        asked[field] = typer.prompt(
            f"{words} (may stay empty)" if optional else words,
            default="" if optional else None,
            hide_input=field in SECRET_FIELDS,
            show_default=False,
        )
    return {field: value for field, value in asked.items() if value}


def _price(status: dict[str, Any]) -> str:
    quote = status["song_quote"]
    if quote is None:
        return "not known"
    return "free" if quote["cost_usd"] == 0 else dollars(quote["cost_usd"])


def _cost(job: dict[str, Any]) -> str:
    said = job["cost_basis"]
    return f"${job['cost_usd']:.2f}" + (f" {said}" if said in ("possibly", "quoted") else "")
