"""An OpenAI-compatible server on loopback whose faults are chosen by the model's name."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

Body = dict[str, Any]
ANSWER = '{"name": "teal", "warm": false, "reason": ""}'


@dataclass
class FakeServer:
    url: str = ""
    bodies: list[Body] = field(default_factory=list)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/v1/chat/completions")
        async def chat(request: Request) -> Response:
            body: Body = await request.json()
            self.bodies.append(body)
            return await self._answer(body, request.headers.get("authorization", ""))

        return app

    async def _answer(self, body: Body, authorization: str) -> Response:
        model = str(body["model"])
        if model.startswith("status-"):
            return _error(int(model.removeprefix("status-")), "as you asked")
        if model == "busy-once" and len(self.bodies) == 1:
            return _error(429, "slow down", {"Retry-After": "7"})
        if model == "busy-long":
            return _error(429, "slow down", {"Retry-After": "3600"})
        if model == "keyed" and authorization != "Bearer right":
            return _error(401, "bad key")
        if model == "slow":
            await asyncio.sleep(3)
        if model == "html":
            return Response("<html>Welcome to nginx</html>", media_type="text/html")
        if model == "broken-json":
            return Response('{"id": ', media_type="application/json")
        if model == "odd-json":
            return JSONResponse({"hello": "there"})
        if model == "refusal":
            return JSONResponse(_whole(body, None, refusal="I can't help with that."))
        refused = _unsupported(model, body)
        if refused:
            return _error(400, refused)
        if body.get("stream"):
            return StreamingResponse(_chunks(body, model), media_type="text/event-stream")
        usage = None if model == "no-usage" else {"prompt_tokens": 9, "completion_tokens": 4}
        return JSONResponse(_whole(body, ANSWER, usage=usage))


def _unsupported(model: str, body: Body) -> str | None:
    form = (body.get("response_format") or {}).get("type")
    if model == "no-json-schema" and form == "json_schema":
        return "response_format type json_schema is not supported"
    if model == "no-json" and form:
        return "Extra inputs are not permitted"
    if model == "reasoning" and "max_tokens" in body:
        return "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    if model == "reasoning" and "temperature" in body:
        return "Unsupported value: 'temperature' does not support 0.7."
    if model == "strict-parameters" and "repeat_penalty" in body:
        return "Unrecognized request argument supplied: repeat_penalty"
    if model == "no-stream-options" and "stream_options" in body:
        return "stream_options: unknown field"
    return None


def _whole(body: Body, text: str | None, usage: Body | None = None, refusal: Any = None) -> Body:
    logprobs: list[Body] = [
        {"token": "a", "logprob": p, "bytes": None, "top_logprobs": []} for p in (-1, -3)
    ]
    return {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": body["model"],
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": text, "refusal": refusal},
                "logprobs": {"content": logprobs} if body.get("logprobs") else None,
            }
        ],
        "usage": usage and {**usage, "total_tokens": sum(usage.values())},
    }


async def _chunks(body: Body, model: str) -> AsyncIterator[bytes]:
    for word in ("deep", " sea", " blue"):
        delta = {"index": 0, "delta": {"content": word}, "finish_reason": None}
        yield _event({"choices": [delta]})
        if model == "stalls":
            await asyncio.sleep(3)
        if model == "cut-off":
            raise ConnectionResetError("the server was pulled out")
    if body.get("stream_options"):
        usage = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
        yield _event({"choices": [], "usage": usage})
    yield b"data: [DONE]\n\n"


def _event(content: Body) -> bytes:
    whole = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", **content}
    return f"data: {json.dumps(whole)}\n\n".encode()


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    body = {"error": {"message": message, "type": "x", "param": None, "code": None}}
    return JSONResponse(body, status_code=status, headers=headers)


@contextmanager
def running() -> Iterator[FakeServer]:
    fake = FakeServer()
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        fake.url = f"http://127.0.0.1:{sock.getsockname()[1]}/v1"
        config = uvicorn.Config(fake.app(), log_level="critical", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([sock],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield fake
        server.should_exit = True
        thread.join()
