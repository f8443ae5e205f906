"""A server on loopback that speaks ACE-Step 1.5's documented protocol, moods included.

After docs/en/API.md of ACE-Step 1.5: the unified wrapper, `result` as a JSON string, an optional
bearer key, 429 when the queue is full; unknown tasks as the project's own route test has them.
"""

from __future__ import annotations

import json
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from tests.tools.vendors.music.build import tone


@dataclass
class Task:
    """A task and how many more questions it takes to be done."""

    payload: dict[str, Any]
    looks: int = 0


@dataclass
class Studio:
    """The server's memory, and how it is to behave; a restart begins a new memory."""

    key: str = ""
    looks_until_done: int = 3
    fails_with: str = ""
    audio: bytes = field(default_factory=lambda: tone("FLAC"))
    truncate: bool = False
    pages: bool = False
    full: bool = False
    tasks: dict[str, Task] = field(default_factory=dict)
    released: list[dict[str, Any]] = field(default_factory=list)

    def forget(self) -> None:
        """What a restart does."""
        self.tasks = {}


def wrapped(data: object) -> dict[str, Any]:
    """The unified response wrapper."""
    now = int(time.time() * 1000)
    return {"data": data, "code": 200, "error": None, "timestamp": now, "extra": None}


def entry_of(task: Task, studio: Studio) -> tuple[int, list[dict[str, Any]]]:
    """Status and result of a task at this moment."""
    common: dict[str, Any] = {"wave": "", "create_time": 1700000000, "env": "development"}
    if task.looks <= studio.looks_until_done:
        stage = "queued" if task.looks == 1 else "running"
        share = task.looks / (studio.looks_until_done + 1)
        return 0, [{**common, "file": "", "status": 0, "progress": share, "stage": stage}]
    if studio.fails_with:
        told = {"status": 2, "progress": 0.0, "stage": "failed", "error": studio.fails_with}
        return 2, [{**common, "file": "", **told}]
    made = {
        "file": "/v1/audio?path=%2Ftmp%2Fapi_audio%2Fsong.flac",
        "status": 1,
        "prompt": task.payload["prompt"],
        "lyrics": task.payload["lyrics"],
        "metas": {"bpm": task.payload["bpm"], "duration": task.payload["audio_duration"]},
        "generation_info": "...",
        "seed_value": str(task.payload["seed"]),
        "lm_model": "acestep-5Hz-lm-0.6B",
        "dit_model": "acestep-v15-turbo",
    }
    return 1, [{**common, **made}]


def app_of(studio: Studio) -> FastAPI:
    """The documented routes."""
    app = FastAPI()

    @app.middleware("http")
    async def moods(request: Request, call_next: Any) -> Response:
        if studio.pages:
            return HTMLResponse("<!doctype html><title>Sign in</title>")
        if studio.key and request.headers.get("authorization") != f"Bearer {studio.key}":
            return Response('{"detail": "Unauthorized"}', 401, media_type="application/json")
        answer: Response = await call_next(request)
        return answer

    @app.post("/release_task")
    async def release(body: dict[str, Any]) -> dict[str, Any]:
        if studio.full:
            raise HTTPException(429, "Server busy: queue is full")
        task_id = str(uuid.uuid4())
        studio.tasks[task_id] = Task(body)
        studio.released.append(body)
        position = len(studio.tasks)
        return wrapped({"task_id": task_id, "status": "queued", "queue_position": position})

    @app.post("/query_result")
    async def query(body: dict[str, Any]) -> dict[str, Any]:
        return wrapped([shown(task_id) for task_id in body["task_id_list"]])

    def shown(task_id: str) -> dict[str, Any]:
        task = studio.tasks.get(task_id)
        if task is None:
            return {"task_id": task_id, "result": "[]", "status": 0}
        task.looks += 1
        status, result = entry_of(task, studio)
        return {"task_id": task_id, "status": status, "result": json.dumps(result)}

    @app.get("/v1/audio")
    async def audio(path: str) -> Response:
        if not path.startswith("/tmp/api_audio/"):
            raise HTTPException(404, "Resource not found")
        if studio.truncate:
            return cut_short(studio.audio)
        return Response(studio.audio, media_type="audio/flac")

    @app.get("/health")
    async def health() -> dict[str, Any]:
        return wrapped({"status": "ok", "service": "ACE-Step API", "version": "1.0"})

    @app.get("/v1/models")
    async def models() -> dict[str, Any]:
        one = {"name": "acestep-v15-turbo", "is_default": True}
        return wrapped({"models": [one], "default_model": "acestep-v15-turbo"})

    return app


def cut_short(audio: bytes) -> Response:
    """Half of the bytes that the header promises."""

    async def half() -> Any:
        yield audio[: len(audio) // 2]

    headers = {"content-length": str(len(audio))}
    return StreamingResponse(half(), media_type="audio/flac", headers=headers)


@contextmanager
def serving(studio: Studio, port: int = 0) -> Iterator[int]:
    """The server in a thread of its own, on a free loopback port."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    server = uvicorn.Server(
        uvicorn.Config(app_of(studio), log_level="critical", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
