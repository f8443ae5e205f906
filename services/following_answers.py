"""Follow an answer as it grows, from where a follower knows it, in whichever process it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.actor import Actor
from domain.talk import Turn, TurnStatus
from services.answering import LiveAnswer, LiveEvent
from services.reading_talks import ReadsTalks

# Where another process gives the answer, it is looked up this often.
LOOK_AGAIN_S = 0.4


class Snapshot(BaseModel):
    """The whole answer as it is kept now, instead of all that was told of it before."""

    model_config = ConfigDict(frozen=True)

    type: Literal["turn"] = "turn"
    turn: Turn


class Told(BaseModel):
    """One thing that a follower of an answer is told; `id` is where to go on from."""

    model_config = ConfigDict(frozen=True)

    id: str
    event: LiveEvent | Snapshot


class FollowsAnswers(ReadsTalks):
    """Tells what is said as it is said, and the whole of it at its end."""

    async def follow(
        self, actor: Actor, talk_id: str, turn_id: str, last_id: str | None = None
    ) -> AsyncIterator[Told]:
        """An answer as it grows, from behind `last_id`, and the whole of it at its end.

        Where this process cannot go on from there, the answer as it is kept comes first.
        """
        turn = await self.turn(actor, talk_id, turn_id)
        live = self.answers.live(turn_id)
        if live is None:
            async for told in self._look(actor, turn):
                yield told
            return
        number = _place(live, last_id)
        if number is None:
            number = len(live.events)
            now = live.turn.model_copy(update={"parts": live.told})
            yield Told(id=_event_id(live.turn, number), event=Snapshot(turn=now))
        async for count, event in live.after(number):
            yield Told(id=_event_id(live.turn, count), event=event)
            number = count
        ended = await self.turn(actor, talk_id, turn_id)
        yield Told(id=_event_id(live.turn, number + 1), event=Snapshot(turn=ended))

    async def _look(self, actor: Actor, turn: Turn) -> AsyncIterator[Told]:
        yield Told(id=f"{turn.tries}.r{turn.row_version}", event=Snapshot(turn=turn))
        while turn.status is TurnStatus.ANSWERING:
            await asyncio.sleep(LOOK_AGAIN_S)
            now = await self.turn(actor, turn.talk_id, turn.id)
            if (now.parts, now.status) != (turn.parts, turn.status):
                yield Told(id=f"{now.tries}.r{now.row_version}", event=Snapshot(turn=now))
            turn = now


def _event_id(turn: Turn, number: int) -> str:
    return f"{turn.tries}.{number}"


def _place(live: LiveAnswer, last_id: str | None) -> int | None:
    """How many events a follower knows; None where that cannot be told."""
    tries, _, number = (last_id or "").partition(".")
    if tries != str(live.turn.tries) or not number.isdecimal():
        return None
    return int(number) if int(number) <= len(live.events) else None
