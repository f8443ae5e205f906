"""Talk with an artist: say something, follow the answer, answer its questions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.actor import Actor
from domain.errors import Conflict, Forbidden, GreenroomError, NotFound
from domain.ids import new_id
from domain.ports.chat import ActsPort, ChatAsk, ChatPort
from domain.ports.clock import Clock
from domain.ports.model import ChatMessage
from domain.talk import (
    SILENT_S,
    CardPart,
    QuestionPart,
    Reply,
    Talk,
    TextPart,
    Turn,
    TurnFailure,
    TurnStatus,
    answered,
    check_said,
    gist,
    plain_word,
    title_of,
)
from services.answering import Answerer, LiveAnswer, LiveEvent
from services.base import Service
from store.database import Database
from store.unit import UnitOfWork

# Where another process gives the answer, it is looked up this often.
LOOK_AGAIN_S = 0.4
HISTORY_TURNS = 400
_SILENT = TurnFailure(
    code="interrupted",
    message="the answer broke off, for the process that gave it ended",
    remedy="Try again; what was said stays in the talk.",
)


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


class TalkService(Service):
    """Use cases of talks. Whoever may chat with an artist reads its talks; each person says
    something in their own."""

    def __init__(self, database: Database, clock: Clock, chat: ChatPort, acts: ActsPort) -> None:
        super().__init__(database, clock)
        self._acts = acts
        self.answers = Answerer(database, clock, chat)

    async def start(self, actor: Actor, artist: str) -> Talk:
        """Begin a talk with an artist, by handle or id."""
        now = self.clock.now()
        async with self.database.unit() as unit:
            found = await unit.artists.find(artist)
            actor.must("chat", artist_id=found.id)
            if not found.profile_number:
                raise Conflict(
                    f"{found.handle} cannot talk yet",
                    field="artist",
                    remedy="Wait for its debut run to end.",
                )
            talk = Talk(
                id=new_id("talk"),
                created_at=now,
                updated_at=now,
                artist_id=found.id,
                person=actor.id,
                last_at=now,
            )
            await unit.talks.add(talk)
            self._changed(unit, actor, talk)
            await unit.commit()
        self.answers.make_ready()
        return talk

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
            turn = await _turn(unit, talk_id, turn_id)
        return await self._heard(turn)

    async def say(self, actor: Actor, talk_id: str, text: str, *, key: str | None = None) -> Turn:
        """Say something; the turn that comes back is the artist's, which begins to answer.

        Both turns are kept before the artist is asked. The same `key` again is the same turn.
        A plain yes or no right after a question is the answer to it.
        Raises `Conflict` while the artist still answers, `InvalidInput` naming `text`.
        """
        said = check_said(text)
        if (yes := plain_word(said)) is not None:
            await self._take_word(actor, talk_id, yes=yes)
        now = self.clock.now()
        async with self.database.unit() as unit:
            await unit.lock(f"talk:{talk_id}")
            talk = await self._own(unit, actor, talk_id)
            if key is not None and (known := await unit.turns.by_key(talk_id, key)):
                return await unit.turns.get(_answer_id(known.id))
            await self._check_free(unit, talk)
            theirs = _new_turn(talk, now, 1, "person", parts=(TextPart(text=said),), key=key)
            answer = _new_turn(talk, now, 2, "artist", answers=theirs)
            await unit.turns.add(theirs)
            await unit.turns.add(answer)
            talk = await unit.talks.save(
                talk.amend(
                    now, turns=answer.number, last_at=now, title=talk.title or title_of(said)
                )
            )
            self._changed(unit, actor, talk, turn_id=theirs.id)
            ask = await self._ask(unit, talk, answer, said)
            await unit.commit()
        self.answers.begin(actor, answer, ask)
        return answer

    async def _take_word(self, actor: Actor, talk_id: str, *, yes: bool) -> None:
        async with self.database.unit() as unit:
            await self._own(unit, actor, talk_id)
            last = await unit.turns.last(talk_id)
        if last is None or last.status is TurnStatus.ANSWERING:
            return
        waiting = [q for q in last.questions if q.status is Reply.WAITING]
        if len(waiting) == 1 and "steer" in actor.rights:
            await self.decide(actor, talk_id, waiting[0].id, yes=yes)

    async def again(self, actor: Actor, talk_id: str) -> Turn:
        """Answer the last thing that was said once more, where the answer failed or was stopped.

        What was agreed to on the way stays; what was done is not done again.
        """
        async with self.database.unit() as unit:
            await unit.lock(f"talk:{talk_id}")
            talk = await self._own(unit, actor, talk_id)
            answer = await unit.turns.last(talk_id)
            if answer is None:
                raise NotFound("nothing was said yet", remedy="Say something.")
            await unit.lock(f"turn:{answer.id}")
            answer = await unit.turns.get(answer.id)
            if answer.silent(self.clock.now()):
                answer = answer.move_to(TurnStatus.FAILED, self.clock.now())
            kept = tuple(q for q in answer.questions if q.status is not Reply.WAITING)
            answer = await unit.turns.save(
                answer.move_to(
                    TurnStatus.ANSWERING,
                    self.clock.now(),
                    parts=kept,
                    failure=None,
                    tries=answer.tries + 1,
                )
            )
            said = (await unit.turns.of_talk(talk_id, before=answer.number, limit=1))[-1].text
            ask = await self._ask(unit, talk, answer, said)
            await unit.commit()
        self.answers.begin(actor, answer, ask)
        return answer

    async def stop(self, actor: Actor, talk_id: str) -> Turn:
        """End the answer where it is; one that has ended already stays as it is."""
        async with self.database.unit() as unit:
            await self._own(unit, actor, talk_id)
            answer = await unit.turns.last(talk_id)
        if answer is None:
            raise NotFound("nothing was said yet", remedy="Say something.")
        await self.answers.stop(answer.id)
        async with self.database.unit() as unit:
            await unit.lock(f"turn:{answer.id}")
            answer = await unit.turns.get(answer.id)
            if answer.status is TurnStatus.ANSWERING:
                # Another process gives it, and sees this before it writes again.
                answer = answer.move_to(TurnStatus.STOPPED, self.clock.now())
                answer = await unit.turns.save(answer)
                await unit.commit()
        return answer

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
            turn = await _turn(unit, talk_id, turn_id)
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
            await self._do(_agreed(question), turn, question)
        return len(agreed)

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

    async def aclose(self) -> None:
        """Break off what is being answered here."""
        await self.answers.aclose()

    async def _look(self, actor: Actor, turn: Turn) -> AsyncIterator[Told]:
        yield Told(id=f"{turn.tries}.r{turn.row_version}", event=Snapshot(turn=turn))
        while turn.status is TurnStatus.ANSWERING:
            await asyncio.sleep(LOOK_AGAIN_S)
            now = await self.turn(actor, turn.talk_id, turn.id)
            if (now.parts, now.status) != (turn.parts, turn.status):
                yield Told(id=f"{now.tries}.r{now.row_version}", event=Snapshot(turn=now))
            turn = now

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

    async def _heard(self, turn: Turn) -> Turn:
        """The turn; an answer that lost its process is told to have failed.

        What was agreed to in that process and not done is done now.
        """
        if turn.pending and self._stuck(turn):
            for question in (q for q in turn.questions if q.status is Reply.YES):
                turn = await self._do(_agreed(question), turn, question)
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
                failed = turn.move_to(TurnStatus.FAILED, self.clock.now(), failure=_SILENT)
                turn = await unit.turns.save(failed)
                await unit.commit()
        return turn

    async def _check_free(self, unit: UnitOfWork, talk: Talk) -> None:
        last = await unit.turns.last(talk.id)
        if last is None or last.status is not TurnStatus.ANSWERING:
            return
        if self.answers.live(last.id) is None and last.silent(self.clock.now()):
            failed = last.move_to(TurnStatus.FAILED, self.clock.now(), failure=_SILENT)
            await unit.turns.save(failed)
            return
        raise Conflict(
            "the artist is still answering",
            field="talk",
            remedy="Wait for the end of the answer, or stop it.",
        )

    async def _ask(self, unit: UnitOfWork, talk: Talk, answer: Turn, said: str) -> ChatAsk:
        before = await unit.turns.of_talk(talk.id, before=answer.number - 1, limit=HISTORY_TURNS)
        history = tuple(_message(t) for t in before if t.number > talk.summed_up_to)
        return ChatAsk(
            artist_id=talk.artist_id,
            said=said,
            key=answer.id,
            history=history,
            summary=talk.summary,
            talk_id=talk.id,
        )

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


def _new_turn(
    talk: Talk,
    now: datetime,
    offset: int,
    speaker: Literal["person", "artist"],
    *,
    parts: tuple[TextPart, ...] = (),
    key: str | None = None,
    answers: Turn | None = None,
) -> Turn:
    return Turn(
        id=_answer_id(answers.id) if answers else new_id("turn"),
        created_at=now,
        updated_at=now,
        talk_id=talk.id,
        artist_id=talk.artist_id,
        number=talk.turns + offset,
        speaker=speaker,
        status=TurnStatus.ANSWERING if answers else TurnStatus.DONE,
        parts=parts,
        key=key,
        tries=1 if answers else 0,
    )


def _answer_id(turn_id: str) -> str:
    return f"{turn_id}a"


def _turn_of(question_id: str) -> str:
    """Questions are named after the answer they are asked in."""
    return question_id.partition(".")[0]


async def _turn(unit: UnitOfWork, talk_id: str, turn_id: str) -> Turn:
    turn = await unit.turns.get(turn_id)
    if turn.talk_id != talk_id:
        raise NotFound(f"there is no turn {turn_id!r} in this talk")
    return turn


def _message(turn: Turn) -> ChatMessage:
    told = "\n".join(gist(turn.parts)) or "(said nothing)"
    return ChatMessage(role="user" if turn.speaker == "person" else "assistant", content=told)


def _event_id(turn: Turn, number: int) -> str:
    return f"{turn.tries}.{number}"


def _place(live: LiveAnswer, last_id: str | None) -> int | None:
    """How many events a follower knows; None where that cannot be told."""
    tries, _, number = (last_id or "").partition(".")
    if tries != str(live.turn.tries) or not number.isdecimal():
        return None
    return int(number) if int(number) <= len(live.events) else None


def _agreed(question: QuestionPart) -> Actor:
    """Whoever said yes; that they had the right was seen then."""
    kind, _, person = question.by.partition(":")
    return Actor(kind="operator", id=person or kind, rights=frozenset({"steer", "chat", "read"}))
