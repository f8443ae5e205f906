"""Look at talks and their turns; an answer that lost its process is told to have failed."""

from __future__ import annotations

from datetime import datetime

from domain.actor import Actor
from domain.errors import NotFound
from domain.ports.chat import ActsPort, ChatPort
from domain.ports.clock import Clock
from domain.talk import Reply, Talk, Turn, TurnFailure, TurnStatus
from services.answering import Answerer
from services.talk_questions import TalkQuestions, agreed_by, turn_in
from store.database import Database

SILENT = TurnFailure(
    code="interrupted",
    message="the answer broke off, for the process that gave it ended",
    remedy="Try again; what was said stays in the talk.",
)


class ReadsTalks(TalkQuestions):
    """Shows talks to whoever may chat with their artist."""

    def __init__(self, database: Database, clock: Clock, chat: ChatPort, acts: ActsPort) -> None:
        super().__init__(database, clock, acts)
        self.answers = Answerer(database, clock, chat)

    async def page(
        self,
        actor: Actor,
        artist: str | None = None,
        *,
        after: str | None = None,
        limit: int = 30,
    ) -> list[Talk]:
        """Talks with an artist, or one's own with all of them; the lately used first."""
        actor.must("chat")
        async with self.database.unit() as unit:
            artist_id = None
            if artist is not None:
                artist_id = (await unit.artists.find(artist)).id
                actor.must_see(artist_id)
            before: tuple[datetime, str] | None = None
            if after is not None:
                last = await unit.talks.get(after)
                before = (last.last_at, last.id)
            person = actor.id if artist_id is None else None
            return await unit.talks.page(
                artist_id, person=person, only=actor.artists, before=before, limit=limit
            )

    async def get(self, actor: Actor, talk_id: str, *, artist: str | None = None) -> Talk:
        """One talk; raises `NotFound`, also where it is not with the `artist` that is named."""
        async with self.database.unit() as unit:
            talk = await self._talk(unit, actor, talk_id)
            if artist is not None and talk.artist_id != (await unit.artists.find(artist)).id:
                raise NotFound(
                    f"talk {talk_id} is not with {artist}",
                    field="talk_id",
                    remedy="Name the artist whom the talk is with.",
                )
        return talk

    async def turns(
        self, actor: Actor, talk_id: str, *, before: int | None = None, limit: int = 50
    ) -> list[Turn]:
        """The last turns of a talk, or those before a number, oldest first."""
        async with self.database.unit() as unit:
            await self._talk(unit, actor, talk_id)
            found = await unit.turns.of_talk(talk_id, before=before, limit=limit)
        return [await self._heard(turn) for turn in found]

    async def turn(self, actor: Actor, talk_id: str, turn_id: str) -> Turn:
        """One turn; raises `NotFound`."""
        async with self.database.unit() as unit:
            await self._talk(unit, actor, talk_id)
            turn = await turn_in(unit, talk_id, turn_id)
        return await self._heard(turn)

    async def _heard(self, turn: Turn) -> Turn:
        """The turn; an answer that lost its process is told to have failed.

        What was agreed to in that process and not done is done now.
        """
        if turn.pending and self._stuck(turn):
            for question in (q for q in turn.questions if q.status is Reply.YES):
                turn = await self._do(agreed_by(question), turn, question)
        live = self.answers.live(turn.id)
        if live is not None and turn.status is TurnStatus.ANSWERING and not live.ended:
            # What was said since it was last kept.
            return turn.model_copy(update={"parts": turn.grown(live.parts)})
        if not turn.silent(self.clock.now()):
            return turn
        async with self.database.unit() as unit:
            await unit.lock(f"turn:{turn.id}")
            turn = await unit.turns.get(turn.id)
            if turn.silent(self.clock.now()):
                failed = turn.move_to(TurnStatus.FAILED, self.clock.now(), failure=SILENT)
                turn = await unit.turns.save(failed)
                await unit.commit()
        return turn
