"""Measures the model that the settings name: `python -m benchmarks.models [EMBEDDED_NAME ...]`.

Every number is taken through the gateway, as the product would see it.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from dataclasses import dataclass
from typing import Annotated, Literal

import psutil
from pydantic import BaseModel, Field
from rich.console import Console
from rich.table import Table

from domain.errors import UnusableAnswer
from domain.ports.model import ChatMessage, Completion, ModelRequest, Sampling
from domain.trimmed import Trimmed
from runtime.clock import SystemClock
from runtime.embedded.presence import Post
from runtime.gateway.build import build_gateway
from runtime.gateway.gateway import Gateway
from runtime.gateway.ledger import MemoryLedger
from runtime.settings import Settings

_PERSONA = (
    "You are Nova Reyes, dream-pop singer from Valparaiso, former lighthouse keeper. "
    "You write short, concrete song lines: objects, weather, places."
)
_EXAMPLE = (
    "[Verse]\nThe kettle sings to an empty chair\nMy suitcase smells of your father's rain\n"
    "Platform nine and the salt in my hair\nI wave at the window, I wave at the train\n"
)


class Mood(BaseModel):
    """A mood."""

    mood: Literal["calm", "sad", "glad", "angry"]
    valence: float = Field(ge=-1, le=1)
    cause: Annotated[str, Trimmed(120)]


class Step(BaseModel):
    """What to do next."""

    action: Literal["write_song", "post_update", "reply_to_fan", "collaborate", "rest"]
    reason: Annotated[str, Trimmed(160)]


class Concept(BaseModel):
    """What a song is about."""

    title: str = Field(min_length=2, max_length=60)
    theme: Annotated[str, Trimmed(160)]
    images: list[Annotated[str, Field(max_length=60)]] = Field(min_length=3, max_length=5)
    tempo_bpm: int = Field(ge=60, le=180)


class Announcement(BaseModel):
    """A post."""

    text: Annotated[str, Trimmed(240)]
    alt_text: Annotated[str, Trimmed(120)]


class Save(BaseModel):
    """Keep a fact."""

    tool: Literal["save_memory"]
    fact: Annotated[str, Trimmed(120)]


class Ask(BaseModel):
    """Look something up."""

    tool: Literal["ask_memory"]
    question: Annotated[str, Trimmed(120)]


class ToolCall(BaseModel):
    """One call of a tool."""

    call: Save | Ask


_FORMS: tuple[tuple[type[BaseModel], str], ...] = (
    (Mood, "Your ferry home was cancelled in the storm. What is your mood?"),
    (Step, "You have a melody in your head after last night's storm. What do you do next?"),
    (Concept, "Outline a song about missing someone across the ocean."),
    (
        Announcement,
        "Announce your single `Foghorn`, out tonight; describe its cover for the blind.",
    ),
    (ToolCall, "A fan tells you that her name is Pia and that she lives in Lima. Save it."),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of one model."""

    model: str
    load_s: float
    write_tokens_s: float
    write_tokens_cpu_s: float
    read_tokens_s: float
    lines_tokens_s: float
    valid_first: int
    valid: int
    forms: int
    form_s: float
    rss_mb: int
    lines: tuple[str, ...]


def _request(prompt: str, *messages: tuple[str, str], **sampling: float | int) -> ModelRequest:
    return ModelRequest(
        tier="smart",
        prompt=f"benchmark.{prompt}@1",
        messages=tuple(ChatMessage.model_validate({"role": r, "content": c}) for r, c in messages),
        sampling=Sampling.model_validate(sampling),
        logprobs=prompt == "line",
    )


async def _load_s(gateway: Gateway) -> float:
    """Seconds until the first token of the first call."""
    started = time.monotonic()
    await gateway.complete(_request("load", ("user", "Say hello."), max_tokens=1))
    return time.monotonic() - started


async def _write_speed(gateway: Gateway, server: psutil.Process | None) -> tuple[float, float]:
    """Tokens a second of wall time, and a second of the server's processor time."""
    used_s, written = _cpu_s(server), 0
    messages = (("system", _PERSONA), ("user", "Tell about the lighthouse at night."))
    speeds = []
    for seed in range(3):
        done = await gateway.complete(_request("write", *messages, max_tokens=96, seed=seed))
        speeds.append(done.usage.completion_tokens / done.latency_s)
        written += done.usage.completion_tokens
    used_s = _cpu_s(server) - used_s
    return statistics.median(speeds), written / used_s if used_s else 0.0


def _cpu_s(server: psutil.Process | None) -> float:
    if server is None:
        return 0.0
    times = server.cpu_times()
    return float(times.user + times.system)


async def _read_speed(gateway: Gateway) -> float:
    text = " ".join(
        f"Ferry {i} left at {i % 24}:{i % 60:02} for island {i * 7}." for i in range(40)
    )
    done = await gateway.complete(_request("read", ("user", text), max_tokens=1))
    return done.usage.prompt_tokens / done.latency_s


async def _lines(gateway: Gateway) -> tuple[float, tuple[str, ...]]:
    """Four lines of a song, each chosen among three candidates by mean log-probability."""
    ask = (
        "Write song lyrics. Theme: missing someone across the ocean. Words: foghorn, radio, ferry."
    )
    song, written, started = "[Verse]\n", 0, time.monotonic()
    for line in range(4):
        request = _request(
            "line",
            ("system", _PERSONA),
            ("user", "Write song lyrics. Theme: leaving home. Words: suitcase, kettle, rain."),
            ("assistant", _EXAMPLE),
            ("user", ask),
            ("assistant", song),
            **{"max_tokens": 18, "temperature": 0.9, "repeat_penalty": 1.12, "stop": ("\n",)},  # type: ignore[arg-type]
        )
        drawn = await gateway.candidates(request, [line * 10 + i for i in range(3)])
        written += sum(c.usage.completion_tokens for c in drawn)
        song += max(drawn, key=_likelihood).text.strip() + "\n"
    return written / (time.monotonic() - started), tuple(song.splitlines()[1:])


def _likelihood(completion: Completion) -> float:
    return completion.mean_logprob if completion.mean_logprob is not None else float("-inf")


async def _forms(gateway: Gateway) -> tuple[int, int, int, float]:
    first, valid, total, started = 0, 0, 0, time.monotonic()
    for seed in range(4):
        for form, question in _FORMS:
            total += 1
            messages = (("system", _PERSONA), ("user", question))
            request = _request("form", *messages, max_tokens=160, seed=seed)
            try:
                answer = await gateway.structured(request, form)
            except UnusableAnswer:
                continue
            valid += 1
            first += answer.attempts == 1
    return first, valid, total, (time.monotonic() - started) / total


def _server(model: str) -> psutil.Process | None:
    """The embedded server of this model; none for an endpoint elsewhere."""
    state = Post(Settings().cache_dir / "run", model).server()
    return psutil.Process(state.pid) if state else None


async def measure(settings: Settings) -> Figures:
    """Everything about one model; its server ends afterwards."""
    gateway = build_gateway(settings, MemoryLedger(), SystemClock())
    try:
        load_s = await _load_s(gateway)
        model = (await gateway.traits("smart")).model
        server = _server(model)
        write, write_cpu = await _write_speed(gateway, server)
        read = await _read_speed(gateway)
        lines_speed, lines = await _lines(gateway)
        first, valid, total, form_s = await _forms(gateway)
        return Figures(
            model=model,
            load_s=load_s,
            write_tokens_s=write,
            write_tokens_cpu_s=write_cpu,
            read_tokens_s=read,
            lines_tokens_s=lines_speed,
            valid_first=first,
            valid=valid,
            forms=total,
            form_s=form_s,
            rss_mb=server.memory_info().rss >> 20 if server else 0,
            lines=lines,
        )
    finally:
        await gateway.aclose()


def _show(figures: list[Figures]) -> None:
    table = Table("Figure", *(f.model for f in figures))
    rows = {
        "load and first token, s": [f"{f.load_s:.1f}" for f in figures],
        "writing, tokens/s": [f"{f.write_tokens_s:.1f}" for f in figures],
        "writing, tokens per processor second": [
            f"{f.write_tokens_cpu_s:.1f}" if f.write_tokens_cpu_s else "-" for f in figures
        ],
        "reading, tokens/s": [f"{f.read_tokens_s:.0f}" for f in figures],
        "three candidates at once, tokens/s": [f"{f.lines_tokens_s:.1f}" for f in figures],
        "forms valid at first try": [f"{f.valid_first}/{f.forms}" for f in figures],
        "forms valid in the end": [f"{f.valid}/{f.forms}" for f in figures],
        "a form, s": [f"{f.form_s:.1f}" for f in figures],
        "memory, MB": [str(f.rss_mb or "-") for f in figures],
        "four lines": ["\n".join(f.lines) for f in figures],
    }
    for name, cells in rows.items():
        table.add_row(name, *cells)
    Console().print(table)


async def main(names: list[str]) -> None:
    """Measure the named embedded models, or what the settings name."""
    settings = Settings()
    each = [
        settings.model_copy(update={"embedded_model": name, "model_url": None}) for name in names
    ]
    _show([await measure(one) for one in each or [settings]])


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
