from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Literal

import httpx
import psutil
import pytest
from pydantic import BaseModel

from domain.errors import EnvironmentProblem, ModelError, PartMissing
from domain.ports.model import ChatMessage
from runtime.embedded.catalogue import EmbeddedModel, find
from runtime.embedded.endpoint import EmbeddedEndpoint
from runtime.embedded.supervisor import ServerOptions, Supervisor
from tests.runtime.gateway.support import Bench, ask

Spawn = Callable[[], "subprocess.Popen[str]"]
OPTIONS = ServerOptions(threads=1, slots=2, context_tokens=1024)


class Mood(BaseModel):
    mood: Literal["sad", "happy"]
    strength: int


@pytest.fixture
async def supervisor(smol: EmbeddedModel, cache_dir: Path) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(smol, cache_dir, OPTIONS)
    yield supervisor
    await supervisor.aclose()


@pytest.fixture
def spawn(cache_dir: Path) -> Iterator[Spawn]:
    users: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.runtime.embedded.user", str(cache_dir)]
        user = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        users.append(user)
        return user

    yield start
    for user in users:
        user.kill()
        user.communicate()


def server_pid(user: subprocess.Popen[str]) -> int:
    assert user.stdout is not None
    return int(user.stdout.readline())


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until_gone(pid: int, within_s: float = 15) -> None:
    deadline = time.monotonic() + within_s
    while is_running(pid):
        assert time.monotonic() < deadline, f"server {pid} is still there"
        time.sleep(0.1)


async def test_text_form_stream_and_prefill_from_a_real_model(supervisor: Supervisor) -> None:
    bench = Bench([EmbeddedEndpoint(supervisor)], timeout_s=60)
    said = await bench.gateway.complete(ask("Say hello.", max_tokens=8, seed=1, logprobs=True))
    assert said.text.strip()
    assert said.usage.completion_tokens <= 8
    assert said.mean_logprob is not None
    assert said.mean_logprob < 0
    form = await bench.gateway.structured(ask("How is the singer?", max_tokens=40, seed=1), Mood)
    assert form.attempts == 1
    assert "\n" not in form.completion.text, "the grammar leaves no room for idle white space"
    assert len([p async for p in bench.gateway.stream(ask(max_tokens=6))]) > 1
    begun = (*ask("Count.").messages, ChatMessage(role="assistant", content="one, two,"))
    line = ask(max_tokens=12, temperature=0).model_copy(update={"messages": begun})
    continued = await bench.gateway.complete(line)
    assert not continued.text.lstrip().startswith("one, two,")
    assert "three" in continued.text
    await bench.gateway.aclose()


async def test_the_server_asks_for_its_key_and_hides_it_from_others(
    supervisor: Supervisor,
) -> None:
    async with supervisor.using() as state:
        async with httpx.AsyncClient() as http:
            body = {"messages": [{"role": "user", "content": "x"}], "max_tokens": 1}
            reply = await http.post(f"{state.url}/chat/completions", json=body)
        assert reply.status_code == 401
        assert state.url.startswith("http://127.0.0.1:")
        files = list((supervisor._post.state_file.parent).glob("*.json"))
    assert [stat.S_IMODE(f.stat().st_mode) for f in files] == [0o600]
    assert state.key.get_secret_value() not in " ".join(psutil.Process(state.pid).cmdline())


async def test_the_last_user_ends_the_server(supervisor: Supervisor) -> None:
    async with supervisor.using() as state:
        pass
    await supervisor.aclose()
    wait_until_gone(state.pid, within_s=1)
    assert supervisor.running() is None


async def test_a_dead_server_is_started_again_for_the_next_call(supervisor: Supervisor) -> None:
    bench = Bench([EmbeddedEndpoint(supervisor)], timeout_s=60)
    await bench.gateway.complete(ask(max_tokens=2))
    first = supervisor.running()
    assert first is not None
    os.kill(first.pid, signal.SIGKILL)
    wait_until_gone(first.pid)
    await bench.gateway.complete(ask(max_tokens=2))
    second = supervisor.running()
    assert second is not None
    assert second.pid != first.pid
    assert bench.outcomes == ["ok", "ok"]
    await bench.gateway.aclose()


async def test_a_server_killed_in_the_middle_of_an_answer_is_replaced(
    supervisor: Supervisor,
) -> None:
    bench = Bench([EmbeddedEndpoint(supervisor)], timeout_s=60)
    await bench.gateway.complete(ask(max_tokens=2))
    state = supervisor.running()
    assert state is not None
    long = asyncio.create_task(bench.gateway.complete(ask("Tell a long story.", max_tokens=300)))
    await asyncio.sleep(0.3)
    os.kill(state.pid, signal.SIGKILL)
    assert (await long).text
    await bench.gateway.aclose()


async def test_an_idle_server_ends_by_itself(smol: EmbeddedModel, cache_dir: Path) -> None:
    options = ServerOptions(threads=1, slots=1, context_tokens=512, idle_s=1.0)
    supervisor = Supervisor(smol, cache_dir, options)
    async with supervisor.using() as state:
        await asyncio.sleep(2)
        assert is_running(state.pid), "a server somebody waits for is not idle"
    wait_until_gone(state.pid)
    await supervisor.aclose()


def test_two_processes_share_one_server_until_both_are_killed(spawn: Spawn) -> None:
    first, second = spawn(), spawn()
    pid = server_pid(first)
    assert server_pid(second) == pid
    first.kill()
    first.wait()
    time.sleep(2)
    assert is_running(pid), "the second process still uses it"
    second.kill()
    second.wait()
    wait_until_gone(pid)


def test_a_server_outlives_the_process_that_started_it_cleanly(spawn: Spawn) -> None:
    first = spawn()
    pid = server_pid(first)
    second = spawn()
    assert server_pid(second) == pid
    first.communicate(timeout=20)
    assert is_running(pid)
    second.communicate(timeout=20)
    wait_until_gone(pid, within_s=2)


async def test_a_damaged_file_is_reported_with_the_log(smol: EmbeddedModel, tmp_path: Path) -> None:
    path = tmp_path / "damaged.gguf"
    path.write_bytes(b"GGUF" + b"\0" * 1000)
    supervisor = Supervisor(find(str(path)), tmp_path, OPTIONS)
    with pytest.raises(EnvironmentProblem) as caught:
        async with supervisor.using():
            pass
    assert "damaged.log" in (caught.value.remedy or "")
    await supervisor.aclose()


async def test_a_model_that_was_never_pulled_says_how(smol: EmbeddedModel, tmp_path: Path) -> None:
    bench = Bench([EmbeddedEndpoint(Supervisor(smol, tmp_path, OPTIONS))])
    with pytest.raises(PartMissing, match="not on this machine"):
        await bench.gateway.complete(ask())
    await bench.gateway.aclose()


async def test_too_long_a_prompt_is_rejected_not_cut(supervisor: Supervisor) -> None:
    bench = Bench([EmbeddedEndpoint(supervisor)], timeout_s=60)
    with pytest.raises(ModelError, match="context"):
        await bench.gateway.complete(ask("word " * 5000))
    await bench.gateway.aclose()
