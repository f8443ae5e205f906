"""`greenroom approval`: list, show, approve and reject."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.follow import follow
from app.cli.shell import JsonFlag, out, print_json, run, settings
from app.cli.show import exit_code, show_run, show_work, table
from app.client import label_client
from domain.approval import REJECT_REASONS

cli = typer.Typer(help="Decide on what waits for a person.", no_args_is_help=True)
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
            return (await client.get("approvals", waiting=waiting))["items"]

    found = run(work())
    if as_json:
        print_json(found)
        return
    if not found:
        out.print("Nothing waits for a decision.")
        return
    rows = table("approval", "status", "run", "expires")
    for item in found:
        rows.add_row(
            item["id"], item["status"], item["run_id"], item["expires_at"][:16].replace("T", " ")
        )
    out.print(rows)


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
    reason: Annotated[str, typer.Option(help=f"One of: {', '.join(REJECT_REASONS)}.")],
    comment: Annotated[str, typer.Option(help="A word to the artist; it remembers.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Say no with a reason that the artist learns from."""
    done = _decide(approval_id, "reject", {"reason": reason, "comment": comment}, as_json)
    raise typer.Exit(0 if done["status"] == "rejected" else exit_code(done))


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
