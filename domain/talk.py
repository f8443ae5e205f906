"""A talk with an artist: turns of parts, cards of what was made, questions that wait for a word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.entity import Entity
from domain.errors import Conflict, InvalidInput, NotFound
from domain.plain import plain_text
from domain.states import StateMachine

SAID_MAX_CHARS = 4000
TITLE_MAX_CHARS = 80
# An answer that nobody has touched for so long has lost the process that gave it.
SILENT_S = 30.0

Speaker = Literal["person", "artist"]
CardKind = Literal["work", "post", "directive", "run", "numbers", "artist"]
ActName = Literal[
    "start_song", "start_post", "pause", "resume", "remember_directive", "revoke_directive"
]


class TurnStatus(StrEnum):
    """How far a turn is; what a person says is done at once."""

    ANSWERING = "answering"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


TURN_STATES = StateMachine(
    "turn",
    {
        TurnStatus.ANSWERING: {TurnStatus.DONE, TurnStatus.STOPPED, TurnStatus.FAILED},
        TurnStatus.DONE: set(),
        TurnStatus.STOPPED: {TurnStatus.ANSWERING},
        TurnStatus.FAILED: {TurnStatus.ANSWERING},
    },
)


class Reply(StrEnum):
    """Where a question stands: a yes is kept before the act is done, and the act's end after."""

    WAITING = "waiting"
    YES = "yes"
    NO = "no"
    DONE = "done"
    FAILED = "failed"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fact(_Value):
    """One named value on a card."""

    name: str
    value: str


class Card(_Value):
    """Something that was made, changed or looked up, to be shown; `id` names it in its list."""

    kind: CardKind
    id: str
    title: str
    text: str = ""
    facts: tuple[Fact, ...] = ()


class Act(_Value):
    """Something an artist may do when it is asked to; `about` are the person's own words."""

    name: ActName
    about: str = ""
    subject_id: str | None = None


class TextPart(_Value):
    """Words."""

    kind: Literal["text"] = "text"
    text: str


class ToolPart(_Value):
    """What the artist did, in a few words (“looked at its numbers”); `why` tells a failure."""

    kind: Literal["tool"] = "tool"
    tool: str
    says: str
    status: Literal["running", "done", "failed"] = "running"
    why: str = ""


class CardPart(_Value):
    """A card in the talk."""

    kind: Literal["card"] = "card"
    card: Card


class QuestionPart(_Value):
    """A question before a risky act; the act is done once, under the question's id."""

    kind: Literal["question"] = "question"
    id: str
    text: str
    act: Act
    status: Reply = Reply.WAITING
    by: str = ""
    why: str = ""


Part = Annotated[TextPart | ToolPart | CardPart | QuestionPart, Field(discriminator="kind")]


class TurnFailure(_Value):
    """Why an answer failed, in words for people."""

    code: str
    message: str
    remedy: str | None = None


class Talk(Entity):
    """A conversation of one person with one artist.

    `summary` tells the turns before number `summed_up_to`; `turns` is the last turn's number.
    """

    artist_id: str
    person: str
    title: str = ""
    turns: int = 0
    summary: str = ""
    summed_up_to: int = 0
    last_at: AwareDatetime


class Turn(Entity):
    """What one side said and did; `number` counts from 1 within the talk.

    `tries` counts the answers begun for it; `key` is the sender's own, so that a request sent
    twice is one turn. `pending`: somebody said yes to an act that is not done yet.
    """

    talk_id: str
    artist_id: str
    number: int = Field(ge=1)
    speaker: Speaker
    status: TurnStatus = TurnStatus.DONE
    parts: tuple[Part, ...] = ()
    failure: TurnFailure | None = None
    key: str | None = None
    tries: int = 0
    tokens: int = 0
    pending: bool = False

    @property
    def text(self) -> str:
        """The words alone."""
        return "\n\n".join(p.text for p in self.parts if isinstance(p, TextPart) and p.text)

    @property
    def cards(self) -> tuple[Card, ...]:
        """The cards shown."""
        return tuple(p.card for p in self.parts if isinstance(p, CardPart))

    @property
    def questions(self) -> tuple[QuestionPart, ...]:
        """The questions asked."""
        return tuple(p for p in self.parts if isinstance(p, QuestionPart))

    def move_to(self, status: TurnStatus, at: datetime, **changes: Any) -> Turn:
        """Take a legal step."""
        return self.amend(at, status=TURN_STATES.check(self.status, status), **changes)

    def question(self, question_id: str) -> QuestionPart:
        """One of the questions, or `NotFound`."""
        for part in self.questions:
            if part.id == question_id:
                return part
        raise NotFound(f"there is no question {question_id!r} in this turn")

    def with_question(self, at: datetime, question: QuestionPart, *more: Part) -> Turn:
        """The same turn with a question's new state, and what came of it right behind it."""
        parts: list[Part] = []
        for part in self.parts:
            known = isinstance(part, QuestionPart) and part.id == question.id
            parts += [question, *more] if known else [part]
        agreed = any(isinstance(p, QuestionPart) and p.status is Reply.YES for p in parts)
        return self.amend(at, parts=tuple(parts), pending=agreed)

    def grown(self, parts: Sequence[Part]) -> tuple[Part, ...]:
        """A longer answer's parts, with what was said to its questions meanwhile kept."""
        told = {p.id: p for p in self.questions}
        kept = [told.get(p.id, p) if isinstance(p, QuestionPart) else p for p in parts]
        shown = {card for p in kept if isinstance(p, CardPart) for card in [p.card]}
        late = [p for p in self.parts if isinstance(p, CardPart) and p.card not in shown]
        return (*kept, *late)

    def silent(self, now: datetime) -> bool:
        """Tell whether an answer is begun that no process gives any more."""
        quiet_s = (now - self.updated_at).total_seconds()
        return self.status is TurnStatus.ANSWERING and quiet_s > SILENT_S


def answered(question: QuestionPart, *, yes: bool, by: str) -> QuestionPart:
    """Take a person's word; the same word again changes nothing, another one is too late.

    What failed may be agreed to once more.
    """
    if question.status in ({Reply.YES, Reply.DONE} if yes else {Reply.NO}):
        return question
    if question.status is not Reply.WAITING and not (yes and question.status is Reply.FAILED):
        raise Conflict(
            f"this was answered already, with {'no' if yes else 'yes'}",
            field="question",
            remedy="Ask the artist again if you have changed your mind.",
        )
    said = {"status": Reply.YES if yes else Reply.NO, "by": by, "why": ""}
    return question.model_copy(update=said)


def plain_word(said: str) -> bool | None:
    """Whether what is said is a plain yes or a plain no, and nothing else."""
    words = " ".join(said.casefold().split()).strip(" .!")
    if _YES.fullmatch(words):
        return True
    return False if _NO.fullmatch(words) else None


_MORE = r"(?:,? (?:please|do it|do that|go ahead|start|thanks?|thank you))*"
_YES = re.compile(
    rf"(?:yes|yep|yeah|sure|ok|okay|of course|do it|do that|go ahead|please do){_MORE}"
)
_NO = re.compile(rf"(?:no|nope|no way|not now|don['’]?t|do not|leave it|better not){_MORE}")


def check_said(text: str) -> str:
    """Return what a person says as plain text, or say what is wrong with it.

    Raises `InvalidInput` naming `text`.
    """
    said = plain_text(text)
    if not said:
        raise InvalidInput("nothing was said", field="text", remedy="Write a sentence.")
    if len(said) > SAID_MAX_CHARS:
        raise InvalidInput(
            f"this has {len(said)} characters; at most {SAID_MAX_CHARS} are read",
            field="text",
            remedy="Say it in parts.",
        )
    return said


def title_of(said: str) -> str:
    """A talk's name: the beginning of what was said first."""
    line = " ".join(said.split())
    if len(line) <= TITLE_MAX_CHARS:
        return line
    return line[: TITLE_MAX_CHARS - 1].rsplit(" ", 1)[0] + "…"


def gist(parts: Sequence[Part]) -> Iterator[str]:
    """What the parts tell, one line each, as a model reads them again later."""
    for part in parts:
        match part:
            case TextPart(text=text):
                yield text
            case ToolPart(says=says, status="done"):
                yield f"({says})"
            case CardPart(card=card):
                yield f"(showed a card: {card.kind} “{card.title}”)"
            case QuestionPart(text=text, status=status):
                yield f"(asked: {text} The answer: {status.value}.)"
            case _:
                pass
