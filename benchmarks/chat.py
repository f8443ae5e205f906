"""Measures how soon an artist begins to speak: `python -m benchmarks.chat [--times 40]`.

A label in this process, served on loopback, whose model answers from a script at once: what is left
is the house's own time, from the request to the first word of its stream, asked through the API and
as a chat client asks. The label has a past of many artists; the one that talks has directives and
memories, and its talk grows from turn to turn. The target is 150 ms over the model's own, which is
asked alone in turn with the others.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn

from api.app import create_app
from app.heap import settle
from app.home import Home
from app.label import Label
from app.serve import listen
from app.wiring import open_label
from benchmarks.past import remember
from benchmarks.stock import stock
from benchmarks.table import Column, Row, Table, print_tables
from domain.actor import OPERATOR
from domain.artist import Artist
from domain.memory import MemoryRecord, hash_text
from domain.ports.model import ChatMessage, ModelRequest
from runtime.settings import Settings

TARGET_MS = 150.0
MEMORIES = 60
DIRECTIVES = 5
ALONE = "the model alone"
CLIENT = "plain talk, by a chat client"
ARTISTS, POSTS, EVENTS = 50, 2_000, 20_000
SAID = {
    "plain talk": "Hello, how was your night on the water?",
    "a look at its numbers": "How many people listened?",
    "a directive": "From now on, sing number {n} about rain.",
}
SCRIPT = {
    "chat.answer": ["The engine is running and the coffee is cold, so I am fine. " * 3],
    "chat.sum_up": ["They talked."],
    "chat.step": [{"tool": "answer", "about": ""}],
}


@dataclass(frozen=True)
class Took:
    """What a first word took; the CPU's part is also that of the client, which is in here too."""

    wall_ms: float
    cpu_ms: float


@asynccontextmanager
async def _label(folder: Path) -> AsyncIterator[tuple[Label, str]]:
    """A label that is open and answers on loopback."""
    script = folder / "script.json"
    script.write_text(json.dumps(SCRIPT))
    settings = Settings(home=folder / "home", model_script=script, token="a-token-to-measure-with")
    home = Home.of(settings)
    home.claim()
    try:
        async with open_label(settings, home) as label:
            listener = listen("127.0.0.1", 0)
            base = f"http://127.0.0.1:{listener.getsockname()[1]}"
            app = create_app(label.api_context(lambda: base))
            server = uvicorn.Server(uvicorn.Config(app, log_config=None))
            task = asyncio.create_task(server.serve(sockets=[listener]))
            while not server.started:
                await asyncio.sleep(0.01)
            yield label, base
            server.should_exit = True
            await task
    finally:
        home.release()


async def _furnish(label: Label, artist: Artist) -> None:
    """Directives and memories, as an artist has them after some weeks."""
    for number in range(DIRECTIVES):
        text = f"Never name the number {number} in a song."
        await label.house.directives.add(OPERATOR, artist.id, text)
    now = label.house.clock.now()
    for number in range(MEMORIES):
        text = f"On night {number} I wrote about a harbour with {number} lamps."
        await label.house.memory.remember(
            MemoryRecord(
                id=f"memory_{number:026d}",
                created_at=now,
                updated_at=now,
                artist_id=artist.id,
                kind="episodic",
                text=text,
                happened_at=now,
                importance=0.5,
                text_sha256=hash_text(text),
            )
        )


async def _first_word_ms(http: httpx.AsyncClient, talk_id: str, said: str) -> Took:
    """To the first word of an answer, which is then heard to its end."""
    path, head = f"/api/v1/talks/{talk_id}/turns", {"Accept": "text/event-stream"}
    begun, worked = time.perf_counter(), time.process_time()
    first = None
    async with http.stream("POST", path, json={"text": said}, headers=head) as answer:
        answer.raise_for_status()
        async for line in answer.aiter_lines():
            if first is None and line == "event: text":
                cpu_ms = (time.process_time() - worked) * 1000
                first = Took((time.perf_counter() - begun) * 1000, cpu_ms)
    if first is None:
        raise RuntimeError("the artist said nothing")
    return first


async def _first_chunk_ms(http: httpx.AsyncClient, handle: str, said: str) -> Took:
    """The same as clients of OpenAI's API hear it: the first chunk that has words."""
    asked = [{"role": "user", "content": said}]
    body = {"model": handle, "messages": asked, "stream": True}
    begun, worked = time.perf_counter(), time.process_time()
    first = None
    async with http.stream("POST", "/v1/chat/completions", json=body) as answer:
        answer.raise_for_status()
        async for line in answer.aiter_lines():
            if first is None and line.startswith("data: {") and _has_words(line):
                cpu_ms = (time.process_time() - worked) * 1000
                first = Took((time.perf_counter() - begun) * 1000, cpu_ms)
    if first is None:
        raise RuntimeError("the artist said nothing")
    return first


def _has_words(line: str) -> bool:
    choices = json.loads(line.removeprefix("data: "))["choices"]
    return bool(choices and choices[0]["delta"].get("content"))


async def _alone_ms(label: Label) -> Took:
    request = ModelRequest(
        tier="smart",
        prompt="chat.answer@1",
        messages=(ChatMessage(role="user", content="Hello."),),
        priority="chat",
    )
    begun, worked, first = time.perf_counter(), time.process_time(), None
    async for _ in label.house.gateway.stream(request):
        cpu_ms = (time.process_time() - worked) * 1000
        first = first or Took((time.perf_counter() - begun) * 1000, cpu_ms)
    if first is None:
        raise RuntimeError("the model said nothing")
    return first


async def measure(times: int) -> Table:
    """First words of each kind, one after another in one talk."""
    took: dict[str, list[Took]] = {ALONE: [], **{kind: [] for kind in SAID}, CLIENT: []}
    with tempfile.TemporaryDirectory() as folder:
        async with _label(Path(folder)) as (label, base):
            made = await stock(label.ground.database, ARTISTS)
            await remember(label.ground.database, made, POSTS, EVENTS, waiting=0)
            artist = made[0]
            await _furnish(label, artist)
            bearer = {"Authorization": f"Bearer {label.home.token()}"}
            async with httpx.AsyncClient(
                base_url=base, headers=bearer, trust_env=False, timeout=120
            ) as http:
                begun = await http.post(f"/api/v1/artists/{artist.handle}/talks")
                talk_id = begun.json()["id"]
                # What a process needs once is loaded while the person types.
                await _first_word_ms(http, talk_id, "Hello?")
                settle()
                for number in range(times):
                    took[ALONE].append(await _alone_ms(label))
                    for kind, said in SAID.items():
                        word = said.format(n=number % 40)
                        took[kind].append(await _first_word_ms(http, talk_id, word))
                    word = f"{SAID['plain talk']} {number}"
                    took[CLIENT].append(await _first_chunk_ms(http, artist.handle, word))
    return Table(
        title=f"First word of an answer, {times} of each; target {TARGET_MS:.0f} ms over the model",
        columns=(Column("median ms"), Column("p95 ms"), Column("worst ms"), Column("CPU ms")),
        rows=tuple(_row(kind, found) for kind, found in took.items()),
        baseline=ALONE,
        notes=(
            f"The artist has {DIRECTIVES} directives and more, {MEMORIES} memories, "
            f"and a talk of up to {2 * times * len(SAID)} turns.",
            f"Load average {os.getloadavg()[0]:.2f} at the end, {os.cpu_count()} cores.",
        ),
    )


def _row(kind: str, found: list[Took]) -> Row:
    wall = [took.wall_ms for took in found]
    p95 = statistics.quantiles(wall, n=20)[-1] if len(wall) > 1 else wall[0]
    cpu_ms = statistics.median(took.cpu_ms for took in found)
    return Row(kind, (statistics.median(wall), p95, max(wall), cpu_ms))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    given = parser.parse_args()
    print_tables([asyncio.run(measure(given.times))], as_json=given.json)


if __name__ == "__main__":
    main()
