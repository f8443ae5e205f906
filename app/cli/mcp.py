"""`greenroom mcp`: the label for MCP clients that start a process and speak to it."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from app.cli.shell import run, settings
from app.home import Home
from domain.errors import EnvironmentProblem, HomeInUse, InvalidInput
from runtime.settings import Settings

KEY = "GREENROOM_KEY"


def serve_mcp(
    url: Annotated[
        str | None,
        typer.Option(help=f"A label elsewhere, such as http://10.0.0.7:8765; its key in {KEY}."),
    ] = None,
) -> None:
    """Speak MCP on standard input and output, for the label that runs on this machine."""
    # Loads the protocol's package; no other command needs it.
    from app.relay import relay

    key = os.environ.get(KEY)
    if url is None:
        url, token = _here(settings())
        key = key or token
    elif not key:
        raise InvalidInput(
            f"{KEY} is not set", field=KEY, remedy="Set it to a key that the label's people made."
        )
    run(relay(f"{url.rstrip('/')}/mcp", key), stopped="Stopped.")


def _here(current: Settings) -> tuple[str, str]:
    """Address and start token of the server that owns this home."""
    home = Home.of(current)
    try:
        home.claim()
    except HomeInUse:
        # Only while somebody owns the home is the address written there theirs.
        address = home.address()
        if address is not None:
            return address.url, home.token()
    else:
        home.release()
    raise EnvironmentProblem(
        f"no server of the label in {home.path} runs",
        field="GREENROOM_HOME",
        remedy="Start it with `greenroom serve`, or give --url.",
    )
