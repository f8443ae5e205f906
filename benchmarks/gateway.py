"""Measures calls through the whole gateway: `python -m benchmarks gateway [--slots 16]`.

A server on loopback answers every call after a fixed time, in a process of its own. The ideal is
calls x latency / slots. The control sends the same calls in the same run with a bare HTTP client,
so that what the machine and the client's library take is not counted against the house.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import openai
import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from benchmarks.table import Column, Row, Table, print_tables
from domain.ports.model import CallScope, ChatMessage, ModelRequest, Sampling
from runtime.clock import SystemClock
from runtime.gateway.build import build_gateway
from runtime.gateway.gateway import Gateway
from runtime.settings import Settings
from runtime.shared.build import open_shared
from store.database import Database
from store.migrate import upgrade
from store.usage import SqlUsageLedger

BARE = "bare HTTP client"
CLIENT = "bare openai client"
WHOLE = "whole gateway, SQLite"
REDIS = "whole gateway, SQLite and Redis"
ANSWER = "A line about the sea at night, " * 8
ARTISTS = 20
Ask = Callable[[int], Awaitable[None]]


def answers(latency_s: float) -> Starlette:
    """An OpenAI-compatible server that answers every call the same after a while."""
    body = {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": ANSWER},
            }
        ],
        "usage": {"prompt_tokens": 300, "completion_tokens": 60, "total_tokens": 360},
    }

    async def chat(request: Request) -> JSONResponse:
        await request.body()
        await asyncio.sleep(latency_s)
        return JSONResponse(body)

    return Starlette(routes=[Route("/v1/chat/completions", chat, methods=["POST"])])


def _serve(sock: socket.socket, latency_s: float) -> None:
    config = uvicorn.Config(answers(latency_s), log_level="critical")
    uvicorn.Server(config).run([sock])


@contextmanager
def server(latency_s: float) -> Iterator[str]:
    """The server's address, for the block."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(512)
        port = sock.getsockname()[1]
        process = multiprocessing.get_context("fork").Process(
            target=_serve, args=(sock, latency_s), daemon=True
        )
        process.start()
        try:
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()
            process.join()


def question(number: int) -> ModelRequest:
    """A call as an artist's run makes it: repeatable, so that the cache is asked and fed."""
    text = f"Write line {number} of the song. " + "The mood is calm, the sea is dark. " * 30
    return ModelRequest(
        tier="smart",
        prompt="bench.line@1",
        messages=(ChatMessage(role="user", content=text),),
        sampling=Sampling(seed=number, max_tokens=100),
        scope=CallScope(
            artist_id=f"artist_{number % ARTISTS}",
            run_id=f"run_{number % (2 * ARTISTS)}",
            step="write",
        ),
    )


@asynccontextmanager
async def whole(
    folder: Path, url: str, slots: int, redis_url: str | None
) -> AsyncIterator[Gateway]:
    """The gateway with its ledger, budgets in money, caches and limits, as a worker has it."""
    settings = Settings(
        home=folder,
        model_url=url,
        model_name="m",
        model_slots=slots,
        model_price_in=0.01,
        model_price_out=0.01,
        model_fallback=False,
        model_requests_minute=1_000_000,
        model_tokens_minute=1_000_000_000,
        redis_url=SecretStr(redis_url) if redis_url else None,
    )
    folder.mkdir()
    await upgrade(settings.database)
    async with AsyncExitStack() as stack:
        shared = await stack.enter_async_context(open_shared(settings))
        database = Database(settings.database)
        stack.push_async_callback(database.close)
        gateway = build_gateway(settings, SqlUsageLedger(database), SystemClock(), shared)
        stack.push_async_callback(gateway.aclose)
        yield gateway


async def timed(ask: Ask, calls: int, workers: int) -> tuple[float, float]:
    """Wall and CPU seconds of this process for so many calls, by so many callers."""
    numbers = iter(range(calls))

    async def caller() -> None:
        for number in numbers:
            await ask(number)

    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(caller() for _ in range(workers)))
    return time.perf_counter() - wall, time.process_time() - cpu


async def measure(given: argparse.Namespace, url: str) -> list[Row]:
    """Every way in turn; each is warmed up with one round of its slots."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        ways = {BARE: _bare(url), CLIENT: _client(url)}
        ways[WHOLE] = _gateway(Path(folder) / "sqlite", url, given.slots, None)
        if given.redis_url:
            ways[REDIS] = _gateway(Path(folder) / "redis", url, given.slots, given.redis_url)
        for name, way in ways.items():
            async with way as ask:
                for number in range(given.slots):
                    await asyncio.gather(*(ask(-1 - number) for _ in range(1)))
                # More callers than slots, as a worker with many runs has: the gate is never empty.
                callers = given.slots if name in (BARE, CLIENT) else 2 * given.slots
                wall, cpu = await timed(ask, given.calls, callers)
            ideal = given.calls * given.latency / given.slots
            rows.append(Row(name, (wall, 100 * ideal / wall, 1000 * cpu / given.calls)))
    return rows


@asynccontextmanager
async def _bare(url: str) -> AsyncIterator[Ask]:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(limits=limits, timeout=60, trust_env=False) as client:

        async def ask(number: int) -> None:
            request = question(number)
            content = {"model": "m", "messages": [m.model_dump() for m in request.messages]}
            answer = await client.post(f"{url}/chat/completions", json=content)
            json.loads(answer.content)

        yield ask


@asynccontextmanager
async def _client(url: str) -> AsyncIterator[Ask]:
    http = openai.DefaultAsyncHttpxClient(trust_env=False)
    async with openai.AsyncOpenAI(base_url=url, api_key="none", http_client=http) as client:

        async def ask(number: int) -> None:
            text = question(number).messages[0].content
            await client.chat.completions.create(
                model="m", messages=[{"role": "user", "content": text}], seed=number
            )

        yield ask


@asynccontextmanager
async def _gateway(folder: Path, url: str, slots: int, redis_url: str | None) -> AsyncIterator[Ask]:
    async with whole(folder, url, slots, redis_url) as gateway:

        async def ask(number: int) -> None:
            await gateway.complete(question(number))

        yield ask


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slots", type=int, default=16, help="calls at a time")
    parser.add_argument("--calls", type=int, default=400, help="calls in all")
    parser.add_argument("--latency", type=float, default=0.3, help="seconds an answer takes")
    parser.add_argument("--redis-url", help="measure with a Redis too")
    parser.add_argument("--json", action="store_true", help="print JSON for scripts")
    given = parser.parse_args()
    with server(given.latency) as url:
        rows = asyncio.run(measure(given, url))
    ideal = given.calls * given.latency / given.slots
    load = ", ".join(f"{each:.2f}" for each in os.getloadavg())
    table = Table(
        title=f"{given.calls} calls of {given.latency:g} s through {given.slots} slots; "
        f"ideal {ideal:.2f} s",
        columns=(Column("wall s", 2, ratio=True), Column("% of ideal", 1), Column("CPU ms a call")),
        rows=tuple(rows),
        baseline=BARE,
        notes=(f"load average {load} on {os.cpu_count()} cores",),
    )
    print_tables([table], as_json=given.json)


if __name__ == "__main__":
    main()
