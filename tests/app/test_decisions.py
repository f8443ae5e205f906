"""Deciding and following, against a server that answers by a script."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from rich.console import Console
from rich.progress import Progress, TextColumn

from app import client
from app.cli.follow import RunBars, follow
from app.client import LabelClient
from tests.app.conftest import Command

WORK: dict[str, Any] = {
    "title": "Way [/out]", "duration_s": 9.0, "tempo_bpm": None, "key": None, "files": [],
    "lyrics": [{"section": "[/verse]", "lines": ["[/line]"]}],
    "reports": [
        {"subject": "[/audio]", "gates": [{"gate": "g", "verdict": "fail", "reason": "[/why]"}]}
    ],
}  # fmt: skip
RUN: dict[str, Any] = {
    "id": "run_1", "artist": "pia", "stage_name": "[/Pia]", "kind": "cycle", "action": None,
    "approval_id": "approval_1", "failure": None, "works": [WORK], "posts": [], "tokens": 0,
    "cost_usd": 0.0, "cpu_s": 0.0,
}  # fmt: skip
FAILURE = {
    "code": "provider", "step": "publish", "message": "no [/way] out", "remedy": None,
    "exit_code": 7,
}  # fmt: skip


class Script:
    """A run that takes these states, one each time the log is read."""

    def __init__(self, *states: str, approval: str = "approved") -> None:
        self.states = list(states)
        self.approval = approval
        self.decided: list[str] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1")
        if path == "/events":
            if "wait" not in request.url.params:
                return httpx.Response(200, json={"items": [], "last": 0})
            assert len(self.states) > 1, "nothing will ever happen again"
            self.states.pop(0)
            return httpx.Response(200, json={"items": [], "last": 0})
        if path == "/hold":
            return httpx.Response(200, json={"hold": None})
        if path == "/runs/run_1":
            failure = FAILURE if self.states[0] == "failed" else None
            run = {**RUN, "status": self.states[0], "failure": failure}
            return httpx.Response(200, json=run)
        if request.method == "POST":
            self.decided.append(path.rsplit("/", 1)[1])
        approval = {"run_id": "run_1", "digest": "d", "status": self.approval}
        return httpx.Response(200, json={"approval": approval})

    @asynccontextmanager
    async def in_process(self, *_: object, **__: object) -> AsyncIterator[httpx.AsyncClient]:
        transport = httpx.MockTransport(self.answer)
        async with httpx.AsyncClient(transport=transport, base_url="http://label") as http:
            yield http


async def _followed(script: Script) -> str:
    async with asyncio.timeout(5), script.in_process() as http:
        return str((await follow(LabelClient(http), "run_1", quiet=True))["status"])


@pytest.mark.parametrize("status", ["succeeded", "rejected", "failed", "cancelled"])
async def test_a_run_that_has_ended_is_not_waited_for(status: str) -> None:
    assert await _followed(Script(status)) == status


async def test_a_run_is_looked_at_again_when_its_log_says_nothing() -> None:
    assert await _followed(Script("queued", "running", "running", "succeeded")) == "succeeded"


async def test_a_waiting_run_is_left_to_its_person_but_not_once_that_has_decided() -> None:
    assert await _followed(Script("waiting", approval="waiting")) == "waiting"
    assert await _followed(Script("waiting", "running", "succeeded")) == "succeeded"


@pytest.mark.parametrize(
    ("verb", "status", "code"),
    [
        ("approve", "succeeded", 0),
        ("approve", "failed", 7),
        ("reject", "rejected", 0),
        ("reject", "failed", 7),
    ],
)
def test_the_exit_code_tells_how_the_decision_ended(
    greenroom: Command, monkeypatch: pytest.MonkeyPatch, verb: str, status: str, code: int
) -> None:
    script = Script("waiting", "running", status)
    monkeypatch.setattr(client, "in_process", script.in_process)
    reason = ["--reason", "music"] if verb == "reject" else []
    said = greenroom("approval", verb, "approval_1", *reason)
    assert (said.code, script.decided) == (code, [verb])
    assert ("no [/way] out" in said.err) == (status == "failed")
    for data in ("[/Pia]", "Way [/out]", "[/verse]", "[/line]", "[/audio]", "[/why]"):
        assert data in said.out


def test_a_long_step_is_shown_by_its_name_and_what_it_is_doing() -> None:
    said = io.StringIO()
    console = Console(file=said, force_terminal=True, width=100, color_system=None)
    with Progress(TextColumn("{task.description}"), console=console, auto_refresh=False) as bars:
        view = RunBars(bars)
        view.show({"kind": "step.started", "data": {"step": "render", "attempt": 1}})
        view.show({"kind": "run.progress", "data": {"stage": "mixing [/x]", "fraction": 0.4}})
        bars.refresh()
        done = {"step": "render", "outcome": "ok", "says": "four bars [/dim]"}
        assert not view.show({"kind": "step.finished", "data": done})
        assert view.show({"kind": "run.changed", "data": {"status": "succeeded"}})
    assert "render · mixing [/x]" in said.getvalue()
    assert "✓ render    four bars [/dim]" in said.getvalue()
