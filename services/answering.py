"""Answers as they grow: heard from the artist, kept in the talk, told to whoever follows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any, Literal

import structlog
from pydantic import BaseModel, ConfigDict

from domain.actor import SYSTEM, Actor
from domain.errors import GreenroomError
from domain.ports.chat import (
    AnswerFailed,
    Asked,
    ChatAsk,
    ChatEvent,
    ChatPort,
    Finished,
    TextPiece,
    ToolBegun,
    ToolEnded,
)
from domain.ports.clock import Clock
from domain.talk import CardPart, Part, QuestionPart, TextPart, ToolPart, Turn, TurnFailure
from domain.talk import TurnStatus as Status
from services.base import Service
from store.database import Database

SAVE_EVERY_S = 1.0
# Whoever was cut off near the end still goes on from where they were.
KEPT_S = 60.0
# Also where nothing is said: a model that thinks for long must not look dead.
TOUCH_EVERY = 8
_log = structlog.get_logger(__name__)


class Stopped(BaseModel):
    """A person stopped the answer; what was said before stands."""

    model_config = ConfigDict(frozen=True)

    type: Literal["stopped"] = "stopped"


LiveEvent = ChatEvent | Stopped
_BROKEN = AnswerFailed(
    code="interrupted",
    message="the answer broke off",
    remedy="Try again; what was said stays in the talk.",
)


class LiveAnswer:
    """One answer's events so far, and those who wait for the next one."""

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        self.parts: tuple[Part, ...] = turn.parts
        # What the events so far amount to: an event that is being kept is not told yet.
        self.told: tuple[Part, ...] = turn.parts
        self.events: list[LiveEvent] = []
        self.ended = False
        self.stopping = False
        self._grown = asyncio.Event()

    def take(self, event: LiveEvent) -> None:
        """Count the event in; nobody is told yet."""
        self.parts = grown(self.parts, event)

    def tell(self, event: LiveEvent, *, last: bool = False) -> None:
        """Let everybody who follows see the event."""
        self.events.append(event)
        self.told = self.parts
        self.ended = last
        self._grown.set()
        self._grown = asyncio.Event()

    async def after(self, number: int) -> AsyncIterator[tuple[int, LiveEvent]]:
        """The events behind the first `number` of them with their numbers, as they come."""
        while True:
            grown = self._grown
            while number < len(self.events):
                number += 1
                yield number, self.events[number - 1]
            if self.ended:
                return
            await grown.wait()


class Answerer(Service):
    """Lets artists answer in tasks of this process: nobody need listen until the end."""

    def __init__(self, database: Database, clock: Clock, chat: ChatPort) -> None:
        super().__init__(database, clock)
        self._chat = chat
        self._live: dict[str, LiveAnswer] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._ready = False

    def make_ready(self) -> None:
        """Let what the first answer needs be loaded while the person still types."""
        if not self._ready:
            self._ready = True
            task = asyncio.create_task(self._chat.warm(), name="make talks ready")
            self._tasks["ready"] = task
            task.add_done_callback(lambda done: self._over("ready", done))

    def live(self, turn_id: str) -> LiveAnswer | None:
        """The answer, while this process gives it and for a while after."""
        return self._live.get(turn_id)

    def begin(self, actor: Actor, turn: Turn, ask: ChatAsk) -> LiveAnswer:
        """Let the artist answer into `turn`."""
        live = self._live[turn.id] = LiveAnswer(turn)
        task = asyncio.create_task(self._answer(actor, live, ask), name=f"answer {turn.id}")
        self._tasks[turn.id] = task
        task.add_done_callback(lambda done: self._over(turn.id, done))
        return live

    async def stop(self, turn_id: str) -> None:
        """End an answer of this process where it is, and wait until that is kept."""
        live, task = self._live.get(turn_id), self._tasks.get(turn_id)
        if live is not None and task is not None and not live.ended:
            live.stopping = True
            task.cancel()
            await asyncio.wait([task])

    async def aclose(self) -> None:
        """Break off what is being answered, and keep that it was."""
        for task in self._tasks.values():
            task.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    def _over(self, turn_id: str, task: asyncio.Task[None]) -> None:
        self._tasks.pop(turn_id, None)
        if live := self._live.get(turn_id):
            asyncio.get_running_loop().call_later(KEPT_S, self._forget, live)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("an answer broke", turn_id=turn_id, exc_info=error)

    def _forget(self, live: LiveAnswer) -> None:
        if self._live.get(live.turn.id) is live:
            del self._live[live.turn.id]

    async def _answer(self, actor: Actor, live: LiveAnswer, ask: ChatAsk) -> None:
        keeper = asyncio.create_task(self._keep_up(live, asyncio.current_task()))
        last: LiveEvent = _BROKEN
        try:
            last = await self._listen(actor, live, ask)
        except GreenroomError as error:
            last = AnswerFailed(code=error.code, message=error.message, remedy=error.remedy)
        except asyncio.CancelledError:
            last = Stopped() if live.stopping else _BROKEN
        finally:
            keeper.cancel()
            await asyncio.shield(self._end(live, last))
        if isinstance(last, Finished):
            await self._sum_up(ask, live.turn)

    async def _listen(self, actor: Actor, live: LiveAnswer, ask: ChatAsk) -> LiveEvent:
        async with aclosing(self._chat.answer(actor, ask)) as events:
            async for event in events:
                if isinstance(event, Finished | AnswerFailed):
                    return event
                live.take(event)
                if not isinstance(event, TextPiece):
                    # Kept before it is told: a question is answered only where it is known.
                    await self._save(live)
                live.tell(event)
        return _BROKEN

    async def _keep_up(self, live: LiveAnswer, answer: asyncio.Task[None] | None) -> None:
        """Keep what was said every second, so that others and the next process see it."""
        seen: tuple[Part, ...] = live.parts
        for beat in range(1, 1 << 30):
            await asyncio.sleep(SAVE_EVERY_S)
            if live.parts is seen and beat % TOUCH_EVERY:
                continue
            seen = live.parts
            if not await self._save(live) and answer is not None:
                live.stopping = True
                answer.cancel()
                return

    async def _end(self, live: LiveAnswer, last: LiveEvent) -> None:
        live.parts = grown(live.parts, last)
        changes: dict[str, Any] = {"status": _ENDS.get(type(last), Status.DONE)}
        if isinstance(last, AnswerFailed):
            changes["failure"] = TurnFailure(
                code=last.code, message=last.message, remedy=last.remedy
            )
        if isinstance(last, Finished):
            changes["tokens"] = last.usage.prompt_tokens + last.usage.completion_tokens
        await self._save(live, **changes)
        live.tell(last, last=True)

    async def _save(self, live: LiveAnswer, **changes: Any) -> bool:
        """Keep the answer as it is; False where it is no longer this process's to give."""
        async with self.database.unit() as unit:
            await unit.lock(f"turn:{live.turn.id}")
            stored = await unit.turns.get(live.turn.id)
            if stored.status is not Status.ANSWERING or stored.tries != live.turn.tries:
                return False
            now = self.clock.now()
            turn = stored.amend(now, parts=stored.grown(live.parts), **changes)
            live.turn = await unit.turns.save(turn)
            if changes:
                unit.emit(
                    self.event(
                        "talk.changed",
                        SYSTEM,
                        artist_id=turn.artist_id,
                        subject_id=turn.talk_id,
                        turn_id=turn.id,
                        status=turn.status.value,
                    )
                )
            await unit.commit()
        return True

    async def _sum_up(self, ask: ChatAsk, turn: Turn) -> None:
        """Fold the oldest turns into the talk's summary where the history has grown long.

        Its failure costs nothing: the history is tried again after the next answer.
        """
        if len(ask.history) < 2:
            return
        try:
            recap = await self._chat.sum_up(ask.artist_id, ask.summary, ask.history)
        except GreenroomError as error:
            _log.warning("a talk was not summed up", talk_id=turn.talk_id, why=error.message)
            return
        if not recap.folded:
            return
        async with self.database.unit() as unit:
            await unit.lock(f"talk:{turn.talk_id}")
            talk = await unit.talks.get(turn.talk_id)
            reach = turn.number - 2 - len(ask.history) + recap.folded
            if reach > talk.summed_up_to:
                changes: dict[str, Any] = {"summary": recap.summary, "summed_up_to": reach}
                await unit.talks.save(talk.amend(self.clock.now(), **changes))
                await unit.commit()


_ENDS: dict[type[BaseModel], Status] = {AnswerFailed: Status.FAILED, Stopped: Status.STOPPED}


def grown(parts: Sequence[Part], event: LiveEvent) -> tuple[Part, ...]:
    """The parts of an answer after one more event."""
    match event:
        case TextPiece(text=text):
            if parts and isinstance(last := parts[-1], TextPart):
                return (*parts[:-1], TextPart(text=last.text + text))
            return (*parts, TextPart(text=text))
        case ToolBegun(tool=tool, says=says):
            return (*parts, ToolPart(tool=tool, says=says))
        case ToolEnded():
            return _tool_ended(parts, event)
        case Asked(id=question_id, text=text, act=act):
            return (*parts, QuestionPart(id=question_id, text=text, act=act))
        case Finished():
            return tuple(parts)
        case _:
            return tuple(_not_running(p) for p in parts)


def _tool_ended(parts: Sequence[Part], event: ToolEnded) -> tuple[Part, ...]:
    done = ToolPart(
        tool=event.tool, says=event.says, status="failed" if event.why else "done", why=event.why
    )
    cards = tuple(CardPart(card=card) for card in event.cards)
    for place in range(len(parts) - 1, -1, -1):
        part = parts[place]
        if isinstance(part, ToolPart) and (part.tool, part.status) == (event.tool, "running"):
            return (*parts[:place], done, *parts[place + 1 :], *cards)
    return (*parts, done, *cards)


def _not_running(part: Part) -> Part:
    if isinstance(part, ToolPart) and part.status == "running":
        return part.model_copy(update={"status": "failed", "why": "It was broken off."})
    return part
