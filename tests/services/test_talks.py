from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from domain.actor import OPERATOR, Actor
from domain.errors import Conflict, Forbidden, InvalidInput, ModelUnavailable
from domain.ports.chat import AnswerFailed, Asked, ChatEvent, Recap, TextPiece, ToolBegun, ToolEnded
from domain.talk import Act, Card, CardPart, Reply, TextPart, ToolPart, Turn, TurnStatus
from services.following_answers import Snapshot, Told
from services.talks import TalkService
from tests.services.build import artist
from tests.support.label import TestLabel
from tests.support.talking import SteeredChat

HELLO: tuple[ChatEvent, ...] = (TextPiece(text="The kettle "), TextPiece(text="hums."))
READER = Actor(kind="operator", id="user_1", rights=frozenset({"read"}))
CHATTER = Actor(kind="operator", id="user_2", rights=frozenset({"read", "chat"}))


def talks_of(label: TestLabel, chat: SteeredChat) -> TalkService:
    return TalkService(label.database, label.clock, chat, label.talking.acts())


async def ended(talks: TalkService, turn: Turn, actor: Actor = OPERATOR) -> Turn:
    """The answer once nobody gives it any more."""
    async with asyncio.timeout(5):
        async for told in talks.follow(actor, turn.talk_id, turn.id):
            last = told
    assert isinstance(last.event, Snapshot)
    return last.event.turn


async def test_what_is_said_is_kept_before_the_artist_answers(label: TestLabel) -> None:
    chat = SteeredChat([None, *HELLO])
    talks = talks_of(label, chat)
    talk = await talks.start(OPERATOR, (await artist(label)).id)
    answer = await talks.say(OPERATOR, talk.id, "How are you?  \u202e")
    theirs, begun = await talks.turns(OPERATOR, talk.id)
    assert (theirs.text, begun.status) == ("How are you?", TurnStatus.ANSWERING)
    chat.go.set()
    done = await ended(talks, answer)
    assert (done.status, done.text) == (TurnStatus.DONE, "The kettle hums.")
    assert (await talks.get(OPERATOR, talk.id)).title == "How are you?"


async def test_history_reaches_the_artist_oldest_first(label: TestLabel) -> None:
    chat = SteeredChat(HELLO)
    talks = talks_of(label, chat)
    talk = await talks.start(OPERATOR, (await artist(label)).id)
    for said in ("One.", "Two."):
        await ended(talks, await talks.say(OPERATOR, talk.id, said))
    told = [(m.role, m.content) for m in chat.asked[-1].history]
    assert told == [("user", "One."), ("assistant", "The kettle hums.")]
    assert chat.asked[-1].said == "Two."


async def test_one_answer_at_a_time_and_a_key_is_one_turn(label: TestLabel) -> None:
    chat = SteeredChat([None, *HELLO])
    talks = talks_of(label, chat)
    talk = await talks.start(OPERATOR, (await artist(label)).id)
    answer = await talks.say(OPERATOR, talk.id, "Hello.", key="k1")
    assert (await talks.say(OPERATOR, talk.id, "Hello.", key="k1")).id == answer.id
    with pytest.raises(Conflict, match="still answering"):
        await talks.say(OPERATOR, talk.id, "And?")
    chat.go.set()
    await ended(talks, answer)
    assert len(await talks.turns(OPERATOR, talk.id)) == 2
    assert len(chat.asked) == 1


async def test_nobody_need_listen_and_a_late_follower_gets_the_whole(label: TestLabel) -> None:
    chat = SteeredChat([*HELLO, None, TextPiece(text=" It rains.")])
    talks = talks_of(label, chat)
    talk = await talks.start(OPERATOR, (await artist(label)).id)
    answer = await talks.say(OPERATOR, talk.id, "Hello.")
    first = await _some(talks, answer, 3)
    assert isinstance(first[0].event, Snapshot)
    chat.go.set()
    # Where the first one was cut off, the next one goes on: nothing twice, nothing lost.
    rest = [told async for told in talks.follow(OPERATOR, talk.id, answer.id, first[-1].id)]
    words = [t.event.text for t in (*first, *rest) if isinstance(t.event, TextPiece)]
    assert "".join(words) == "The kettle hums. It rains."
    assert (await ended(talks, answer)).text == "The kettle hums. It rains."


async def _some(talks: TalkService, answer: Turn, count: int) -> list[Told]:
    found: list[Told] = []
    async for told in talks.follow(OPERATOR, answer.talk_id, answer.id, "1.0"):
        found.append(told)
        if len(found) == 2:
            break
    snapshot = [t async for t in _first(talks, answer)]
    return [*snapshot, *found][:count]


async def _first(talks: TalkService, answer: Turn):  # type: ignore[no-untyped-def]
    async for told in talks.follow(OPERATOR, answer.talk_id, answer.id):
        yield told
        return


async def test_who_comes_while_a_card_is_being_kept_sees_it_once(label: TestLabel) -> None:
    card = Card(kind="artist", id="artist_1", title="Mara")
    ended_tool = ToolEnded(tool="show_work", says="looked", cards=(card,))
    chat = SteeredChat([TextPiece(text="Hm."), None, ended_tool])
    talks = talks_of(label, chat)
    talk = await talks.start(OPERATOR, (await artist(label)).id)
    answer = await talks.say(OPERATOR, talk.id, "Hello.")
    live = talks.answers.live(answer.id)
    assert live is not None
    chat.go.set()
    while not any(isinstance(p, CardPart) for p in live.parts):
        await asyncio.sleep(0)
    followed = [told async for told in talks.follow(OPERATOR, talk.id, answer.id)]
    first = followed[0].event
    assert isinstance(first, Snapshot)
    later = [t for t in followed if isinstance(t.event, ToolEnded)]
    assert len([p for p in first.turn.parts if isinstance(p, CardPart)]) + len(later) == 1


async def test_a_failure_is_told_and_can_be_tried_again(label: TestLabel) -> None:
    chat = SteeredChat([TextPiece(text="Well"), ModelUnavailable("it is down", remedy="Wait.")])
    talks = talks_of(label, chat)
    talk = await talks.start(OPERATOR, (await artist(label)).id)
    failed = await ended(talks, await talks.say(OPERATOR, talk.id, "Hello."))
    assert failed.status is TurnStatus.FAILED
    assert failed.failure is not None
    assert (failed.failure.code, failed.text) == ("model_unavailable", "Well")
    chat.events = HELLO
    again = await ended(talks, await talks.again(OPERATOR, talk.id))
    assert (again.id, again.tries, again.text) == (failed.id, 2, "The kettle hums.")
    assert chat.asked[-1].said == "Hello."
    assert chat.asked[-1].key == chat.asked[0].key
    with pytest.raises(Conflict):
        await talks.again(OPERATOR, talk.id)


async def test_a_stopped_answer_keeps_its_words(label: TestLabel) -> None:
    chat = SteeredChat([*HELLO, ToolBegun(tool="show_work", says="looking"), None])
    talks = talks_of(label, chat)
    talk = await talks.start(OPERATOR, (await artist(label)).id)
    answer = await talks.say(OPERATOR, talk.id, "Hello.")
    live = talks.answers.live(answer.id)
    assert live is not None
    while len(live.events) < 3:
        await asyncio.sleep(0)
    stopped = await talks.stop(OPERATOR, talk.id)
    assert (stopped.status, stopped.text) == (TurnStatus.STOPPED, "The kettle hums.")
    assert [p.status for p in stopped.parts if isinstance(p, ToolPart)] == ["failed"]
    assert (await talks.stop(OPERATOR, talk.id)).status is TurnStatus.STOPPED
    assert chat.closed == 1


async def test_an_answer_that_lost_its_process_is_told_to_have_failed(label: TestLabel) -> None:
    here, there = (talks_of(label, SteeredChat([*HELLO, None])) for _ in range(2))
    talk = await here.start(OPERATOR, (await artist(label)).id)
    answer = await here.say(OPERATOR, talk.id, "Hello.")
    assert (await there.turn(OPERATOR, talk.id, answer.id)).status is TurnStatus.ANSWERING
    with pytest.raises(Conflict):
        await there.say(OPERATOR, talk.id, "And?")
    label.clock.advance(timedelta(seconds=31))
    failed = await there.turn(OPERATOR, talk.id, answer.id)
    assert failed.status is TurnStatus.FAILED
    assert failed.failure is not None
    # Its own process may not have ended after all: what it says is no longer kept.
    await here.aclose()
    assert (await there.turn(OPERATOR, talk.id, answer.id)).failure == failed.failure


async def test_a_process_that_ends_breaks_its_answers_off(label: TestLabel) -> None:
    talks = talks_of(label, SteeredChat([*HELLO, None]))
    talk = await talks.start(OPERATOR, (await artist(label)).id)
    answer = await talks.say(OPERATOR, talk.id, "Hello.")
    await _some(talks, answer, 3)
    await talks.aclose()
    kept = await talks.turn(OPERATOR, talk.id, answer.id)
    assert (kept.status, kept.text) == (TurnStatus.FAILED, "The kettle hums.")


async def test_another_process_shows_an_answer_as_it_is_kept(label: TestLabel) -> None:
    chat = SteeredChat([TextPiece(text="Hm."), ToolBegun(tool="show_work", says="looking"), None])
    here, there = talks_of(label, chat), talks_of(label, SteeredChat([]))
    talk = await here.start(OPERATOR, (await artist(label)).id)
    answer = await here.say(OPERATOR, talk.id, "Hello.")
    shown: list[Turn] = []
    async for told in there.follow(OPERATOR, talk.id, answer.id):
        assert isinstance(told.event, Snapshot)
        shown.append(told.event.turn)
        chat.go.set()
    assert shown[-1].status is TurnStatus.DONE
    assert shown[-1].text == "Hm."


def question(act: Act, key: str = "start_song") -> list[ChatEvent]:
    return [TextPiece(text="Shall I?"), Asked(id=key, text="Shall I start?", act=act)]


class AskingChat(SteeredChat):
    """Asks under the key of its answer, as artists do."""

    def __init__(self, act: Act) -> None:
        super().__init__([])
        self.act = act

    async def answer(self, actor, ask):  # type: ignore[no-untyped-def]
        self.events = question(self.act, f"{ask.key}.{self.act.name}")
        async for event in super().answer(actor, ask):
            yield event


async def asked(label: TestLabel, act: Act) -> tuple[TalkService, Turn]:
    talks = talks_of(label, AskingChat(act))
    talk = await talks.start(OPERATOR, (await artist(label)).id)
    return talks, await ended(talks, await talks.say(OPERATOR, talk.id, "Write a song."))


async def test_a_double_yes_starts_one_run(label: TestLabel) -> None:
    talks, turn = await asked(label, Act(name="start_song", about="Write a song about rain"))
    question_id = turn.questions[0].id
    await asyncio.gather(
        *(talks.decide(OPERATOR, turn.talk_id, question_id, yes=True) for _ in range(2))
    )
    await talks.decide(OPERATOR, turn.talk_id, question_id, yes=True)
    runs = await label.runs.page(OPERATOR, artist_id=turn.artist_id)
    assert [r.kind for r in runs] == ["cycle", "debut"]
    done = await talks.turn(OPERATOR, turn.talk_id, turn.id)
    assert done.questions[0].status is Reply.DONE
    assert [c.kind for c in done.cards] == ["run", "directive"]
    with pytest.raises(Conflict, match="answered already"):
        await talks.decide(OPERATOR, turn.talk_id, question_id, yes=False)


async def test_no_leaves_everything_as_it_is(label: TestLabel) -> None:
    talks, turn = await asked(label, Act(name="pause"))
    told = await talks.decide(OPERATOR, turn.talk_id, turn.questions[0].id, yes=False)
    assert told.questions[0].status is Reply.NO
    assert (await label.artists.find(OPERATOR, turn.artist_id)).status == "active"


async def test_a_yes_before_a_crash_is_done_once_after_it(label: TestLabel) -> None:
    talks, turn = await asked(label, Act(name="start_song", about="Write a song about rain"))
    question_id = turn.questions[0].id
    acts = label.talking.acts()
    # The process died after the act and before its outcome was kept.
    await acts.do(OPERATOR, turn.artist_id, turn.questions[0].act, question_id)
    async with label.database.unit() as unit:
        stored = await unit.turns.get(turn.id)
        agreed = stored.questions[0].model_copy(
            update={"status": Reply.YES, "by": "operator:local"}
        )
        await unit.turns.save(stored.with_question(label.clock.now(), agreed))
        await unit.commit()
    assert await talks.recover() == 0  # Too young: another process may be at it.
    assert await talks.recover(settle_s=0.0) == 1
    done = await talks.turn(OPERATOR, turn.talk_id, turn.id)
    assert done.questions[0].status is Reply.DONE
    runs = await label.runs.page(OPERATOR, artist_id=turn.artist_id)
    assert [r.kind for r in runs] == ["cycle", "debut"]
    assert await talks.recover(settle_s=0.0) == 0


async def test_what_fails_is_told_and_may_be_agreed_to_again(label: TestLabel) -> None:
    talks, turn = await asked(label, Act(name="start_song", about="Write a song about rain"))
    question_id = turn.questions[0].id
    await label.artists.pause(OPERATOR, turn.artist_id)
    failed = await talks.decide(OPERATOR, turn.talk_id, question_id, yes=True)
    assert failed.questions[0].status is Reply.FAILED
    assert "paused" in failed.questions[0].why
    await label.artists.resume(OPERATOR, turn.artist_id)
    done = await talks.decide(OPERATOR, turn.talk_id, question_id, yes=True)
    assert done.questions[0].status is Reply.DONE
    runs = await label.runs.page(OPERATOR, artist_id=turn.artist_id)
    assert [r.kind for r in runs] == ["cycle", "debut"]


@pytest.mark.parametrize(
    ("said", "reply"),
    [("Yes, please!", Reply.DONE), ("no.", Reply.NO), ("Yes, but later?", Reply.WAITING)],
)
async def test_a_plain_word_answers_the_question(label: TestLabel, said: str, reply: Reply) -> None:
    talks, turn = await asked(label, Act(name="pause"))
    await ended(talks, await talks.say(OPERATOR, turn.talk_id, said))
    told = await talks.turn(OPERATOR, turn.talk_id, turn.id)
    assert told.questions[0].status is reply
    paused = (await label.artists.find(OPERATOR, turn.artist_id)).status == "paused"
    assert paused == (reply is Reply.DONE)


async def test_a_yes_needs_the_right_to_steer(label: TestLabel) -> None:
    talks = talks_of(label, AskingChat(Act(name="pause")))
    talk = await talks.start(CHATTER, (await artist(label)).id)
    turn = await ended(talks, await talks.say(CHATTER, talk.id, "Pause."), CHATTER)
    with pytest.raises(Forbidden, match="steer"):
        await talks.decide(CHATTER, talk.id, turn.questions[0].id, yes=True)
    assert (await talks.turn(CHATTER, talk.id, turn.id)).questions[0].status is Reply.WAITING


async def test_who_may_read_and_say(label: TestLabel) -> None:
    talks = talks_of(label, SteeredChat(HELLO))
    one = await artist(label)
    talk = await talks.start(OPERATOR, one.id)
    with pytest.raises(Forbidden, match="chat"):
        await talks.get(READER, talk.id)
    with pytest.raises(Forbidden, match="chat"):
        await talks.start(READER, one.id)
    assert (await talks.get(CHATTER, talk.id)).id == talk.id
    with pytest.raises(Forbidden, match="another person"):
        await talks.say(CHATTER, talk.id, "Hello.")
    elsewhere = CHATTER.model_copy(update={"artists": frozenset({"artist_x"})})
    with pytest.raises(Forbidden, match="not among yours"):
        await talks.get(elsewhere, talk.id)
    assert await talks.page(elsewhere) == []
    assert [t.id for t in await talks.page(CHATTER, one.handle)] == [talk.id]


async def test_pages_of_people_of_one_artist_are_full(label: TestLabel) -> None:
    talks = talks_of(label, SteeredChat(HELLO))
    mine, other = await artist(label), await artist(label, "Other")
    own = [(await talks.start(CHATTER, mine.id)).id for _ in range(3)]
    for _ in range(3):
        label.clock.advance(timedelta(minutes=1))
        await talks.start(CHATTER, other.id)
    limited = CHATTER.model_copy(update={"artists": frozenset({mine.id})})
    first = await talks.page(limited, limit=2)
    rest = await talks.page(limited, after=first[-1].id, limit=2)
    assert [t.id for t in (*first, *rest)] == own[::-1]
    assert len(await talks.page(CHATTER, limit=10)) == 6


@pytest.mark.parametrize("text", ["", "   \n", "x" * 4001])
async def test_what_cannot_be_said_is_refused(label: TestLabel, text: str) -> None:
    talks = talks_of(label, SteeredChat(HELLO))
    talk = await talks.start(OPERATOR, (await artist(label)).id)
    with pytest.raises(InvalidInput) as refused:
        await talks.say(OPERATOR, talk.id, text)
    assert refused.value.field == "text"


async def test_old_turns_are_folded_into_the_summary(label: TestLabel) -> None:
    chat = SteeredChat(HELLO, recap=Recap(summary="They greeted each other.", folded=2))
    talks = talks_of(label, chat)
    talk = await talks.start(OPERATOR, (await artist(label)).id)
    for said in ("One.", "Two."):
        await ended(talks, await talks.say(OPERATOR, talk.id, said))
    async with asyncio.timeout(2):
        while not (await talks.get(OPERATOR, talk.id)).summary:
            await asyncio.sleep(0.01)
    chat.recap = Recap()
    await ended(talks, await talks.say(OPERATOR, talk.id, "Three."))
    assert chat.asked[-1].summary == "They greeted each other."
    assert [m.content for m in chat.asked[-1].history] == ["Two.", "The kettle hums."]


async def test_what_the_artist_did_stands_in_order(label: TestLabel) -> None:
    card = Card(kind="numbers", id="artist_1", title="Numbers")
    chat = SteeredChat(
        [
            TextPiece(text="Let me look."),
            ToolBegun(tool="show_numbers", says="looking"),
            ToolEnded(tool="show_numbers", says="looked", cards=(card,)),
            TextPiece(text="Twelve "),
            TextPiece(text="plays."),
            AnswerFailed(code="model_timeout", message="too late"),
        ]
    )
    talks = talks_of(label, chat)
    talk = await talks.start(OPERATOR, (await artist(label)).id)
    turn = await ended(talks, await talks.say(OPERATOR, talk.id, "Numbers?"))
    assert turn.parts == (
        TextPart(text="Let me look."),
        ToolPart(tool="show_numbers", says="looked", status="done"),
        CardPart(card=card),
        TextPart(text="Twelve plays."),
    )
    assert turn.status is TurnStatus.FAILED
