"""What an artist may do next, what it knows when choosing, and what it chose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.choice import CreativeChoice
from domain.memory import Recalled
from domain.mood import Mood
from domain.ports.model import CallScope
from domain.report import Report

Action = Literal["write_and_release_song", "post_update", "rest"]
Chooser = Literal["rules", "embeddings", "model"]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True)


class LegalAction(_Data):
    """An action that code allows now, and why it does."""

    action: Action
    because: str


class Order(_Data):
    """A standing directive or goal of the label, as a plan sees it.

    `wants` is what brings a measured goal nearer; `progress` says how near it is.
    """

    id: str
    kind: Literal["directive", "goal"] = "directive"
    text: str
    since: AwareDatetime
    lasting: bool = True
    until: AwareDatetime | None = None
    wants: Action | None = None
    forbids: tuple[Action, ...] = ()
    progress: str = ""


class PlanFacts(_Data):
    """Everything a choice may rest on; numbers come from the store, never from a model."""

    mood: Mood
    days_since_release: float | None = Field(default=None, description="None: no release yet.")
    days_since_post: float | None = Field(default=None, description="None: no post yet.")
    approvals_waiting: int = Field(default=0, ge=0)
    new_plays: int = Field(default=0, ge=0)
    new_likes: int = Field(default=0, ge=0)
    new_comments: int = Field(default=0, ge=0)
    orders: tuple[Order, ...] = Field(default=(), description="What the label asked for.")
    recalled: tuple[Recalled, ...] = ()


class Plan(_Data):
    """The chosen action with its reason in the artist's words."""

    action: Action
    reason: str
    subject: str = Field(default="", description="What it is about, where a directive says so.")
    directive_id: str | None = Field(default=None, description="The directive it follows.")
    chooser: Chooser
    choice: CreativeChoice


class Planner(Protocol):
    """Chooses one of the legal actions and says why."""

    async def plan(
        self, facts: PlanFacts, legal: Sequence[LegalAction], *, seed: int, scope: CallScope
    ) -> tuple[Plan, Report]:
        """One of `legal`, never anything else; raises `InvalidInput` when nothing is legal."""
