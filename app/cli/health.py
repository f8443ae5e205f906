"""`greenroom health`: is the process on this machine well; for containers and service managers."""

from __future__ import annotations

from typing import Annotated, Literal

import httpx
import typer
from rich.markup import escape

from app.cli.shell import JsonFlag, out, print_json, settings
from domain.errors import EnvironmentProblem, InvalidInput
from runtime.settings import Settings

TIMEOUT_S = 5.0
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}
Process = Literal["api", "worker", "scheduler"]


def check_health(
    process: Annotated[
        Process, typer.Option(help="`api` is also right for `greenroom serve`.")
    ] = "api",
    as_json: JsonFlag = False,
) -> None:
    """Ask a process on this machine whether it is well: exit code 0, else 8."""
    url = health_url(settings(), process)
    trouble = ask(url)
    if trouble is not None:
        raise EnvironmentProblem(
            f"the {process} at {url} {trouble}",
            remedy="Look into its log; `greenroom doctor` checks what it needs.",
        )
    if as_json:
        print_json({"process": process, "url": url, "status": "ok"})
    else:
        out.print(f"The {process} at {escape(url)} is well.", highlight=False)


def health_url(current: Settings, process: Process) -> str:
    """Where a process of this machine tells of its health."""
    if process == "api":
        host = EVERYWHERE.get(current.host, current.host)
        return f"http://{_bracketed(host)}:{current.port}/api/v1/health"
    if not current.metrics_port:
        raise InvalidInput(
            f"a {process} without a fixed port for metrics cannot be asked",
            field="GREENROOM_METRICS_PORT",
            remedy="Set it to a free port, such as 9464, and restart the process.",
        )
    return f"http://127.0.0.1:{current.metrics_port}/healthz"


def ask(url: str) -> str | None:
    """What is wrong, in words that follow the process's name; None when all is well."""
    try:
        answer = httpx.get(url, timeout=TIMEOUT_S, trust_env=False)
    except httpx.HTTPError as error:
        return f"does not answer: {type(error).__name__}"
    return None if answer.is_success else f"answers {answer.status_code}: {answer.text[:200]}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
