"""Songs to ask for, recordings to answer with, and a wire that remembers what went over it."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import soundfile

from domain.requests import MusicAsk, SongRequest
from domain.score import LyricSection, MoodPoint, Score, Section

HERE = Path(__file__).parent
RATE = 44_100
Answer = httpx.Response | Exception
Handler = Callable[[httpx.Request], Answer]

LYRICS = (
    LyricSection(section="verse", lines=("I left my coat beside the water", "The gravel sang")),
    LyricSection(section="chorus", lines=("Oh the river keeps its patience",)),
    LyricSection(section="verse", lines=("I wrote a letter to my daughter",)),
)
FORM = (("intro", 4), ("verse", 8), ("chorus", 8), ("verse", 8), ("chorus", 8), ("outro", 4))


def score(form: Sequence[tuple[str, int]] = FORM, tempo_bpm: float = 96.0) -> Score:
    """A form without notes: clients that work in words read nothing else."""
    sections: list[Section] = []
    for name, bars in form:
        start = sections[-1].end if sections else 0.0
        energy = 0.9 if name == "chorus" else 0.3 if name in ("intro", "outro") else 0.5
        occurrence = 1 + sum(section.name == name for section in sections)
        sections.append(
            Section(
                name=name,
                occurrence=occurrence,
                start=start,
                bars=bars,
                energy=energy,
                energy_end=energy,
            )
        )
    return Score(
        title="River Road",
        pack_id="indie-folk",
        pack_version=1,
        seed=7,
        tempo_bpm=tempo_bpm,
        key="D",
        mode="dorian",
        swing=0.0,
        mood=MoodPoint(),
        sections=tuple(sections),
        chords=(),
        tracks=(),
        lyrics=(),
        choices=(),
    )


def ask(**changes: Any) -> MusicAsk:
    """A sung song of a hundred seconds in D dorian."""
    usual = MusicAsk(
        title="River Road",
        style="indie folk, fingerpicked acoustic guitar, warm and wistful",
        lyrics=LYRICS,
        duration_s=100.0,
        tempo_bpm=96.0,
        key="D",
        mode="dorian",
        seed=7,
    )
    return usual.model_copy(update=changes)


def request(**changes: Any) -> SongRequest:
    """The request around such an ask."""
    return SongRequest(score=score(), ask=ask(**changes))


def instrumental() -> SongRequest:
    """The same without words."""
    return request(lyrics=(), instrumental=True)


@cache
def tone(kind: str = "MP3", seconds: float = 1.0, level: float = 0.3) -> bytes:
    """A recording: a tone, or silence at level 0."""
    time = np.arange(int(seconds * RATE)) / RATE
    out = io.BytesIO()
    soundfile.write(out, level * np.sin(2 * np.pi * 220 * time), RATE, format=kind)
    return out.getvalue()


def sound(data: bytes, kind: str = "audio/mpeg") -> httpx.Response:
    """A recording over HTTP."""
    return httpx.Response(200, content=data, headers={"content-type": kind})


def page(status: int = 200) -> httpx.Response:
    """What a captive portal or a wrong address answers."""
    return httpx.Response(status, html="<!doctype html><title>Welcome</title>")


def recorded(name: str) -> Any:
    """A recorded shape; where it is from stands in the file."""
    return json.loads((HERE / "recorded" / f"{name}.json").read_text())["body"]


class Body(httpx.AsyncByteStream):
    """Bytes that arrive over the network, not all at once."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._content), 4096):
            yield self._content[start : start + 4096]


class Wire(httpx.AsyncBaseTransport):
    """Answers by handler and keeps every request; the first handler that fits answers."""

    def __init__(self, *handlers: tuple[str, str, Handler | Answer]) -> None:
        self._handlers = list(handlers)
        self.seen: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.seen.append(request)
        played = self.answer(request)
        if isinstance(played, Exception):
            raise played
        # A response can be read once; tests play the same one again.
        body = Body(played.content)
        return httpx.Response(
            played.status_code, headers=played.headers, stream=body, request=request
        )

    def answer(self, request: httpx.Request) -> Answer:
        """What this request is answered with."""
        for method, path, answer in self._handlers:
            if request.method == method and request.url.path.startswith(path):
                if isinstance(answer, (httpx.Response, Exception)):
                    return answer
                return answer(request)
        raise AssertionError(f"nobody expected {request.method} {request.url}")

    def change(self, method: str, path: str, answer: Handler | Answer) -> None:
        """From now on this is answered instead."""
        self._handlers.insert(0, (method, path, answer))

    def sent(self, method: str, path: str = "") -> list[httpx.Request]:
        """The requests of this kind."""
        return [r for r in self.seen if r.method == method and r.url.path.startswith(path)]


async def public(host: str) -> list[str]:
    """A resolver for tests: every name is somewhere public."""
    return ["93.184.216.34"]


def nothing(label: str, share: float) -> None:
    """Progress that nobody watches."""
