"""Questions an artist asks in a talk: the word that is said, and the act it leads to, once."""

from __future__ import annotations

from datetime import timedelta

from domain.actor import Actor
from domain.errors import Forbidden, GreenroomError, NotFound
from domain.ports.chat import ActsPort
from domain.ports.clock import Clock
from domain.talk import SILENT_S, CardPart, QuestionPart, Reply, Talk, Turn, TurnStatus, answered
from services.base import Service
from store.database import Database
from store.unit import UnitOfWork


class TalkQuestions(Service):
    """Takes yes and no, and does what was agreed to, whichever process it was said in."""

    def __init__(self, database: Database, clock: Clock, acts: ActsPort) -> None:
        super().__init__(database, clock)
        self._acts = acts

    async def decide(self, actor: Actor, talk_id: str, question_id: str, *, yes: bool) -> Turn:
        """Answer an artist's question; the act is done once, however often yes is said.

        Raises `Conflict` where the other word was said before, `Forbidden` without the right.
        """
        by = f"{actor.kind}:{actor.id}"
        async with self.database.unit() as unit:
            talk = await self._own(unit, actor, talk_id)
            if yes:
                actor.must("steer", artist_id=talk.artist_id)
            turn_id = _turn_of(question_id)
            await unit.lock(f"turn:{turn_id}")
            turn = await turn_in(unit, talk_id, turn_id)
            question = turn.question(question_id)
            told = answered(question, yes=yes, by=by)
            # Whoever said it first does it, unless its process ended on the way.
            mine = told != question or self._stuck(turn)
            if told != question:
                turn = await unit.turns.save(turn.with_question(self.clock.now(), told))
                self._changed(unit, actor, talk, question=question_id, answer=told.status.value)
                await unit.commit()
        if told.status is Reply.YES and mine:
            turn = await self._do(actor, turn, told)
        return turn

    async def recover(self, *, settle_s: float = SILENT_S) -> int:
        """Do what somebody said yes to before a process ended; tells how many acts.

        Younger words than `settle_s` are left to the process that was told.
        """
        settled = self.clock.now() - timedelta(seconds=settle_s)
        async with self.database.unit() as unit:
            found = await unit.turns.unfinished()
        agreed = [
            (turn, question)
            for turn in found
            for question in turn.questions
            if question.status is Reply.YES and turn.updated_at <= settled
        ]
        for turn, question in agreed:
            await self._do(agreed_by(question), turn, question)
        return len(agreed)

    async def _take_word(self, actor: Actor, talk_id: str, *, yes: bool) -> None:
        async with self.database.unit() as unit:
            await self._own(unit, actor, talk_id)
            last = await unit.turns.last(talk_id)
        if last is None or last.status is TurnStatus.ANSWERING:
            return
        waiting = [q for q in last.questions if q.status is Reply.WAITING]
        if len(waiting) == 1 and "steer" in actor.rights:
            await self.decide(actor, talk_id, waiting[0].id, yes=yes)

    async def _do(self, actor: Actor, turn: Turn, question: QuestionPart) -> Turn:
        """The act, then its outcome; a crash in between is made up for by `recover`."""
        cards: tuple[CardPart, ...] = ()
        try:
            made = await self._acts.do(actor, turn.artist_id, question.act, question.id)
            cards = tuple(CardPart(card=card) for card in made)
            change: dict[str, str] = {"status": Reply.DONE.value}
        except GreenroomError as error:
            why = f"{error.message}. {error.remedy or ''}".strip()
            change = {"status": Reply.FAILED.value, "why": why}
        async with self.database.unit() as unit:
            await unit.lock(f"turn:{turn.id}")
            turn = await unit.turns.get(turn.id)
            standing = turn.question(question.id)
            if standing.status is Reply.YES:
                told = QuestionPart.model_validate(standing.model_dump() | change)
                turn = turn.with_question(self.clock.now(), told, *cards)
                turn = await unit.turns.save(turn)
                talk = await unit.talks.get(turn.talk_id)
                self._changed(unit, actor, talk, question=question.id, answer=told.status.value)
                await unit.commit()
        return turn

    def _stuck(self, turn: Turn) -> bool:
        return turn.updated_at <= self.clock.now() - timedelta(seconds=SILENT_S)

    async def _talk(self, unit: UnitOfWork, actor: Actor, talk_id: str) -> Talk:
        talk = await unit.talks.get(talk_id)
        actor.must("chat", artist_id=talk.artist_id)
        return talk

    async def _own(self, unit: UnitOfWork, actor: Actor, talk_id: str) -> Talk:
        talk = await self._talk(unit, actor, talk_id)
        if talk.person != actor.id:
            raise Forbidden(
                "this is another person's talk",
                remedy="Begin one of your own with the artist.",
            )
        return talk

    def _changed(self, unit: UnitOfWork, actor: Actor, talk: Talk, **data: str) -> None:
        event = self.event(
            "talk.changed", actor, artist_id=talk.artist_id, subject_id=talk.id, **data
        )
        unit.emit(event)


async def turn_in(unit: UnitOfWork, talk_id: str, turn_id: str) -> Turn:
    """One turn of this talk; raises `NotFound`."""
    turn = await unit.turns.get(turn_id)
    if turn.talk_id != talk_id:
        raise NotFound(f"there is no turn {turn_id!r} in this talk")
    return turn


def agreed_by(question: QuestionPart) -> Actor:
    """Whoever said yes; that they had the right was seen then."""
    kind, _, person = question.by.partition(":")
    return Actor(kind="operator", id=person or kind, rights=frozenset({"steer", "chat", "read"}))


def _turn_of(question_id: str) -> str:
    """Questions are named after the answer they are asked in."""
    return question_id.partition(".")[0]
