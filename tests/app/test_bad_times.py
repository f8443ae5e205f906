"""What can go wrong outside: each ends in a clear error and a run that can be resumed."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest

from tests.app.conftest import Answer, Command
from tests.support.homes import BRIEF

CREATE = ("artist", "create", "--brief", BRIEF, "--genre", "indie-folk", "--seed", "7", "--json")


def _stopped(answer: Answer, code: int, failure: str) -> str:
    assert answer.code == code, answer.out + answer.err
    run = answer.json.get("run", answer.json)
    assert run["status"] == "failed"
    assert run["failure"]["code"] == failure
    assert run["failure"]["remedy"]
    return str(run["id"])


def _resumed(greenroom: Command, run_id: str) -> None:
    done = greenroom("run", "resume", run_id, "--json")
    assert (done.code, done.json["status"]) == (0, "succeeded"), done.out + done.err


@contextmanager
def _listener(answer: bytes | None) -> Iterator[str]:
    """A server that says the same bytes to everybody, or nothing at all."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.1)
    stop = Event()

    def serve() -> None:
        held = []
        while not stop.is_set():
            try:
                caller, _ = server.accept()
            except TimeoutError:
                continue
            held.append(caller)
            if answer is not None:
                _read_request(caller)
                caller.sendall(answer)
                caller.close()

    thread = Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1"
    finally:
        stop.set()
        thread.join()
        server.close()


def _read_request(caller: socket.socket) -> None:
    """Take the whole request in, so that closing does not reset the connection."""
    caller.settimeout(1)
    seen = b""
    while b"\r\n\r\n" not in seen:
        seen += caller.recv(65536)
    head, _, body = seen.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        ),
        0,
    )
    while len(body) < length:
        body += caller.recv(65536)


def _http(status: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


NONSENSE = _http("200 OK", b"<moo/>")
REFUSAL = _http("401 Unauthorized", b'{"error": {"message": "wrong key"}}')


@pytest.mark.parametrize(
    ("answer", "failure"),
    [(None, "model_timeout"), (NONSENSE, "model_unavailable"), (REFUSAL, "model_rejected")],
)
def test_a_sick_endpoint_stops_the_run_and_a_well_one_resumes_it(
    greenroom: Command, answer: bytes | None, failure: str
) -> None:
    with _listener(answer) as url:
        stopped = greenroom(
            *CREATE,
            MODEL_SCRIPT="", FORBID_REAL_MODELS="", MODEL_URL=url, MODEL_NAME="m",
            MODEL_TIMEOUT_S="0.5", MODEL_ATTEMPTS="2", MODEL_FALLBACK="false",
        )  # fmt: skip
    run = stopped.json["run"]
    assert run["status"] == "failed", run
    assert stopped.code == 7
    assert run["failure"]["code"] == failure, run["failure"]
    assert run["failure"]["remedy"]
    _resumed(greenroom, run["id"])


def test_an_unreachable_endpoint_stops_the_run(greenroom: Command) -> None:
    stopped = greenroom(
        *CREATE,
        MODEL_SCRIPT="", FORBID_REAL_MODELS="", MODEL_URL="http://127.0.0.1:9/v1", MODEL_NAME="m",
        MODEL_ATTEMPTS="2", MODEL_FALLBACK="false",
    )  # fmt: skip
    _stopped(stopped, 7, "model_unavailable")


def test_tests_never_reach_a_real_model(greenroom: Command) -> None:
    stopped = greenroom(*CREATE, MODEL_SCRIPT="")
    _stopped(stopped, 7, "real_model_forbidden")


def test_a_spent_budget_stops_the_run_and_a_larger_one_resumes_it(greenroom: Command) -> None:
    stopped = greenroom(*CREATE, BUDGET_RUN_TOKENS="50")
    run_id = _stopped(stopped, 6, "budget_exceeded")
    _resumed(greenroom, run_id)


def test_a_full_disk_stops_the_run_and_room_resumes_it(greenroom: Command) -> None:
    stopped = greenroom(*CREATE, DISK_RESERVE_MB="999999999")
    run_id = _stopped(stopped, 8, "disk_full")
    _resumed(greenroom, run_id)


def test_a_missing_sound_font_stops_the_run_and_the_shipped_one_resumes_it(
    greenroom: Command,
) -> None:
    made = greenroom(*CREATE)
    handle = made.json["artist"]["handle"]
    stopped = greenroom(
        "artist", "run", handle, "--approve", "auto", "--seed", "3", "--json",
        SOUNDFONT="/nowhere/font.sf3",
    )  # fmt: skip
    run_id = _stopped(stopped, 8, "part_missing")
    assert stopped.json["failure"]["step"] == "render"
    _resumed(greenroom, run_id)
