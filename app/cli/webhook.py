"""`greenroom webhook`: addresses of yours that are told what happens, signed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer
from rich.markup import escape

from app.cli.shell import JsonFlag, out, print_json, run, settings
from app.cli.show import show_rows
from app.cli.spans import ago
from app.client import LabelClient, label_client
from domain.errors import ProviderError
from domain.webhook import USUAL_EVENTS

cli = typer.Typer(help="Tell addresses of yours what happens.", no_args_is_help=True)
WebhookId = Annotated[str, typer.Argument(help="The webhook's id, as `webhook list` shows it.")]
COLOURS = {"delivered": "green", "failed": "red", "waiting": "yellow", "sending": "cyan"}


@cli.command()
def add(
    url: Annotated[str, typer.Argument(help="An https address.")],
    event: Annotated[
        list[str] | None,
        typer.Option("--event", "-e", help="A kind of event or a pattern; may be repeated."),
    ] = None,
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Tell an address of events, alerts unless you say otherwise; prints its secret this once."""
    body = {"url": url, "events": event or list(USUAL_EVENTS), "description": description}

    async def work(client: LabelClient) -> Any:
        return await client.post("webhooks", body=body)

    _show_secret(_ask(work), as_json)


@cli.command("list")
def list_webhooks(as_json: JsonFlag = False) -> None:
    """List webhooks and how they do."""

    async def work(client: LabelClient) -> Any:
        return await client.get("webhooks")

    found = _ask(work)
    if as_json:
        print_json(found)
        return
    if not found:
        out.print("Nobody is told anything. → greenroom webhook add https://…")
        return
    rows: list[tuple[str, ...]] = []
    for hook in found:
        colour = "green" if hook["status"] == "active" and not hook["failures"] else "red"
        words = hook["status"]
        if hook["status"] == "active" and hook["failures"]:
            words = f"failed {hook['failures']}×"
        taken = ago(hook["last_ok_at"]) if hook["last_ok_at"] else "never"
        events = escape(", ".join(hook["events"]))
        rows.append(
            (hook["id"], f"[{colour}]{words}[/{colour}]", events, taken, escape(hook["url"]))
        )
    show_rows(("webhook", "status", "events", "last taken", "address"), rows)


@cli.command()
def remove(webhook_id: WebhookId, as_json: JsonFlag = False) -> None:
    """Tell it nothing any more."""

    async def work(client: LabelClient) -> Any:
        return await client.delete("webhooks", webhook_id)

    hook = _ask(work)
    if as_json:
        print_json(hook)
        return
    out.print(f"{hook['url']} is told nothing any more.", markup=False, highlight=False)


@cli.command("test")
def send_test(webhook_id: WebhookId, as_json: JsonFlag = False) -> None:
    """Send a harmless event now; the exit code tells whether it was taken."""
    _deliver(("webhooks", webhook_id, "test"), as_json)


@cli.command()
def rotate(webhook_id: WebhookId, as_json: JsonFlag = False) -> None:
    """Give it a new secret; the old one still signs as well for a day."""

    async def work(client: LabelClient) -> Any:
        return await client.post("webhooks", webhook_id, "rotate")

    _show_secret(_ask(work), as_json)


@cli.command()
def enable(webhook_id: WebhookId, as_json: JsonFlag = False) -> None:
    """Let a webhook work again that was disabled after failing for a day."""

    async def work(client: LabelClient) -> Any:
        return await client.post("webhooks", webhook_id, "enable")

    hook = _ask(work)
    if as_json:
        print_json(hook)
        return
    out.print(f"{hook['url']} is told again what happens.", markup=False, highlight=False)


@cli.command()
def deliveries(
    webhook_id: WebhookId,
    failed: Annotated[bool, typer.Option("--failed", help="Only those given up.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    as_json: JsonFlag = False,
) -> None:
    """List what it was told, newest first."""

    async def work(client: LabelClient) -> Any:
        status = "failed" if failed else None
        return await client.get("webhooks", webhook_id, "deliveries", status=status, limit=limit)

    found = _ask(work)["items"]
    if as_json:
        print_json(found)
        return
    if not found:
        out.print("It was told nothing yet.")
        return
    for each in found:
        colour = COLOURS[each["status"]]
        out.print(
            f"[{colour}]{each['status']}[/{colour}]  {each['kind']}  {escape(_answer(each))}",
            highlight=False,
        )
        tries = "1 try" if each["tries"] == 1 else f"{each['tries']} tries"
        out.print(
            f"  [dim]{each['id']} · {ago(each['created_at'])} · {tries}[/dim]", highlight=False
        )


@cli.command()
def replay(
    delivery_id: Annotated[
        str, typer.Argument(help="The delivery's id, as `webhook deliveries` shows it.")
    ],
    as_json: JsonFlag = False,
) -> None:
    """Send a delivery once more, under its own id."""
    _deliver(("webhooks", "deliveries", delivery_id, "replay"), as_json)


def _ask(work: Callable[[LabelClient], Awaitable[Any]]) -> Any:
    async def asked() -> Any:
        async with label_client(settings()) as client:
            return await work(client)

    return run(asked())


def _deliver(path: tuple[str, ...], as_json: bool) -> None:
    async def work(client: LabelClient) -> Any:
        return await client.post(*path)

    delivery = _ask(work)
    if as_json:
        print_json(delivery)
    else:
        colour = COLOURS[delivery["status"]]
        words = "taken" if delivery["status"] == "delivered" else "not taken"
        out.print(f"[{colour}]{words}[/{colour}]: {escape(_answer(delivery))}", highlight=False)
    if delivery["status"] != "delivered":
        raise typer.Exit(ProviderError.exit_code)


def _answer(delivery: dict[str, Any]) -> str:
    if not delivery["log"]:
        return "not tried yet"
    last = delivery["log"][-1]
    status = f"HTTP {last['status']}" if last["status"] else "no answer"
    return f"{status}, {last['says']}" if last["says"] else status


def _show_secret(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    hook = found["webhook"]
    out.print(f"{hook['id']} tells {hook['url']}", markup=False, highlight=False)
    out.print("Its secret, shown this once:", highlight=False)
    out.print(found["secret"], markup=False, highlight=False, soft_wrap=True)
    out.print(f"→ greenroom webhook test {hook['id']}", markup=False, highlight=False)
