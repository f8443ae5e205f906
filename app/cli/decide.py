"""Asks a person at the terminal for a decision."""

from __future__ import annotations

import typer

from app.client import LabelClient
from domain.approval import REJECT_REASONS


async def ask_operator(client: LabelClient, approval_id: str) -> bool:
    """Ask for approve, reject or later; True when a decision was taken."""
    answer = typer.prompt("Approve this? [a]pprove, [r]eject, [l]ater", default="l")
    first = answer.strip().lower()[:1]
    digest = (await client.get("approvals", approval_id))["approval"]["digest"]
    if first == "a":
        await client.post("approvals", approval_id, "approve", body={"digest": digest})
        return True
    if first == "r":
        reason = typer.prompt(f"Why? ({', '.join(REJECT_REASONS)})", default="other")
        comment = typer.prompt("A word to the artist", default="")
        await client.post(
            "approvals",
            approval_id,
            "reject",
            body={"reason": reason, "comment": comment, "digest": digest},
        )
        return True
    return False
