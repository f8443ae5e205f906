"""An artist's answer as OpenAI sends it: whole, or piece by piece."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

import structlog

from api.openai.errors import error_body, unexpected
from api.openai.told import StopAt, Teller
from api.openai.wire import (
    Choice,
    Chunk,
    ChunkChoice,
    Completion,
    Delta,
    ErrorAnswer,
    ErrorBody,
    FinishReason,
    Said,
    Usage,
)
from domain.errors import GreenroomError, ModelError, kinds_by_code
from domain.ports.chat import AnswerFailed, ChatEvent, Finished

DONE = "[DONE]"
log = structlog.get_logger(__name__)


@dataclass
class Answer:
    """One answer on its way: which it is, how its text is told, and how it ended."""

    id: str
    created: int
    model: str
    teller: Teller
    stop: StopAt
    finish: FinishReason = "stop"
    usage: Usage = field(default_factory=Usage)

    async def pieces(self, events: AsyncIterator[ChatEvent]) -> AsyncIterator[str]:
        """The text as it comes; raises when the answer fails.

        Nothing is said behind a stop, but the answer is heard to its end: what it cost is told
        there, and what the artist began is not cut off.
        """
        async for event in events:
            if isinstance(event, Finished):
                self._end(event)
            elif isinstance(event, AnswerFailed):
                raise _broken(event)
            elif not self.stop.stopped:
                yield self.stop.take(self.teller.tell(event))
        if not self.stop.stopped:
            yield self.stop.rest()

    def _end(self, event: Finished) -> None:
        self.finish = "stop" if self.stop.stopped else event.finish_reason
        asked, written = event.usage.prompt_tokens, event.usage.completion_tokens
        self.usage = Usage(
            prompt_tokens=asked, completion_tokens=written, total_tokens=asked + written
        )

    async def whole(self, events: AsyncIterator[ChatEvent]) -> Completion:
        """The answer in one."""
        text = "".join([piece async for piece in self.pieces(events)])
        choice = Choice(message=Said(content=text.strip()), finish_reason=self.finish)
        return Completion(
            id=self.id,
            created=self.created,
            model=self.model,
            choices=[choice],
            usage=self.usage,
        )

    async def lines(self, events: AsyncIterator[ChatEvent], *, usage: bool) -> AsyncIterator[str]:
        """The data of every server-sent event of a streamed answer."""
        yield self._chunk(Delta(role="assistant", content=""))
        try:
            async for piece in self.pieces(events):
                if piece:
                    yield self._chunk(Delta(content=piece))
        except GreenroomError as error:
            log.warning("an answer broke off", model=self.model, why=error.message)
            yield _error(error_body(error)[0])
            return
        except Exception as error:
            # Whatever broke it: the status is sent already, so the client must be told inside the
            # stream that this is no whole answer. Who watches the server gets the error itself.
            log.error("an answer broke off", model=self.model, exc_info=error)
            yield _error(unexpected())
            raise
        yield self._chunk(Delta(), self.finish)
        if usage:
            yield self._dump(self._empty(choices=[], usage=self.usage))
        yield DONE

    def _chunk(self, delta: Delta, finish: FinishReason | None = None) -> str:
        choice = ChunkChoice(delta=delta, finish_reason=finish)
        return self._dump(self._empty(choices=[choice]))

    def _empty(self, choices: list[ChunkChoice], usage: Usage | None = None) -> Chunk:
        return Chunk(
            id=self.id, created=self.created, model=self.model, choices=choices, usage=usage
        )

    @staticmethod
    def _dump(chunk: Chunk) -> str:
        whole = chunk.model_dump(mode="json")
        for choice, sent in zip(whole["choices"], chunk.choices, strict=True):
            # A delta names what it adds, and nothing else.
            choice["delta"] = sent.delta.model_dump(mode="json", exclude_none=True)
        if whole["usage"] is None:
            del whole["usage"]
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


@asynccontextmanager
async def begun(
    events: AsyncGenerator[ChatEvent, None], patience_s: float
) -> AsyncIterator[AsyncIterator[ChatEvent]]:
    """The same events, the first of which is waited for: what fails at once, fails here.

    Where the first takes longer than `patience_s`, the waiting goes on with whoever reads on. At
    the end the artist stops, whether it was heard out or not.
    """
    heard: asyncio.Queue[ChatEvent | None] = asyncio.Queue()
    answering = asyncio.create_task(_hear(events, heard))
    first = asyncio.create_task(heard.get())
    try:
        await asyncio.wait({first}, timeout=patience_s)
        if first.done():
            event = first.result()
            if event is None:
                await answering
            if isinstance(event, AnswerFailed):
                raise _broken(event)
        yield _from(first, heard, answering)
    finally:
        first.cancel()
        answering.cancel()
        await asyncio.gather(first, answering, return_exceptions=True)


async def _hear(
    events: AsyncGenerator[ChatEvent, None], heard: asyncio.Queue[ChatEvent | None]
) -> None:
    """Listen in one task from the first event to the last: what spans the answer stays in it."""
    try:
        async with aclosing(events):
            async for event in events:
                heard.put_nowait(event)
    finally:
        heard.put_nowait(None)


async def _from(
    first: asyncio.Task[ChatEvent | None],
    heard: asyncio.Queue[ChatEvent | None],
    answering: asyncio.Task[None],
) -> AsyncIterator[ChatEvent]:
    event = await first
    while event is not None:
        yield event
        event = await heard.get()
    await answering


def _broken(event: AnswerFailed) -> GreenroomError:
    """The failure as the family knows it, so that limits keep their own status."""
    kind = _FAMILY.get(event.code, ModelError)
    return kind(event.message, remedy=event.remedy)


def _error(body: ErrorBody) -> str:
    return ErrorAnswer(error=body).model_dump_json()


_FAMILY = kinds_by_code()
