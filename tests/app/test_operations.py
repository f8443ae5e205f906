"""The engine room from the command line, on a home that nobody else owns."""

from __future__ import annotations

import asyncio
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from app.cli.worker import show_workers
from domain.actor import OPERATOR, SYSTEM
from domain.errors import ModelRejected
from domain.ports.engine import WorkerView
from domain.run import Run
from tests.app.conftest import Command
from tests.store import nouns
from tests.support.label import START, debut, open_label

REFUSED = ModelRejected("the key [red]is refused", remedy="Check GREENROOM_MODEL_KEY.")


@pytest.fixture
def dead(tmp_path: Path, greenroom: Command) -> list[str]:
    """Ids of two runs that failed for good, the older first."""

    async def fail() -> list[str]:
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        async with open_label(home) as label:
            who = await debut(label)
            found: list[Run] = []
            for step in ("write", "render"):
                run = await label.runs.start(OPERATOR, who.handle)
                await label.runs.begin(SYSTEM, run.id)
                found.append(await label.runs.fail(SYSTEM, run.id, step, REFUSED))
            return [run.id for run in found]

    return asyncio.run(fail())


@pytest.fixture
def made_before(tmp_path: Path, dead: list[str]) -> None:
    """A render that was found three times."""

    async def make() -> None:
        async with open_label(tmp_path / "home") as label, label.database.unit() as unit:
            await unit.renders.put(nouns.render(hits=3))
            await unit.commit()

    asyncio.run(make())


def test_an_idle_house(greenroom: Command) -> None:
    shown = greenroom("work")
    assert shown.code == 0, shown.err
    assert "No worker is at work" in shown.out
    assert "No run has failed for good" in shown.out
    assert greenroom("run", "dead", "--json").json == []
    assert greenroom("worker", "list", "--json").json == []


def test_caches_are_shown_once_something_was_looked_up(
    greenroom: Command, dead: list[str], made_before: None
) -> None:
    assert "renders: 3 of 4 (75%)" in greenroom("work").out
    lines = {line["name"]: line for line in greenroom("work", "--json").json["caches"]}
    assert set(lines) == {"answers", "embeddings", "renders"}
    assert (lines["renders"]["hits"], lines["renders"]["misses"]) == (3, 1)


def test_a_narrow_terminal_breaks_neither_ids_nor_words(
    greenroom: Command, dead: list[str]
) -> None:
    lines = greenroom("run", "dead", WIDTH="80").out.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split()[0] for line in lines if line.startswith("run_")] == dead[::-1]
    assert "  why: the key [red]is refused" in [line.rstrip() for line in lines]
    assert "  → Check GREENROOM_MODEL_KEY." in [line.rstrip() for line in lines]


def test_dead_letters_are_shown_and_discarded(greenroom: Command, dead: list[str]) -> None:
    older, newer = dead
    screen = greenroom("work").out
    assert newer in screen
    assert "the key [red]is refused" in screen
    assert "Check GREENROOM_MODEL_KEY." in greenroom("run", "dead").out
    in_write = greenroom("run", "dead", "--step", "write", "--json").json
    assert [letter["run_id"] for letter in in_write] == [older]
    done = greenroom("run", "discard", older, "--why", "a joke", "--json")
    assert done.json == {"done": [older], "refused": [], "left": 0}
    assert greenroom("run", "discard", older).code == 5
    swept = greenroom("run", "discard", "--all", "--code", "model_rejected")
    assert "1 run discarded" in swept.out
    assert greenroom("run", "dead", "--json").json == []
    assert greenroom("work", "--json").json["dead"]["total"] == 0


@pytest.mark.parametrize(
    "words", [(), ("--code", "x"), ("run_x", "--all"), ("run_x", "--step", "y")]
)
def test_nothing_is_swept_by_a_slip(
    greenroom: Command, dead: list[str], words: tuple[str, ...]
) -> None:
    for act in ("discard", "replay"):
        answer = greenroom("run", act, *words)
        assert (answer.code, "--all" in answer.err) == (2, True)
    assert len(greenroom("run", "dead", "--json").json) == 2


def test_dead_letters_are_queued_again(greenroom: Command, dead: list[str]) -> None:
    answer = greenroom("run", "replay", "--all", "--step", "write", "--json")
    assert answer.json == {"done": [dead[0]], "refused": [], "left": 0}
    assert greenroom("run", "replay", "run_none").code == 4
    paused = greenroom("artist", "pause", greenroom("artist", "list", "--json").json[0]["handle"])
    assert paused.code == 0
    refused = greenroom("run", "replay", "--all", "--step", "render")
    assert "0 runs queued again" in refused.out
    assert "paused" in refused.err


def test_an_unknown_worker_is_named(greenroom: Command) -> None:
    answer = greenroom("worker", "drain", "attic-7")
    assert answer.code == 4
    assert "attic-7" in answer.err


def test_workers_are_shown_with_their_load(capfd: pytest.CaptureFixture[str]) -> None:
    worker = WorkerView(
        id="attic-7", host="attic", pid=7, concurrency=4, running=3, started_at=START,
        silent_s=75.0, state="silent",
    )  # fmt: skip
    show_workers([worker.model_dump(mode="json")])
    said = capfd.readouterr().out
    for words in ("attic-7", "silent", "3 of 4", "1 min ago"):
        assert words in said


def test_health_of_a_process_that_is_not_there(greenroom: Command) -> None:
    answer = greenroom("health", PORT="1")
    assert (answer.code, "does not answer" in answer.err) == (8, True)
    answer = greenroom("health", "--process", "worker")
    assert (answer.code, "GREENROOM_METRICS_PORT" in answer.err) == (2, True)
    answer = greenroom("health", "--process", "worker", METRICS_PORT="1")
    assert answer.code == 8


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 8)])
def test_health_is_what_the_process_says(greenroom: Command, status: int, code: int) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path in ("/healthz", "/api/v1/health") else 404)
            self.end_headers()

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = str(server.server_port)
        assert greenroom("health", PORT=port, HOST="0.0.0.0").code == code
        assert greenroom("health", "--process", "scheduler", METRICS_PORT=port).code == code
        server.shutdown()
