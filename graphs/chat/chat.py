"""Artists that talk: the chat port over the graph of an answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from agents.chat.choose import by_meaning
from agents.chat.window import to_fold
from domain.actor import Actor
from domain.errors import Conflict, GreenroomError
from domain.ports.chat import AnswerFailed, ChatAsk, ChatEvent, Recap
from domain.ports.model import CallScope, ChatMessage, ModelRequest, Sampling
from domain.trimmed import trim_to_sentence
from graphs.chat.build import build_chat
from graphs.chat.state import ChatContext, ChatParts
from graphs.chat.word import LONG_ANSWER, SHORT_ANSWER, window_of
from services.talk_looks import standing_texts
from store.database import Database

_RECAP = Sampling(max_tokens=260, temperature=0.3, top_p=0.9)
RECAP_CHARS = 1500
LINE_CHARS = 600


class ArtistChat:
    """Implements `domain.ports.chat.ChatPort`. An answer is no run: it reads committed state."""

    def __init__(self, database: Database, parts: ChatParts) -> None:
        self._database = database
        self._parts = parts
        self._graph: Any = build_chat().compile()

    async def answer(self, actor: Actor, ask: ChatAsk) -> AsyncGenerator[ChatEvent, None]:
        """Events as the nodes tell them; a failure is the last of them."""
        context = await self._context(actor, ask)
        try:
            events = self._graph.astream({}, context=context, stream_mode="custom")
            async with aclosing(events):
                async for event in events:
                    yield event
        except GreenroomError as error:
            yield AnswerFailed(code=error.code, message=error.message, remedy=error.remedy)

    async def sum_up(self, artist_id: str, summary: str, history: tuple[ChatMessage, ...]) -> Recap:
        """A new summary once the history fills two thirds of the window; else nothing."""
        traits = await self._parts.gateway.traits("smart")
        room = window_of(traits, SHORT_ANSWER if traits.small else LONG_ANSWER) // 2
        folded = to_fold(history, room, lambda text: self._parts.count(text, traits.model))
        if not folded:
            return Recap()
        async with self._database.unit() as unit:
            artist = await unit.artists.get(artist_id)
        prompt = self._parts.book.load("chat.sum_up", "short")
        told = await self._parts.gateway.complete(
            ModelRequest(
                tier=prompt.header.tier,
                prompt=prompt.ref,
                messages=prompt.render(
                    name=artist.stage_name,
                    summary=summary,
                    lines=[_line(artist.stage_name, m) for m in history[:folded]],
                ),
                sampling=_RECAP,
                scope=CallScope(artist_id=artist_id, step="chat.sum_up"),
            )
        )
        return Recap(summary=trim_to_sentence(told.text, RECAP_CHARS), folded=folded)

    async def warm(self) -> None:
        """Load what the first answer would wait for: the vocabulary and the examples' vectors."""
        traits = await self._parts.gateway.traits("smart")
        await asyncio.to_thread(self._parts.count, "warm", traits.model)
        await by_meaning("is anybody there", self._parts.embedder)

    async def _context(self, actor: Actor, ask: ChatAsk) -> ChatContext:
        async with self._database.unit() as unit:
            artist = await unit.artists.get(ask.artist_id)
            actor.must("chat", artist_id=artist.id)
            if not artist.profile_number:
                raise Conflict(
                    f"{artist.handle} cannot talk yet", remedy="Wait for its debut run to end."
                )
            version = await unit.profiles.number(artist.id, artist.profile_number)
            directives = await standing_texts(unit, artist.id)
        return ChatContext(
            actor=actor,
            ask=ask,
            artist=artist,
            profile=version.profile,
            directives=directives,
            traits=await self._parts.gateway.traits("smart"),
            parts=self._parts,
        )


def _line(name: str, message: ChatMessage) -> str:
    who = name if message.role == "assistant" else "The label"
    return f"{who}: {trim_to_sentence(' '.join(message.content.split()), LINE_CHARS)}"
