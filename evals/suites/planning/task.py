"""Has the planner choose an artist's day from the facts of a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from agents.planner.plan import ArtistPlanner
from agents.planner.rules import PLAIN_WORDS
from domain.errors import InvalidInput
from domain.evaluation import Case, Output
from domain.mood import Axis, Mood
from domain.plan import Action, LegalAction, Order, PlanFacts
from evals.personas import persona
from evals.suite import Desk

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)


class Asked(BaseModel):
    """A case as it is written; what is left out is nothing, or all three actions."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    artist: str
    valence: Axis = 0.0
    arousal: Axis = 0.0
    release: float | None = None
    post: float | None = None
    waiting: int = 0
    plays: int = 0
    likes: int = 0
    comments: int = 0
    orders: tuple[dict[str, Any], ...] = ()
    legal: tuple[Action, ...] = tuple(PLAIN_WORDS)


async def run(case: Case, desk: Desk) -> Output:
    """The action, how likely each was, the reason, and the order it follows."""
    asked = read(case)
    profile = desk.profile or persona(asked.artist)
    planner = ArtistPlanner(desk.gateway, desk.embedder, profile, desk.book)
    legal = [LegalAction(action=action, because="nothing forbids it") for action in asked.legal]
    plan, _ = await planner.plan(facts_of(asked), legal, seed=desk.seed, scope=desk.scope)
    chances = dict(zip(plan.choice.options, plan.choice.probabilities, strict=True))
    return {
        "action": plan.action,
        "chances": dict(chances),
        "reason": plan.reason,
        "order": plan.directive_id,
    }


def read(case: Case) -> Asked:
    """What the case asks; raises `InvalidInput` for what no plan has."""
    try:
        return Asked.model_validate(case.input)
    except ValidationError as error:
        raise InvalidInput(
            f"the case {case.id} is no situation of an artist: {error}",
            field="input",
            remedy="Write it like those in evals/suites/planning/cases.yaml.",
        ) from error


def facts_of(asked: Asked) -> PlanFacts:
    """The facts as the planner is given them."""
    return PlanFacts(
        mood=Mood(valence=asked.valence, arousal=asked.arousal, at=NOW),
        days_since_release=asked.release,
        days_since_post=asked.post,
        approvals_waiting=asked.waiting,
        new_plays=asked.plays,
        new_likes=asked.likes,
        new_comments=asked.comments,
        orders=_orders(asked.orders),
    )


def _orders(written: Sequence[Mapping[str, Any]]) -> tuple[Order, ...]:
    """Each with an id by its place, a day older than the one before it."""
    return tuple(
        Order.model_validate({"id": f"order-{n}", "since": NOW - timedelta(days=n), **one})
        for n, one in enumerate(written, start=1)
    )
