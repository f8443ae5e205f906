"""Talk with an artist: say something, let it answer once more, or stop it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from domain.actor import Actor
from domain.errors import Conflict, NotFound
from domain.ids import new_id
from domain.ports.chat import ChatAsk
from domain.ports.model import ChatMessage
from domain.talk import (
    Reply,
    Talk,
    TextPart,
    Turn,
    TurnStatus,
    check_said,
    gist,
    plain_word,
    title_of,
)
from services.following_answers import FollowsAnswers
from services.reading_talks import SILENT
from store.unit import UnitOfWork

HISTORY_TURNS = 400


class TalkService(FollowsAnswers):
    """Use cases of talks. Whoever may chat with an artist reads its talks; each person says
    something in their own."""

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

    async def aclose(self) -> None:
        """Break off what is being answered here."""
        await self.answers.aclose()

    async def _check_free(self, unit: UnitOfWork, talk: Talk) -> None:
        last = await unit.turns.last(talk.id)
        if last is None or last.status is not TurnStatus.ANSWERING:
            return
        if self.answers.live(last.id) is None and last.silent(self.clock.now()):
            failed = last.move_to(TurnStatus.FAILED, self.clock.now(), failure=SILENT)
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


def _message(turn: Turn) -> ChatMessage:
    told = "\n".join(gist(turn.parts)) or "(said nothing)"
    return ChatMessage(role="user" if turn.speaker == "person" else "assistant", content=told)
