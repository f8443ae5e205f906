"""`greenroom chat`: talk with an artist; its words come as it finds them."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated, Any

import typer
from rich.markup import escape

from app.cli.shell import JsonFlag, ensure_embedded_model, err, out, print_json, run, settings
from app.client import LabelClient, label_client
from domain.errors import GreenroomError

LOOK_S = 0.2
STOPPED = "The talk is kept; go on with it by --talk."


def chat(
    handle: Annotated[str, typer.Argument(help="The artist.")],
    say: Annotated[
        str | None, typer.Argument(help="Say this and end; left out: talk until Ctrl-D.")
    ] = None,
    talk: Annotated[str | None, typer.Option(help="Go on with this talk.")] = None,
    yes: Annotated[
        bool | None, typer.Option("--yes/--no", help="Answer what it asks, without being asked.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Talk with an artist. What you ask for is kept as a directive; what is risky it asks first."""
    current = settings()
    ensure_embedded_model(current, quiet=as_json)

    async def work() -> None:
        async with label_client(current) as client:
            talk_id = talk or (await client.post("artists", handle, "talks"))["id"]
            name = (await client.get("artists", handle))["stage_name"]
            teller = _Teller(client, talk_id, name, yes=yes, quiet=as_json)
            if say is not None:
                turn = await teller.hear(say)
                if as_json:
                    print_json(turn)
                return
            out.print(f"[dim]Talk {talk_id}; Ctrl-D ends it.[/dim]", highlight=False)
            while (line := await asyncio.to_thread(_line)) is not None:
                try:
                    await teller.hear(line)
                except GreenroomError as error:
                    err.print(f"[red]{escape(error.message)}[/red]", highlight=False)

    run(work(), stopped=STOPPED)


class _Teller:
    """Says something and prints the answer while it grows."""

    def __init__(
        self, client: LabelClient, talk_id: str, name: str, *, yes: bool | None, quiet: bool
    ) -> None:
        self._client = client
        self._talk = talk_id
        self._name = name
        self._yes = yes
        self._quiet = quiet

    async def hear(self, said: str) -> dict[str, Any]:
        """The artist's turn, once it is whole."""
        turn: dict[str, Any]
        turn = await self._client.post("talks", self._talk, "turns", body={"text": said})
        shown = _Shown(self._name, quiet=self._quiet)
        while turn["status"] == "answering":
            await asyncio.sleep(LOOK_S)
            turn = await self._client.get("talks", self._talk, "turns", turn["id"])
            shown.show(turn)
        shown.end(turn)
        for question in (p for p in turn["parts"] if p["kind"] == "question"):
            turn = await self._ask(turn, question, shown)
        return turn

    async def _ask(
        self, turn: dict[str, Any], question: dict[str, Any], shown: _Shown
    ) -> dict[str, Any]:
        word = self._yes
        if word is None and not self._quiet and sys.stdin.isatty():
            word = await asyncio.to_thread(typer.confirm, question["text"])
        if word is None:
            if not self._quiet:
                err.print("  → answer it on the chat page, or say it with --yes", highlight=False)
            return turn
        path = ("talks", self._talk, "questions", question["id"])
        told: dict[str, Any] = await self._client.post(*path, body={"yes": word})
        shown.answered(told, question["id"])
        return told


class _Shown:
    """What was printed of an answer so far."""

    def __init__(self, name: str, *, quiet: bool) -> None:
        self._quiet = quiet
        self._name = name
        self._parts = 0
        self._chars = 0

    def show(self, turn: dict[str, Any]) -> None:
        """Print what has grown since."""
        if self._quiet:
            return
        parts = turn["parts"]
        while self._parts < len(parts):
            part = parts[self._parts]
            last = self._parts == len(parts) - 1
            if part["kind"] == "text":
                self._say(part["text"])
                if last:
                    return
                out.print()
            elif part["kind"] == "tool" and part["status"] == "running" and last:
                return
            else:
                out.print(f"[dim]· {escape(_words(part))}[/dim]", highlight=False)
            self._parts += 1
            self._chars = 0

    def end(self, turn: dict[str, Any]) -> None:
        """Print the rest, and what went wrong."""
        self.show(turn)
        if self._quiet:
            return
        if self._chars:
            out.print()
        if failure := turn["failure"]:
            err.print(f"[red]{escape(failure['message'])}[/red]", highlight=False)
            if failure["remedy"]:
                err.print(f"  → {escape(failure['remedy'])}", highlight=False)

    def answered(self, turn: dict[str, Any], question_id: str) -> None:
        """Print what came of a yes or no."""
        if self._quiet:
            return
        found = [p for p in turn["parts"] if p.get("id") == question_id]
        why = found[0]["why"] if found else ""
        words = {"done": "Done.", "no": "Left as it is.", "failed": f"It did not work: {why}"}
        for part in found:
            out.print(f"[dim]{escape(words.get(part['status'], ''))}[/dim]", highlight=False)

    def _say(self, text: str) -> None:
        if not self._chars:
            out.print(f"[bold]{escape(self._name)}[/bold]", highlight=False)
        out.print(text[self._chars :], end="", markup=False, highlight=False, soft_wrap=True)
        self._chars = len(text)


def _words(part: dict[str, Any]) -> str:
    if part["kind"] == "tool":
        return f"{part['says']}: {part['why']}" if part["why"] else str(part["says"])
    if part["kind"] == "question":
        return str(part["text"])
    card = part["card"]
    facts = ", ".join(f"{f['name']}: {f['value']}" for f in card["facts"])
    return f"[{card['kind']}] {card['text'] or card['title']}" + (f" ({facts})" if facts else "")


def _line() -> str | None:
    try:
        line = input("> ").strip()
    except EOFError:
        return None
    return line or _line()
