"""`greenroom approval`: list, show, approve and reject."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape

from app.cli.follow import follow
from app.cli.shell import JsonFlag, out, print_json, run, settings
from app.cli.show import exit_code, show_run, show_work, table
from app.client import label_client
from domain.approval import REJECT_REASONS

cli = typer.Typer(help="Decide on what waits for a person.", no_args_is_help=True)
REASONS = ", ".join(REJECT_REASONS)
ApprovalId = Annotated[str, typer.Argument(help="The approval's id.")]


@cli.command("list")
def list_approvals(
    every: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """List what waits for a decision, oldest first."""

    async def work() -> Any:
        async with label_client(settings()) as client:
            waiting = None if every else "true"
            found = (await client.get("approvals", waiting=waiting, limit="200"))["items"]
            if as_json:
                return found
            return [await client.get("approvals", item["id"]) for item in found]

    found = run(work())
    if as_json:
        print_json(found)
        return
    if not found:
        out.print("Nothing waits for a decision.")
        return
    rows = table("approval", "status", "expires", "what")
    for item in found:
        approval = item["approval"]
        rows.add_row(
            approval["id"],
            approval["status"],
            approval["expires_at"][5:16].replace("T", " "),
            escape(f"{_what(item)}, {item['artist']['stage_name']}"),
        )
    out.print(rows)


def _what(shown: dict[str, Any]) -> str:
    titles = [f"“{release['title']}”" for release in shown["releases"]]
    return ", ".join(titles) or "a post"


@cli.command()
def show(approval_id: ApprovalId, as_json: JsonFlag = False) -> None:
    """Show exactly what is decided on."""

    async def work() -> Any:
        async with label_client(settings()) as client:
            return await client.get("approvals", approval_id)

    found = run(work())
    if as_json:
        print_json(found)
        return
    approval = found["approval"]
    out.print(
        f"[bold]{approval['id']}[/bold] {approval['status']}, digest {approval['digest'][:12]}",
        highlight=False,
    )
    if approval["revises"]:
        out.print(
            f"  version {approval['version']}; it revises {approval['revises']}", highlight=False
        )
    for item in found["works"]:
        show_work(item)
    for post in found["posts"]:
        out.print(f"  post  {post['payload']['text']}", markup=False, highlight=False)


@cli.command()
def approve(approval_id: ApprovalId, as_json: JsonFlag = False) -> None:
    """Say yes to exactly what the approval shows; the run goes on and publishes."""
    done = _decide(approval_id, "approve", {}, as_json)
    raise typer.Exit(exit_code(done))


@cli.command()
def reject(
    approval_id: ApprovalId,
    reason: Annotated[str, typer.Option(help=f"One of: {REASONS}.")],
    comment: Annotated[str, typer.Option(help="A word to the artist; it remembers.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Say no with a reason that the artist learns from."""
    done = _decide(approval_id, "reject", {"reason": reason, "comment": comment}, as_json)
    raise typer.Exit(0 if done["status"] == "rejected" else exit_code(done))


@cli.command()
def changes(
    approval_id: ApprovalId,
    reason: Annotated[
        list[str], typer.Option(help=f"What it is about, more than once: {REASONS}.")
    ],
    comment: Annotated[str, typer.Option(help="What should be different.")],
    as_json: JsonFlag = False,
) -> None:
    """Reject it, and have the artist make anew what the reasons name; the rest stays."""

    async def work() -> dict[str, Any]:
        async with label_client(settings(), working=True) as client:
            approval = (await client.get("approvals", approval_id))["approval"]
            sent = {"reasons": reason, "comment": comment, "digest": approval["digest"]}
            begun = await client.post("approvals", approval_id, "changes", body=sent)
            return await follow(client, begun["id"], quiet=as_json)

    done = run(work())
    if as_json:
        print_json(done)
    else:
        show_run(done)
    raise typer.Exit(exit_code(done))


def _decide(approval_id: str, verb: str, body: dict[str, str], as_json: bool) -> dict[str, Any]:
    async def work() -> dict[str, Any]:
        async with label_client(settings(), working=True) as client:
            approval = (await client.get("approvals", approval_id))["approval"]
            last = (await client.get("events", run_id=approval["run_id"]))["last"]
            sent = {**body, "digest": approval["digest"]}
            await client.post("approvals", approval_id, verb, body=sent)
            return await follow(client, approval["run_id"], quiet=as_json, after=last)

    done = run(work())
    if as_json:
        print_json(done)
    else:
        show_run(done)
    return done
