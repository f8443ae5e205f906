"""What the label asks of an artist: directives and goals, who said so, and what became of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.entity import Entity
from domain.errors import InvalidInput
from domain.plain import plain_text
from domain.plan import Action, Order
from domain.prohibition import asks_for_rest, forbidden, lasts
from domain.states import StateMachine

TEXT_MAX_CHARS = 500
STANDING_MAX = 50

DirectiveKind = Literal["directive", "goal"]
Measure = Literal["songs", "posts", "plays", "likes"]


class DirectiveStatus(StrEnum):
    """Standing, or how it ended."""

    STANDING = "standing"
    FULFILLED = "fulfilled"
    REVOKED = "revoked"
    EXPIRED = "expired"


DIRECTIVE_STATES = StateMachine(
    "directive",
    {
        DirectiveStatus.STANDING: {
            DirectiveStatus.FULFILLED,
            DirectiveStatus.REVOKED,
            DirectiveStatus.EXPIRED,
        },
        DirectiveStatus.FULFILLED: set(),
        DirectiveStatus.REVOKED: set(),
        DirectiveStatus.EXPIRED: set(),
    },
)


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Target(_Value):
    """What a goal is measured by, counted from the day the goal was set."""

    measure: Measure
    count: Annotated[int, Field(ge=1, le=1_000_000)]


class Source(_Value):
    """Where it was said: typed on its own, or in a talk."""

    how: Literal["typed", "talk"] = "typed"
    talk_id: str | None = None
    turn_id: str | None = None


class Wording(_Value):
    """How it read before an edit, and who changed it when."""

    text: str
    target: Target | None = None
    until: AwareDatetime | None = None
    lasting: bool
    by: str
    at: AwareDatetime


class Directive(Entity):
    """One standing wish of the label.

    What is `lasting` holds until somebody revokes it; the rest is done once and then fulfilled.
    A directive is over after `until`; a goal is to be reached by then. `forbids` is what code
    keeps from happening, read from the text; all else is up to whoever plans.
    """

    artist_id: str
    kind: DirectiveKind = "directive"
    text: str
    target: Target | None = None
    until: AwareDatetime | None = None
    lasting: bool = False
    forbids: tuple[Action, ...] = ()
    source: Source = Source()
    status: DirectiveStatus = DirectiveStatus.STANDING
    by: str
    # What became of it: the run that fulfilled it, or who ended it and why.
    run_id: str | None = None
    ended_by: str | None = None
    ended_at: AwareDatetime | None = None
    why: str = ""
    history: tuple[Wording, ...] = ()

    @property
    def standing(self) -> bool:
        """Whether it still counts."""
        return self.status is DirectiveStatus.STANDING

    def edited(self, by: str, at: datetime, **changes: Any) -> Directive:
        """Say it otherwise and keep how it read; raises `IllegalTransition` once it has ended."""
        if not self.standing:
            DIRECTIVE_STATES.check(self.status, DirectiveStatus.STANDING)
        before = Wording(
            text=self.text,
            target=self.target,
            until=self.until,
            lasting=self.lasting,
            by=by,
            at=at,
        )
        changed = self.amend(at, **changes)
        if all(getattr(changed, name) == getattr(self, name) for name in changes):
            return self
        forbids = forbidden(changed.text) if changed.kind == "directive" else ()
        return changed.amend(at, forbids=forbids, history=(*self.history, before))

    def end(
        self, status: DirectiveStatus, by: str, at: datetime, *, run_id: str | None = None, why: str
    ) -> Directive:
        """Take it off the standing ones."""
        checked = DIRECTIVE_STATES.check(self.status, status)
        return self.amend(at, status=checked, ended_by=by, ended_at=at, run_id=run_id, why=why)

    def order(self, progress: str = "") -> Order:
        """As a plan sees it."""
        return Order(
            id=self.id,
            kind=self.kind,
            text=self.text,
            since=self.created_at,
            lasting=self.lasting,
            until=self.until,
            wants=_WANTS.get(self.target.measure) if self.target else None,
            forbids=self.forbids,
            progress=progress,
        )


_WANTS: dict[str, Action] = {"songs": "write_and_release_song", "posts": "post_update"}


def check_text(text: str) -> str:
    """The text as plain words; raises `InvalidInput` naming `text`."""
    plain = plain_text(text)
    if not any(ch.isalpha() for ch in plain):
        raise InvalidInput(
            "a directive has no words" if plain else "the directive is empty",
            field="text",
            remedy="Say in a sentence what the artist is to do, or not to do.",
        )
    if len(plain) > TEXT_MAX_CHARS:
        raise InvalidInput(
            f"the directive has {len(plain)} characters; at most {TEXT_MAX_CHARS} are read",
            field="text",
            remedy="Say one thing at a time; give several directives.",
        )
    return plain


def check_until(until: datetime | None, now: datetime) -> datetime | None:
    """A moment that is still to come; raises `InvalidInput` naming `until`."""
    if until is not None and until <= now:
        raise InvalidInput(
            f"{until.isoformat(timespec='minutes')} has passed",
            field="until",
            remedy="Give a time that is still to come, or none.",
        )
    return until


def check_target(kind: DirectiveKind, target: Target | None) -> None:
    """Only goals are measured; raises `InvalidInput` naming `target`."""
    if target is not None and kind != "goal":
        raise InvalidInput(
            "a directive has no target",
            field="target",
            remedy="Make it a goal, which is reached when its number is.",
        )


def is_lasting(
    kind: DirectiveKind, text: str, said: bool | None, until: datetime | None = None
) -> bool:
    """Whether it holds until it is revoked or over: as said, or as the words sound."""
    if kind == "goal":
        return True
    if said is not None:
        return said
    return lasts(text) or (until is not None and asks_for_rest(text))
