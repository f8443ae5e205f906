from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from runtime import logs
from runtime.logs import ask_for, bound, configure_logs, identify


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    logs._process.clear()
    logs._asked.clear()
    structlog.reset_defaults()


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


async def test_every_line_of_a_run_says_whose_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO", "json")
    identify(process="worker", worker="host-1")
    ask_for("trace_id", lambda: "abc")
    ours, theirs = structlog.get_logger("greenroom"), logging.getLogger("a.package")

    def elsewhere() -> None:
        theirs.info("from a thread")

    with bound(run_id="run_1", artist_id="artist_1", step=None):
        ours.info("from the step", run_id="run_2")
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.to_thread(elsewhere))
    ours.info("afterwards")
    first, second, last = told(capsys)
    for line in (first, second):
        assert (line["process"], line["worker"], line["trace_id"]) == ("worker", "host-1", "abc")
        assert line["artist_id"] == "artist_1"
        assert "step" not in line
    assert (first["event"], first["run_id"]) == ("from the step", "run_2"), "its own word counts"
    assert (second["event"], second["run_id"]) == ("from a thread", "run_1")
    assert "run_id" not in last


def test_a_thread_of_its_own_says_at_least_the_process(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs("INFO", "json")
    identify(process="worker")
    thread = threading.Thread(target=lambda: logging.getLogger("x").warning("beat"))
    thread.start()
    thread.join()
    (line,) = told(capsys)
    assert line["process"] == "worker"


def test_what_is_asked_for_may_not_be_there(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO", "json")
    ask_for("trace_id", lambda: None)
    structlog.get_logger().info("quiet")
    ask_for("trace_id", None)
    assert "trace_id" not in told(capsys)[0]


def test_errors_are_told_without_what_the_variables_held(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs("INFO", "json")
    token = "s3cret-token"
    try:
        raise ValueError(f"{len(token)} is too long")
    except ValueError:
        structlog.get_logger().exception("it broke")
    (line,) = told(capsys)
    assert "ValueError: 12 is too long" in line["exception"]
    assert token not in json.dumps(line)


def test_lines_for_people_are_text(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("WARNING", "text")
    with bound(run_id="run_1"):
        structlog.get_logger().warning("disk low", free_mb=3)
        structlog.get_logger().info("not told")
    said = capsys.readouterr().err
    assert "disk low" in said
    assert "run_id=run_1" in said
    assert "not told" not in said
