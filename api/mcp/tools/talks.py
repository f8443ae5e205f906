"""Tools to talk with artists; what is said is kept, and anybody who may chat can read it."""

from __future__ import annotations

from pydantic import Field

from api.mcp.tool import Arguments, Caller, McpTool, Result
from api.mcp.tools.artists import HANDLE
from domain.talk import SAID_MAX_CHARS, Card, Reply, Turn
from services.following_answers import Snapshot, Told

STEPS = {"tool_begun", "tool_ended"}


class Chat(Arguments):
    """What is said to whom, and in which talk."""

    artist: str = Field(description=HANDLE)
    message: str = Field(min_length=1, max_length=SAID_MAX_CHARS)
    talk_id: str | None = Field(
        default=None, description="A talk to go on with, as an answer told it; null: a new one."
    )


class Reading(Arguments):
    """Which talk, and how much of its end."""

    talk_id: str
    limit: int = Field(default=20, ge=1, le=100)


class Word(Arguments):
    """A person's yes or no to what an artist asked."""

    talk_id: str
    question_id: str
    yes: bool


class Question(Result):
    """Something that the artist does only after a yes."""

    id: str
    text: str
    status: Reply


class Answer(Result):
    """What the artist said, showed and asked."""

    talk_id: str
    turn_id: str
    status: str
    text: str
    cards: list[Card]
    questions: list[Question] = Field(description="Ask your person, then `answer_question`.")
    why: str | None = Field(description="Why the answer broke off, if it did.")


class Line(Result):
    """What one side said."""

    speaker: str
    text: str


class Lines(Result):
    """The end of a talk, oldest first."""

    talk_id: str
    lines: list[Line]


def _answer(turn: Turn) -> Answer:
    return Answer(
        talk_id=turn.talk_id,
        turn_id=turn.id,
        status=turn.status.value,
        text=turn.text,
        cards=list(turn.cards),
        questions=[Question(id=q.id, text=q.text, status=q.status) for q in turn.questions],
        why=turn.failure.message if turn.failure else None,
    )


async def chat_with_artist(caller: Caller, asked: Chat) -> Answer:
    """Say something to an artist and hear its answer, in its own voice and with its memory.

    It may do what it is asked to; what is risky it asks about first. The talk goes on under its
    `talk_id`.
    """
    talks, actor = caller.context.talks, caller.actor
    if asked.talk_id is None:
        talk = await talks.start(actor, asked.artist)
    else:
        talk = await talks.get(actor, asked.talk_id, artist=asked.artist)
    turn = await talks.say(actor, talk.id, asked.message)
    async for told in talks.follow(actor, talk.id, turn.id):
        await _report(caller, told)
    return _answer(await talks.turn(actor, talk.id, turn.id))


async def _report(caller: Caller, told: Told) -> None:
    event = told.event
    if not isinstance(event, Snapshot) and event.type in STEPS:
        await caller.progress(str(getattr(event, "says", "")))


async def read_talk(caller: Caller, asked: Reading) -> Lines:
    """Read the end of a talk."""
    found = await caller.context.talks.turns(caller.actor, asked.talk_id, limit=asked.limit)
    lines = [Line(speaker=turn.speaker, text=turn.text) for turn in found]
    return Lines(talk_id=asked.talk_id, lines=lines)


async def answer_question(caller: Caller, asked: Word) -> Answer:
    """Say yes or no to what an artist asked; with a yes it is done, once.

    The word is your person's: ask them.
    """
    turn = await caller.context.talks.decide(
        caller.actor, asked.talk_id, asked.question_id, yes=asked.yes
    )
    return _answer(turn)


TOOLS = (
    McpTool("chat_with_artist", "Chat with an artist", "chat", Chat, Answer, chat_with_artist),
    McpTool("read_talk", "Read a talk", "chat", Reading, Lines, read_talk, read_only=True),
    McpTool(
        "answer_question",
        "Answer an artist's question",
        "steer",
        Word,
        Answer,
        answer_question,
        destructive=True,
        idempotent=True,
        open_world=True,
    ),
)
