"""`greenroom channel`: connect artists to networks, and look after their accounts."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any, Literal

import typer
from rich.markup import escape

from app.cli.shell import JsonFlag, out, print_json, run, settings
from app.cli.show import show_rows
from app.client import label_client
from domain.errors import InvalidInput, ProviderError

cli = typer.Typer(help="Connect artists to networks such as Bluesky.", no_args_is_help=True)
Handle = Annotated[str, typer.Argument(help="The artist's handle or id.")]
Network = Annotated[str, typer.Argument(help="The network, such as bluesky.")]
PASSWORD_VARIABLE = "GREENROOM_CHANNEL_PASSWORD"
COLOURS = {"connected": "green", "paused": "yellow", "broken": "red"}


@cli.command()
def connect(
    handle: Handle,
    network: Network,
    account: Annotated[str, typer.Option(help="The account's name, such as ferry.bsky.social.")],
    server: Annotated[
        str | None, typer.Option(help="Its server; left out: the network's own.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Connect an artist to its account, with an app password made for this use.

    The password is asked for without being shown, or read from the variable
    GREENROOM_CHANNEL_PASSWORD or from standard input. It is never an argument, where other users
    of the machine and the shell's history see it.
    """

    async def work() -> Any:
        async with label_client(settings()) as client:
            body = {"identifier": account, "password": _password(network), "server": server}
            return await client.post("artists", handle, "channels", network, "connect", body=body)

    _show(run(work()), as_json)


@cli.command("list")
def list_channels(handle: Handle, as_json: JsonFlag = False) -> None:
    """List an artist's channels and how each stands."""

    async def work() -> Any:
        async with label_client(settings()) as client:
            return await client.get("artists", handle, "channels")

    found = run(work())
    if as_json:
        print_json(found)
        return
    if not found:
        out.print("Only the label's own stage.", highlight=False)
        out.print(f"  → greenroom channel connect {handle} bluesky --account NAME", highlight=False)
        return
    rows: list[tuple[str, ...]] = []
    for item in found:
        colour = COLOURS.get(item["status"], "dim")
        rows.append(
            (
                item["network"],
                escape(item["account"]),
                f"[{colour}]{item['status']}[/{colour}]",
                escape(item["server"]),
                escape(item["reason"] or ""),
            )
        )
    show_rows(("network", "account", "status", "server", "says"), rows)


@cli.command()
def pause(handle: Handle, network: Network, as_json: JsonFlag = False) -> None:
    """Send and read nothing there for a while."""
    _act(handle, network, "pause", as_json)


@cli.command()
def resume(handle: Handle, network: Network, as_json: JsonFlag = False) -> None:
    """Publish there again."""
    _act(handle, network, "resume", as_json)


@cli.command("test")
def ask(handle: Handle, network: Network, as_json: JsonFlag = False) -> None:
    """Ask the server how the account stands; a good answer mends a broken channel."""
    found = _act(handle, network, "test", as_json)
    if found["status"] == "broken":
        raise typer.Exit(ProviderError.exit_code)


@cli.command()
def disconnect(handle: Handle, network: Network, as_json: JsonFlag = False) -> None:
    """Forget the account and its password; posts that were not sent are cancelled."""

    async def work() -> Any:
        async with label_client(settings()) as client:
            return await client.post("artists", handle, "channels", network, "disconnect")

    left = run(work())
    if as_json:
        print_json(left)
        return
    out.print(f"{network} is disconnected.", highlight=False)


def _act(
    handle: str, network: str, verb: Literal["pause", "resume", "test"], as_json: bool
) -> dict[str, Any]:
    async def work() -> Any:
        async with label_client(settings()) as client:
            return await client.post("artists", handle, "channels", network, verb)

    found: dict[str, Any] = run(work())
    _show(found, as_json)
    return found


def _show(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    colour = COLOURS.get(found["status"], "dim")
    words = escape(f"{found['network']}: {found['account']} is {found['status']}")
    out.print(f"[{colour}]{words}[/{colour}]", highlight=False)
    if found["reason"]:
        out.print(f"  {found['reason']}", markup=False, highlight=False)


def _password(network: str) -> str:
    given = os.environ.get(PASSWORD_VARIABLE)
    if given is None and not sys.stdin.isatty():
        given = sys.stdin.readline().rstrip("\n")
    if given is None:
        given = typer.prompt(f"App password for {network}", hide_input=True)
    if not given:
        raise InvalidInput(
            "no password was given",
            field="password",
            remedy=f"Type it at the prompt, or set {PASSWORD_VARIABLE}.",
        )
    return str(given)
